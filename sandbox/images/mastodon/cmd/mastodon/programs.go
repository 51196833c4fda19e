package main

import (
	"context"
	"log/slog"
	"os"

	"homeport/sandbox/mastodon/api"
	"homeport/sandbox/mastodon/command"
	"homeport/sandbox/mastodon/metrics"
	"homeport/sandbox/mastodon/process"
)

func web(ctx context.Context, log *slog.Logger) error {
	ready, err := prepare(ctx)
	if err != nil {
		return err
	}
	defer ready.close()
	log.Info("Puma starting", "version", ready.release.String(), "local_domain", ready.settings.LocalDomain,
		"workers", ready.settings.Workers, "threads", ready.settings.Threads)
	if err := ready.look(ctx, log); err != nil {
		return err
	}
	server := &api.Server{
		Release: ready.release, Site: ready.site(), AlternateDomains: ready.settings.AlternateDomains,
		StreamingURL: ready.settings.StreamingURL, VAPIDPublicKey: ready.settings.VAPIDPublicKey,
		ServeFiles: ready.settings.ServeFiles, DB: ready.db, Redis: ready.redis, Files: ready.files, Log: log,
		Metrics: metrics.NewClient(ctx, ready.settings.Collector, log),
	}
	// Puma starts this with each worker; one process without workers has none.
	if ready.settings.Workers > 0 {
		server.Metrics.Process(ctx, "puma", nil)
	}
	return process.Serve(ctx, ready.settings.Listen, server.Handler(), nil, log)
}

func rails(ctx context.Context, line []string) error {
	tasks, err := command.Tasks(line)
	if err != nil {
		return err
	}
	for _, task := range tasks {
		if task == command.EncryptionInit {
			command.PrintEncryptionKeys(os.Stdout)
			continue
		}
		ready, err := prepare(ctx)
		if err != nil {
			return err
		}
		err = command.Rails{Release: ready.release, DB: ready.db, Out: os.Stdout}.Run(ctx, task)
		ready.close()
		if err != nil {
			return err
		}
	}
	return nil
}

func tootctl(ctx context.Context, line []string) error {
	ready, err := prepare(ctx)
	if err != nil {
		return err
	}
	defer ready.close()
	return command.Tootctl{
		Release: ready.release, DB: ready.db, Redis: ready.redis, Files: ready.files, Out: os.Stdout,
	}.Run(ctx, line)
}
