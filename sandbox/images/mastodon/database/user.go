package database

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/crypto/bcrypt"

	"homeport/sandbox/mastodon/model"
)

// ErrCredentials says that address and password do not belong together.
var ErrCredentials = errors.New("the provided authorization grant is invalid")

// ErrRole says that there is no role of that name.
var ErrRole = errors.New("Cannot find user role with that name")

const userQuery = `SELECT u.id, u.account_id, a.username, a.created_at, u.email, coalesce(r.name, ''),
	u.confirmed_at IS NOT NULL, u.approved, u.disabled, coalesce(u.confirmation_token, '')
	FROM users u JOIN accounts a ON a.id = u.account_id LEFT JOIN user_roles r ON r.id = u.role_id WHERE `

func (db *Database) user(ctx context.Context, condition string, argument any) (*model.User, error) {
	rows, err := db.pool.Query(ctx, userQuery+condition, argument)
	if err != nil {
		return nil, err
	}
	user, err := pgx.CollectExactlyOneRow(rows, scanUser)
	return user, missing(err)
}

func scanUser(row pgx.CollectableRow) (*model.User, error) {
	var u model.User
	err := row.Scan(&u.ID, &u.Account.ID, &u.Account.Username, &u.Account.CreatedAt, &u.Email, &u.Role,
		&u.Confirmed, &u.Approved, &u.Disabled, &u.ConfirmationToken)
	return &u, err
}

// User finds a user by its identifier.
func (db *Database) User(ctx context.Context, id int64) (*model.User, error) {
	return db.user(ctx, "u.id = $1", id)
}

// FindUser finds a user by its name.
func (db *Database) FindUser(ctx context.Context, username string) (*model.User, error) {
	return db.user(ctx, "lower(a.username) = lower($1)", username)
}

// CreateUser adds an account and its user; the request must have passed its Check.
func (db *Database) CreateUser(ctx context.Context, request model.NewUser) (*model.User, error) {
	hash, err := bcrypt.GenerateFromPassword([]byte(request.Password), bcrypt.DefaultCost)
	if err != nil {
		return nil, err
	}
	at := time.Now()
	id, accountID := model.NewID(), model.NewID()
	var token *string
	var confirmed *time.Time
	if request.Confirmed {
		confirmed = &at
	} else {
		fresh := model.NewToken(10)
		token = &fresh
	}
	err = pgx.BeginFunc(ctx, db.pool, func(tx pgx.Tx) error {
		role, err := roleID(ctx, tx, request.Role)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "INSERT INTO accounts (id, username, created_at) VALUES ($1, $2, $3)",
			accountID, request.Username, at); err != nil {
			return err
		}
		// The release's own column is named, so that a wrong order of migrations is seen here.
		_, err = tx.Exec(ctx, `INSERT INTO users (id, account_id, email, encrypted_password, otp_secret, role_id,
			confirmation_token, confirmed_at, approved, created_at, `+db.userColumn()+`)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL)`, id, accountID, request.Email, string(hash),
			db.vault.Encrypt(secretName(id), model.NewToken(20)), role, token, confirmed, request.Approved, at)
		return err
	})
	switch {
	case violates(err, "index_accounts_on_username"):
		return nil, &model.Invalid{Attribute: "account.username", Reason: "taken"}
	case violates(err, "index_users_on_email"):
		return nil, &model.Invalid{Attribute: "email", Reason: "taken"}
	case err != nil:
		return nil, err
	}
	return db.User(ctx, id)
}

// CheckPassword returns the user whom address and password belong to. It reads
// the user's second factor too, so keys that were changed end every log-in.
func (db *Database) CheckPassword(ctx context.Context, email, password string) (*model.User, error) {
	var id int64
	var hash, sealed string
	err := db.pool.QueryRow(ctx, "SELECT id, encrypted_password, otp_secret, "+db.userColumn()+
		" FROM users WHERE lower(email) = lower($1)", email).Scan(&id, &hash, &sealed, nil)
	if errors.Is(missing(err), ErrMissing) {
		return nil, ErrCredentials
	}
	if err != nil {
		return nil, err
	}
	if bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)) != nil {
		return nil, ErrCredentials
	}
	if _, err := db.vault.Decrypt(secretName(id), sealed); err != nil {
		return nil, fmt.Errorf("the second factor of user %d cannot be read: %w", id, err)
	}
	return db.User(ctx, id)
}

// secretName binds a second factor to its user.
func secretName(id int64) string { return fmt.Sprintf("users.otp_secret %d", id) }

// Confirm marks the address as confirmed to which the token was sent.
func (db *Database) Confirm(ctx context.Context, token string) (*model.User, error) {
	var id int64
	err := db.pool.QueryRow(ctx, `UPDATE users SET confirmed_at = now(), confirmation_token = NULL
		WHERE confirmation_token = $1 RETURNING id`, token).Scan(&id)
	if err != nil {
		return nil, missing(err)
	}
	return db.User(ctx, id)
}

// UserChange is what tootctl changes in a user; nil and false leave as it is.
type UserChange struct {
	Role     *string
	Password string
	Confirm  bool
	Approve  bool
	Disabled *bool
}

// ChangeUser changes a user. A new password ends all that the old one opened.
func (db *Database) ChangeUser(ctx context.Context, id int64, change UserChange) error {
	return pgx.BeginFunc(ctx, db.pool, func(tx pgx.Tx) error {
		if change.Role != nil {
			role, err := roleID(ctx, tx, *change.Role)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "UPDATE users SET role_id = $2 WHERE id = $1", id, role); err != nil {
				return err
			}
		}
		if change.Password != "" {
			hash, err := bcrypt.GenerateFromPassword([]byte(change.Password), bcrypt.DefaultCost)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "UPDATE users SET encrypted_password = $2 WHERE id = $1", id,
				string(hash)); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `UPDATE oauth_access_tokens SET revoked_at = now()
				WHERE resource_owner_id = $1 AND revoked_at IS NULL`, id); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `UPDATE users SET
			confirmed_at = CASE WHEN $2 THEN coalesce(confirmed_at, now()) ELSE confirmed_at END,
			approved = approved OR $3, disabled = coalesce($4, disabled) WHERE id = $1`,
			id, change.Confirm, change.Approve, change.Disabled)
		return err
	})
}

// roleID is nil for the role that everybody has.
func roleID(ctx context.Context, tx pgx.Tx, name string) (*int64, error) {
	if name == "" {
		return nil, nil
	}
	var id int64
	err := tx.QueryRow(ctx, "SELECT id FROM user_roles WHERE name = $1", name).Scan(&id)
	if errors.Is(missing(err), ErrMissing) {
		return nil, ErrRole
	}
	return &id, err
}

// Users are all users, the oldest first.
func (db *Database) Users(ctx context.Context) ([]*model.User, error) {
	rows, err := db.pool.Query(ctx, userQuery+"true ORDER BY u.id")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanUser)
}
