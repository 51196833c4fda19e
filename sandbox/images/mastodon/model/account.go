package model

import (
	"net/mail"
	"regexp"
	"strings"
)

var usernamePattern = regexp.MustCompile(`^[a-zA-Z0-9_]+$`)

const (
	usernameMaximum = 30
	passwordMinimum = 8
	passwordMaximum = 72 // bcrypt reads no more bytes
)

// NewUser is the request to make an account.
type NewUser struct {
	Username  string
	Email     string
	Password  string
	Role      string
	Confirmed bool
	Approved  bool
}

// Check returns the first thing that makes the request unacceptable, or nil.
func (n NewUser) Check() *Invalid {
	switch {
	case n.Username == "":
		return &Invalid{"account.username", "blank"}
	case !usernamePattern.MatchString(n.Username):
		return &Invalid{"account.username", "invalid"}
	case len(n.Username) > usernameMaximum:
		return &Invalid{"account.username", "too_long"}
	case n.Email == "":
		return &Invalid{"email", "blank"}
	case !IsEmail(n.Email):
		return &Invalid{"email", "invalid"}
	case len(n.Password) < passwordMinimum:
		return &Invalid{"password", "too_short"}
	case len(n.Password) > passwordMaximum:
		return &Invalid{"password", "too_long"}
	}
	return nil
}

// IsEmail tells whether the text is a bare mail address.
func IsEmail(text string) bool {
	parsed, err := mail.ParseAddress(text)
	return err == nil && parsed.Address == text && strings.Contains(text, "@")
}
