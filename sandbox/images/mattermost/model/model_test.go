package model

import (
	"strings"
	"testing"
)

func TestIdentifiersHave26LettersAndDigits(t *testing.T) {
	first, second := NewID(), NewID()
	if !IsID(first) || first == second {
		t.Fatal(first, second)
	}
}

func TestAChannelCannotLeaveItsFolder(t *testing.T) {
	for _, name := range []string{"", "..", "a/b", "../a", "-a", "a b", strings.Repeat("a", 65)} {
		if IsChannelID(name) {
			t.Errorf("%q passed", name)
		}
	}
	if !IsChannelID("town-square") || !IsChannelID(NewID()) {
		t.Error("a good name was refused")
	}
}

func TestNamesAreStoredInLowerCase(t *testing.T) {
	user := NewUser{Username: "Bob", Email: "Bob@Chat.test", Password: "12345678"}
	if problem := user.Check(); problem != nil {
		t.Fatal(problem)
	}
	if user.Username != "bob" || user.Email != "bob@chat.test" || user.Roles != RoleUser {
		t.Fatalf("%+v", user)
	}
}

func TestUnacceptableAccountsAreRefused(t *testing.T) {
	for id, user := range map[string]NewUser{
		"model.user.is_valid.username.app_error":       {"1bob", "b@c", "12345678", ""},
		"model.user.is_valid.email.app_error":          {"bob", "b", "12345678", ""},
		"model.user.is_valid.pwd_min_length.app_error": {"bob", "b@c", "1234567", ""},
		"model.user.is_valid.pwd_max_length.app_error": {"bob", "b@c", strings.Repeat("a", 73), ""},
	} {
		if problem := user.Check(); problem == nil || problem.ID != id {
			t.Errorf("%s: %v", id, problem)
		}
	}
}
