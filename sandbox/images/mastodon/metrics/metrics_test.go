package metrics

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func page(collector *Collector) string {
	answer := httptest.NewRecorder()
	collector.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return answer.Body.String()
}

func TestWhatProcessesTellIsOnThePage(t *testing.T) {
	collector := NewCollector()
	server := httptest.NewServer(collector.Handler())
	defer server.Close()
	var log bytes.Buffer
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	client := NewClient(ctx, strings.TrimPrefix(server.URL, "http://"), slog.New(slog.NewTextHandler(&log, nil)))
	client.Request()
	client.Request()
	client.Process(ctx, "sidekiq", func() *Sidekiq {
		return &Sidekiq{Busy: 1, Concurrency: 5, Labels: map[string]string{"identity": "a"}}
	})
	deadline := time.Now().Add(5 * time.Second)
	for !strings.Contains(page(collector), "sidekiq_process_busy") && time.Now().Before(deadline) {
		time.Sleep(20 * time.Millisecond)
	}
	shown := page(collector)
	for _, line := range []string{
		"ruby_collector_working 1\n",
		`ruby_http_requests_total{action="other",controller="other"} 2` + "\n",
		`type="sidekiq"} `,
		`ruby_sidekiq_process_busy{identity="a"} 1` + "\n",
		`ruby_sidekiq_process_concurrency{identity="a"} 5` + "\n",
	} {
		if !strings.Contains(shown, line) {
			t.Errorf("no %q in\n%s", line, shown)
		}
	}
}

func TestAProcessThatTellsNoMoreIsForgotten(t *testing.T) {
	collector := NewCollector()
	collector.note(Message{Type: "process", PID: 7, Hostname: "old", RSS: 1})
	if shown := page(collector); !strings.Contains(shown, `ruby_rss{hostname="old",pid="7"} 1`) {
		t.Fatal(shown)
	}
	one := collector.processes["old 7"]
	one.at = one.at.Add(-2 * age)
	collector.processes["old 7"] = one
	if shown := page(collector); strings.Contains(shown, "ruby_rss") {
		t.Fatal(shown)
	}
}

func TestWithoutAnAddressNothingIsSent(t *testing.T) {
	client := NewClient(context.Background(), "", slog.Default())
	client.Request()
	client.Process(context.Background(), "puma", nil)
	if client != nil {
		t.Fatal("a client without an address")
	}
}

func TestWhatIsNoMessageIsRefused(t *testing.T) {
	answer := httptest.NewRecorder()
	request := httptest.NewRequest(http.MethodPost, "/send-metrics", strings.NewReader("nonsense"))
	NewCollector().Handler().ServeHTTP(answer, request)
	if answer.Code != http.StatusInternalServerError {
		t.Fatal(answer.Code, answer.Body)
	}
}
