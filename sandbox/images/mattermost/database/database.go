// Package database keeps users, sessions, posts and the list of files in
// PostgreSQL, and carries news of posts between servers.
package database

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// minimumVersion is what Mattermost 11 demands, as server_version_num has it.
const minimumVersion = 140000

// Database is a connection pool to a migrated database.
type Database struct {
	pool *pgxpool.Pool
}

// Open waits up to patience for the database to answer, then refuses one that
// is too old and brings its tables up to date for this version of the server.
func Open(
	ctx context.Context, dataSource string, connections int, patience time.Duration, version string,
	log *slog.Logger,
) (*Database, error) {
	config, err := pgxpool.ParseConfig(dataSource)
	if err != nil {
		return nil, errors.New("MM_SQLSETTINGS_DATASOURCE cannot be parsed as a PostgreSQL URL")
	}
	config.MaxConns = int32(connections)
	config.MaxConnIdleTime = time.Minute
	config.ConnConfig.ConnectTimeout = 5 * time.Second
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	db := &Database{pool: pool}
	if err = db.wait(ctx, patience, log); err == nil {
		err = db.checkVersion(ctx)
	}
	if err == nil {
		err = db.migrate(ctx, version, log)
	}
	if err != nil {
		pool.Close()
		return nil, err
	}
	return db, nil
}

// Close gives all connections back.
func (db *Database) Close() { db.pool.Close() }

// Ping asks whether the database answers a query.
func (db *Database) Ping(ctx context.Context) error {
	_, err := db.pool.Exec(ctx, "SELECT 1")
	return err
}

// Connections counts the open connections.
func (db *Database) Connections() int { return int(db.pool.Stat().TotalConns()) }

func (db *Database) wait(ctx context.Context, patience time.Duration, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var last error
	for {
		err := db.Ping(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() == nil {
			last = err
			log.Warn("Failed to ping DB", "error", err.Error(), "retrying in seconds", 1)
		}
		select {
		case <-ctx.Done():
			if last == nil {
				last = err
			}
			return fmt.Errorf("the database did not answer within %s: %w", patience, last)
		case <-time.After(time.Second):
		}
	}
}

func (db *Database) checkVersion(ctx context.Context) error {
	var text string
	if err := db.pool.QueryRow(ctx, "SHOW server_version_num").Scan(&text); err != nil {
		return err
	}
	number, err := strconv.Atoi(text)
	if err != nil {
		return fmt.Errorf("the database tells no usable version: %q", text)
	}
	return supported(number)
}

func supported(number int) error {
	if number < minimumVersion {
		return fmt.Errorf(
			"minimum Postgres version requirements not met: found %d.%d, need %d.0 or newer",
			number/10000, number%10000, minimumVersion/10000)
	}
	return nil
}

// violates tells whether err is a second row where the named index allows one.
func violates(err error, index string) bool {
	var problem *pgconn.PgError
	return errors.As(err, &problem) && problem.Code == "23505" && problem.ConstraintName == index
}

func missing(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

func now() int64 { return time.Now().UnixMilli() }
