package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"homeport/sandbox/mastodon/database"
	"homeport/sandbox/mastodon/model"
)

// problem is an answer that is no success: its status and what it says.
type problem struct {
	status  int
	message string
}

func (p *problem) Error() string { return p.message }

var (
	errToken       = &problem{http.StatusUnauthorized, "The access token is invalid"}
	errScope       = &problem{http.StatusForbidden, "This action is outside the authorized scopes"}
	errNoUser      = &problem{http.StatusUnprocessableEntity, "This method requires an authenticated user"}
	errUnconfirmed = &problem{http.StatusForbidden, "Your login is missing a confirmed e-mail address"}
	errPending     = &problem{http.StatusForbidden, "Your login is currently pending approval"}
	errDisabled    = &problem{http.StatusForbidden, "Your login is currently disabled"}
	errClosed      = &problem{http.StatusForbidden, "This action is not allowed"}
	errNotFound    = &problem{http.StatusNotFound, "Record not found"}
)

func (s *Server) answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		s.Log.Debug("An answer was not read to its end", "error", err.Error())
	}
}

// fail answers with an error. What is not the client's fault stays in the log.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var told *problem
	var invalid *model.Invalid
	switch {
	case errors.As(err, &told):
		s.answer(w, told.status, model.JSON{"error": told.message})
	case errors.As(err, &invalid):
		s.answer(w, http.StatusUnprocessableEntity, model.JSON{
			"error":   "Validation failed: " + invalid.Attribute + " " + invalid.Reason,
			"details": model.JSON{invalid.Attribute: []model.JSON{{"error": "ERR_" + strings.ToUpper(invalid.Reason)}}},
		})
	case errors.Is(err, database.ErrMissing):
		s.answer(w, http.StatusNotFound, model.JSON{"error": errNotFound.message})
	default:
		s.Log.Error("A request failed", "method", r.Method, "path", r.URL.Path, "error", err.Error())
		s.answer(w, http.StatusInternalServerError, model.JSON{
			"error": "We're sorry, but something went wrong on our end.",
		})
	}
}

func (s *Server) notFound(w http.ResponseWriter, r *http.Request) { s.fail(w, r, errNotFound) }

// parameters are those of the query, of a form, or of an object in JSON whose
// values are texts, numbers, switches or lists of them.
func parameters(w http.ResponseWriter, r *http.Request) (map[string][]string, error) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		if err := r.ParseMultipartForm(1 << 20); err != nil && !errors.Is(err, http.ErrNotMultipart) {
			return nil, &problem{http.StatusBadRequest, "The request cannot be read"}
		}
		found := map[string][]string{}
		for name, values := range r.Form {
			found[strings.TrimSuffix(name, "[]")] = values
		}
		return found, nil
	}
	var object map[string]any
	decoder := json.NewDecoder(r.Body)
	decoder.UseNumber()
	if err := decoder.Decode(&object); err != nil {
		return nil, &problem{http.StatusBadRequest, "The request is not JSON"}
	}
	found := map[string][]string(r.URL.Query())
	for name, value := range object {
		list, ok := value.([]any)
		if !ok {
			list = []any{value}
		}
		for _, one := range list {
			switch typed := one.(type) {
			case string:
				found[name] = append(found[name], typed)
			case json.Number:
				found[name] = append(found[name], typed.String())
			case bool:
				found[name] = append(found[name], strconv.FormatBool(typed))
			}
		}
	}
	return found, nil
}

// one is the last value of a parameter, or the fallback.
func one(found map[string][]string, name, fallback string) string {
	if values := found[name]; len(values) > 0 && values[len(values)-1] != "" {
		return values[len(values)-1]
	}
	return fallback
}
