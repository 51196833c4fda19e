package dockergen

import (
	"regexp"
	"strings"
	"testing"

	"homeport/sandbox/edge/dockerapi"
)

var blanks = regexp.MustCompile(`\s+`)

// rendered is the configuration with every run of blanks as one.
func rendered(t *testing.T, settings Settings, containers ...dockerapi.Container) string {
	t.Helper()
	text, err := Render(hosts(settings, containers...), settings)
	if err != nil {
		t.Fatal(err)
	}
	return blanks.ReplaceAllString(text, " ")
}

func want(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("missing %q in:\n%s", part, text)
		}
	}
}

func TestEachPathIsALocationWithItsUpstream(t *testing.T) {
	text := rendered(t, files(t),
		container("web", "10.0.0.2", "VIRTUAL_HOST=a.test"),
		container("streaming", "10.0.0.3", "VIRTUAL_HOST=a.test", "VIRTUAL_PATH="+streaming),
	)
	want(t, text,
		"location / { proxy_pass http://a.test; set $upstream_keepalive true; }",
		"location "+streaming+" { proxy_pass http://a.test-"+digest(streaming)+"; set $upstream_keepalive true; }",
		"upstream a.test { # Container: web server 10.0.0.2:80; keepalive 2; }",
	)
}

func TestAHostWithoutARootAnswers404There(t *testing.T) {
	text := rendered(t, files(t), container("s", "10.0.0.3", "VIRTUAL_HOST=a.test", "VIRTUAL_PATH="+streaming))
	want(t, text, "location / { return 404; }")
}

func TestAHostWithARootHasNoOtherAnswerThere(t *testing.T) {
	text := rendered(t, files(t), container("web", "10.0.0.2", "VIRTUAL_HOST=a.test"))
	if strings.Contains(text, "return 404") {
		t.Fatal(text)
	}
}

func TestAnOverrideTakesTheLocationsPlace(t *testing.T) {
	file := "/etc/nginx/vhost.d/a.test_location_override"
	text := rendered(t, files(t, file), container("web", "10.0.0.2", "VIRTUAL_HOST=a.test"))
	want(t, text, "include "+file+"; }", "upstream a.test {")
	if strings.Contains(text, "proxy_pass") {
		t.Fatal(text)
	}
}

func TestALocationsFileIsIncludedInIt(t *testing.T) {
	file := "/etc/nginx/vhost.d/a.test_location"
	text := rendered(t, files(t, file), container("web", "10.0.0.2", "VIRTUAL_HOST=a.test"))
	want(t, text, "set $upstream_keepalive true; include "+file+"; }")
}

func TestTheConnectionCloseHeaderIsBackWithoutKeepalive(t *testing.T) {
	without := container("web", "10.0.0.2", "VIRTUAL_HOST=a.test")
	without.Labels[labels+"keepalive"] = "disabled"
	want(t, rendered(t, files(t), without), "upstream a.test { # Container: web server 10.0.0.2:80; }", "set $upstream_keepalive false;")
}

func TestWebSocketsAreUpgraded(t *testing.T) {
	text := rendered(t, files(t), container("web", "10.0.0.2", "VIRTUAL_HOST=a.test"))
	want(t, text, "map $http_upgrade $proxy_connection { default upgrade;",
		"proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $proxy_connection;", "proxy_http_version 1.1;")
}

// The real template has no such directive since 1.5: what may not wait says so in X-Accel-Buffering.
func TestAnswersAreBufferedUnlessTheAppSaysOtherwise(t *testing.T) {
	text := rendered(t, files(t), container("web", "10.0.0.2", "VIRTUAL_HOST=a.test"))
	if strings.Contains(text, "proxy_buffering") {
		t.Fatal(text)
	}
}

func TestAHostWithACertificateIsServedOverHTTPSOnly(t *testing.T) {
	settings := files(t, "/etc/nginx/certs/a.test.crt", "/etc/nginx/certs/a.test.key")
	text := rendered(t, settings, container("web", "10.0.0.2", "VIRTUAL_HOST=a.test"))
	want(t, text, "return 301 https://$host$request_uri;", "ssl_certificate /etc/nginx/certs/a.test.crt;")
}

func TestAHostWhoseServersAreGoneIsDown(t *testing.T) {
	text := rendered(t, files(t), container("web", "", "VIRTUAL_HOST=a.test"))
	want(t, text, "upstream a.test { server 127.0.0.1 down; }")
}

func TestEveryHostIsAServerOfItsOwn(t *testing.T) {
	text := rendered(t, files(t),
		container("web", "10.0.0.2", "VIRTUAL_HOST=a.test,b.test"), container("files", "10.0.0.3", "VIRTUAL_HOST=c.test"))
	want(t, text, "server_name a.test;", "server_name b.test;", "server_name c.test;")
}
