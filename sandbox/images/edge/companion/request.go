// Package companion gets a certificate for every container that asks for one.
package companion

import (
	"cmp"
	"slices"
	"strings"

	"homeport/sandbox/edge/dockerapi"
)

// Request is one certificate that a container wants; its files are in the folder of its first name.
type Request struct {
	Names     []string
	Email     string
	Directory string
}

// staging says whether Let's Encrypt's staging authority is asked, whose certificates and state the companion keeps
// apart from all others.
func (r Request) staging() bool {
	return strings.HasPrefix(r.Directory, "https://acme-staging")
}

// authority is the directory's host and path, by which acme.sh keeps the accounts of authorities apart.
func (r Request) authority() string {
	return strings.TrimPrefix(r.Directory, "https://")
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
		names := split(env("ACME_HOST", "LETSENCRYPT_HOST"))
		certificates := [][]string{names}
		if env("ACME_SINGLE_DOMAIN_CERTS", "LETSENCRYPT_SINGLE_DOMAIN_CERTS") == "true" {
			certificates = slices.Collect(slices.Chunk(names, 1))
		}
		for _, names := range certificates {
			same := func(other Request) bool { return slices.Equal(other.Names, names) }
			if len(names) == 0 || slices.ContainsFunc(requests, same) {
				continue
			}
			requests = append(requests, Request{
				Names:     names,
				Email:     cmp.Or(env("ACME_EMAIL", "LETSENCRYPT_EMAIL"), email),
				Directory: cmp.Or(env("ACME_CA_URI"), directory),
			})
		}
	}
	return requests
}

// split takes a list of names apart; a dot at a name's end is dropped.
func split(list string) []string {
	var names []string
	for _, name := range strings.Split(list, ",") {
		if name = strings.TrimSuffix(strings.TrimSpace(name), "."); name != "" {
			names = append(names, name)
		}
	}
	return names
}
