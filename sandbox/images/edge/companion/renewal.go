package companion

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// renewal is when acme.sh renews a certificate: at a moment inside the window that the authority suggests (RFC 9773),
// or after RenewAfter where it suggests none.
func renewal(ctx context.Context, client *http.Client, directory string, leaf *x509.Certificate, now time.Time) time.Time {
	start, end, err := window(ctx, client, directory, leaf)
	if err != nil || !end.After(start) {
		return now.Add(RenewAfter)
	}
	return start.Add(time.Duration(now.Unix()) * time.Second % end.Sub(start))
}

func window(ctx context.Context, client *http.Client, directory string, leaf *x509.Certificate) (start, end time.Time, err error) {
	var offers struct {
		RenewalInfo string `json:"renewalInfo"`
	}
	if err := get(ctx, client, directory, &offers); err != nil {
		return start, end, err
	}
	if offers.RenewalInfo == "" {
		return start, end, fmt.Errorf("%s offers no renewalInfo", directory)
	}
	var info struct {
		SuggestedWindow struct {
			Start time.Time `json:"start"`
			End   time.Time `json:"end"`
		} `json:"suggestedWindow"`
	}
	err = get(ctx, client, offers.RenewalInfo+"/"+certificateID(leaf), &info)
	return info.SuggestedWindow.Start, info.SuggestedWindow.End, err
}

// certificateID is by what an authority knows a certificate: RFC 9773, section 4.1.
func certificateID(leaf *x509.Certificate) string {
	serial := leaf.SerialNumber.Bytes()
	// As in the certificate, where a leading zero keeps the number positive.
	if len(serial) == 0 || serial[0] >= 0x80 {
		serial = append([]byte{0}, serial...)
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode(leaf.AuthorityKeyId) + "." + encode(serial)
}

func get(ctx context.Context, client *http.Client, url string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, answer.Status)
	}
	return json.NewDecoder(answer.Body).Decode(into)
}
