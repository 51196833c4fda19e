package database

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"homeport/sandbox/mastodon/release"
)

// migrationLock is the advisory lock under which one process at a time migrates.
const migrationLock = 0x6d6173746f646f6e

// blockTable is how a test makes the next migration fail.
const blockTable = "homeport_block_migration"

// SkipPost tells whether SKIP_POST_DEPLOYMENT_MIGRATIONS is set. As in
// Mastodon any value does it, false too.
func SkipPost() bool {
	_, set := os.LookupEnv("SKIP_POST_DEPLOYMENT_MIGRATIONS")
	return set
}

// Known are the migrations that a release brings along, in their order;
// without those for after its deployment if skipPost.
func Known(version release.Release, skipPost bool) []Migration {
	var known []Migration
	for _, m := range migrations {
		if version.AtLeast(m.since[0], m.since[1]) && !(skipPost && m.Post) {
			known = append(known, m)
		}
	}
	slices.SortFunc(known, func(a, b Migration) int { return strings.Compare(a.Version, b.Version) })
	return known
}

// Applied are the versions that the database has seen; none if it is empty.
func (db *Database) Applied(ctx context.Context) (map[string]bool, error) {
	var versions []string
	rows, err := db.pool.Query(ctx, "SELECT version FROM schema_migrations")
	if err == nil {
		versions, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	if code(err) == undefinedTable {
		return map[string]bool{}, nil
	}
	applied := map[string]bool{}
	for _, version := range versions {
		applied[version] = true
	}
	return applied, err
}

// Pending are the migrations that are still to run.
func (db *Database) Pending(ctx context.Context, skipPost bool) ([]Migration, error) {
	applied, err := db.Applied(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(Known(db.release, skipPost), func(m Migration) bool { return applied[m.Version] }), nil
}

// ErrConcurrent says that another process migrates at this moment.
var ErrConcurrent = errors.New("ActiveRecord::ConcurrentMigrationError: another migration process is running")

// Migrate runs what is pending, each step in a transaction of its own: those
// before a step that fails stay done. It says on out what it does.
func (db *Database) Migrate(ctx context.Context, skipPost bool, out io.Writer) error {
	connection, err := db.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer connection.Release()
	var locked bool
	err = connection.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", int64(migrationLock)).Scan(&locked)
	if err != nil {
		return err
	}
	if !locked {
		return ErrConcurrent
	}
	defer func() {
		_, _ = connection.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migrationLock))
	}()
	if _, err := connection.Exec(ctx, `CREATE TABLE IF NOT EXISTS schema_migrations (version varchar PRIMARY KEY);
		CREATE TABLE IF NOT EXISTS ar_internal_metadata (key varchar PRIMARY KEY, value varchar);
		INSERT INTO ar_internal_metadata VALUES ('environment', 'production') ON CONFLICT DO NOTHING`); err != nil {
		return err
	}
	pending, err := db.Pending(ctx, skipPost)
	if err != nil {
		return err
	}
	for _, step := range pending {
		title := step.Version + " " + step.Name
		fmt.Fprintf(out, "== %s: migrating ==\n", title)
		began := time.Now()
		if err := apply(ctx, connection, step); err != nil {
			return fmt.Errorf("%s: an error has occurred, this and all later migrations canceled: %w", title, err)
		}
		fmt.Fprintf(out, "== %s: migrated (%.4fs) ==\n", title, time.Since(began).Seconds())
	}
	return nil
}

func apply(ctx context.Context, connection *pgxpool.Conn, step Migration) error {
	return pgx.BeginFunc(ctx, connection, func(tx pgx.Tx) error {
		var blocked bool
		err := tx.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", blockTable).Scan(&blocked)
		if err != nil {
			return err
		}
		if blocked {
			return fmt.Errorf("the table %s is there", blockTable)
		}
		if _, err := tx.Exec(ctx, step.sql); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO schema_migrations (version) VALUES ($1)", step.Version)
		return err
	})
}

// SchemaVersion is the newest migration that the database has seen.
func (db *Database) SchemaVersion(ctx context.Context) (int64, error) {
	applied, err := db.Applied(ctx)
	var newest int64
	for version := range applied {
		if number, err := strconv.ParseInt(version, 10, 64); err == nil {
			newest = max(newest, number)
		}
	}
	return newest, err
}
