package api

import (
	"encoding/json"
	"errors"
	"net/http"

	"homeport/sandbox/mattermost/model"
)

// maximumPayload is Mattermost's default limit in bytes for a JSON request.
const maximumPayload = 300000

func (s *Server) answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		s.Log.Warn("Failed to send an answer", "error", err.Error())
	}
}

// fail answers with an error. What is not meant for clients goes to the log.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var known *model.Error
	if !errors.As(err, &known) {
		s.Log.Error("Request failed", "method", r.Method, "path", r.URL.Path, "error", err.Error())
		known = model.NewError(500, "api.context.internal_error.app_error",
			"The server could not complete the request.")
	}
	body := *known
	body.RequestID = w.Header().Get("X-Request-Id")
	s.answer(w, body.StatusCode, body)
}

func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	s.fail(w, r, model.NewError(404, "api.context.404.app_error",
		"Sorry, we could not find the page."))
}

// decode reads a JSON request into body; a false result means that the client
// has got its answer already.
func (s *Server) decode(w http.ResponseWriter, r *http.Request, body any) bool {
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maximumPayload)).Decode(body)
	if err == nil {
		return true
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		s.fail(w, r, model.NewError(413, "api.context.request_body_too_large.app_error",
			"Request body is too large."))
	} else {
		s.fail(w, r, model.InvalidParameter("request body"))
	}
	return false
}
