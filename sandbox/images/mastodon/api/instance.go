package api

import (
	"encoding/json"
	"html/template"
	"io"
	"net/http"

	"homeport/sandbox/mastodon/database"
	"homeport/sandbox/mastodon/model"
)

// health says only that the process answers, as the real one does: database and
// Redis may be away.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "OK")
}

func (s *Server) instance(w http.ResponseWriter, r *http.Request) {
	mode, err := s.DB.Registrations(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, model.JSON{
		"domain": s.Site.LocalDomain, "title": "Mastodon", "version": s.Release.String(),
		"source_url": "https://github.com/mastodon/mastodon", "description": "", "languages": []string{"en"},
		"configuration": model.JSON{
			"urls":              model.JSON{"streaming": s.StreamingURL},
			"vapid":             model.JSON{"public_key": s.VAPIDPublicKey},
			"statuses":          model.JSON{"max_characters": textMaximum, "max_media_attachments": mediaMaximum},
			"media_attachments": model.JSON{"image_size_limit": s.Files.Limit},
		},
		"registrations": model.JSON{
			"enabled":           mode != database.RegistrationsClosed,
			"approval_required": mode == database.RegistrationsApproved,
			"message":           nil,
		},
		"rules": []any{},
	})
}

var pageTemplate = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Mastodon</title></head>
<body><h1>Mastodon (sandbox stand-in)</h1><p>Version {{.Version}}</p><p>{{.Domain}}</p></body></html>
`))

func (s *Server) page(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	err := pageTemplate.Execute(w, map[string]string{"Version": s.Release.String(), "Domain": s.Site.LocalDomain})
	if err != nil {
		s.Log.Debug("The page was not read to its end", "error", err.Error())
	}
}

// encode writes an object whose type and headers are set already.
func (s *Server) encode(w http.ResponseWriter, body any) {
	if err := json.NewEncoder(w).Encode(body); err != nil {
		s.Log.Debug("An answer was not read to its end", "error", err.Error())
	}
}
