package metrics

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// age is how long a process counts that tells no more.
const age = time.Minute

// Collector keeps what processes tell, as `prometheus_exporter` does.
type Collector struct {
	mutex     sync.Mutex
	messages  int
	requests  map[string]int // by labels
	processes map[string]told
	sidekiq   map[string]told
}

// told is what a process said last, by the name and labels of each value.
type told struct {
	values map[string]int64
	labels string
	at     time.Time
}

// NewCollector knows of nothing yet.
func NewCollector() *Collector {
	return &Collector{requests: map[string]int{}, processes: map[string]told{}, sidekiq: map[string]told{}}
}

// Handler takes messages and shows what they told.
func (c *Collector) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/ping", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "PONG") })
	mux.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		c.write(w)
	})
	mux.HandleFunc("/send-metrics", func(w http.ResponseWriter, r *http.Request) {
		if err := c.take(r.Body); err != nil {
			http.Error(w, "Bad Metrics "+err.Error(), http.StatusInternalServerError)
		}
	})
	return mux
}

func (c *Collector) take(body io.Reader) error {
	messages := json.NewDecoder(body)
	for {
		var message Message
		if err := messages.Decode(&message); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		c.note(message)
	}
}

func (c *Collector) note(message Message) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.messages++
	switch message.Type {
	case "web":
		c.requests[text(message.Request)]++
	case "process":
		labels := maps.Clone(message.Labels)
		if labels == nil {
			labels = map[string]string{}
		}
		labels["pid"], labels["hostname"] = strconv.Itoa(message.PID), message.Hostname
		c.processes[labels["hostname"]+" "+labels["pid"]] = told{
			map[string]int64{"rss": message.RSS}, text(labels), time.Now(),
		}
	case "sidekiq_process":
		if of := message.Sidekiq; of != nil {
			c.sidekiq[of.Labels["identity"]] = told{
				map[string]int64{
					"sidekiq_process_busy":        int64(of.Busy),
					"sidekiq_process_concurrency": int64(of.Concurrency),
				}, text(of.Labels), time.Now(),
			}
		}
	}
}

func (c *Collector) write(out io.Writer) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	fmt.Fprintf(out, "ruby_collector_working 1\nruby_collector_rss %d\nruby_collector_metrics_total %d\n",
		resident(), c.messages)
	for _, labels := range slices.Sorted(maps.Keys(c.requests)) {
		fmt.Fprintf(out, "ruby_http_requests_total%s %d\n", labels, c.requests[labels])
	}
	for _, all := range []map[string]told{c.processes, c.sidekiq} {
		maps.DeleteFunc(all, func(_ string, one told) bool { return time.Since(one.at) > age })
		for _, key := range slices.Sorted(maps.Keys(all)) {
			for _, name := range slices.Sorted(maps.Keys(all[key].values)) {
				fmt.Fprintf(out, "ruby_%s%s %d\n", name, all[key].labels, all[key].values[name])
			}
		}
	}
}

// text are labels as Prometheus reads them.
func text(labels map[string]string) string {
	pairs := make([]string, 0, len(labels))
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		pairs = append(pairs, name+"="+strconv.Quote(labels[name]))
	}
	return "{" + strings.Join(pairs, ",") + "}"
}
