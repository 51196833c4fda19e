// Package api answers HTTP requests and WebSockets in the forms of Mattermost's
// API version 4, over TCP for clients and over a Unix socket for mmctl.
package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"homeport/sandbox/mattermost/database"
	"homeport/sandbox/mattermost/filestore"
	"homeport/sandbox/mattermost/model"
)

// Server holds what all requests share.
type Server struct {
	Version    string
	Enterprise bool // the edition
	SiteURL    string
	DB         *database.Database
	Files      *filestore.Store
	Log        *slog.Logger

	hub      hub
	counters counters
}

// Handler serves clients.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page)
	mux.HandleFunc("GET /api/v4/system/ping", s.ping)
	mux.HandleFunc("GET /api/v4/config/client", s.clientConfig)
	mux.HandleFunc("POST /api/v4/users/login", s.login)
	mux.HandleFunc("GET /api/v4/users/me", s.withUser(s.me))
	mux.HandleFunc("POST /api/v4/posts", s.withUser(s.createPost))
	mux.HandleFunc("GET /api/v4/channels/{channel}/posts", s.withUser(s.channelPosts))
	mux.HandleFunc("POST /api/v4/files", s.withUser(s.upload))
	mux.HandleFunc("GET /api/v4/files/{file}", s.withUser(s.download))
	mux.HandleFunc("GET /api/v4/files/{file}/info", s.withUser(s.fileInfo))
	mux.HandleFunc("GET /api/v4/websocket", s.websocket)
	mux.HandleFunc("/", s.notFound)
	return s.observed(mux)
}

// LocalHandler serves mmctl without asking who it is: whoever may open the
// socket is an administrator.
func (s *Server) LocalHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v4/system/ping", s.ping)
	mux.HandleFunc("POST /api/v4/users", s.createUser)
	mux.HandleFunc("GET /api/v4/users", s.listUsers)
	mux.HandleFunc("GET /api/v4/users/{user}", s.findUser)
	mux.HandleFunc("PUT /api/v4/users/{user}/password", s.setPassword)
	mux.HandleFunc("/", s.notFound)
	return s.observed(mux)
}

// Broadcast passes on posts from all servers to the WebSockets, until ctx ends.
// It calls listening whenever it begins to hear of them.
func (s *Server) Broadcast(ctx context.Context, listening func()) {
	s.DB.Listen(ctx, s.Log, listening, func(post *model.Post) {
		sender := ""
		if user, err := s.DB.FindUser(ctx, post.UserID); err == nil {
			sender = "@" + user.Username
		}
		s.hub.publish(postedEvent(post, sender))
	})
}

// CloseWebSockets tells all WebSockets that the server goes away, and refuses
// new ones. It returns when all are closed or ctx ends.
func (s *Server) CloseWebSockets(ctx context.Context) { s.hub.close(ctx) }

// versionID is the server's version, its build number, a digest of the settings
// that clients see, and whether there is a licence.
func (s *Server) versionID() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%d", s.SiteURL, s.Files.Limit))
	return fmt.Sprintf("%s.%s.%s.false", s.Version, s.Version, hex.EncodeToString(sum[:8]))
}

// siteHost is the host of the site URL, from where pages may open a WebSocket.
func (s *Server) siteHost() string {
	parsed, err := url.Parse(s.SiteURL)
	if err != nil {
		return ""
	}
	return parsed.Host
}

// observed counts answers and marks them with the version and an identifier.
func (s *Server) observed(next http.Handler) http.Handler {
	versionID := s.versionID()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Version-Id", versionID)
		w.Header().Set("X-Request-Id", model.NewID())
		w.Header().Set("X-Content-Type-Options", "nosniff")
		s.counters.requests.Add(1)
		recorder := &statusRecorder{ResponseWriter: w}
		next.ServeHTTP(recorder, r)
		if recorder.status >= 400 {
			s.counters.errors.Add(1)
		}
	})
}

// statusRecorder remembers the status of an answer.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets a WebSocket take over the connection.
func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
