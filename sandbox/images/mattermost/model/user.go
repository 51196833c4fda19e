package model

import (
	"regexp"
	"strings"
)

// The roles an account can have, separated by blanks.
const (
	RoleUser  = "system_user"
	RoleAdmin = "system_admin system_user"
)

// Password lengths in characters and bytes; bcrypt reads no more than 72 bytes.
const (
	PasswordMinimum = 8
	PasswordMaximum = 72
)

// User is an account as clients see it: without its password. Times are
// milliseconds since 1970.
type User struct {
	ID       string `json:"id"`
	CreateAt int64  `json:"create_at"`
	UpdateAt int64  `json:"update_at"`
	DeleteAt int64  `json:"delete_at"`
	Username string `json:"username"`
	Email    string `json:"email"`
	Roles    string `json:"roles"`
}

// NewUser is the request to create an account.
type NewUser struct {
	Username string `json:"username"`
	Email    string `json:"email"`
	Password string `json:"password"`
	Roles    string `json:"roles,omitempty"`
}

var (
	usernamePattern = regexp.MustCompile(`^[a-z][a-z0-9._-]{0,63}$`)
	emailPattern    = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)
)

// NewPassword is the request to change an account's password.
type NewPassword struct {
	NewPassword string `json:"new_password"`
}

// CheckPassword says why a password cannot be one, or nil.
func CheckPassword(password string) *Error {
	switch {
	case len([]rune(password)) < PasswordMinimum:
		return NewError(400, "model.user.is_valid.pwd_min_length.app_error",
			"Your password must contain at least 8 characters.")
	case len(password) > PasswordMaximum:
		return NewError(400, "model.user.is_valid.pwd_max_length.app_error",
			"Your password must contain no more than 72 characters.")
	}
	return nil
}

// Check puts names into lower case, as they are stored, and returns the first
// thing that makes the request unacceptable, or nil.
func (u *NewUser) Check() *Error {
	u.Username = strings.ToLower(strings.TrimSpace(u.Username))
	u.Email = strings.ToLower(strings.TrimSpace(u.Email))
	switch {
	case !usernamePattern.MatchString(u.Username):
		return NewError(400, "model.user.is_valid.username.app_error",
			"Username must begin with a letter and contain between 1 and 64 characters: "+
				"numbers, lowercase letters, and the symbols '.', '-', and '_'.")
	case len(u.Email) > 128 || !emailPattern.MatchString(u.Email):
		return NewError(400, "model.user.is_valid.email.app_error", "Please enter a valid email address.")
	}
	if problem := CheckPassword(u.Password); problem != nil {
		return problem
	}
	if u.Roles != RoleAdmin {
		u.Roles = RoleUser
	}
	return nil
}
