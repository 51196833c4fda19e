// Command streaming is the sandbox's stand-in for node in Mastodon's streaming
// image: it runs ./streaming/index.js and nothing else.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"homeport/sandbox/mastodon/database"
	"homeport/sandbox/mastodon/logging"
	"homeport/sandbox/mastodon/process"
	"homeport/sandbox/mastodon/queue"
	"homeport/sandbox/mastodon/release"
	"homeport/sandbox/mastodon/settings"
	"homeport/sandbox/mastodon/streaming"
)

// redisConnections are for what is no stream; each stream has one of its own.
const redisConnections = 2

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, os.Args[1:], logging.New(os.Stdout)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, line []string, log *slog.Logger) error {
	if len(line) != 1 || filepath.Clean(line[0]) != "streaming/index.js" {
		return fmt.Errorf("this stand-in knows only node ./streaming/index.js, not %q", strings.Join(line, " "))
	}
	version, err := release.Current()
	if err != nil {
		return err
	}
	values, err := settings.ReadStreaming(os.LookupEnv)
	if err != nil {
		return err
	}
	db, err := database.Open(ctx, values.Postgres, values.Connections, version, nil)
	if err != nil {
		return err
	}
	defer db.Close()
	redis, err := queue.Open(values.Redis, redisConnections)
	if err != nil {
		return err
	}
	defer redis.Close()
	log.Info("Starting streaming API server", "version", version.String())
	err = errors.Join(
		process.Look(ctx, "PostgreSQL", database.ErrTooOld, db.CheckServer, log),
		process.Look(ctx, "Redis", queue.ErrTooOld, func(ctx context.Context) error {
			return redis.CheckServer(ctx, version)
		}, log),
	)
	if err != nil {
		return err
	}
	server := streaming.New(db, redis, log)
	return process.Serve(ctx, values.Listen, server.Handler(), server.End, log)
}
