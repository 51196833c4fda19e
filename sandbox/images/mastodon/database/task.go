package database

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/jackc/pgx/v5"
)

// ErrProtected says that a task would have thrown a database away.
var ErrProtected = errors.New("ActiveRecord::ProtectedEnvironmentError: this would destroy the production database; " +
	"set DISABLE_DATABASE_ENVIRONMENT_CHECK=1 to do it")

// Create makes the database if there is none, and tells whether it did.
func (db *Database) Create(ctx context.Context) (bool, error) {
	connection, err := pgx.Connect(ctx, db.where.DSN("postgres"))
	if err != nil {
		return false, err
	}
	defer connection.Close(ctx)
	var there bool
	err = connection.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)",
		db.where.Name).Scan(&there)
	if err != nil || there {
		return false, err
	}
	_, err = connection.Exec(ctx,
		"CREATE DATABASE "+pgx.Identifier{db.where.Name}.Sanitize()+" ENCODING 'UTF8' TEMPLATE template0")
	return err == nil, err
}

// Exists tells whether the server has the database.
func (db *Database) Exists(ctx context.Context) (bool, error) {
	err := db.pool.Ping(ctx)
	if code(err) == undefinedCatalog {
		return false, nil
	}
	return err == nil, err
}

// Load makes all tables of the release in an empty database. One that is not
// empty it throws away, if DISABLE_DATABASE_ENVIRONMENT_CHECK allows it.
func (db *Database) Load(ctx context.Context, out io.Writer) error {
	applied, err := db.Applied(ctx)
	if err != nil {
		return err
	}
	if len(applied) > 0 {
		if os.Getenv("DISABLE_DATABASE_ENVIRONMENT_CHECK") == "" {
			return ErrProtected
		}
		if _, err := db.pool.Exec(ctx, "DROP SCHEMA public CASCADE; CREATE SCHEMA public"); err != nil {
			return fmt.Errorf("the tables could not be thrown away: %w", err)
		}
	}
	return db.Migrate(ctx, false, out)
}

// Seed adds the roles that every server has. It can run again.
func (db *Database) Seed(ctx context.Context) error {
	_, err := db.pool.Exec(ctx, `INSERT INTO user_roles (id, name, position, permissions) VALUES
		(-99, '', -1, 65536), (1, 'Moderator', 10, 1308), (2, 'Admin', 100, 983036), (3, 'Owner', 1000, 1)
		ON CONFLICT DO NOTHING`)
	return err
}

// Prepare makes the database ready whatever its state: an absent or empty one
// gets all tables and the roles, another one what is pending.
func (db *Database) Prepare(ctx context.Context, skipPost bool, out io.Writer) error {
	there, err := db.Exists(ctx)
	if err != nil {
		return err
	}
	if !there {
		if _, err := db.Create(ctx); err != nil {
			return err
		}
		fmt.Fprintf(out, "Created database '%s'\n", db.where.Name)
	}
	applied, err := db.Applied(ctx)
	if err != nil {
		return err
	}
	if len(applied) > 0 {
		return db.Migrate(ctx, skipPost, out)
	}
	if err := db.Load(ctx, out); err != nil {
		return err
	}
	return db.Seed(ctx)
}
