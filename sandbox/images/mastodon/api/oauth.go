package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"homeport/sandbox/mastodon/database"
	"homeport/sandbox/mastodon/model"
)

func (s *Server) createApplication(w http.ResponseWriter, r *http.Request) {
	given, err := parameters(w, r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	name, redirect := one(given, "client_name", ""), one(given, "redirect_uris", "")
	for attribute, value := range map[string]string{"name": name, "redirect_uri": redirect} {
		if value == "" {
			s.fail(w, r, &model.Invalid{Attribute: attribute, Reason: "blank"})
			return
		}
	}
	made, err := s.DB.CreateApplication(r.Context(), database.Application{
		Name: name, RedirectURI: redirect, Scopes: one(given, "scopes", "read"),
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, model.JSON{
		"id": strconv.FormatInt(made.ID, 10), "name": made.Name, "client_id": made.UID,
		"client_secret": made.Secret,
		"redirect_uri":  made.RedirectURI, "redirect_uris": []string{made.RedirectURI},
		"scopes": strings.Fields(made.Scopes), "vapid_key": s.VAPIDPublicKey,
	})
}

// createToken logs a program or a user in. The grant by password, which later
// releases dropped, is the stand-in's way of doing without pages for a browser.
func (s *Server) createToken(w http.ResponseWriter, r *http.Request) {
	given, err := parameters(w, r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	uid, secret, basic := r.BasicAuth()
	if !basic {
		uid, secret = one(given, "client_id", ""), one(given, "client_secret", "")
	}
	application, err := s.DB.Application(r.Context(), uid, secret)
	if errors.Is(err, database.ErrMissing) {
		s.answer(w, http.StatusUnauthorized, model.JSON{
			"error": "invalid_client", "error_description": "Client authentication failed",
		})
		return
	}
	var user *int64
	if err == nil {
		switch one(given, "grant_type", "") {
		case "client_credentials":
		case "password":
			user, err = s.logIn(r.Context(), one(given, "username", ""), one(given, "password", ""))
		default:
			s.answer(w, http.StatusBadRequest, model.JSON{
				"error":             "unsupported_grant_type",
				"error_description": "This stand-in knows the grants password and client_credentials",
			})
			return
		}
	}
	if errors.Is(err, database.ErrCredentials) {
		s.answer(w, http.StatusBadRequest, model.JSON{"error": "invalid_grant", "error_description": err.Error()})
		return
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	scopes := one(given, "scope", "read")
	if !within(scopes, application.Scopes) {
		s.answer(w, http.StatusBadRequest, model.JSON{
			"error": "invalid_scope", "error_description": "The requested scope is invalid, unknown, or malformed.",
		})
		return
	}
	token, err := s.DB.CreateToken(r.Context(), application.ID, user, scopes)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, shownToken(token))
}

func (s *Server) logIn(ctx context.Context, email, password string) (*int64, error) {
	user, err := s.DB.CheckPassword(ctx, email, password)
	if err != nil {
		return nil, err
	}
	return &user.ID, nil
}

func shownToken(token database.Token) model.JSON {
	return model.JSON{
		"access_token": token.Token, "token_type": "Bearer", "scope": token.Scopes,
		"created_at": token.CreatedAt.Unix(),
	}
}

// token is what the request shows, if it is good and has one of the scopes.
func (s *Server) token(r *http.Request, scope string) (database.Token, error) {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return database.Token{}, errToken
	}
	token, err := s.DB.Token(r.Context(), text)
	switch {
	case errors.Is(err, database.ErrMissing):
		return token, errToken
	case err == nil && !within(scope, token.Scopes):
		return token, errScope
	}
	return token, err
}

// withUser lets only users in who may use their account.
func (s *Server) withUser(
	scope string, next func(http.ResponseWriter, *http.Request, *model.User),
) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, err := s.token(r, scope)
		if err == nil && token.UserID == nil {
			err = errNoUser
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		user, err := s.DB.User(r.Context(), *token.UserID)
		if err == nil {
			err = mayAct(user)
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		next(w, r, user)
	}
}

func mayAct(user *model.User) error {
	switch {
	case user.Disabled:
		return errDisabled
	case !user.Confirmed:
		return errUnconfirmed
	case !user.Approved:
		return errPending
	}
	return nil
}

// within tells whether all wanted scopes are among the given ones; read is all
// of read:*, and so on.
func within(wanted, given string) bool {
	for scope := range strings.FieldsSeq(wanted) {
		head, _, _ := strings.Cut(scope, ":")
		found := false
		for have := range strings.FieldsSeq(given) {
			found = found || have == scope || have == head
		}
		if !found {
			return false
		}
	}
	return true
}
