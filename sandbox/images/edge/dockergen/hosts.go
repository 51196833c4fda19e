// Package dockergen writes nginx's configuration from the containers that are running.
package dockergen

import (
	"crypto/sha1"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"homeport/sandbox/edge/dockerapi"
)

// Host is one virtual host of the generated configuration.
type Host struct {
	Name            string
	Certificate     string
	Method          string
	StrictTransport string
	ServerFile      string
	Paths           []Path
	DHParam, Chain  bool
}

// Path is one location of a host and the servers behind it.
type Path struct {
	Path, Upstream, Destination  string
	LocationFile, Password, Host string
	Servers                      []string
}

// Settings are docker-gen's own environment and the root of the file system, "/" but in tests.
type Settings struct {
	Environment map[string]string
	Root        string
}

func (s Settings) exists(path string) bool {
	_, err := os.Stat(filepath.Join(s.Root, path))
	return err == nil
}

func (s Settings) get(name, fallback string) string {
	if value := s.Environment[name]; value != "" {
		return value
	}
	return fallback
}

// Hosts collects the virtual hosts of containers that share a network with the proxy.
func Hosts(containers []dockerapi.Container, networks map[string]string, settings Settings) []Host {
	hosts := map[string]*Host{}
	slices.SortFunc(containers, func(a, b dockerapi.Container) int { return strings.Compare(a.Name, b.Name) })
	for _, container := range containers {
		for _, name := range strings.Split(container.Environment["VIRTUAL_HOST"], ",") {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			if hosts[name] == nil {
				hosts[name] = newHost(name, container, settings)
			}
			hosts[name].add(container, networks, settings)
		}
	}
	var sorted []Host
	for _, host := range hosts {
		sorted = append(sorted, *host)
	}
	slices.SortFunc(sorted, func(a, b Host) int { return strings.Compare(a.Name, b.Name) })
	return sorted
}

func newHost(name string, container dockerapi.Container, settings Settings) *Host {
	env := func(variable, fallback string) string {
		if value := container.Environment[variable]; value != "" {
			return value
		}
		return settings.get(variable, fallback)
	}
	host := &Host{
		Name:            name,
		Method:          env("HTTPS_METHOD", "redirect"),
		StrictTransport: env("HSTS", "max-age=31536000"),
		ServerFile:      settings.first("/etc/nginx/vhost.d/"+name, "/etc/nginx/vhost.d/default"),
	}
	certificate := container.Environment["CERT_NAME"]
	if certificate == "" && settings.exists("/etc/nginx/certs/"+name+".crt") {
		certificate = name
	}
	base := "/etc/nginx/certs/" + certificate
	if certificate != "" && settings.exists(base+".crt") && settings.exists(base+".key") {
		host.Certificate = certificate
		host.DHParam = settings.exists(base + ".dhparam.pem")
		host.Chain = settings.exists(base + ".chain.pem")
	}
	if host.Certificate == "" && (host.Method == "redirect" || host.Method == "nohttp") &&
		env("ENABLE_HTTP_ON_MISSING_CERT", "true") == "true" {
		host.Method = "noredirect"
	}
	return host
}

func (s Settings) first(paths ...string) string {
	for _, path := range paths {
		if s.exists(path) {
			return path
		}
	}
	return ""
}

func (h *Host) add(container dockerapi.Container, networks map[string]string, settings Settings) {
	path := container.Environment["VIRTUAL_PATH"]
	if path == "" {
		path = "/"
	}
	index := slices.IndexFunc(h.Paths, func(known Path) bool { return known.Path == path })
	if index < 0 {
		h.Paths = append(h.Paths, newPath(h.Name, path, container, settings))
		index = len(h.Paths) - 1
	}
	for network, address := range container.Networks {
		if _, shared := networks[network]; shared && address != "" {
			h.Paths[index].Servers = append(h.Paths[index].Servers, address+":"+port(container))
			break
		}
	}
}

func newPath(host, path string, container dockerapi.Container, settings Settings) Path {
	digest := fmt.Sprintf("%x", sha1.Sum([]byte(path)))
	upstream := host
	if path != "/" {
		upstream += "-" + digest
	}
	vhost, htpasswd := "/etc/nginx/vhost.d/", "/etc/nginx/htpasswd/"
	return Path{
		Path:        path,
		Host:        host,
		Upstream:    upstream,
		Destination: container.Environment["VIRTUAL_DEST"],
		LocationFile: settings.first(
			vhost+host+"_"+digest+"_location", vhost+host+"_location", vhost+"default_location"),
		Password: settings.first(htpasswd+host+"_"+digest, htpasswd+host),
	}
}

func port(container dockerapi.Container) string {
	if port := container.Environment["VIRTUAL_PORT"]; port != "" {
		return port
	}
	if len(container.Ports) == 1 {
		return container.Ports[0]
	}
	return "80"
}
