package command

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"homeport/sandbox/mattermost/model"
)

// Mmctl is one call of mmctl.
type Mmctl struct {
	Version string
	Socket  string
	Out     io.Writer
}

type action func(m Mmctl, c client, given arguments) error

var actions = map[string]action{
	"system status":        Mmctl.systemStatus,
	"user create":          Mmctl.createUser,
	"user change-password": Mmctl.changePassword,
	"user search":          Mmctl.searchUsers,
	"user list":            Mmctl.listUsers,
}

// Run carries out a command line without the program's name.
func (m Mmctl) Run(line []string) error {
	given, err := parse(line)
	if err != nil {
		return err
	}
	if len(given.words) == 1 && given.words[0] == "version" {
		_, err := fmt.Fprintf(m.Out, "mmctl:\nVersion:\tv%s\n", m.Version)
		return err
	}
	var act action
	if len(given.words) >= 2 {
		act = actions[given.words[0]+" "+given.words[1]]
	}
	if act == nil {
		return fmt.Errorf("unknown command %q for \"mmctl\"; this stand-in knows version, system status, "+
			"user create, user change-password, user search and user list", strings.Join(given.words, " "))
	}
	given.words = given.words[2:]
	if !given.switches["local"] {
		return errors.New("this stand-in has no stored credentials: use --local")
	}
	return act(m, newClient(m.Socket), given)
}

func (m Mmctl) systemStatus(c client, _ arguments) error {
	var status map[string]string
	err := c.call(http.MethodGet, "/system/ping?get_server_status=true", nil, &status,
		http.StatusOK, http.StatusInternalServerError)
	if err != nil {
		return err
	}
	fmt.Fprintf(m.Out, "Server status: %s\nDatabase Status: %s\nFilestore Status: %s\n",
		status["status"], status["database_status"], status["filestore_status"])
	for _, key := range []string{"status", "database_status", "filestore_status"} {
		if status[key] != "OK" {
			return fmt.Errorf("server status is unhealthy: %s is %q", key, status[key])
		}
	}
	return nil
}

func (m Mmctl) createUser(c client, given arguments) error {
	values, err := given.required("email", "username", "password")
	if err != nil {
		return err
	}
	request := model.NewUser{Email: values[0], Username: values[1], Password: values[2]}
	if given.switches["system-admin"] {
		request.Roles = model.RoleAdmin
	}
	var user model.User
	if err := c.call(http.MethodPost, "/users", request, &user, http.StatusCreated); err != nil {
		return err
	}
	_, err = fmt.Fprintf(m.Out, "Created user %s\n", user.Username)
	return err
}

func (m Mmctl) changePassword(c client, given arguments) error {
	values, err := given.required("password")
	if err != nil {
		return err
	}
	if len(given.words) != 1 {
		return errors.New("accepts 1 arg(s)")
	}
	request := model.NewPassword{NewPassword: values[0]}
	var status map[string]string
	path := "/users/" + url.PathEscape(given.words[0]) + "/password"
	if err := c.call(http.MethodPut, path, request, &status, http.StatusOK); err != nil {
		return err
	}
	_, err = fmt.Fprintf(m.Out, "Password for user %q successfully changed\n", given.words[0])
	return err
}

// searchUsers prints those it finds and fails if any is missing.
func (m Mmctl) searchUsers(c client, given arguments) error {
	if len(given.words) == 0 {
		return errors.New("expected at least one argument. See help text for details")
	}
	var absent []error
	for _, name := range given.words {
		var user model.User
		err := c.call(http.MethodGet, "/users/"+url.PathEscape(name), nil, &user, http.StatusOK)
		var problem *model.Error
		if errors.As(err, &problem) && problem.StatusCode == http.StatusNotFound {
			absent = append(absent, fmt.Errorf("unable to find user %q", name))
		} else if err != nil {
			return err
		} else {
			fmt.Fprintf(m.Out, "id: %s\nusername: %s\nemail: %s\nroles: %s\n",
				user.ID, user.Username, user.Email, user.Roles)
		}
	}
	return errors.Join(absent...)
}

func (m Mmctl) listUsers(c client, _ arguments) error {
	var users []model.User
	if err := c.call(http.MethodGet, "/users", nil, &users, http.StatusOK); err != nil {
		return err
	}
	for _, user := range users {
		fmt.Fprintf(m.Out, "%s: %s (%s)\n", user.ID, user.Username, user.Email)
	}
	_, err := fmt.Fprintf(m.Out, "\nThere are %d users on local instance\n", len(users))
	return err
}
