// Command mattermost is the sandbox's stand-in for the Mattermost server.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"homeport/sandbox/mattermost/api"
	"homeport/sandbox/mattermost/calls"
	"homeport/sandbox/mattermost/database"
	"homeport/sandbox/mattermost/filestore"
	"homeport/sandbox/mattermost/logging"
	"homeport/sandbox/mattermost/settings"
)

const (
	// defaultConfig is relative to the image's working folder /mattermost.
	defaultConfig = "config/config.json"
	// rootPage is rewritten by the real server when it first starts in a container.
	rootPage         = "client/root.html"
	databasePatience = 30 * time.Second
	// stopPatience leaves some of the 2 s in which the server has to be gone.
	stopPatience = 1700 * time.Millisecond
)

func main() {
	log := logging.New(os.Stdout)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, log); err != nil {
		log.Error("Mattermost cannot run: " + err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, log *slog.Logger) error {
	version := cmp.Or(os.Getenv("HOMEPORT_STANDIN_VERSION"), "0.0.0")
	file, err := settings.OpenFile(cmp.Or(os.Getenv("MM_CONFIG"), defaultConfig))
	if err != nil {
		return err
	}
	if err := os.WriteFile(rootPage, []byte("<!doctype html>\n"), 0o644); err != nil {
		return fmt.Errorf("failed to update root.html: %w", err)
	}
	values, err := settings.Read(os.LookupEnv, file)
	if err != nil {
		return err
	}
	log.Info("Starting Server...", "version", version, "site_url", values.SiteURL)
	files := &filestore.Store{Folder: values.Directory, Limit: values.MaxFileSize}
	if err := files.Check(); err != nil {
		return err
	}
	if err := files.Sweep(); err != nil {
		log.Warn("Failed to remove abandoned uploads", "error", err.Error())
	}
	db, err := database.Open(ctx, values.DataSource, values.Connections, databasePatience, version, log)
	if ctx.Err() != nil {
		return nil // Stopped while it waited for the database.
	}
	if err != nil {
		return err
	}
	if values.CallsPort != "" {
		if err := calls.Listen(ctx, values.CallsPort); err != nil {
			return err
		}
	}
	server := &api.Server{
		Version: version, Enterprise: os.Getenv("HOMEPORT_STANDIN_EDITION") == "enterprise",
		SiteURL: values.SiteURL, DB: db, Files: files, Log: log,
	}
	return serve(ctx, server, values, log)
}

type endpoint struct {
	network, address string
	handler          http.Handler
}

// serve listens everywhere before it answers anywhere, and stops when ctx ends
// or when one of the listeners fails.
func serve(ctx context.Context, server *api.Server, values settings.Settings, log *slog.Logger) error {
	endpoints := []endpoint{{"tcp", values.ListenAddress, server.Handler()}}
	if values.LocalMode {
		endpoints = append(endpoints, endpoint{"unix", values.Socket, server.LocalHandler()})
	}
	if values.Metrics {
		endpoints = append(endpoints, endpoint{"tcp", values.MetricsAddress, server.MetricsHandler()})
	}
	listeners := make([]net.Listener, len(endpoints))
	for i, e := range endpoints {
		var err error
		if listeners[i], err = listen(e.network, e.address); err != nil {
			return err
		}
	}
	background, endBackground := context.WithCancel(context.WithoutCancel(ctx))
	defer endBackground()
	// The first post after the start must reach the WebSockets too.
	hearing := make(chan struct{})
	go server.Broadcast(background, sync.OnceFunc(func() { close(hearing) }))
	select {
	case <-hearing:
	case <-ctx.Done():
		return nil
	}

	failed := make(chan error, len(endpoints))
	servers := make([]*http.Server, len(endpoints))
	for i, e := range endpoints {
		servers[i] = &http.Server{
			Handler:           e.handler,
			ReadHeaderTimeout: 10 * time.Second,
			IdleTimeout:       60 * time.Second,
			ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		}
		go func() { failed <- servers[i].Serve(listeners[i]) }()
		log.Info("Server is listening on " + listeners[i].Addr().String())
	}
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		log.Info("Stopping Server...")
	}
	stopAll(server, servers, log)
	return err
}

func listen(network, address string) (net.Listener, error) {
	if network != "unix" {
		return net.Listen(network, address)
	}
	// A server that was killed leaves its socket behind, on which nobody listens.
	if err := os.Remove(address); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	listener, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	return listener, os.Chmod(address, 0o600)
}

// stopAll lets running requests finish and says good-bye to WebSockets.
func stopAll(server *api.Server, servers []*http.Server, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), stopPatience)
	defer cancel()
	var group sync.WaitGroup
	group.Add(len(servers) + 1)
	go func() {
		defer group.Done()
		server.CloseWebSockets(ctx)
	}()
	for _, s := range servers {
		go func() {
			defer group.Done()
			if err := s.Shutdown(ctx); err != nil {
				log.Warn("Cut off requests that took too long", "error", err.Error())
				_ = s.Close()
			}
		}()
	}
	group.Wait()
	log.Info("Server stopped")
}
