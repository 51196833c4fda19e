package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"homeport/sandbox/mastodon/database"
	"homeport/sandbox/mastodon/model"
	"homeport/sandbox/mastodon/release"
)

// Rails is one call of rails with tasks of the database, the only ones that
// this stand-in has.
type Rails struct {
	Release release.Release
	DB      *database.Database
	Out     io.Writer
}

type task func(Rails, context.Context) error

var tasks = map[string]task{
	"db:create":                      Rails.create,
	"db:migrate":                     Rails.migrate,
	"db:migrate:status":              Rails.status,
	"db:prepare":                     Rails.prepare,
	"db:schema:load":                 Rails.load,
	"db:seed":                        Rails.seed,
	"db:setup":                       Rails.setup,
	"db:version":                     Rails.version,
	"db:abort_if_pending_migrations": Rails.abortIfPending,
}

// Tasks returns the tasks of a command line. Assignments among them, such as
// SKIP_POST_DEPLOYMENT_MIGRATIONS=true, go to the environment, as with rake.
func Tasks(line []string) ([]string, error) {
	var names []string
	for _, word := range line {
		variable, value, assignment := strings.Cut(word, "=")
		switch {
		case assignment && variable == "VERSION":
			return nil, errors.New("this stand-in migrates to no VERSION but the newest")
		case assignment:
			if err := os.Setenv(variable, value); err != nil {
				return nil, err
			}
		case tasks[word] == nil && word != EncryptionInit:
			return nil, fmt.Errorf("Don't know how to build task '%s'; this stand-in knows %s", word, known())
		default:
			names = append(names, word)
		}
	}
	if len(names) == 0 {
		return nil, errors.New("no task is named; this stand-in knows " + known())
	}
	return names, nil
}

func known() string {
	names := []string{EncryptionInit}
	for name := range tasks {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// Run carries out one task.
func (r Rails) Run(ctx context.Context, name string) error {
	// A database that is not there yet has a server all the same: db:create and
	// those that call it see to it.
	if there, err := r.DB.Exists(ctx); err != nil {
		return err
	} else if there {
		if err := r.DB.CheckServer(ctx); err != nil {
			return err
		}
	}
	return tasks[name](r, ctx)
}

// EncryptionInit is the task that needs no settings: it makes three of them.
const EncryptionInit = "db:encryption:init"

// PrintEncryptionKeys prints new keys, one variable a line.
func PrintEncryptionKeys(out io.Writer) {
	for _, name := range []string{"DETERMINISTIC_KEY", "KEY_DERIVATION_SALT", "PRIMARY_KEY"} {
		fmt.Fprintf(out, "ACTIVE_RECORD_ENCRYPTION_%s=%s\n", name, model.NewToken(16))
	}
}

func (r Rails) create(ctx context.Context) error {
	made, err := r.DB.Create(ctx)
	if err == nil && !made {
		fmt.Fprintln(r.Out, "The database already exists")
	}
	return err
}

func (r Rails) migrate(ctx context.Context) error {
	return r.DB.Migrate(ctx, database.SkipPost(), r.Out)
}

func (r Rails) prepare(ctx context.Context) error {
	return r.DB.Prepare(ctx, database.SkipPost(), r.Out)
}

func (r Rails) load(ctx context.Context) error { return r.DB.Load(ctx, r.Out) }

func (r Rails) seed(ctx context.Context) error { return r.DB.Seed(ctx) }

func (r Rails) setup(ctx context.Context) error {
	for _, step := range []task{Rails.create, Rails.load, Rails.seed} {
		if err := step(r, ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r Rails) version(ctx context.Context) error {
	version, err := r.DB.SchemaVersion(ctx)
	if err == nil {
		fmt.Fprintf(r.Out, "Current version: %d\n", version)
	}
	return err
}

func (r Rails) status(ctx context.Context) error {
	applied, err := r.DB.Applied(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(r.Out, " Status   Migration ID    Migration Name\n%s\n", strings.Repeat("-", 50))
	for _, m := range database.Known(r.Release, database.SkipPost()) {
		state := "down"
		if applied[m.Version] {
			state = "up"
		}
		delete(applied, m.Version)
		fmt.Fprintf(r.Out, "%6s     %s  %s\n", state, m.Version, m.Name)
	}
	for version := range applied {
		fmt.Fprintf(r.Out, "%6s     %s  ********** NO FILE **********\n", "up", version)
	}
	return nil
}

func (r Rails) abortIfPending(ctx context.Context) error {
	pending, err := r.DB.Pending(ctx, database.SkipPost())
	if err != nil || len(pending) == 0 {
		return err
	}
	return PendingError(pending)
}

// PendingError names the migrations that are still to run.
func PendingError(pending []database.Migration) error {
	names := make([]string, len(pending))
	for i, m := range pending {
		names[i] = m.Version + " " + m.Name
	}
	return fmt.Errorf("ActiveRecord::PendingMigrationError: %d migrations are pending, run rails db:migrate: %s",
		len(pending), strings.Join(names, ", "))
}
