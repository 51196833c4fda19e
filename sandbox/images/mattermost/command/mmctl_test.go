package command

import (
	"bytes"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

func TestFlagsMayStandAnywhere(t *testing.T) {
	for _, line := range []string{
		"--local user create --email e --password p", "user --email e create --local --password=p",
		"user create --password p --email=e --local=true",
	} {
		got, err := parse(strings.Fields(line))
		if err != nil || strings.Join(got.words, " ") != "user create" || !got.switches["local"] ||
			got.values["email"] != "e" || got.values["password"] != "p" {
			t.Errorf("%s: %+v %v", line, got, err)
		}
	}
}

func TestAPasswordMayBeginWithADash(t *testing.T) {
	got, err := parse([]string{"--password", "--local", "user"})
	if err != nil || got.values["password"] != "--local" || got.switches["local"] {
		t.Fatalf("%+v %v", got, err)
	}
}

func TestWrongFlagsAreRefused(t *testing.T) {
	for _, line := range []string{"--nope", "-x", "--email", "--local=perhaps"} {
		if got, err := parse([]string{line}); err == nil {
			t.Errorf("%s: %+v", line, got)
		}
	}
}

func TestMissingFlagsAreNamed(t *testing.T) {
	_, err := arguments{values: map[string]string{"email": "e"}}.required("email", "username", "password")
	if err == nil || err.Error() != `required flag(s) "username", "password" not set` {
		t.Fatal(err)
	}
}

// answering is mmctl before a local socket that gives one answer.
func answering(t *testing.T, status int, body string) (Mmctl, *bytes.Buffer) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	out := &bytes.Buffer{}
	return Mmctl{Version: "1.2.3", Socket: socket, Out: out}, out
}

func TestAHealthyServerIsPrinted(t *testing.T) {
	mmctl, out := answering(t, 200, `{"status":"OK","database_status":"OK","filestore_status":"OK"}`)
	if err := mmctl.Run([]string{"system", "status", "--local"}); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "Server status: OK\nDatabase Status: OK\n") {
		t.Fatal(out.String())
	}
}

func TestAnUnhealthyDatabaseIsAnError(t *testing.T) {
	mmctl, _ := answering(t, 500,
		`{"status":"UNHEALTHY","database_status":"UNHEALTHY","filestore_status":"OK"}`)
	if err := mmctl.Run([]string{"--local", "system", "status"}); err == nil {
		t.Fatal("no error")
	}
}

func TestAPingWithoutTheDatabaseIsAnError(t *testing.T) {
	mmctl, _ := answering(t, 200, `{"status":"OK"}`)
	if err := mmctl.Run([]string{"--local", "system", "status"}); err == nil {
		t.Fatal("no error")
	}
}

func TestTheServersMessageIsTheError(t *testing.T) {
	mmctl, _ := answering(t, 400, `{"id":"x","message":"Taken.","status_code":400}`)
	err := mmctl.Run(strings.Fields("--local user create --email e --username u --password p"))
	if err == nil || err.Error() != "Taken." {
		t.Fatal(err)
	}
}

func TestASearchWithoutResultIsAnError(t *testing.T) {
	mmctl, _ := answering(t, 404, `{"id":"x","message":"gone","status_code":404}`)
	err := mmctl.Run(strings.Fields("--local user search bob"))
	if err == nil || err.Error() != `unable to find user "bob"` {
		t.Fatal(err)
	}
}

func TestNoServerIsAnError(t *testing.T) {
	mmctl := Mmctl{Socket: filepath.Join(t.TempDir(), "none"), Out: &bytes.Buffer{}}
	err := mmctl.Run([]string{"system", "status", "--local"})
	if err == nil || !strings.Contains(err.Error(), "MM_SERVICESETTINGS_ENABLELOCALMODE") {
		t.Fatal(err)
	}
}

func TestWithoutLocalThereIsNoServerToAsk(t *testing.T) {
	mmctl, _ := answering(t, 200, `{"status":"OK","database_status":"OK","filestore_status":"OK"}`)
	if err := mmctl.Run([]string{"system", "status"}); err == nil {
		t.Fatal("no error")
	}
}

func TestVersionNeedsNoServer(t *testing.T) {
	out := &bytes.Buffer{}
	if err := (Mmctl{Version: "1.2.3", Out: out}).Run([]string{"version"}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "1.2.3") {
		t.Fatal(out.String())
	}
}
