// Package companion gets a certificate for every container that asks for one.
package companion

import (
	"slices"
	"strings"

	"homeport/sandbox/edge/dockerapi"
)

// Request is one certificate that a container wants.
type Request struct {
	Names     []string
	Email     string
	Directory string
}

// Requests reads what the running containers want; the older LETSENCRYPT_ names count too.
func Requests(containers []dockerapi.Container, directory, email string) []Request {
	var requests []Request
	for _, container := range containers {
		env := func(names ...string) string {
			for _, name := range names {
				if value := container.Environment[name]; value != "" {
					return value
				}
			}
			return ""
		}
		var names []string
		for _, name := range strings.Split(env("ACME_HOST", "LETSENCRYPT_HOST"), ",") {
			if name = strings.TrimSpace(name); name != "" {
				names = append(names, name)
			}
		}
		if len(names) == 0 {
			continue
		}
		request := Request{Names: names, Email: env("ACME_EMAIL", "LETSENCRYPT_EMAIL"), Directory: directory}
		if own := env("ACME_CA_URI"); own != "" {
			request.Directory = own
		}
		if request.Email == "" {
			request.Email = email
		}
		if !slices.ContainsFunc(requests, func(other Request) bool { return slices.Equal(other.Names, names) }) {
			requests = append(requests, request)
		}
	}
	return requests
}
