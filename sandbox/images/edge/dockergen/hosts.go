// Package dockergen writes nginx's configuration from the containers that are running.
package dockergen

import (
	"cmp"
	"maps"
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
	Challenge       string
	ServerFile      string
	// Root is what "/" answers where no container serves it; empty where one does.
	Root           string
	Paths          []Path
	DHParam, Chain bool
}

// Hosts collects the virtual hosts of containers that share a network with the proxy. A host's settings may
// stand in any of its containers.
func Hosts(containers []dockerapi.Container, networks map[string]string, settings Settings) []Host {
	byName := map[string][]dockerapi.Container{}
	slices.SortFunc(containers, func(a, b dockerapi.Container) int { return cmp.Compare(a.Name, b.Name) })
	for _, container := range containers {
		for _, name := range strings.Split(container.Environment["VIRTUAL_HOST"], ",") {
			if name = strings.TrimSpace(name); name != "" && !contains(byName[name], container) {
				byName[name] = append(byName[name], container)
			}
		}
	}
	var hosts []Host
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		hosts = append(hosts, newHost(name, byName[name], networks, settings))
	}
	return hosts
}

func contains(containers []dockerapi.Container, one dockerapi.Container) bool {
	return slices.ContainsFunc(containers, func(other dockerapi.Container) bool { return other.ID == one.ID })
}

func newHost(
	name string, containers []dockerapi.Container, networks map[string]string, settings Settings,
) Host {
	env := func(variable, fallback string) string {
		return cmp.Or(first(containers, variable), settings.get(variable, fallback))
	}
	host := Host{
		Name:            name,
		Method:          env("HTTPS_METHOD", "redirect"),
		StrictTransport: strings.TrimSpace(env("HSTS", "max-age=31536000")),
		Challenge:       env("ACME_HTTP_CHALLENGE_LOCATION", "true"),
		ServerFile:      settings.first("/etc/nginx/vhost.d/"+name, "/etc/nginx/vhost.d/default"),
		Paths:           paths(name, containers, networks, settings),
	}
	host.Certificate = certificate(name, first(containers, "CERT_NAME"), settings)
	if host.Certificate != "" {
		host.DHParam = settings.exists(certificates + host.Certificate + ".dhparam.pem")
		host.Chain = settings.exists(certificates + host.Certificate + ".chain.pem")
	}
	if host.Certificate == "" && (host.Method == "redirect" || host.Method == "nohttp") &&
		env("ENABLE_HTTP_ON_MISSING_CERT", "true") == "true" {
		host.Method = "noredirect"
	}
	served := slices.ContainsFunc(host.Paths, func(path Path) bool { return path.Path == "/" })
	if answer := settings.get("DEFAULT_ROOT", "404"); !served && answer != "none" {
		host.Root = answer
	}
	return host
}

const certificates = "/etc/nginx/certs/"

// certificate is the name of the host's certificate: the one that a container names, its own, its parent
// domain's, which is taken for a wildcard, or the default one. Empty if it is not there.
func certificate(host, named string, settings Settings) string {
	candidates := []string{host}
	if _, parent, _ := strings.Cut(host, "."); strings.Contains(parent, ".") {
		candidates = append(candidates, parent)
	}
	if named != "" {
		candidates = []string{named}
	} else if settings.get("TRUST_DEFAULT_CERT", "true") == "true" && settings.pair("default") {
		candidates = append(candidates, "default")
	}
	for _, candidate := range candidates {
		if settings.exists(certificates + candidate + ".crt") {
			// One that lacks its key is no certificate, and hides the ones after it.
			if settings.pair(candidate) {
				return candidate
			}
			return ""
		}
	}
	return ""
}

// first is the value of a variable in the first container that has one.
func first(containers []dockerapi.Container, variable string) string {
	for _, container := range containers {
		if value := container.Environment[variable]; value != "" {
			return value
		}
	}
	return ""
}

func firstLabel(containers []dockerapi.Container, label string) string {
	for _, container := range containers {
		if value := container.Labels[label]; value != "" {
			return value
		}
	}
	return ""
}
