// Package metrics is what Mastodon's Ruby processes tell of themselves, and the collector that they tell it.
package metrics

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"
)

const (
	queueSize    = 10_000
	sendInterval = 500 * time.Millisecond
	sendPatience = 5 * time.Second
	// tellInterval is how often a process tells how large it is.
	tellInterval = 30 * time.Second
)

// Message is one line of what a process sends.
type Message struct {
	Type     string            `json:"type"`
	PID      int               `json:"pid,omitempty"`
	Hostname string            `json:"hostname,omitempty"`
	Labels   map[string]string `json:"metric_labels,omitempty"`
	RSS      int64             `json:"rss,omitempty"` // bytes
	Request  map[string]string `json:"default_labels,omitempty"`
	Sidekiq  *Sidekiq          `json:"process,omitempty"`
}

// Sidekiq is what a worker tells of its jobs.
type Sidekiq struct {
	Busy        int               `json:"busy"`
	Concurrency int               `json:"concurrency"`
	Labels      map[string]string `json:"labels"`
}

// Client sends messages to a collector. A nil one sends none.
type Client struct {
	url   string
	queue chan Message
	log   *slog.Logger
}

// NewClient begins to send; with an empty address there is none.
func NewClient(ctx context.Context, address string, log *slog.Logger) *Client {
	if address == "" {
		return nil
	}
	client := &Client{url: "http://" + address + "/send-metrics", queue: make(chan Message, queueSize), log: log}
	go client.run(ctx)
	return client
}

// Request counts a request.
func (c *Client) Request() {
	c.send(Message{Type: "web", Request: map[string]string{"action": "other", "controller": "other"}})
}

// Process tells again and again how large this process is, and what else there is to tell of it.
func (c *Client) Process(ctx context.Context, kind string, more func() *Sidekiq) {
	if c == nil {
		return
	}
	go func() {
		for {
			c.send(Message{
				Type: "process", PID: os.Getpid(), Hostname: hostname(), RSS: resident(),
				Labels: map[string]string{"type": kind},
			})
			if more != nil {
				c.send(Message{Type: "sidekiq_process", Sidekiq: more()})
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(tellInterval):
			}
		}
	}()
}

// send drops what a full queue cannot take: a process never waits for its metrics.
func (c *Client) send(message Message) {
	if c == nil {
		return
	}
	select {
	case c.queue <- message:
	default:
	}
}

func (c *Client) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(sendInterval):
		}
		if err := c.flush(ctx); err != nil && ctx.Err() == nil {
			c.log.Warn("Prometheus Exporter, failed to send message", "error", err.Error())
		}
	}
}

func (c *Client) flush(ctx context.Context) error {
	var body bytes.Buffer
	for len(c.queue) > 0 {
		if err := json.NewEncoder(&body).Encode(<-c.queue); err != nil {
			return err
		}
	}
	if body.Len() == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, sendPatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, &body)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the collector answers %s", answer.Status)
	}
	return nil
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "unknown-host"
	}
	return name
}

// resident is this process's memory in bytes, 0 where the system does not tell; see proc_pid_statm(5).
func resident() int64 {
	content, err := os.ReadFile("/proc/self/statm")
	var size, pages int64
	if err != nil {
		return 0
	}
	if _, err := fmt.Sscan(string(content), &size, &pages); err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
