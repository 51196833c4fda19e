// Command mastodon is the sandbox's stand-in for the programs of Mastodon's
// image: bundle, rails, tootctl and prometheus_exporter, told apart by the name it is called by.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"homeport/sandbox/mastodon/logging"
)

// home is the working folder of all programs, whatever folder they are called in.
const home = "/opt/mastodon"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, os.Args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run finds out which program is meant.
func run(ctx context.Context, line []string) error {
	name, rest := filepath.Base(line[0]), line[1:]
	if name == "bundle" {
		if len(rest) < 2 || rest[0] != "exec" {
			return errors.New("this stand-in knows only bundle exec with puma, sidekiq, rails, rake or tootctl")
		}
		name, rest = filepath.Base(rest[1]), rest[2:]
	}
	if err := os.Chdir(home); err != nil {
		return fmt.Errorf("this program runs in its image: %w", err)
	}
	log := logging.New(os.Stdout)
	switch {
	case name == "puma":
		if len(rest) > 0 && !slices.Equal(rest, []string{"-C", "config/puma.rb"}) {
			return fmt.Errorf("this stand-in knows puma only with -C config/puma.rb, not %q",
				strings.Join(rest, " "))
		}
		return web(ctx, log)
	case name == "sidekiq":
		return prepareSidekiq(ctx, rest, log)
	case strings.HasPrefix(name, "sidekiq "):
		return sidekiq(ctx, rest, log)
	case name == "rails" || name == "rake":
		return rails(ctx, rest)
	case name == "tootctl":
		return tootctl(ctx, rest)
	case name == "prometheus_exporter":
		return collect(ctx, rest, log)
	}
	return fmt.Errorf("bundler: command not found: %s; this stand-in knows puma, sidekiq, rails, rake, tootctl"+
		" and prometheus_exporter", name)
}
