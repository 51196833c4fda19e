// Command registry is what machines know as Docker Hub and ghcr.io: the names and TLS before the sandbox's registry.
package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"homeport/sandbox/cloud/published"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "the registry cannot run: "+err.Error())
		os.Exit(1)
	}
}

func run() error {
	registry, err := url.Parse(os.Getenv("REGISTRY"))
	if err != nil {
		return err
	}
	images := &published.Images{
		Folder:   os.Getenv("IMAGES"),
		Registry: registry,
		Pause:    200 * time.Millisecond,
	}
	server := http.Server{
		Addr:              os.Getenv("LISTEN"),
		Handler:           images.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
	}
	return server.ListenAndServeTLS(os.Getenv("CERTIFICATE"), os.Getenv("KEY"))
}
