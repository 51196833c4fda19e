package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/redis/go-redis/v9"

	"homeport/sandbox/mastodon/model"
)

// Beat is how often a worker says that it lives; processLife is how long that counts.
const (
	Beat        = 10 * time.Second
	processLife = 60 * time.Second
)

// Process is one worker among those in the set `processes`.
type Process struct {
	identity string
	info     []byte
	redis    *Redis
}

// NewProcess describes this process.
func (r *Redis) NewProcess(concurrency int, queues []string, version string) (*Process, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	identity := fmt.Sprintf("%s:%d:%s", host, os.Getpid(), model.NewToken(6))
	info, err := json.Marshal(map[string]any{
		"hostname": host, "pid": os.Getpid(), "started_at": seconds(time.Now()), "tag": "mastodon",
		"concurrency": concurrency, "queues": queues, "identity": identity, "version": version,
		"labels": []string{},
	})
	return &Process{identity: identity, info: info, redis: r}, err
}

// Identity is its name in the set.
func (p *Process) Identity() string { return p.identity }

// Beat tells that the process lives and how many jobs it works on.
func (p *Process) Beat(ctx context.Context, busy int, quiet bool) error {
	_, err := p.redis.client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.SAdd(ctx, "processes", p.identity)
		pipe.HSet(ctx, p.identity, "info", p.info, "busy", busy, "beat", seconds(time.Now()), "quiet", quiet)
		pipe.Expire(ctx, p.identity, processLife)
		return nil
	})
	return err
}

// Sweep takes processes out of the set that were killed and beat no more.
func (p *Process) Sweep(ctx context.Context) error {
	identities, err := p.redis.client.SMembers(ctx, "processes").Result()
	if err != nil {
		return err
	}
	for _, identity := range identities {
		alive, err := p.redis.client.Exists(ctx, identity).Result()
		if err == nil && alive == 0 {
			err = p.redis.client.SRem(ctx, "processes", identity).Err()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Leave takes the process out of the set.
func (p *Process) Leave(ctx context.Context) error {
	_, err := p.redis.client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.SRem(ctx, "processes", p.identity)
		pipe.Unlink(ctx, p.identity)
		return nil
	})
	return err
}
