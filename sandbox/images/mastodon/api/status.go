package api

import (
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"

	"homeport/sandbox/mastodon/model"
	"homeport/sandbox/mastodon/queue"
	"homeport/sandbox/mastodon/worker"
)

const (
	textMaximum  = 500 // characters
	mediaMaximum = 4
	pageDefault  = 20
	pageMaximum  = 40
)

// createStatus stores a post and leaves the rest to sidekiq: without it the
// post is in no home timeline and in no stream.
func (s *Server) createStatus(w http.ResponseWriter, r *http.Request, user *model.User) {
	given, err := parameters(w, r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	text, visibility := one(given, "status", ""), one(given, "visibility", "public")
	var media []int64
	for _, value := range given["media_ids"] {
		id, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			s.fail(w, r, &model.Invalid{Attribute: "media_ids", Reason: "invalid"})
			return
		}
		media = append(media, id)
	}
	var invalid *model.Invalid
	switch {
	case text == "" && len(media) == 0:
		invalid = &model.Invalid{Attribute: "text", Reason: "blank"}
	case utf8.RuneCountInString(text) > textMaximum:
		invalid = &model.Invalid{Attribute: "text", Reason: "too_long"}
	case len(media) > mediaMaximum:
		invalid = &model.Invalid{Attribute: "media_ids", Reason: "too_many"}
	case !slices.Contains(model.Visibilities, visibility):
		invalid = &model.Invalid{Attribute: "visibility", Reason: "inclusion"}
	}
	if invalid != nil {
		s.fail(w, r, invalid)
		return
	}
	status, err := s.DB.CreateStatus(r.Context(), user.Account, text, visibility, media)
	if err == nil {
		job := queue.NewJob("default", worker.DistributionClass, strconv.FormatInt(status.ID, 10))
		err = s.Redis.Push(r.Context(), job)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, s.Site.Status(*status))
}

func (s *Server) showStatus(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		s.notFound(w, r)
		return
	}
	status, err := s.DB.Status(r.Context(), id)
	if err == nil && !slices.Contains(model.Visibilities[:2], status.Visibility) {
		err = s.mustBeAuthor(r, status)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, s.Site.Status(*status))
}

// mustBeAuthor: others do not learn that the post is there.
func (s *Server) mustBeAuthor(r *http.Request, status *model.Status) error {
	token, err := s.token(r, "read")
	if err != nil || token.AccountID == nil || *token.AccountID != status.Account.ID {
		return errNotFound
	}
	return nil
}

func (s *Server) homeTimeline(w http.ResponseWriter, r *http.Request, user *model.User) {
	ids, err := s.Redis.Feed(r.Context(), user.Account.ID, limit(r))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	found, err := s.DB.Statuses(r.Context(), ids)
	s.timeline(w, r, found, err)
}

func (s *Server) publicTimeline(w http.ResponseWriter, r *http.Request) {
	found, err := s.DB.PublicStatuses(r.Context(), limit(r))
	s.timeline(w, r, found, err)
}

func (s *Server) timeline(w http.ResponseWriter, r *http.Request, found []model.Status, err error) {
	if err != nil {
		s.fail(w, r, err)
		return
	}
	shown := make([]model.JSON, 0, len(found))
	for _, status := range found {
		shown = append(shown, s.Site.Status(status))
	}
	s.answer(w, http.StatusOK, shown)
}

func limit(r *http.Request) int {
	number, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || number < 1 {
		return pageDefault
	}
	return min(number, pageMaximum)
}
