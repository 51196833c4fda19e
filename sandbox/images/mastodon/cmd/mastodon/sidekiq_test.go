package main

import (
	"strings"
	"testing"
)

func TestSidekiqWorksOnAllQueuesUnlessSomeAreNamed(t *testing.T) {
	for line, want := range map[string]string{
		"": "5 default mailers", "-c 2": "2 default mailers", "-c 3 -q mailers,2 -q default": "3 mailers default",
	} {
		concurrency, queues, err := sidekiqOptions(strings.Fields(line), 5)
		if got := string(rune('0'+concurrency)) + " " + strings.Join(queues, " "); err != nil || got != want {
			t.Errorf("%q: %s %v", line, got, err)
		}
	}
}

func TestWhatSidekiqDoesNotKnowIsRefused(t *testing.T) {
	for _, line := range []string{"-C config.yml", "-q", "-q nothing", "-c many", "-c 0", "--verbose"} {
		if concurrency, queues, err := sidekiqOptions(strings.Fields(line), 5); err == nil {
			t.Errorf("%q: %d %v", line, concurrency, queues)
		}
	}
}
