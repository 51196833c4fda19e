package dockerapi

import (
	"context"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// Settle is how long a burst of events must be quiet before something is done, and how long at most it may
// be put off.
type Settle struct{ Quiet, Longest time.Duration }

// ParseSettle reads the two as docker-gen's -wait has them, such as 100ms:500ms.
func ParseSettle(text string) (Settle, error) {
	quiet, longest, _ := strings.Cut(text, ":")
	minimum, err := time.ParseDuration(quiet)
	if err != nil {
		return Settle{}, err
	}
	maximum, err := time.ParseDuration(longest)
	return Settle{Quiet: minimum, Longest: maximum}, err
}

// Watch calls work at start, after events of these names, on SIGHUP, and every interval if it is not zero. It returns on
// SIGTERM and SIGINT.
func Watch(client *Client, events []string, settle Settle, interval time.Duration, work func()) {
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
			if err := client.Events(ctx, events, changed); err != nil && ctx.Err() == nil {
				log.Printf("Docker events: %v", err)
			}
			time.Sleep(time.Second)
		}
	}()
	var tick <-chan time.Time
	if interval > 0 {
		tick = time.NewTicker(interval).C
	}
	work()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
			settle.wait(wake)
		case <-hangup:
		case <-tick:
		}
		work()
	}
}

func (s Settle) wait(wake <-chan struct{}) {
	end := time.After(s.Longest)
	for {
		quiet := time.After(s.Quiet)
		select {
		case <-wake:
		case <-quiet:
			return
		case <-end:
			return
		}
	}
}
