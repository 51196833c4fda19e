package queue

import (
	"encoding/json"
	"errors"
	"testing"
	"time"
)

func TestARedisThatIsTooOldIsRefused(t *testing.T) {
	if err := supported("# Server\r\nredis_version:6.2.14\r\n", [2]int{7, 0}); !errors.Is(err, ErrTooOld) {
		t.Error(err)
	}
	for _, version := range []string{"7.0.0", "7.2.4", "8.0.1"} {
		if err := supported("redis_version:"+version+"\r\n", [2]int{7, 0}); err != nil {
			t.Errorf("%s: %v", version, err)
		}
	}
}

func TestAServerWithoutAVersionIsRefused(t *testing.T) {
	for _, info := range []string{"", "redis_version:x.y", "redis_version:7"} {
		if err := supported(info, [2]int{7, 0}); err == nil {
			t.Errorf("%q passed", info)
		}
	}
}

func TestAJobHasSidekiqsForm(t *testing.T) {
	text, err := json.Marshal(NewJob("default", "DistributionWorker", "7"))
	if err != nil {
		t.Fatal(err)
	}
	var job map[string]any
	if err := json.Unmarshal(text, &job); err != nil {
		t.Fatal(err)
	}
	if job["class"] != "DistributionWorker" || job["queue"] != "default" || job["retry"] != true {
		t.Error(job)
	}
	if jid, ok := job["jid"].(string); !ok || len(jid) != 24 {
		t.Error(job["jid"])
	}
	if arguments, ok := job["args"].([]any); !ok || len(arguments) != 1 || arguments[0] != "7" {
		t.Error(job["args"])
	}
}

func TestAFailedJobWaitsLongerEachTime(t *testing.T) {
	for failures, want := range map[int]time.Duration{1: 15 * time.Second, 2: 16 * time.Second,
		4: 96 * time.Second} {
		if got := delay(failures); got != want {
			t.Errorf("%d failures: %s", failures, got)
		}
	}
}

func TestAnAddressMayBeWrong(t *testing.T) {
	if _, err := Open("http://x", 1); err == nil {
		t.Fatal("http:// passed")
	}
}
