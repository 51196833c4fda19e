package command

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"time"

	"homeport/sandbox/mattermost/model"
)

// clientPatience is below the 10 s after which the image's health check is ended.
const clientPatience = 8 * time.Second

// client speaks to the server's local socket.
type client struct {
	http *http.Client
}

func newClient(socket string) client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}
	return client{&http.Client{Timeout: clientPatience, Transport: &http.Transport{DialContext: dial}}}
}

// call sends a request and reads the answer's JSON into result. An answer whose
// status is not listed as expected becomes the error that it holds.
func (c client) call(method, path string, body, result any, expected ...int) error {
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return err
		}
	}
	asked, err := http.NewRequest(method, "http://local/api/v4"+path, &content)
	if err != nil {
		return err
	}
	answer, err := c.http.Do(asked)
	if err != nil {
		return fmt.Errorf("the server cannot be reached over its local socket, "+
			"is it running with MM_SERVICESETTINGS_ENABLELOCALMODE=true? %w", err)
	}
	defer answer.Body.Close()
	for _, status := range expected {
		if answer.StatusCode == status {
			return json.NewDecoder(answer.Body).Decode(result)
		}
	}
	problem := &model.Error{}
	if err := json.NewDecoder(answer.Body).Decode(problem); err != nil || problem.Message == "" {
		return fmt.Errorf("the server answered with status %s", answer.Status)
	}
	return problem
}
