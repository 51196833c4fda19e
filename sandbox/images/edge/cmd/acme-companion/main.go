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
	// The default, and the events, are the real one's (app/start.sh, and docker-gen's own filter): until then nginx
	// has its new configuration, and a container that only restarts was never gone.
	settle, err := dockerapi.ParseSettle(get("DOCKER_GEN_WAIT", "5s:20s"))
	if err != nil {
		log.Fatalf("DOCKER_GEN_WAIT: %v", err)
	}
	events := []string{"start", "stop", "die", "health_status"}
	dockerapi.Watch(service.Docker, events, settle, time.Duration(interval)*time.Second, service.Update)
}
