package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"homeport/sandbox/mastodon/mail"
	"homeport/sandbox/mastodon/metrics"
	"homeport/sandbox/mastodon/queue"
	"homeport/sandbox/mastodon/worker"
)

// sidekiqProgram is this program under the name that `ps` and `pgrep` look for.
const sidekiqProgram = home + "/vendor/sidekiq"

// realQueues are those that Mastodon has; in this stand-in only two carry jobs.
var realQueues = []string{"default", "push", "ingress", "mailers", "pull", "scheduler", "fasp"}

// sidekiqOptions are the flags -c and -q of a command line.
func sidekiqOptions(line []string, concurrency int) (int, []string, error) {
	var queues []string
	for i := 0; i < len(line); i += 2 {
		if i+1 == len(line) || line[i] != "-c" && line[i] != "-q" {
			return 0, nil, fmt.Errorf("this stand-in knows sidekiq only with -c NUMBER and -q QUEUE, not %q",
				line[i])
		}
		if line[i] == "-c" {
			number, err := strconv.Atoi(line[i+1])
			if err != nil || number < 1 {
				return 0, nil, fmt.Errorf("-c must be a number of threads, not %q", line[i+1])
			}
			concurrency = number
			continue
		}
		name, _, _ := strings.Cut(line[i+1], ",") // The rest is a weight.
		if !slices.Contains(realQueues, name) {
			return 0, nil, fmt.Errorf("Mastodon has no queue %q, only %s", name, strings.Join(realQueues, ", "))
		}
		queues = append(queues, name)
	}
	if len(queues) == 0 {
		queues = queue.Queues
	}
	return concurrency, queues, nil
}

// prepareSidekiq checks everything and then becomes the process with the title
// that health checks look for: who sees the title sees a worker that could start.
func prepareSidekiq(ctx context.Context, line []string, log *slog.Logger) error {
	ready, err := prepare(ctx)
	if err != nil {
		return err
	}
	defer ready.close()
	concurrency, _, err := sidekiqOptions(line, ready.settings.Concurrency)
	if err != nil {
		return err
	}
	if err := ready.look(ctx, log); err != nil {
		return err
	}
	// Unlike the web process, Sidekiq does not start without Redis.
	if err := ready.redis.CheckServer(ctx, ready.release); err != nil {
		return fmt.Errorf("Redis: %w", err)
	}
	title := fmt.Sprintf("sidekiq %s mastodon [0 of %d busy]", ready.release.Sidekiq(), concurrency)
	return syscall.Exec(sidekiqProgram, append([]string{title}, line...), os.Environ())
}

// sidekiq works until it is told to stop.
func sidekiq(ctx context.Context, line []string, log *slog.Logger) error {
	ready, err := prepare(ctx)
	if err != nil {
		return err
	}
	defer ready.close()
	concurrency, queues, err := sidekiqOptions(line, ready.settings.Concurrency)
	if err != nil {
		return err
	}
	process, err := ready.redis.NewProcess(concurrency, queues, ready.release.Sidekiq())
	if err != nil {
		return err
	}
	if name := ready.settings.ReadyFile; name != "" {
		path := filepath.Join("tmp", name)
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			return err
		}
		defer os.Remove(path)
	}
	log.Info("Booted Sidekiq", "version", ready.release.Sidekiq(), "mastodon", ready.release.String(),
		"concurrency", concurrency, "queues", queues)
	working := &worker.Worker{
		DB: ready.db, Redis: ready.redis, Site: ready.site(), Mail: mail.Sender{Settings: ready.settings.Mail},
		Queues: queues, Concurrency: concurrency, Process: process, Log: log,
	}
	client := metrics.NewClient(ctx, ready.settings.Collector, log)
	client.Process(ctx, "sidekiq", func() *metrics.Sidekiq {
		labels := map[string]string{"identity": process.Identity(), "queues": strings.Join(queues, ",")}
		return &metrics.Sidekiq{Busy: working.Busy(), Concurrency: concurrency, Labels: labels}
	})
	return working.Run(ctx)
}
