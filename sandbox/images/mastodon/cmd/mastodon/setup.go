package main

import (
	"context"
	"log/slog"
	"os"

	"homeport/sandbox/mastodon/command"
	"homeport/sandbox/mastodon/database"
	"homeport/sandbox/mastodon/filestore"
	"homeport/sandbox/mastodon/model"
	"homeport/sandbox/mastodon/process"
	"homeport/sandbox/mastodon/queue"
	"homeport/sandbox/mastodon/release"
	"homeport/sandbox/mastodon/settings"
	"homeport/sandbox/mastodon/vault"
)

// spare connections are for what goes on beside requests and jobs.
const spare = 3

// fileMaximum is the greatest upload in bytes.
const fileMaximum = 99 << 20

// setup is what all programs need: the settings, checked, and both servers.
type setup struct {
	settings settings.Settings
	release  release.Release
	db       *database.Database
	redis    *queue.Redis
	files    *filestore.Store
}

func prepare(ctx context.Context) (*setup, error) {
	version, err := release.Current()
	if err != nil {
		return nil, err
	}
	values, err := settings.Read(os.LookupEnv, version)
	if err != nil {
		return nil, err
	}
	keys, err := vault.New(values.PrimaryKey, values.DeterministicKey, values.DerivationSalt)
	if err != nil {
		return nil, err
	}
	connections := max(values.Threads*max(values.Workers, 1), values.Concurrency) + spare
	db, err := database.Open(ctx, values.Postgres, connections, version, keys)
	if err != nil {
		return nil, err
	}
	redis, err := queue.Open(values.Redis, connections)
	if err != nil {
		return nil, err
	}
	return &setup{
		settings: values, release: version, db: db, redis: redis,
		files: &filestore.Store{Folder: filestore.Folder, Limit: fileMaximum},
	}, nil
}

func (s *setup) close() {
	s.db.Close()
	_ = s.redis.Close()
}

func (s *setup) site() model.Site {
	return model.Site{LocalDomain: s.settings.LocalDomain, WebDomain: s.settings.WebDomain}
}

// look refuses servers that are too old and tells of pending migrations. Like
// Mastodon in production it starts all the same: what needs them fails.
func (s *setup) look(ctx context.Context, log *slog.Logger) error {
	if err := process.Look(ctx, "PostgreSQL", database.ErrTooOld, s.db.CheckServer, log); err != nil {
		return err
	}
	err := process.Look(ctx, "Redis", queue.ErrTooOld, func(ctx context.Context) error {
		return s.redis.CheckServer(ctx, s.release)
	}, log)
	if err != nil {
		return err
	}
	for _, phase := range []bool{true, false} {
		pending, err := s.db.Pending(ctx, phase)
		if err != nil {
			return nil // The log has it already that PostgreSQL does not answer.
		}
		if len(pending) > 0 && phase {
			log.Error(command.PendingError(pending).Error())
			return nil
		}
		if len(pending) > 0 {
			log.Warn("Post-deployment migrations are still to run", "count", len(pending))
		}
	}
	return nil
}
