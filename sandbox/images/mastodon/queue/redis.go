// Package queue keeps in Redis what Mastodon keeps there: jobs and processes in
// the layout of Sidekiq, home timelines, and news for the streaming process.
package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"homeport/sandbox/mastodon/release"
)

// Redis is a connection to the one server.
type Redis struct{ client *redis.Client }

// Open makes the client. It connects when it is first used.
func Open(url string, connections int) (*Redis, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, errors.New("REDIS_URL, or REDIS_HOST, REDIS_PORT and REDIS_DB, make no usable address")
	}
	options.PoolSize = connections
	options.DialTimeout = 5 * time.Second
	options.ContextTimeoutEnabled = true
	options.DisableIdentity = true
	// What fails comes back as an error and is logged where it matters.
	redis.SetLogger(silent{})
	return &Redis{client: redis.NewClient(options)}, nil
}

// Close gives all connections back.
func (r *Redis) Close() error { return r.client.Close() }

// ErrTooOld marks a server that no waiting makes good.
var ErrTooOld = errors.New("the server is too old")

// CheckServer refuses a server that is too old for the release.
func (r *Redis) CheckServer(ctx context.Context, version release.Release) error {
	info, err := r.client.Info(ctx, "server").Result()
	if err != nil {
		return err
	}
	return supported(info, version.MinimumRedis())
}

func supported(info string, minimum [2]int) error {
	var found string
	for line := range strings.Lines(info) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), "redis_version:"); ok {
			found = value
		}
	}
	parts := strings.SplitN(found, ".", 3)
	if len(parts) < 2 {
		return fmt.Errorf("Redis tells no usable version: %q", found)
	}
	major, err := strconv.Atoi(parts[0])
	if err != nil {
		return fmt.Errorf("Redis tells no usable version: %q", found)
	}
	minor, err := strconv.Atoi(parts[1])
	if err != nil {
		return fmt.Errorf("Redis tells no usable version: %q", found)
	}
	if major < minimum[0] || major == minimum[0] && minor < minimum[1] {
		return fmt.Errorf("%w: this release needs Redis %d.%d or newer and found %s", ErrTooOld, minimum[0],
			minimum[1], found)
	}
	return nil
}

// silent keeps the client from writing lines of its own among ours.
type silent struct{}

// Printf writes nothing.
func (silent) Printf(context.Context, string, ...any) {}
