// Package api is the web process: it answers in the forms of Mastodon's REST API.
package api

import (
	"log/slog"
	"net/http"

	"homeport/sandbox/mastodon/database"
	"homeport/sandbox/mastodon/filestore"
	"homeport/sandbox/mastodon/metrics"
	"homeport/sandbox/mastodon/model"
	"homeport/sandbox/mastodon/queue"
	"homeport/sandbox/mastodon/release"
)

// Server holds what all requests share.
type Server struct {
	Release          release.Release
	Site             model.Site
	AlternateDomains []string
	StreamingURL     string
	VAPIDPublicKey   string
	ServeFiles       bool
	DB               *database.Database
	Redis            *queue.Redis
	Files            *filestore.Store
	Log              *slog.Logger
	// Metrics may be nil.
	Metrics *metrics.Client
}

// Handler serves clients: first the checks of every request, in Rails' order.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", s.health)
	mux.HandleFunc("GET /{$}", s.page)
	mux.HandleFunc("GET /.well-known/webfinger", s.webfinger)
	mux.HandleFunc("GET /auth/confirmation", s.confirm)
	mux.HandleFunc("GET /api/v2/instance", s.instance)
	mux.HandleFunc("POST /api/v1/apps", s.createApplication)
	mux.HandleFunc("POST /oauth/token", s.createToken)
	mux.HandleFunc("POST /api/v1/accounts", s.signUp)
	mux.HandleFunc("GET /api/v1/accounts/verify_credentials", s.withUser("read", s.verifyCredentials))
	mux.HandleFunc("POST /api/v1/statuses", s.withUser("write", s.createStatus))
	mux.HandleFunc("GET /api/v1/statuses/{id}", s.showStatus)
	mux.HandleFunc("GET /api/v1/timelines/home", s.withUser("read", s.homeTimeline))
	mux.HandleFunc("GET /api/v1/timelines/public", s.publicTimeline)
	mux.HandleFunc("POST /api/v2/media", s.withUser("write", s.createMedia))
	mux.HandleFunc("GET /api/v1/media/{id}", s.withUser("read", s.showMedia))
	if s.ServeFiles {
		mux.Handle("GET /system/", http.StripPrefix("/system/", http.HandlerFunc(s.file)))
	}
	mux.HandleFunc("/", s.notFound)
	all := s.logged(s.onlyKnownHosts(onlySecure(s.marked(mux))))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		all.ServeHTTP(w, r)
		s.Metrics.Request()
	})
}
