package dockerapi

import (
	"testing"
	"time"
)

func TestAWaitHasAShortestAndALongestTime(t *testing.T) {
	have, err := ParseSettle("500ms:20s")
	if err != nil || have != (Settle{Quiet: 500 * time.Millisecond, Longest: 20 * time.Second}) {
		t.Fatal(have, err)
	}
}

func TestAWaitWithoutBothTimesIsAnError(t *testing.T) {
	for _, text := range []string{"", "5s", "5s:", ":20s", "5:20"} {
		if have, err := ParseSettle(text); err == nil {
			t.Errorf("%q: %v", text, have)
		}
	}
}
