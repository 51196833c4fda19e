package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"homeport/sandbox/mattermost/filestore"
	"homeport/sandbox/mattermost/logging"
	"homeport/sandbox/mattermost/model"
)

func newServer() *Server {
	return &Server{
		Version: "11.11.1", SiteURL: "https://chat.test", Files: &filestore.Store{Limit: 100},
		Log: logging.New(io.Discard),
	}
}

func get(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	recorder := httptest.NewRecorder()
	newServer().Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
	return recorder
}

func TestEveryAnswerTellsTheVersion(t *testing.T) {
	for _, path := range []string{"/", "/api/v4/system/ping", "/api/v4/nothing", "/api/v4/users/me"} {
		if got := get(t, path).Header().Get("X-Version-Id"); !strings.HasPrefix(got, "11.11.1.") {
			t.Errorf("%s: %q", path, got)
		}
	}
}

func TestAMissingTokenIsMattermostsError(t *testing.T) {
	for _, path := range []string{
		"/api/v4/users/me", "/api/v4/channels/town/posts", "/api/v4/files/x", "/api/v4/files/x/info",
	} {
		answer := get(t, path)
		var body model.Error
		if err := json.Unmarshal(answer.Body.Bytes(), &body); err != nil {
			t.Fatal(err)
		}
		if answer.Code != 401 || body.StatusCode != 401 || body.RequestID == "" ||
			body.ID != "api.context.session_expired.app_error" {
			t.Errorf("%s: %d %+v", path, answer.Code, body)
		}
	}
}

func TestAnInternalErrorStaysInTheLog(t *testing.T) {
	log := &strings.Builder{}
	server := newServer()
	server.Log = logging.New(log)
	recorder := httptest.NewRecorder()
	server.fail(recorder, httptest.NewRequest(http.MethodGet, "/x", nil), errors.New("secret detail"))
	if recorder.Code != 500 || strings.Contains(recorder.Body.String(), "secret detail") {
		t.Fatalf("%d %s", recorder.Code, recorder.Body)
	}
	if !strings.Contains(log.String(), `"error":"secret detail"`) || !strings.Contains(log.String(), `"level":"error"`) {
		t.Fatal(log.String())
	}
}

func TestThePageShowsVersionAndEscapedSiteURL(t *testing.T) {
	server := newServer()
	server.SiteURL = "https://chat.test/<x>"
	recorder := httptest.NewRecorder()
	server.page(recorder, nil)
	for _, want := range []string{"Mattermost (sandbox stand-in)", "11.11.1", "https://chat.test/&lt;x&gt;"} {
		if !strings.Contains(recorder.Body.String(), want) {
			t.Errorf("%q is not in %s", want, recorder.Body)
		}
	}
}

func TestTheClientConfigurationNeedsItsFormat(t *testing.T) {
	if got := get(t, "/api/v4/config/client"); got.Code != 400 {
		t.Fatal(got.Code)
	}
	var config map[string]string
	if err := json.Unmarshal(get(t, "/api/v4/config/client?format=old").Body.Bytes(), &config); err != nil {
		t.Fatal(err)
	}
	if config["Version"] != "11.11.1" || config["SiteURL"] != "https://chat.test" {
		t.Fatal(config)
	}
}

func TestATokenComesFromTheHeaderBeforeTheCookie(t *testing.T) {
	for _, c := range []struct{ header, cookie, want string }{
		{"Bearer abc", "", "abc"}, {"bearer abc", "def", "abc"}, {"Token abc", "", "abc"},
		{"", "def", "def"}, {"Basic abc", "", ""}, {"Bearer", "", ""},
	} {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.Header.Set("Authorization", c.header)
		if c.cookie != "" {
			request.AddCookie(&http.Cookie{Name: tokenCookie, Value: c.cookie})
		}
		if got := requestToken(request); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestAPostedEventHoldsThePostAsText(t *testing.T) {
	posted := postedEvent(&model.Post{ID: "p", ChannelID: "town", Message: `"hi"`}, "@bob")
	text, ok := posted.Data["post"].(string)
	if !ok {
		t.Fatalf("%T", posted.Data["post"])
	}
	var post model.Post
	if err := json.Unmarshal([]byte(text), &post); err != nil || post.Message != `"hi"` {
		t.Fatalf("%+v %v", post, err)
	}
}

func TestTheTeamEditionHasNoMetrics(t *testing.T) {
	answer := httptest.NewRecorder()
	newServer().MetricsHandler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if answer.Code != http.StatusNotFound {
		t.Fatal(answer.Code, answer.Body)
	}
}
