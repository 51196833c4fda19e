package database

import (
	"context"
	"errors"
)

// Registrations are the ways in which a server takes new users.
type Registrations string

// A new server takes nobody, as Mastodon's do from 4.3 on.
const (
	RegistrationsClosed   Registrations = "none"
	RegistrationsApproved Registrations = "approved"
	RegistrationsOpen     Registrations = "open"
)

// Registrations tells how new users are taken.
func (db *Database) Registrations(ctx context.Context) (Registrations, error) {
	var mode Registrations
	err := db.pool.QueryRow(ctx, "SELECT value FROM settings WHERE var = 'registrations_mode'").Scan(&mode)
	if errors.Is(missing(err), ErrMissing) {
		return RegistrationsClosed, nil
	}
	return mode, err
}

// SetRegistrations changes how new users are taken.
func (db *Database) SetRegistrations(ctx context.Context, mode Registrations) error {
	_, err := db.pool.Exec(ctx, `INSERT INTO settings (var, value) VALUES ('registrations_mode', $1)
		ON CONFLICT (var) DO UPDATE SET value = EXCLUDED.value`, mode)
	return err
}
