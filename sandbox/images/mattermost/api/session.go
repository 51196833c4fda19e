package api

import (
	"errors"
	"net/http"
	"strings"

	"homeport/sandbox/mattermost/database"
	"homeport/sandbox/mattermost/model"
)

const tokenCookie = "MMAUTHTOKEN"

type userHandler func(w http.ResponseWriter, r *http.Request, user *model.User)

// withUser lets through only requests with a valid token.
func (s *Server) withUser(next userHandler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, err := s.sessionUser(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		next(w, r, user)
	}
}

func (s *Server) sessionUser(r *http.Request) (*model.User, error) {
	token := requestToken(r)
	if token == "" {
		return nil, model.ErrSession
	}
	return s.DB.SessionUser(r.Context(), token)
}

// requestToken takes the token from the header, else from the cookie.
func requestToken(r *http.Request) string {
	scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " ")
	if found && (strings.EqualFold(scheme, "bearer") || strings.EqualFold(scheme, "token")) {
		return strings.TrimSpace(token)
	}
	if cookie, err := r.Cookie(tokenCookie); err == nil {
		return cookie.Value
	}
	return ""
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	var request struct {
		LoginID  string `json:"login_id"`
		Password string `json:"password"`
	}
	if !s.decode(w, r, &request) {
		return
	}
	user, err := s.DB.CheckPassword(r.Context(), strings.TrimSpace(request.LoginID), request.Password)
	if err != nil {
		if errors.Is(err, model.ErrCredentials) {
			s.counters.failedLogins.Add(1)
		}
		s.fail(w, r, err)
		return
	}
	token, err := s.DB.CreateSession(r.Context(), user.ID)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.counters.logins.Add(1)
	w.Header().Set("Token", token)
	http.SetCookie(w, &http.Cookie{
		Name: tokenCookie, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		MaxAge: int(database.SessionLifetime.Seconds()),
		// TLS ends at the proxy in front, which says so in this header.
		Secure: r.Header.Get("X-Forwarded-Proto") == "https",
	})
	s.answer(w, http.StatusOK, user)
}

func (s *Server) me(w http.ResponseWriter, _ *http.Request, user *model.User) {
	s.answer(w, http.StatusOK, user)
}
