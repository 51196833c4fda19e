package database

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// migrationLock is the advisory lock under which one server at a time migrates.
const migrationLock = 0x6d61747465726d

// migrations are the steps from an empty database to this server's tables.
// Steps are only ever added: their count is the schema version in systems.
var migrations = []string{
	`CREATE TABLE users (
		id varchar(26) PRIMARY KEY,
		createat bigint NOT NULL,
		updateat bigint NOT NULL,
		deleteat bigint NOT NULL DEFAULT 0,
		username varchar(64) NOT NULL,
		email varchar(128) NOT NULL,
		password varchar(128) NOT NULL,
		roles varchar(256) NOT NULL);
	CREATE UNIQUE INDEX users_username_key ON users (username);
	CREATE UNIQUE INDEX users_email_key ON users (email);
	CREATE TABLE sessions (
		token varchar(64) PRIMARY KEY,
		createat bigint NOT NULL,
		expiresat bigint NOT NULL,
		userid varchar(26) NOT NULL REFERENCES users (id));
	CREATE TABLE posts (
		id varchar(26) PRIMARY KEY,
		createat bigint NOT NULL,
		updateat bigint NOT NULL,
		editat bigint NOT NULL DEFAULT 0,
		deleteat bigint NOT NULL DEFAULT 0,
		userid varchar(26) NOT NULL REFERENCES users (id),
		channelid varchar(64) NOT NULL,
		rootid varchar(26) NOT NULL DEFAULT '',
		message text NOT NULL,
		fileids text[] NOT NULL DEFAULT '{}');
	CREATE INDEX posts_channelid_createat ON posts (channelid, createat DESC, id DESC);
	CREATE TABLE fileinfo (
		id varchar(26) PRIMARY KEY,
		creatorid varchar(26) NOT NULL REFERENCES users (id),
		postid varchar(26) NOT NULL DEFAULT '',
		channelid varchar(64) NOT NULL,
		createat bigint NOT NULL,
		path text NOT NULL,
		name text NOT NULL,
		extension varchar(64) NOT NULL,
		size bigint NOT NULL,
		mimetype text NOT NULL,
		sha256 varchar(64) NOT NULL)`,
}

// migrate runs the missing steps in one transaction, so that a server that is
// stopped half-way leaves the tables as they were.
func (db *Database) migrate(ctx context.Context, version string, log *slog.Logger) error {
	return pgx.BeginFunc(ctx, db.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(migrationLock)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `CREATE TABLE IF NOT EXISTS systems (
			name varchar(64) PRIMARY KEY, value varchar(1024) NOT NULL)`); err != nil {
			return fmt.Errorf("failed to create the table systems: %w", err)
		}
		done, err := schemaVersion(ctx, tx)
		if err != nil {
			return err
		}
		if done > len(migrations) {
			return fmt.Errorf("the database has schema version %d, this server knows only %d: "+
				"it was used by a newer server", done, len(migrations))
		}
		for step := done; step < len(migrations); step++ {
			if _, err := tx.Exec(ctx, migrations[step]); err != nil {
				return fmt.Errorf("migration %d failed: %w", step+1, err)
			}
		}
		before, err := systemValue(ctx, tx, "Version")
		if err != nil {
			return err
		}
		if before != version {
			log.Info("The database schema is up to date", "schema_version", len(migrations),
				"server_version_before", before, "server_version", version)
		}
		if err := setSystemValue(ctx, tx, "Version", version); err != nil {
			return err
		}
		return setSystemValue(ctx, tx, "SchemaVersion", strconv.Itoa(len(migrations)))
	})
}

func schemaVersion(ctx context.Context, tx pgx.Tx) (int, error) {
	value, err := systemValue(ctx, tx, "SchemaVersion")
	if err != nil || value == "" {
		return 0, err
	}
	number, err := strconv.Atoi(value)
	if err != nil {
		return 0, fmt.Errorf("the table systems has the unusable SchemaVersion %q", value)
	}
	return number, nil
}

// systemValue is empty if the table has no such row.
func systemValue(ctx context.Context, tx pgx.Tx, name string) (string, error) {
	var value string
	err := tx.QueryRow(ctx, "SELECT value FROM systems WHERE name = $1", name).Scan(&value)
	if missing(err) {
		return "", nil
	}
	return value, err
}

func setSystemValue(ctx context.Context, tx pgx.Tx, name, value string) error {
	_, err := tx.Exec(ctx, `INSERT INTO systems (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value`, name, value)
	return err
}
