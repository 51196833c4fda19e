package api

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"homeport/sandbox/mastodon/filestore"
	"homeport/sandbox/mastodon/model"
	"homeport/sandbox/mastodon/release"
)

func newServer() *Server {
	return &Server{
		Release: release.Release{Major: 4, Minor: 7, Patch: 4}, AlternateDomains: []string{"old.test"},
		Site:  model.Site{LocalDomain: "social.test", WebDomain: "web.social.test"},
		Files: &filestore.Store{Limit: 100}, ServeFiles: true, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
}

// ask sends a request as the proxy does; changed is the last to touch it.
func ask(server *Server, method, path string, changed func(*http.Request)) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, nil)
	request.Host = "web.social.test"
	request.Header.Set("X-Forwarded-Proto", "https")
	if changed != nil {
		changed(request)
	}
	recorder := httptest.NewRecorder()
	server.Handler().ServeHTTP(recorder, request)
	return recorder
}

func host(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }

func TestOnlyTheServersOwnNamesAreServed(t *testing.T) {
	for name, want := range map[string]int{
		"social.test": 200, "web.social.test": 200, "old.test": 200, "WEB.social.test:3000": 200,
		"evil.test": 403, "172.20.0.3:3000": 403, "x.web.social.test": 403,
	} {
		if got := ask(newServer(), http.MethodGet, "/", host(name)); got.Code != want {
			t.Errorf("%s: %d", name, got.Code)
		}
	}
}

func TestAForwardedNameIsCheckedToo(t *testing.T) {
	got := ask(newServer(), http.MethodGet, "/", func(r *http.Request) {
		r.Header.Set("X-Forwarded-Host", "evil.test")
	})
	if got.Code != 403 {
		t.Fatal(got.Code)
	}
}

func TestHealthAnswersUnderAnyNameWithoutTLS(t *testing.T) {
	got := ask(newServer(), http.MethodGet, "/health", func(r *http.Request) {
		r.Host = "localhost:3000"
		r.Header.Del("X-Forwarded-Proto")
	})
	if got.Code != 200 || got.Body.String() != "OK" {
		t.Fatal(got.Code, got.Body)
	}
}

func TestWithoutTLSTheClientIsSentToIt(t *testing.T) {
	for _, c := range []struct {
		proto, method string
		status        int
	}{{"", "GET", 301}, {"http", "GET", 301}, {"http", "POST", 307}, {"http, https", "GET", 301}} {
		got := ask(newServer(), c.method, "/about?x=1", func(r *http.Request) {
			r.Host = "web.social.test:3000"
			r.Header.Set("X-Forwarded-Proto", c.proto)
		})
		if got.Code != c.status || got.Header().Get("Location") != "https://web.social.test/about?x=1" {
			t.Errorf("%+v: %d %s", c, got.Code, got.Header().Get("Location"))
		}
	}
}

func TestSecureAnswersForbidInsecureOnes(t *testing.T) {
	if got := ask(newServer(), http.MethodGet, "/", nil).Header().Get("Strict-Transport-Security"); got == "" {
		t.Fatal("no Strict-Transport-Security")
	}
}

func TestAMissingTokenIsMastodonsError(t *testing.T) {
	for _, path := range []string{
		"/api/v1/accounts/verify_credentials", "/api/v1/timelines/home", "/api/v1/media/1",
	} {
		var body map[string]string
		got := ask(newServer(), http.MethodGet, path, nil)
		if err := json.Unmarshal(got.Body.Bytes(), &body); err != nil || got.Code != 401 ||
			body["error"] != "The access token is invalid" {
			t.Errorf("%s: %d %v %v", path, got.Code, body, err)
		}
	}
}

func TestThePageShowsTheVersion(t *testing.T) {
	if got := ask(newServer(), http.MethodGet, "/", nil).Body.String(); !strings.Contains(got, "4.7.4") ||
		!strings.Contains(got, "<title>Mastodon</title>") {
		t.Fatal(got)
	}
}

func TestStoredFilesAreServedOnlyIfTheSettingSaysSo(t *testing.T) {
	server := newServer()
	server.Files.Folder = t.TempDir()
	if err := os.WriteFile(filepath.Join(server.Files.Folder, "a.png"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := ask(server, http.MethodGet, "/system/a.png", nil); got.Code != 200 || got.Body.String() != "x" ||
		got.Header().Get("Content-Type") != "image/png" {
		t.Error(got.Code, got.Header(), got.Body)
	}
	server.ServeFiles = false
	if got := ask(server, http.MethodGet, "/system/a.png", nil); got.Code != 404 {
		t.Error(got.Code)
	}
}

func TestNoPathLeadsOutOfTheStoredFiles(t *testing.T) {
	server := newServer()
	server.Files.Folder = t.TempDir()
	for _, path := range []string{"/system/", "/system/%2e%2e/etc/passwd", "/system/absent.png"} {
		if got := ask(server, http.MethodGet, path, nil); got.Code != 404 {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
}

func TestAnInternalErrorStaysInTheLog(t *testing.T) {
	log := &strings.Builder{}
	server := newServer()
	server.Log = slog.New(slog.NewTextHandler(log, nil))
	recorder := httptest.NewRecorder()
	server.fail(recorder, httptest.NewRequest(http.MethodGet, "/x", nil), errors.New("inner detail"))
	if recorder.Code != 500 || strings.Contains(recorder.Body.String(), "inner detail") ||
		!strings.Contains(log.String(), "inner detail") {
		t.Fatal(recorder.Code, recorder.Body, log)
	}
}

func TestParametersComeFromFormsAndJSON(t *testing.T) {
	for kind, body := range map[string]string{
		"application/x-www-form-urlencoded": "status=hi&media_ids[]=1&media_ids[]=2&agreement=true",
		"application/json":                  `{"status": "hi", "media_ids": ["1", 2], "agreement": true}`,
	} {
		request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		request.Header.Set("Content-Type", kind)
		found, err := parameters(httptest.NewRecorder(), request)
		if err != nil || one(found, "status", "") != "hi" || strings.Join(found["media_ids"], " ") != "1 2" ||
			one(found, "agreement", "") != "true" || one(found, "absent", "fallback") != "fallback" {
			t.Errorf("%s: %v %v", kind, found, err)
		}
	}
}

func TestReadAllowsWhatIsPartOfIt(t *testing.T) {
	for _, c := range []struct {
		wanted, given string
		allowed       bool
	}{
		{"read", "read write", true}, {"read:statuses", "read", true}, {"read", "read:statuses", false},
		{"read write", "read", false}, {"write:accounts", "write:accounts", true},
	} {
		if got := within(c.wanted, c.given); got != c.allowed {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestWhoMayNotActIsToldWhy(t *testing.T) {
	for _, c := range []struct {
		user model.User
		want error
	}{
		{model.User{Confirmed: true, Approved: true}, nil},
		{model.User{Approved: true}, errUnconfirmed},
		{model.User{Confirmed: true}, errPending},
		{model.User{Confirmed: true, Approved: true, Disabled: true}, errDisabled},
	} {
		if got := mayAct(&c.user); !errors.Is(got, c.want) {
			t.Errorf("%+v: %v", c.user, got)
		}
	}
}
