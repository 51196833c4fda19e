package dockerapi

import (
	"context"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Watch calls work at start, after events (at least 100 ms and at most 500 ms after the first of a burst),
// on SIGHUP, and every interval if it is not zero. It returns on SIGTERM and SIGINT.
func Watch(client *Client, interval time.Duration, work func()) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	wake := make(chan struct{}, 1)
	changed := func() {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	go func() {
		for ctx.Err() == nil {
			if err := client.Events(ctx, changed); err != nil && ctx.Err() == nil {
				log.Printf("Docker events: %v", err)
			}
			time.Sleep(time.Second)
		}
	}()
	var tick <-chan time.Time
	if interval > 0 {
		tick = time.NewTicker(interval).C
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
			settle(wake)
		case <-hangup:
		case <-tick:
		}
		work()
	}
}

func settle(wake <-chan struct{}) {
	end := time.After(500 * time.Millisecond)
	for {
		quiet := time.After(100 * time.Millisecond)
		select {
		case <-wake:
		case <-quiet:
			return
		case <-end:
			return
		}
	}
}
