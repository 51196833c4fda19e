package main

import (
	"strings"
	"testing"
)

func TestTheCollectorListensWhereItIsTold(t *testing.T) {
	for line, want := range map[string]string{
		"": "localhost:9394", "--bind 0.0.0.0 --port 9999": "0.0.0.0:9999", "-p 1": "localhost:1",
	} {
		if got, err := collectorAddress(strings.Fields(line)); err != nil || got != want {
			t.Errorf("%q: %s %v", line, got, err)
		}
	}
	for _, line := range []string{"--bind", "--port many", "--port 0", "--verbose yes"} {
		if got, err := collectorAddress(strings.Fields(line)); err == nil {
			t.Errorf("%q: %s", line, got)
		}
	}
}
