package api

import (
	"net/http"

	"homeport/sandbox/mattermost/model"
)

// createUser, setPassword, listUsers and findUser serve mmctl only.
func (s *Server) createUser(w http.ResponseWriter, r *http.Request) {
	var request model.NewUser
	if !s.decode(w, r, &request) {
		return
	}
	if problem := request.Check(); problem != nil {
		s.fail(w, r, problem)
		return
	}
	user, err := s.DB.CreateUser(r.Context(), request)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.Log.Info("Created user", "user_id", user.ID, "username", user.Username, "roles", user.Roles)
	s.answer(w, http.StatusCreated, user)
}

func (s *Server) setPassword(w http.ResponseWriter, r *http.Request) {
	var request model.NewPassword
	if !s.decode(w, r, &request) {
		return
	}
	if problem := model.CheckPassword(request.NewPassword); problem != nil {
		s.fail(w, r, problem)
		return
	}
	if err := s.DB.SetPassword(r.Context(), r.PathValue("user"), request.NewPassword); err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, map[string]string{"status": "OK"})
}

func (s *Server) listUsers(w http.ResponseWriter, r *http.Request) {
	users, err := s.DB.Users(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, users)
}

func (s *Server) findUser(w http.ResponseWriter, r *http.Request) {
	user, err := s.DB.FindUser(r.Context(), r.PathValue("user"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, user)
}
