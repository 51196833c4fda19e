package dockergen

import (
	"crypto/sha1"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"homeport/sandbox/edge/dockerapi"
)

const streaming = "/api/v1/streaming"

// container is one in the proxy's network, with variables as "NAME=value".
func container(name, address string, variables ...string) dockerapi.Container {
	environment := map[string]string{}
	for _, variable := range variables {
		key, value, _ := strings.Cut(variable, "=")
		environment[key] = value
	}
	return dockerapi.Container{
		ID: name, Name: name, Environment: environment,
		Labels: map[string]string{}, Networks: map[string]string{"edge": address},
	}
}

func hosts(settings Settings, containers ...dockerapi.Container) []Host {
	return Hosts(containers, map[string]string{"edge": "10.0.0.1"}, settings)
}

func only(t *testing.T, found []Host) Host {
	t.Helper()
	if len(found) != 1 {
		t.Fatalf("want one host, have %+v", found)
	}
	return found[0]
}

// files are settings whose file system has these files.
func files(t *testing.T, paths ...string) Settings {
	t.Helper()
	root := t.TempDir()
	for _, path := range paths {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return Settings{Root: root}
}

func addresses(path Path) []string {
	var found []string
	for _, server := range path.Servers {
		found = append(found, server.Address)
	}
	return found
}

func digest(path string) string { return fmt.Sprintf("%x", sha1.Sum([]byte(path))) }

func TestContainersOfOneHostServeTheirPaths(t *testing.T) {
	host := only(t, hosts(files(t),
		container("web", "10.0.0.2", "VIRTUAL_HOST=a.test", "VIRTUAL_PORT=3000"),
		container("streaming", "10.0.0.3", "VIRTUAL_HOST=a.test", "VIRTUAL_PORT=4000", "VIRTUAL_PATH="+streaming),
	))
	have := map[string]string{}
	for _, path := range host.Paths {
		have[path.Path] = path.Upstream + " " + strings.Join(addresses(path), " ")
	}
	if have["/"] != "a.test 10.0.0.2:3000" || have[streaming] != "a.test-"+digest(streaming)+" 10.0.0.3:4000" {
		t.Fatalf("%v", have)
	}
}

func TestContainersOfOnePathAreServersOfOneUpstream(t *testing.T) {
	host := only(t, hosts(files(t),
		container("b", "10.0.0.3", "VIRTUAL_HOST=a.test"), container("a", "10.0.0.2", "VIRTUAL_HOST=a.test"),
	))
	if have := addresses(host.Paths[0]); !slices.Equal(have, []string{"10.0.0.2:80", "10.0.0.3:80"}) {
		t.Fatalf("%v", have)
	}
}

func TestAContainerMayHaveSeveralHosts(t *testing.T) {
	found := hosts(files(t), container("web", "10.0.0.2", "VIRTUAL_HOST=b.test, a.test,"))
	if len(found) != 2 || found[0].Name != "a.test" || found[1].Name != "b.test" {
		t.Fatalf("%+v", found)
	}
	if len(found[0].Paths[0].Servers) != 1 || len(found[1].Paths[0].Servers) != 1 {
		t.Fatalf("%+v", found)
	}
}

func TestAHostNamedTwiceHasOneServer(t *testing.T) {
	host := only(t, hosts(files(t), container("web", "10.0.0.2", "VIRTUAL_HOST=a.test,a.test")))
	if len(host.Paths[0].Servers) != 1 {
		t.Fatalf("%v", host.Paths[0].Servers)
	}
}

func TestAContainerInTwoSharedNetworksIsOneServerAtASteadyAddress(t *testing.T) {
	both := container("web", "10.0.0.2", "VIRTUAL_HOST=a.test")
	both.Networks = map[string]string{"b": "10.0.2.2", "a": "10.0.1.2", "alone": "10.0.0.9"}
	networks := map[string]string{"a": "10.0.1.1", "b": "10.0.2.1"}
	for range 20 {
		servers := addresses(Hosts([]dockerapi.Container{both}, networks, files(t))[0].Paths[0])
		if !slices.Equal(servers, []string{"10.0.1.2:80"}) {
			t.Fatalf("%v", servers)
		}
	}
}

func TestAContainerOutsideTheProxysNetworksIsNoServer(t *testing.T) {
	far := container("web", "10.0.0.2", "VIRTUAL_HOST=a.test")
	far.Networks = map[string]string{"other": "10.9.0.2"}
	if servers := only(t, hosts(files(t), far)).Paths[0].Servers; len(servers) != 0 {
		t.Fatalf("%v", servers)
	}
}

func TestAHostsSettingsMayStandInAnyOfItsContainers(t *testing.T) {
	host := only(t, hosts(files(t, "/etc/nginx/certs/x.crt", "/etc/nginx/certs/x.key"),
		container("a", "10.0.0.2", "VIRTUAL_HOST=a.test"),
		container("b", "10.0.0.3", "VIRTUAL_HOST=a.test", "CERT_NAME=x", "HTTPS_METHOD=nohttp", "HSTS=off"),
	))
	if host.Certificate != "x" || host.Method != "nohttp" || host.StrictTransport != "off" {
		t.Fatalf("%+v", host)
	}
}

func TestThePortIsTheOneThatIsExposedIfItIsTheOnlyOne(t *testing.T) {
	for want, ports := range map[string][]string{"3000": {"3000"}, "80": {"3000", "8443"}} {
		exposing := container("web", "10.0.0.2", "VIRTUAL_HOST=a.test")
		exposing.Ports = ports
		if have := only(t, hosts(files(t), exposing)).Paths[0].Servers[0].Address; have != "10.0.0.2:"+want {
			t.Fatalf("%v: %s", ports, have)
		}
	}
}

func TestTheCertificateOfTheHostComesBeforeItsParents(t *testing.T) {
	pair := func(name string) []string {
		return []string{"/etc/nginx/certs/" + name + ".crt", "/etc/nginx/certs/" + name + ".key"}
	}
	for want, names := range map[string][]string{
		"files.a.test": {"files.a.test", "a.test", "default"},
		"a.test":       {"a.test", "default"},
		"default":      {"default", "test"},
		"":             {"test"},
	} {
		var paths []string
		for _, name := range names {
			paths = append(paths, pair(name)...)
		}
		host := only(t, hosts(files(t, paths...), container("web", "10.0.0.2", "VIRTUAL_HOST=files.a.test")))
		if host.Certificate != want {
			t.Errorf("with %v: %q", names, host.Certificate)
		}
	}
}

func TestALinkToACertificateThatIsGoneIsNone(t *testing.T) {
	settings := files(t, "/etc/nginx/certs/a.test.key")
	if err := os.Symlink("./gone.pem", filepath.Join(settings.Root, "etc/nginx/certs/a.test.crt")); err != nil {
		t.Fatal(err)
	}
	if host := only(t, hosts(settings, container("web", "", "VIRTUAL_HOST=a.test"))); host.Certificate != "" {
		t.Fatalf("%+v", host)
	}
}

func TestTheLocationsFileIsTheNearest(t *testing.T) {
	vhost := "/etc/nginx/vhost.d/"
	nearest := []string{vhost + "a.test_" + digest(streaming) + "_location", vhost + "a.test_location", vhost + "default_location"}
	for index := range nearest {
		host := only(t, hosts(files(t, nearest[index:]...),
			container("streaming", "10.0.0.2", "VIRTUAL_HOST=a.test", "VIRTUAL_PATH="+streaming)))
		if have := host.Paths[0].LocationFile; have != nearest[index] {
			t.Errorf("want %s, have %s", nearest[index], have)
		}
	}
}

func TestOnlyTheRootTakesTheHostsOverride(t *testing.T) {
	settings := files(t, "/etc/nginx/vhost.d/a.test_location_override")
	host := only(t, hosts(settings,
		container("web", "10.0.0.2", "VIRTUAL_HOST=a.test"),
		container("streaming", "10.0.0.3", "VIRTUAL_HOST=a.test", "VIRTUAL_PATH="+streaming),
	))
	if host.Paths[0].Override != "/etc/nginx/vhost.d/a.test_location_override" || host.Paths[1].Override != "" {
		t.Fatalf("%+v", host.Paths)
	}
}

func TestAPathsOwnOverrideComesBeforeTheHosts(t *testing.T) {
	for _, path := range []string{"/", streaming} {
		want := "/etc/nginx/vhost.d/a.test_" + digest(path) + "_location_override"
		settings := files(t, want, "/etc/nginx/vhost.d/a.test_location_override")
		host := only(t, hosts(settings, container("web", "", "VIRTUAL_HOST=a.test", "VIRTUAL_PATH="+path)))
		if host.Paths[0].Override != want {
			t.Errorf("%s: %s", path, host.Paths[0].Override)
		}
	}
}
