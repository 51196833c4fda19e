// Package database keeps everything that must last in PostgreSQL, in tables
// that change with the release.
package database

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"homeport/sandbox/mastodon/release"
	"homeport/sandbox/mastodon/settings"
	"homeport/sandbox/mastodon/vault"
)

const dialPatience = 5 * time.Second

// Database is a pool of connections, used as one release uses its tables.
type Database struct {
	pool    *pgxpool.Pool
	where   settings.Postgres
	release release.Release
	vault   *vault.Vault // nil in the streaming process, which reads nothing encrypted
}

// Open makes the pool. It connects when it is first used, so a process starts
// without its database, as Mastodon's do.
func Open(
	ctx context.Context, where settings.Postgres, connections int, version release.Release, keys *vault.Vault,
) (*Database, error) {
	config, err := pgxpool.ParseConfig(where.DSN(where.Name))
	if err != nil {
		return nil, errors.New("DB_HOST, DB_PORT, DB_NAME and DB_USER make no usable connection")
	}
	config.MaxConns = int32(connections)
	config.MaxConnIdleTime = time.Minute
	config.ConnConfig.ConnectTimeout = dialPatience
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	return &Database{pool: pool, where: where, release: version, vault: keys}, nil
}

// Close gives all connections back.
func (db *Database) Close() { db.pool.Close() }

// CheckServer refuses a server that is too old for the release.
func (db *Database) CheckServer(ctx context.Context) error {
	var text string
	if err := db.pool.QueryRow(ctx, "SHOW server_version_num").Scan(&text); err != nil {
		return err
	}
	number, err := strconv.Atoi(text)
	if err != nil {
		return fmt.Errorf("the database tells no usable version: %q", text)
	}
	return supported(number, db.release.MinimumPostgres())
}

// ErrTooOld marks a server that no waiting makes good.
var ErrTooOld = errors.New("the server is too old")

func supported(number, minimum int) error {
	if number < minimum {
		return fmt.Errorf("%w: this release needs PostgreSQL %d.0 or newer and found %d.%d: update PostgreSQL first",
			ErrTooOld, minimum/10000, number/10000, number%10000)
	}
	return nil
}

// PostgreSQL's codes for what is not there.
const (
	undefinedTable   = "42P01"
	undefinedCatalog = "3D000" // a database
)

// code is PostgreSQL's error code, or empty.
func code(err error) string {
	var problem *pgconn.PgError
	if errors.As(err, &problem) {
		return problem.Code
	}
	return ""
}

// violates tells whether err is a second row where the named index allows one.
func violates(err error, index string) bool {
	var problem *pgconn.PgError
	return errors.As(err, &problem) && problem.Code == "23505" && problem.ConstraintName == index
}

// ErrMissing says that there is no such row.
var ErrMissing = errors.New("record not found")

func missing(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrMissing
	}
	return err
}
