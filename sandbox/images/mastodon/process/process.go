// Package process is what all programs of the images share: they start, listen
// and stop in the same way.
package process

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// stopPatience leaves some of the few seconds in which a server has to be gone.
const stopPatience = 4 * time.Second

// Serve answers requests until ctx ends; then end, which may be nil, ends those
// that would never end by themselves, and the others may finish.
func Serve(
	ctx context.Context, address string, handler http.Handler, end func(context.Context), log *slog.Logger,
) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	log.Info("Listening on http://" + listener.Addr().String())
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	log.Info("Gracefully stopping, waiting for requests to finish")
	stopping, cancel := context.WithTimeout(context.Background(), stopPatience)
	defer cancel()
	if end != nil {
		end(stopping)
	}
	if err := server.Shutdown(stopping); err != nil {
		log.Warn("Cut off requests that took too long", "error", err.Error())
		_ = server.Close()
	}
	log.Info("Goodbye!")
	return nil
}

// Look asks a server whether it is of a usable version. One that is too old is
// an error; one that does not answer yet is only told in the log.
func Look(
	ctx context.Context, name string, tooOld error, check func(context.Context) error, log *slog.Logger,
) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err := check(ctx)
	if errors.Is(err, tooOld) {
		return err
	}
	if err != nil {
		log.Warn(name+" does not answer yet", "error", err.Error())
	}
	return nil
}
