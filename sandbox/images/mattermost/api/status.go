package api

import (
	"context"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"homeport/sandbox/mattermost/model"
)

// healthPatience bounds each check of a ping, well below the 10 s that the
// image's health check has.
const healthPatience = 2 * time.Second

var pageTemplate = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Mattermost (sandbox stand-in)</title></head>
<body>
<h1>Mattermost (sandbox stand-in)</h1>
<p>Version: <span id="version">{{.Version}}</span></p>
<p>Site URL: <span id="site-url">{{.SiteURL}}</span></p>
</body>
</html>
`))

func (s *Server) page(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache, max-age=31556926, public")
	if err := pageTemplate.Execute(w, s); err != nil {
		s.Log.Warn("Failed to send the page", "error", err.Error())
	}
}

func (s *Server) ping(w http.ResponseWriter, r *http.Request) {
	status := map[string]string{"status": "OK"}
	code := http.StatusOK
	if full, _ := strconv.ParseBool(r.URL.Query().Get("get_server_status")); full {
		ctx, cancel := context.WithTimeout(r.Context(), healthPatience)
		defer cancel()
		for name, err := range map[string]error{
			"database_status":  s.DB.Ping(ctx),
			"filestore_status": s.Files.Check(),
		} {
			status[name] = "OK"
			if err != nil {
				s.Log.Error("Health check failed", "check", name, "error", err.Error())
				status[name], status["status"] = "UNHEALTHY", "UNHEALTHY"
				code = http.StatusInternalServerError
			}
		}
	}
	w.Header().Set("Cache-Control", "no-cache, no-store, must-revalidate")
	s.answer(w, code, status)
}

func (s *Server) clientConfig(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("format") != "old" {
		s.fail(w, r, model.InvalidParameter("format"))
		return
	}
	s.answer(w, http.StatusOK, map[string]string{
		"Version":     s.Version,
		"SiteURL":     s.SiteURL,
		"MaxFileSize": strconv.FormatInt(s.Files.Limit, 10),
	})
}
