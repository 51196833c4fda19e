// Command acme-companion stands in for nginx-proxy's acme-companion image.
package main

import (
	"log"
	"os"
	"runtime/debug"
	"time"

	"homeport/sandbox/edge/companion"
	"homeport/sandbox/edge/dockerapi"
)

func get(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

func main() {
	debug.SetGCPercent(50)
	authority, err := companion.Client(os.Getenv("CA_BUNDLE"))
	if err != nil {
		log.Fatal(err)
	}
	service := &companion.Service{
		Docker:    dockerapi.New(get("DOCKER_HOST", "unix:///var/run/docker.sock")),
		Authority: authority,
		Directory: get("ACME_CA_URI", "https://acme-v02.api.letsencrypt.org/directory"),
		Email:     os.Getenv("DEFAULT_EMAIL"),
		Store: companion.Store{
			Certificates: "/etc/nginx/certs",
			State:        "/etc/acme.sh",
			Challenges:   "/usr/share/nginx/html/.well-known/acme-challenge",
		},
	}
	if err := service.Check(); err != nil {
		log.Fatal(err)
	}
	// More often than the hour of the real one: a failed order is tried again after a minute here.
	dockerapi.Watch(service.Docker, 20*time.Second, service.Update)
}
