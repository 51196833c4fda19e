// Package dockerapi speaks the few words of the Docker API that the edge needs, over the unix socket.
package dockerapi

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// Client asks one Docker engine.
type Client struct{ http http.Client }

// New makes a client of a DOCKER_HOST such as unix:///tmp/docker.sock.
func New(host string) *Client {
	path := strings.TrimPrefix(host, "unix://")
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, "unix", path)
	}
	return &Client{http.Client{Transport: &http.Transport{DialContext: dial}}}
}

// Container is what the templates know of a running container.
type Container struct {
	ID          string
	Name        string
	Environment map[string]string
	Labels      map[string]string
	// Networks maps a network's name to the container's IPv4 address in it.
	Networks map[string]string
	// Ports are the numbers of the exposed ports, TCP and UDP.
	Ports []string
}

type inspected struct {
	ID     string `json:"Id"`
	Name   string
	Config struct {
		Env    []string
		Labels map[string]string
	}
	NetworkSettings struct {
		Networks map[string]struct{ IPAddress string }
		Ports    map[string]json.RawMessage
	}
}

// Running lists the running containers that pass filters of the Docker API.
func (c *Client) Running(wanted map[string][]string) ([]Container, error) {
	path := "/containers/json"
	if len(wanted) > 0 {
		filters, _ := json.Marshal(wanted)
		path += "?filters=" + url.QueryEscape(string(filters))
	}
	var listed []struct {
		ID string `json:"Id"`
	}
	if err := c.get(path, &listed); err != nil {
		return nil, err
	}
	var containers []Container
	for _, entry := range listed {
		var found inspected
		if err := c.get("/containers/"+entry.ID+"/json", &found); err != nil {
			continue // gone since it was listed
		}
		containers = append(containers, found.container())
	}
	return containers, nil
}

func (i inspected) container() Container {
	container := Container{
		ID:          i.ID,
		Name:        strings.TrimPrefix(i.Name, "/"),
		Environment: map[string]string{},
		Labels:      i.Config.Labels,
		Networks:    map[string]string{},
	}
	for _, variable := range i.Config.Env {
		name, value, _ := strings.Cut(variable, "=")
		container.Environment[name] = value
	}
	for name, network := range i.NetworkSettings.Networks {
		container.Networks[name] = network.IPAddress
	}
	for port := range i.NetworkSettings.Ports {
		number, _, _ := strings.Cut(port, "/")
		container.Ports = append(container.Ports, number)
	}
	return container
}

// Signal sends a signal such as SIGHUP to a container's first process.
func (c *Client) Signal(id, signal string) error {
	answer, err := c.http.Post("http://docker/containers/"+id+"/kill?signal="+signal, "", nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		return fmt.Errorf("signal %s to %.12s: %s", signal, id, answer.Status)
	}
	return nil
}

// Events calls changed for each event of these names; it returns when the stream breaks.
func (c *Client) Events(ctx context.Context, names []string, changed func()) error {
	wanted, _ := json.Marshal(map[string][]string{"event": names})
	filters := string(wanted)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet,
		"http://docker/events?filters="+url.QueryEscape(filters), nil)
	if err != nil {
		return err
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	// What happened before the stream was open is seen now.
	changed()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(make([]byte, 0, 16<<10), 1<<20)
	for lines.Scan() {
		changed()
	}
	return lines.Err()
}

func (c *Client) get(path string, into any) error {
	answer, err := c.http.Get("http://docker" + path)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, answer.Status)
	}
	return json.NewDecoder(answer.Body).Decode(into)
}
