package api

import (
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"

	"homeport/sandbox/mastodon/database"
	"homeport/sandbox/mastodon/model"
	"homeport/sandbox/mastodon/queue"
	"homeport/sandbox/mastodon/worker"
)

// signUp makes an account for the program that asks. Sidekiq sends the mail by
// which the address is confirmed; until then the token is good for nothing.
func (s *Server) signUp(w http.ResponseWriter, r *http.Request) {
	token, err := s.token(r, "write:accounts")
	if err != nil {
		s.fail(w, r, err)
		return
	}
	mode, err := s.DB.Registrations(r.Context())
	if err == nil && mode == database.RegistrationsClosed {
		err = errClosed
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	given, err := parameters(w, r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	request := model.NewUser{
		Username: one(given, "username", ""), Email: one(given, "email", ""), Password: one(given, "password", ""),
		Approved: mode == database.RegistrationsOpen,
	}
	if agreed := one(given, "agreement", ""); agreed != "true" && agreed != "1" {
		s.fail(w, r, &model.Invalid{Attribute: "agreement", Reason: "accepted"})
		return
	}
	if invalid := request.Check(); invalid != nil {
		s.fail(w, r, unprefixed(invalid))
		return
	}
	user, err := s.DB.CreateUser(r.Context(), request)
	if err != nil {
		s.fail(w, r, unprefixed(err))
		return
	}
	job := queue.NewJob("mailers", worker.ConfirmationClass, strconv.FormatInt(user.ID, 10))
	if err := s.Redis.Push(r.Context(), job); err != nil {
		s.fail(w, r, err)
		return
	}
	application, err := s.DB.ApplicationOf(r.Context(), token)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	made, err := s.DB.CreateToken(r.Context(), application, &user.ID, token.Scopes)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, shownToken(made))
}

// unprefixed: the API says username where tootctl says account.username.
func unprefixed(err error) error {
	if invalid, ok := err.(*model.Invalid); ok {
		return &model.Invalid{Attribute: strings.TrimPrefix(invalid.Attribute, "account."), Reason: invalid.Reason}
	}
	return err
}

func (s *Server) confirm(w http.ResponseWriter, r *http.Request) {
	user, err := s.DB.Confirm(r.Context(), r.URL.Query().Get("confirmation_token"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, "<!DOCTYPE html><title>Mastodon</title><p>The address of %s is confirmed.</p>\n",
		html.EscapeString(user.Account.Username))
}

func (s *Server) verifyCredentials(w http.ResponseWriter, _ *http.Request, user *model.User) {
	shown := s.Site.Account(user.Account)
	shown["source"] = model.JSON{"privacy": "public", "sensitive": false, "language": nil, "note": "",
		"fields": []any{}}
	shown["role"] = model.JSON{"name": user.Role}
	s.answer(w, http.StatusOK, shown)
}

// webfinger tells where an account of this server's domain is.
func (s *Server) webfinger(w http.ResponseWriter, r *http.Request) {
	resource := r.URL.Query().Get("resource")
	if resource == "" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	username, domain, ok := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(resource, "acct:"), "@"), "@")
	if !ok || !s.knows(domain) {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	user, err := s.DB.FindUser(r.Context(), username)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	name := user.Account.Username
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Cache-Control", "max-age=259200, public")
	w.Header().Set("Content-Type", "application/jrd+json; charset=utf-8")
	s.encode(w, model.JSON{
		"subject": "acct:" + name + "@" + s.Site.LocalDomain,
		"aliases": []string{s.Site.Profile(name), s.Site.Actor(name)},
		"links": []model.JSON{
			{"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": s.Site.Profile(name)},
			{"rel": "self", "type": "application/activity+json", "href": s.Site.Actor(name)},
		},
	})
}
