package database

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/jackc/pgx/v5"

	"homeport/sandbox/mattermost/model"
)

// SessionLifetime is Mattermost's default for web sessions.
const SessionLifetime = 30 * 24 * time.Hour

// CreateSession returns a token for the account. The database keeps only its
// digest, so a token outlives restarts but cannot be read out of a backup.
func (db *Database) CreateSession(ctx context.Context, userID string) (string, error) {
	token := model.NewID()
	at := now()
	_, err := db.pool.Exec(ctx,
		"INSERT INTO sessions (token, createat, expiresat, userid) VALUES ($1, $2, $3, $4)",
		digest(token), at, at+SessionLifetime.Milliseconds(), userID)
	return token, err
}

// SessionUser returns the account that a token belongs to.
func (db *Database) SessionUser(ctx context.Context, token string) (*model.User, error) {
	rows, err := db.pool.Query(ctx, "SELECT "+userColumns+` FROM users
		WHERE deleteat = 0 AND id = (SELECT userid FROM sessions WHERE token = $1 AND expiresat > $2)`,
		digest(token), now())
	if err != nil {
		return nil, err
	}
	user, err := pgx.CollectExactlyOneRow(rows, scanUser)
	if missing(err) {
		return nil, model.ErrSession
	}
	return user, err
}

func digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
