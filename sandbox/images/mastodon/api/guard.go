package api

import (
	"fmt"
	"html"
	"net"
	"net/http"
	"strings"
	"time"

	"homeport/sandbox/mastodon/model"
)

// onlyKnownHosts refuses requests for other names, as Rails does against DNS
// rebinding. A health check comes by address, so it passes.
func (s *Server) onlyKnownHosts(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		forwarded := r.Header.Get("X-Forwarded-Host")
		if r.URL.Path == "/health" || s.knows(r.Host) && (forwarded == "" || s.knows(last(forwarded))) {
			next.ServeHTTP(w, r)
			return
		}
		s.Log.Error("[ActionDispatch::HostAuthorization::DefaultResponseApp] Blocked hosts", "host", r.Host,
			"forwarded", forwarded)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, "<!DOCTYPE html><title>403</title><p>Blocked host: %s</p>\n", html.EscapeString(r.Host))
	})
}

// knows tells whether the host, whatever its port, is one of this server's.
func (s *Server) knows(host string) bool {
	bare := withoutPort(host)
	for _, known := range append([]string{s.Site.LocalDomain, s.Site.WebDomain}, s.AlternateDomains...) {
		if strings.EqualFold(host, known) || strings.EqualFold(bare, known) {
			return true
		}
	}
	return false
}

// onlySecure sends browsers to HTTPS. The proxy says in X-Forwarded-Proto that
// it is already there; without that word, or with another, it is not.
func onlySecure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure := strings.EqualFold(first(r.Header.Get("X-Forwarded-Proto")), "https") ||
			strings.EqualFold(r.Header.Get("X-Forwarded-Ssl"), "on")
		if secure {
			w.Header().Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		}
		if secure || strings.HasPrefix(r.URL.Path, "/health") {
			next.ServeHTTP(w, r)
			return
		}
		// 307 keeps the method of what is not a page.
		status := http.StatusTemporaryRedirect
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			status = http.StatusMovedPermanently
		}
		http.Redirect(w, r, "https://"+withoutPort(r.Host)+r.URL.RequestURI(), status)
	})
}

// marked adds the headers of every answer.
func (s *Server) marked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Server", "Mastodon")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("X-Frame-Options", "DENY")
		w.Header().Set("X-Request-Id", model.NewToken(16))
		next.ServeHTTP(w, r)
	})
}

// logged writes one line for each request but health checks.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(recorder, r)
		if r.URL.Path != "/health" {
			s.Log.Info("request", "method", r.Method, "path", r.URL.Path, "status", recorder.status,
				"duration", time.Since(began).Seconds())
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

func withoutPort(host string) string {
	if bare, _, err := net.SplitHostPort(host); err == nil {
		return bare
	}
	return host
}

func first(list string) string {
	head, _, _ := strings.Cut(list, ",")
	return strings.TrimSpace(head)
}

func last(list string) string { return strings.TrimSpace(list[strings.LastIndex(list, ",")+1:]) }
