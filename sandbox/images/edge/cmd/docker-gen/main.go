// Command docker-gen stands in for nginx-proxy's docker-gen image.
package main

import (
	"log"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"homeport/sandbox/edge/dockerapi"
	"homeport/sandbox/edge/dockergen"
)

func main() {
	debug.SetGCPercent(50)
	environment := map[string]string{}
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		environment[name] = value
	}
	host := environment["DOCKER_HOST"]
	if host == "" {
		host = "unix:///tmp/docker.sock"
	}
	if _, err := os.Stat(strings.TrimPrefix(host, "unix://")); err != nil {
		log.Fatalf("ERROR: you need to share your Docker host socket with a volume at %s", host)
	}
	client := dockerapi.New(host)
	settings := dockergen.Settings{Environment: environment, Root: "/"}
	settle := dockerapi.Settle{Quiet: 100 * time.Millisecond, Longest: 500 * time.Millisecond}
	dockerapi.Watch(client, settle, 0, func() { dockergen.Generate(client, settings) })
}
