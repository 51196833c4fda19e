package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// FeedMaximum is how many posts a home timeline holds.
const FeedMaximum = 800

func feedKey(account int64) string { return fmt.Sprintf("feed:home:%d", account) }

// AddToFeed puts a post into an account's home timeline; twice is once.
func (r *Redis) AddToFeed(ctx context.Context, account int64, statuses ...int64) error {
	members := make([]redis.Z, len(statuses))
	for i, status := range statuses {
		members[i] = redis.Z{Score: float64(status), Member: status}
	}
	if len(members) == 0 {
		return nil
	}
	_, err := r.client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.ZAdd(ctx, feedKey(account), members...)
		pipe.ZRemRangeByRank(ctx, feedKey(account), 0, -FeedMaximum-1)
		return nil
	})
	return err
}

// Feed are the newest posts of an account's home timeline.
func (r *Redis) Feed(ctx context.Context, account int64, limit int) ([]int64, error) {
	texts, err := r.client.ZRevRange(ctx, feedKey(account), 0, int64(limit)-1).Result()
	if err != nil {
		return nil, err
	}
	ids := make([]int64, 0, len(texts))
	for _, text := range texts {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s holds %q, which is no post", feedKey(account), text)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// Event is what streams carry: its name and an object of the API.
type Event struct {
	Name     string          `json:"event"`
	Payload  json.RawMessage `json:"payload"`
	QueuedAt int64           `json:"queued_at"` // milliseconds since 1970
}

// Publish tells an event to all streams of some channels.
func (r *Redis) Publish(ctx context.Context, name string, payload any, channels ...string) error {
	raw, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	text, err := json.Marshal(Event{Name: name, Payload: raw, QueuedAt: time.Now().UnixMilli()})
	if err != nil {
		return err
	}
	for _, channel := range channels {
		if err := r.client.Publish(ctx, channel, text).Err(); err != nil {
			return err
		}
	}
	return nil
}

// Subscribe hears events of some channels until ctx ends. It returns when Redis
// has confirmed that it listens; after that a lost connection is made anew.
func (r *Redis) Subscribe(ctx context.Context, channels ...string) (<-chan Event, error) {
	subscription := r.client.Subscribe(ctx, channels...)
	for range channels {
		if _, err := subscription.Receive(ctx); err != nil {
			_ = subscription.Close()
			return nil, err
		}
	}
	events := make(chan Event)
	go func() {
		defer close(events)
		defer subscription.Close()
		messages := subscription.Channel()
		for {
			select {
			case <-ctx.Done():
				return
			case message, open := <-messages:
				var event Event
				if !open {
					return
				}
				if json.Unmarshal([]byte(message.Payload), &event) != nil || event.Name == "" {
					continue
				}
				select {
				case events <- event:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return events, nil
}
