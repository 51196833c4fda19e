package api

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"sync/atomic"
	"time"
)

// counters count since the server started.
type counters struct {
	requests, errors, logins, failedLogins, posts atomic.Int64
}

var started = time.Now()

// MetricsHandler serves /metrics in the text format of Prometheus; the team edition listens and has no such page.
func (s *Server) MetricsHandler() http.Handler {
	mux := http.NewServeMux()
	if !s.Enterprise {
		return mux
	}
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		s.writeMetrics(w)
	})
	return mux
}

func (s *Server) writeMetrics(out io.Writer) {
	metric := func(name, kind, explanation string, value int64) {
		fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s %s\n%s %d\n", name, explanation, name, kind, name, value)
	}
	c := &s.counters
	metric("mattermost_http_requests_total", "counter", "HTTP requests.", c.requests.Load())
	metric("mattermost_http_errors_total", "counter", "Answers with status 400 or above.", c.errors.Load())
	metric("mattermost_http_websockets_total", "gauge", "Open WebSockets.", int64(s.hub.count()))
	metric("mattermost_login_logins_total", "counter", "Successful logins.", c.logins.Load())
	metric("mattermost_login_logins_fail_total", "counter", "Failed logins.", c.failedLogins.Load())
	metric("mattermost_post_total", "counter", "Posts created on this server.", c.posts.Load())
	metric("mattermost_db_master_connections_total", "gauge", "Open database connections.",
		int64(s.DB.Connections()))
	metric("go_goroutines", "gauge", "Goroutines.", int64(runtime.NumGoroutine()))
	metric("process_start_time_seconds", "gauge", "Start time since 1970.", started.Unix())
	if resident, err := residentMemory(); err == nil {
		metric("process_resident_memory_bytes", "gauge", "Resident memory.", resident)
	}
	fmt.Fprintf(out, "# HELP mattermost_version_info The server's version.\n"+
		"# TYPE mattermost_version_info gauge\nmattermost_version_info{version=%q} 1\n", s.Version)
}

// residentMemory is in bytes; see proc_pid_statm(5).
func residentMemory() (int64, error) {
	content, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	var size, resident int64
	if _, err := fmt.Sscan(string(content), &size, &resident); err != nil {
		return 0, err
	}
	return resident * int64(os.Getpagesize()), nil
}
