package dockergen

import (
	"cmp"
	"crypto/sha1"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"homeport/sandbox/edge/dockerapi"
)

const labels = "com.github.nginx-proxy.nginx-proxy."

// Path is one location of a host and the servers behind it.
type Path struct {
	Path, Upstream, Protocol, Destination string
	// Override is a file that takes the location's place.
	Override        string
	LocationFile    string
	Password, Realm string
	Balance         string
	Servers         []Server
	// Keepalive is how many idle connections to the servers stay open; empty for none.
	Keepalive string
}

// Server is one container behind a location.
type Server struct{ Container, Address string }

// paths are a host's locations, each with every container that serves it.
func paths(
	host string, containers []dockerapi.Container, networks map[string]string, settings Settings,
) []Path {
	byPath := map[string][]dockerapi.Container{}
	for _, container := range containers {
		path := cmp.Or(container.Environment["VIRTUAL_PATH"], "/")
		byPath[path] = append(byPath[path], container)
	}
	var found []Path
	for _, path := range slices.Sorted(maps.Keys(byPath)) {
		found = append(found, newPath(host, path, byPath[path], networks, settings))
	}
	return found
}

func newPath(
	host, path string, containers []dockerapi.Container, networks map[string]string, settings Settings,
) Path {
	digest := fmt.Sprintf("%x", sha1.Sum([]byte(path)))
	vhost, htpasswd := "/etc/nginx/vhost.d/"+host+"_", "/etc/nginx/htpasswd/"+host
	found := Path{
		Path:         path,
		Upstream:     host,
		Protocol:     strings.TrimSpace(cmp.Or(first(containers, "VIRTUAL_PROTO"), "http")),
		Destination:  strings.TrimSpace(first(containers, "VIRTUAL_DEST")),
		Override:     settings.first(vhost + digest + "_location_override"),
		LocationFile: settings.first(vhost+digest+"_location", vhost+"location", "/etc/nginx/vhost.d/default_location"),
		Password:     settings.first(htpasswd+"_"+digest, htpasswd),
		Realm:        host,
		Balance:      firstLabel(containers, labels+"loadbalance"),
	}
	if path != "/" {
		found.Upstream += "-" + digest
	} else if found.Override == "" {
		found.Override = settings.first(vhost + "location_override")
	}
	if found.Password == htpasswd+"_"+digest {
		found.Realm += path
	}
	for _, container := range containers {
		if address := address(container, networks); address != "" {
			found.Servers = append(found.Servers, Server{container.Name, address + ":" + port(container)})
		}
	}
	if keepalive := cmp.Or(firstLabel(containers, labels+"keepalive"), "auto"); keepalive != "disabled" {
		found.Keepalive = keepalive
	}
	if found.Keepalive == "auto" {
		found.Keepalive = strconv.Itoa(2 * len(found.Servers))
	}
	return found
}

// address is the container's in the first network, by name, that it shares with the proxy. Only one: nginx
// would count a second as another server.
func address(container dockerapi.Container, networks map[string]string) string {
	for _, network := range slices.Sorted(maps.Keys(container.Networks)) {
		if _, shared := networks[network]; shared && container.Networks[network] != "" {
			return container.Networks[network]
		}
	}
	return ""
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
