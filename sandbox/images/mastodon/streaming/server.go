// Package streaming is the streaming process: it carries events from Redis to
// WebSockets and to clients of server-sent events.
package streaming

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"homeport/sandbox/mastodon/database"
	"homeport/sandbox/mastodon/queue"
)

const prefix = "/api/v1/streaming"

// Server holds what all streams share.
type Server struct {
	DB    *database.Database
	Redis *queue.Redis
	Log   *slog.Logger

	// webSockets and eventSources are the streams that are open, by how they are carried.
	webSockets, eventSources atomic.Int64
	streams                  sync.WaitGroup
	// ending is closed when all streams must end.
	ending chan struct{}
}

// New makes a server.
func New(db *database.Database, redis *queue.Redis, log *slog.Logger) *Server {
	return &Server{DB: db, Redis: redis, Log: log, ending: make(chan struct{})}
}

// End tells all streams to end, and waits for them until ctx ends.
func (s *Server) End(ctx context.Context) {
	close(s.ending)
	done := make(chan struct{})
	go func() {
		s.streams.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// Handler serves clients.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+prefix+"/health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, "OK")
	})
	mux.HandleFunc("GET /metrics", s.metrics)
	mux.HandleFunc("/", s.stream)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		mux.ServeHTTP(w, r)
	})
}

// stream answers with a WebSocket where one is asked for, else with events.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	upgrade := strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
	name := strings.ReplaceAll(strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, prefix), "/"), "/", ":")
	if !upgrade {
		if _, ok := channels(name, 0); !ok || r.Method != http.MethodGet {
			s.refuse(w, r, &refusal{http.StatusBadRequest, "Unknown channel requested"})
			return
		}
	}
	listener, err := s.listener(r)
	if err == nil && !upgrade {
		err = listener.may(name)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.streams.Add(1)
	defer s.streams.Done()
	if upgrade {
		s.webSockets.Add(1)
		defer s.webSockets.Add(-1)
		s.websocket(w, r, listener)
	} else {
		s.eventSources.Add(1)
		defer s.eventSources.Add(-1)
		s.events(w, r, listener, name)
	}
}

// metrics are shown to everybody who reaches the port.
func (s *Server) metrics(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = fmt.Fprintf(w, "# TYPE connected_clients gauge\nconnected_clients{type=\"websocket\"} %d\n"+
		"connected_clients{type=\"eventsource\"} %d\n", s.webSockets.Load(), s.eventSources.Load())
}

// refusal is an answer that is no stream.
type refusal struct {
	status  int
	message string
}

func (r *refusal) Error() string { return r.message }

func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var told *refusal
	if !errors.As(err, &told) {
		told = &refusal{http.StatusInternalServerError, "An unexpected error occurred"}
	}
	s.Log.Warn("A stream was refused", "path", r.URL.Path, "status", told.status, "error", err.Error())
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(told.status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": told.message})
}

// listener is who listens and what the token allows.
type listener struct {
	account int64
	scopes  string
	// protocol is the token where it came as the name of a WebSocket's protocol.
	protocol string
}

func (s *Server) listener(r *http.Request) (*listener, error) {
	found := &listener{}
	text := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if text == "" {
		text = r.URL.Query().Get("access_token")
	}
	if text == "" {
		text = r.Header.Get("Sec-WebSocket-Protocol")
		found.protocol = text
	}
	if text == "" {
		return nil, &refusal{http.StatusUnauthorized, "Missing access token"}
	}
	token, err := s.DB.Token(r.Context(), text)
	if errors.Is(err, database.ErrMissing) || err == nil && token.AccountID == nil {
		return nil, &refusal{http.StatusUnauthorized, "Invalid access token"}
	}
	if err != nil {
		return nil, err
	}
	found.account, found.scopes = *token.AccountID, token.Scopes
	return found, nil
}

// may: what is public needs no scope.
func (l *listener) may(name string) error {
	if strings.HasPrefix(name, "public") {
		return nil
	}
	for scope := range strings.FieldsSeq(l.scopes) {
		if scope == "read" || scope == "read:statuses" {
			return nil
		}
	}
	return &refusal{http.StatusUnauthorized, "Access token does not have the required scopes"}
}

// channels are the channels in Redis of a stream by its name. This stand-in has
// no notifications, tags, lists and other servers, so it refuses their streams.
func channels(name string, account int64) ([]string, bool) {
	switch name {
	case "user":
		return []string{fmt.Sprintf("timeline:%d", account)}, true
	case "public", "public:local":
		return []string{"timeline:" + name}, true
	}
	return nil, false
}
