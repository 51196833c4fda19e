package database

import (
	"context"
	"time"

	"homeport/sandbox/mastodon/model"
)

// Application is a program that may ask for tokens.
type Application struct {
	ID          int64
	Name        string
	UID         string
	Secret      string
	RedirectURI string
	Scopes      string
}

// Token is what a client shows with each request. UserID is nil for a token
// of the application itself.
type Token struct {
	ID        int64
	Token     string
	Scopes    string
	CreatedAt time.Time
	UserID    *int64
	AccountID *int64
}

// CreateApplication registers a program; its keys are made here.
func (db *Database) CreateApplication(ctx context.Context, a Application) (Application, error) {
	a.ID, a.UID, a.Secret = model.NewID(), model.NewToken(22), model.NewToken(22)
	_, err := db.pool.Exec(ctx,
		`INSERT INTO oauth_applications (id, name, uid, secret, redirect_uri, scopes, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, now())`, a.ID, a.Name, a.UID, a.Secret, a.RedirectURI, a.Scopes)
	return a, err
}

// Application finds a program by its keys.
func (db *Database) Application(ctx context.Context, uid, secret string) (Application, error) {
	a := Application{UID: uid, Secret: secret}
	err := db.pool.QueryRow(ctx, `SELECT id, name, redirect_uri, scopes FROM oauth_applications
		WHERE uid = $1 AND secret = $2`, uid, secret).Scan(&a.ID, &a.Name, &a.RedirectURI, &a.Scopes)
	return a, missing(err)
}

// CreateToken makes a token for a user, or for the application itself.
func (db *Database) CreateToken(ctx context.Context, application int64, user *int64, scopes string) (Token, error) {
	token := Token{
		ID: model.NewID(), Token: model.NewToken(22), Scopes: scopes, CreatedAt: time.Now(), UserID: user,
	}
	_, err := db.pool.Exec(ctx,
		`INSERT INTO oauth_access_tokens (id, token, application_id, resource_owner_id, scopes, created_at)
		VALUES ($1, $2, $3, $4, $5, $6)`, token.ID, token.Token, application, user, scopes, token.CreatedAt)
	return token, err
}

// Token finds a token that was not revoked.
func (db *Database) Token(ctx context.Context, text string) (Token, error) {
	token := Token{Token: text}
	err := db.pool.QueryRow(ctx, `SELECT t.id, t.scopes, t.created_at, t.resource_owner_id, u.account_id
		FROM oauth_access_tokens t LEFT JOIN users u ON u.id = t.resource_owner_id
		WHERE t.token = $1 AND t.revoked_at IS NULL`, text).
		Scan(&token.ID, &token.Scopes, &token.CreatedAt, &token.UserID, &token.AccountID)
	return token, missing(err)
}

// ApplicationOf is the program that got a token.
func (db *Database) ApplicationOf(ctx context.Context, token Token) (int64, error) {
	var id int64
	err := db.pool.QueryRow(ctx, "SELECT application_id FROM oauth_access_tokens WHERE id = $1", token.ID).Scan(&id)
	return id, missing(err)
}
