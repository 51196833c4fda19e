// Command acme-companion stands in for nginx-proxy's acme-companion image.
package main

import (
	"log"
	"os"
	"runtime/debug"
	"strconv"
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
	interval, err := strconv.Atoi(get("CERTS_UPDATE_INTERVAL", "3600"))
	if err != nil {
		log.Fatalf("CERTS_UPDATE_INTERVAL: %v", err)
	}
	quiet, err := time.ParseDuration(get("SANDBOX_QUIET", "15s"))
	if err != nil {
		log.Fatalf("SANDBOX_QUIET: %v", err)
	}
	// As the real one: nginx must have its new configuration before a validation asks it.
	settle := dockerapi.Settle{Quiet: quiet, Longest: time.Minute}
	events := []string{"start", "die", "connect", "disconnect"}
	dockerapi.Watch(service.Docker, events, settle, time.Duration(interval)*time.Second, service.Update)
}
