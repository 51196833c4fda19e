package api

import (
	"net/http"
	"strconv"
	"unicode/utf8"

	"homeport/sandbox/mattermost/model"
)

const (
	defaultPerPage = 60
	maximumPerPage = 200
	maximumPage    = 1 << 20
)

func (s *Server) createPost(w http.ResponseWriter, r *http.Request, user *model.User) {
	var request struct {
		ChannelID string   `json:"channel_id"`
		RootID    string   `json:"root_id"`
		Message   string   `json:"message"`
		FileIDs   []string `json:"file_ids"`
	}
	if !s.decode(w, r, &request) {
		return
	}
	switch {
	case !model.IsChannelID(request.ChannelID):
		s.fail(w, r, model.InvalidParameter("channel_id"))
		return
	case request.RootID != "" && !model.IsID(request.RootID):
		s.fail(w, r, model.InvalidParameter("root_id"))
		return
	case request.Message == "" && len(request.FileIDs) == 0:
		s.fail(w, r, model.InvalidParameter("message"))
		return
	case utf8.RuneCountInString(request.Message) > model.MessageMaximum:
		s.fail(w, r, model.NewError(400, "model.post.is_valid.message_length.app_error",
			"Post Message property is longer than the maximum permitted length."))
		return
	}
	post, err := s.DB.CreatePost(r.Context(), model.Post{
		UserID: user.ID, ChannelID: request.ChannelID, RootID: request.RootID,
		Message: request.Message, FileIDs: request.FileIDs,
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.counters.posts.Add(1)
	s.answer(w, http.StatusCreated, post)
}

func (s *Server) channelPosts(w http.ResponseWriter, r *http.Request, _ *model.User) {
	channel := r.PathValue("channel")
	if !model.IsChannelID(channel) {
		s.fail(w, r, model.InvalidParameter("channel_id"))
		return
	}
	page := pageNumber(r.URL.Query().Get("page"), 0, maximumPage)
	perPage := pageNumber(r.URL.Query().Get("per_page"), defaultPerPage, maximumPerPage)
	list, err := s.DB.ChannelPosts(r.Context(), channel, page, max(perPage, 1))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, list)
}

// pageNumber reads a number of the query; as in Mattermost, what makes no sense
// counts as not given.
func pageNumber(text string, fallback, maximum int) int {
	number, err := strconv.Atoi(text)
	if err != nil || number < 0 {
		return fallback
	}
	return min(number, maximum)
}
