package streaming

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"homeport/sandbox/mastodon/queue"
)

func get(path string) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	server := New(nil, nil, slog.New(slog.NewTextHandler(io.Discard, nil)))
	server.Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
	return recorder
}

func TestHealthAnswersWithoutAToken(t *testing.T) {
	if got := get("/api/v1/streaming/health"); got.Code != 200 || got.Body.String() != "OK" {
		t.Fatal(got.Code, got.Body)
	}
}

func TestAStreamNeedsAToken(t *testing.T) {
	for _, path := range []string{"/api/v1/streaming/user", "/api/v1/streaming/public",
		"/api/v1/streaming/public/local"} {
		if got := get(path); got.Code != 401 || !strings.Contains(got.Body.String(), "Missing access token") {
			t.Errorf("%s: %d %s", path, got.Code, got.Body)
		}
	}
}

func TestStreamsThatThisStandInLacksAreRefused(t *testing.T) {
	for _, path := range []string{"/", "/api/v1/streaming", "/api/v1/streaming/list",
		"/api/v1/streaming/user/notification"} {
		if got := get(path); got.Code != 400 || !strings.Contains(got.Body.String(), "Unknown channel requested") {
			t.Errorf("%s: %d %s", path, got.Code, got.Body)
		}
	}
}

func TestATokenWithoutReadHearsOnlyWhatIsPublic(t *testing.T) {
	for _, c := range []struct {
		scopes, stream string
		allowed        bool
	}{
		{"read write", "user", true}, {"read:statuses", "user", true}, {"write", "user", false},
		{"write", "public", true},
	} {
		if err := (&listener{scopes: c.scopes}).may(c.stream); (err == nil) != c.allowed {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestAUsersStreamIsItsAccountsChannel(t *testing.T) {
	if got, ok := channels("user", 7); !ok || len(got) != 1 || got[0] != "timeline:7" {
		t.Fatal(got, ok)
	}
}

func TestAWebSocketCarriesThePayloadAsText(t *testing.T) {
	event := queue.Event{Name: "update", Payload: json.RawMessage(`{"id":"7"}`)}
	text, err := json.Marshal(newMessage("user", event))
	if err != nil || string(text) != `{"stream":["user"],"event":"update","payload":"{\"id\":\"7\"}"}` {
		t.Fatal(string(text), err)
	}
	if got := newMessage("user", queue.Event{Name: "delete", Payload: json.RawMessage(`"7"`)}); got.Payload != "7" {
		t.Fatal(got)
	}
}

func TestMetricsAreOnThePortOfTheStreams(t *testing.T) {
	got := get("/metrics")
	if got.Code != 200 || !strings.Contains(got.Body.String(), `connected_clients{type="websocket"} 0`) {
		t.Fatal(got.Code, got.Body)
	}
	if under := get("/api/v1/streaming/metrics"); under.Code != 400 {
		t.Fatal(under.Code, under.Body)
	}
}
