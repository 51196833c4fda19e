package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"

	"homeport/sandbox/mastodon/metrics"
	"homeport/sandbox/mastodon/process"
	"homeport/sandbox/mastodon/release"
)

// collectorAddress is what the flags --bind and --port say.
func collectorAddress(line []string) (string, error) {
	bind, port := "localhost", "9394"
	for i := 0; i < len(line); i += 2 {
		if i+1 == len(line) {
			return "", fmt.Errorf("%s has no value", line[i])
		}
		switch line[i] {
		case "-b", "--bind":
			bind = line[i+1]
		case "-p", "--port":
			port = line[i+1]
		default:
			return "", fmt.Errorf("this stand-in knows prometheus_exporter only with --bind and --port, not %q", line[i])
		}
	}
	if number, err := strconv.Atoi(port); err != nil || number < 1 || number > 65535 {
		return "", fmt.Errorf("--port must be a number from 1 to 65535, not %q", port)
	}
	return net.JoinHostPort(bind, port), nil
}

// collect is the program `prometheus_exporter`, which came with 4.4.
func collect(ctx context.Context, line []string, log *slog.Logger) error {
	version, err := release.Current()
	if err != nil {
		return err
	}
	if !version.HasMetrics() {
		return fmt.Errorf("prometheus_exporter: not found in Mastodon %s", version)
	}
	address, err := collectorAddress(line)
	if err != nil {
		return err
	}
	return process.Serve(ctx, address, metrics.NewCollector().Handler(), nil, log)
}
