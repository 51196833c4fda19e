package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"homeport/sandbox/mastodon/database"
	"homeport/sandbox/mastodon/filestore"
	"homeport/sandbox/mastodon/model"
	"homeport/sandbox/mastodon/queue"
	"homeport/sandbox/mastodon/release"
)

// Tootctl is one call of tootctl.
type Tootctl struct {
	Release release.Release
	DB      *database.Database
	Redis   *queue.Redis
	Files   *filestore.Store
	Out     io.Writer
}

// action is a command: the flags it knows and what it does.
type action struct {
	flags flags
	run   func(Tootctl, context.Context, arguments) error
}

var removalFlags = flags{[]string{"dry-run", "verbose"}, []string{"days", "concurrency"}}

var actions = map[string]action{
	"accounts create": {flags{[]string{"confirmed", "approve"}, []string{"email", "role"}}, Tootctl.createAccount},
	"accounts modify": {flags{
		[]string{"reset-password", "confirm", "approve", "enable", "disable", "remove-role"}, []string{"role"},
	}, Tootctl.modifyAccount},
	"settings registrations": {flags{}, Tootctl.registrations},
	"feeds build":            {flags{[]string{"all"}, []string{"concurrency"}}, Tootctl.buildFeeds},
	"media remove":           {removalFlags, Tootctl.removeMedia},
	"preview_cards remove":   {removalFlags, Tootctl.removeCards},
	"version":                {flags{}, Tootctl.version},
}

// find splits a command line into a command and what is said to it.
func find(line []string) (action, []string, error) {
	for length := min(2, len(line)); length > 0; length-- {
		name := strings.ReplaceAll(strings.Join(line[:length], " "), "-", "_")
		if found, ok := actions[name]; ok {
			return found, line[length:], nil
		}
	}
	return action{}, nil, fmt.Errorf("Could not find command %q; this stand-in knows version, accounts create, "+
		"accounts modify, settings registrations, feeds build, media remove and preview_cards remove",
		strings.Join(line, " "))
}

// Run carries out a command line without the program's name.
func (t Tootctl) Run(ctx context.Context, line []string) error {
	found, rest, err := find(line)
	if err != nil {
		return err
	}
	given, err := parse(rest, found.flags)
	if err != nil {
		return err
	}
	return found.run(t, ctx, given)
}

func (t Tootctl) version(context.Context, arguments) error {
	_, err := fmt.Fprintln(t.Out, t.Release)
	return err
}

func (t Tootctl) createAccount(ctx context.Context, given arguments) error {
	name, err := given.only("a USERNAME")
	if err != nil {
		return err
	}
	email, ok := given.values["email"]
	if !ok {
		return errors.New("No value provided for required options '--email'")
	}
	mode, err := t.DB.Registrations(ctx)
	if err != nil {
		return err
	}
	request := model.NewUser{
		Username: name, Email: email, Password: model.NewToken(16), Role: given.values["role"],
		Confirmed: given.switches["confirmed"],
		// A server that is not open lets nobody in whom nobody approved, not even its owner.
		Approved: given.switches["approve"] || mode == database.RegistrationsOpen,
	}
	if invalid := request.Check(); invalid != nil {
		return invalid
	}
	if _, err := t.DB.CreateUser(ctx, request); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.Out, "OK\nNew password: %s\n", request.Password)
	return err
}

func (t Tootctl) modifyAccount(ctx context.Context, given arguments) error {
	name, err := given.only("a USERNAME")
	if err != nil {
		return err
	}
	user, err := t.DB.FindUser(ctx, name)
	if errors.Is(err, database.ErrMissing) {
		return errors.New("No user with such username")
	}
	if err != nil {
		return err
	}
	change := database.UserChange{Confirm: given.switches["confirm"], Approve: given.switches["approve"]}
	if role, ok := given.values["role"]; ok {
		change.Role = &role
	} else if given.switches["remove-role"] {
		change.Role = new(string)
	}
	if given.switches["enable"] || given.switches["disable"] {
		disabled := given.switches["disable"]
		change.Disabled = &disabled
	}
	if given.switches["reset-password"] {
		change.Password = model.NewToken(16)
	}
	if err := t.DB.ChangeUser(ctx, user.ID, change); err != nil {
		return err
	}
	fmt.Fprintln(t.Out, "OK")
	if change.Password != "" {
		fmt.Fprintf(t.Out, "New password: %s\n", change.Password)
	}
	return nil
}

var modes = map[string]database.Registrations{
	"open": database.RegistrationsOpen, "approved": database.RegistrationsApproved,
	"close": database.RegistrationsClosed,
}

func (t Tootctl) registrations(ctx context.Context, given arguments) error {
	word, err := given.only("open, approved or close")
	if err != nil {
		return err
	}
	mode, ok := modes[word]
	if !ok {
		return fmt.Errorf("it takes open, approved or close, not %q", word)
	}
	if err := t.DB.SetRegistrations(ctx, mode); err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.Out, "OK")
	return err
}

// buildFeeds fills home timelines anew, such as after a restore without Redis.
func (t Tootctl) buildFeeds(ctx context.Context, given arguments) error {
	var users []*model.User
	var err error
	if given.switches["all"] || len(given.words) == 0 {
		users, err = t.DB.Users(ctx)
	} else if name, wordErr := given.only("a USERNAME"); wordErr != nil {
		err = wordErr
	} else if user, findErr := t.DB.FindUser(ctx, name); errors.Is(findErr, database.ErrMissing) {
		err = errors.New("No such account")
	} else {
		users, err = []*model.User{user}, findErr
	}
	if err != nil {
		return err
	}
	for _, user := range users {
		ids, err := t.DB.StatusIDs(ctx, user.Account.ID, queue.FeedMaximum)
		if err == nil {
			err = t.Redis.AddToFeed(ctx, user.Account.ID, ids...)
		}
		if err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(t.Out, "Regenerated feeds for %d accounts\n", len(users))
	return err
}
