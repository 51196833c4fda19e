package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"homeport/sandbox/mastodon/model"
)

// The queues, in the order in which a worker empties them.
var Queues = []string{"default", "mailers"}

// retryMaximum is how often a failed job is tried again before it is dead.
const retryMaximum = 25

// Job is one piece of work, in Sidekiq's form. Times are seconds since 1970.
type Job struct {
	Class      string   `json:"class"`
	Arguments  []string `json:"args"`
	Queue      string   `json:"queue"`
	ID         string   `json:"jid"`
	Retry      bool     `json:"retry"`
	Failures   int      `json:"retry_count,omitempty"`
	Error      string   `json:"error_message,omitempty"`
	CreatedAt  float64  `json:"created_at"`
	EnqueuedAt float64  `json:"enqueued_at"`
}

// NewJob makes a job.
func NewJob(queue, class string, arguments ...string) Job {
	return Job{
		Class: class, Arguments: arguments, Queue: queue, ID: model.NewToken(12), Retry: true,
		CreatedAt: seconds(time.Now()),
	}
}

// Push puts a job behind all others of its queue.
func (r *Redis) Push(ctx context.Context, job Job) error {
	job.EnqueuedAt = seconds(time.Now())
	text, err := json.Marshal(job)
	if err != nil {
		return err
	}
	_, err = r.client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.SAdd(ctx, "queues", job.Queue)
		pipe.LPush(ctx, "queue:"+job.Queue, text)
		return nil
	})
	return err
}

// GiveBack puts a job that was not finished before all others of its queue.
func (r *Redis) GiveBack(ctx context.Context, job Job) error {
	text, err := json.Marshal(job)
	if err != nil {
		return err
	}
	return r.client.RPush(ctx, "queue:"+job.Queue, text).Err()
}

// Pop waits up to patience for a job; nil means that none came.
func (r *Redis) Pop(ctx context.Context, queues []string, patience time.Duration) (*Job, error) {
	keys := make([]string, len(queues))
	for i, name := range queues {
		keys[i] = "queue:" + name
	}
	answer, err := r.client.BRPop(ctx, patience, keys...).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var job Job
	if err := json.Unmarshal([]byte(answer[1]), &job); err != nil {
		return nil, fmt.Errorf("%s holds what is no job of this stand-in: %w", answer[0], err)
	}
	return &job, nil
}

// Retry keeps a failed job for later, or among the dead if it failed too often.
func (r *Redis) Retry(ctx context.Context, job Job, reason string) error {
	job.Failures++
	job.Error = reason
	text, err := json.Marshal(job)
	if err != nil {
		return err
	}
	key, at := "retry", time.Now().Add(delay(job.Failures))
	if job.Failures > retryMaximum {
		key, at = "dead", time.Now()
	}
	return r.client.ZAdd(ctx, key, redis.Z{Score: seconds(at), Member: text}).Err()
}

// delay grows with the fourth power of the failures, as Sidekiq's does.
func delay(failures int) time.Duration {
	return time.Duration(math.Pow(float64(failures-1), 4)+15) * time.Second
}

// PushDue puts jobs back into their queues whose time has come. Of several
// workers that see a job here, the one that takes it away pushes it.
func (r *Redis) PushDue(ctx context.Context) error {
	due, err := r.client.ZRangeByScore(ctx, "retry", &redis.ZRangeBy{
		Min: "-inf", Max: strconv.FormatFloat(seconds(time.Now()), 'f', 3, 64),
	}).Result()
	for _, text := range due {
		removed, err := r.client.ZRem(ctx, "retry", text).Result()
		if err != nil {
			return err
		}
		var job Job
		if removed == 0 || json.Unmarshal([]byte(text), &job) != nil {
			continue
		}
		if err := r.Push(ctx, job); err != nil {
			return err
		}
	}
	return err
}

// Count counts a job that was done or failed, in Sidekiq's counters.
func (r *Redis) Count(ctx context.Context, failed bool) {
	_ = r.client.Incr(ctx, "stat:processed").Err()
	if failed {
		_ = r.client.Incr(ctx, "stat:failed").Err()
	}
}

func seconds(at time.Time) float64 { return float64(at.UnixMilli()) / 1000 }
