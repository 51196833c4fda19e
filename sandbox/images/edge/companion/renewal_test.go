package companion

import (
	"crypto/x509"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// rfc is the example of RFC 9773, section 4.1.
var rfc = &x509.Certificate{
	AuthorityKeyId: []byte{
		0x69, 0x88, 0x5b, 0x6b, 0x87, 0x46, 0x40, 0x41, 0xe1, 0xb3,
		0x7b, 0x84, 0x7b, 0xa0, 0xae, 0x2c, 0xde, 0x01, 0xc8, 0xd4,
	},
	SerialNumber: big.NewInt(0x87654321),
}

func TestTheIdentifierIsThatOfTheStandard(t *testing.T) {
	if have := certificateID(rfc); have != "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE" {
		t.Fatal(have)
	}
}

// authority suggests a window, or none where it is empty.
func authority(t *testing.T, suggested string) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	mux.HandleFunc("/dir", func(w http.ResponseWriter, _ *http.Request) {
		if suggested == "" {
			fmt.Fprint(w, "{}")
			return
		}
		fmt.Fprintf(w, `{"renewalInfo": "%s/info"}`, server.URL)
	})
	mux.HandleFunc("/info/"+certificateID(rfc), func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"suggestedWindow": %s}`, suggested)
	})
	return server
}

func renewed(t *testing.T, suggested string) time.Time {
	t.Helper()
	server := authority(t, suggested)
	return renewal(t.Context(), server.Client(), server.URL+"/dir", rfc, now)
}

func TestACertificateIsRenewedInsideOfTheWindowThatItsAuthoritySuggests(t *testing.T) {
	have := renewed(t, `{"start": "2026-01-20T00:00:00Z", "end": "2026-01-22T00:00:00Z"}`)
	start := time.Date(2026, 1, 20, 0, 0, 0, 0, time.UTC)
	if have.Before(start) || !have.Before(start.AddDate(0, 0, 2)) {
		t.Fatal(have)
	}
}

func TestWithoutAWindowItIsRenewedAfterTheCompanionsOwnTime(t *testing.T) {
	for _, suggested := range []string{"", `{"start": "2026-01-22T00:00:00Z", "end": "2026-01-20T00:00:00Z"}`} {
		if have := renewed(t, suggested); !have.Equal(now.Add(RenewAfter)) {
			t.Errorf("%q: %v", suggested, have)
		}
	}
}
