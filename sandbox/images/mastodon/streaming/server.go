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

	"homeport/sandbox/mastodon/database"
	"homeport/sandbox/mastodon/queue"
)

const prefix = "/api/v1/streaming"

// Server holds what all streams share.
type Server struct {
	DB    *database.Database
	Redis *queue.Redis
	Log   *slog.Logger

	streams sync.WaitGroup
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
		s.websocket(w, r, listener)
	} else {
		s.events(w, r, listener, name)
	}
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
