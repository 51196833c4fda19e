package database

import (
	"context"

	"github.com/jackc/pgx/v5"
	"golang.org/x/crypto/bcrypt"

	"homeport/sandbox/mattermost/model"
)

const userColumns = "id, createat, updateat, deleteat, username, email, roles"

func scanUser(row pgx.CollectableRow) (*model.User, error) {
	var u model.User
	err := row.Scan(&u.ID, &u.CreateAt, &u.UpdateAt, &u.DeleteAt, &u.Username, &u.Email, &u.Roles)
	return &u, err
}

// CreateUser adds an account; the request must have passed its Check.
func (db *Database) CreateUser(ctx context.Context, request model.NewUser) (*model.User, error) {
	hash, err := bcrypt.GenerateFromPassword([]byte(request.Password), bcrypt.DefaultCost)
	if err != nil {
		return nil, err
	}
	at := now()
	user := &model.User{
		ID: model.NewID(), CreateAt: at, UpdateAt: at,
		Username: request.Username, Email: request.Email, Roles: request.Roles,
	}
	_, err = db.pool.Exec(ctx, `INSERT INTO users (id, createat, updateat, username, email, password, roles)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		user.ID, user.CreateAt, user.UpdateAt, user.Username, user.Email, string(hash), user.Roles)
	switch {
	case violates(err, "users_username_key"):
		return nil, model.ErrUsernameTaken
	case violates(err, "users_email_key"):
		return nil, model.ErrEmailTaken
	case err != nil:
		return nil, err
	}
	return user, nil
}

// SetPassword gives the account of that name another password.
func (db *Database) SetPassword(ctx context.Context, name, password string) error {
	user, err := db.FindUser(ctx, name)
	if err != nil {
		return err
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	if err != nil {
		return err
	}
	_, err = db.pool.Exec(ctx, "UPDATE users SET password = $1, updateat = $2 WHERE id = $3",
		string(hash), now(), user.ID)
	return err
}

// FindUser finds an account by its username, email address or identifier.
func (db *Database) FindUser(ctx context.Context, name string) (*model.User, error) {
	rows, err := db.pool.Query(ctx, "SELECT "+userColumns+` FROM users
		WHERE username = lower($1) OR email = lower($1) OR id = $1 ORDER BY createat LIMIT 1`, name)
	if err != nil {
		return nil, err
	}
	user, err := pgx.CollectExactlyOneRow(rows, scanUser)
	if missing(err) {
		return nil, model.ErrUserMissing
	}
	return user, err
}

// Users lists all accounts, the oldest first.
func (db *Database) Users(ctx context.Context) ([]*model.User, error) {
	rows, err := db.pool.Query(ctx, "SELECT "+userColumns+" FROM users ORDER BY createat, id")
	if err != nil {
		return nil, err
	}
	users, err := pgx.CollectRows(rows, scanUser)
	if users == nil {
		users = []*model.User{}
	}
	return users, err
}

// CheckPassword returns the account that the login name and password belong to.
func (db *Database) CheckPassword(ctx context.Context, login, password string) (*model.User, error) {
	var id, hash string
	err := db.pool.QueryRow(ctx, `SELECT id, password FROM users
		WHERE (username = lower($1) OR email = lower($1)) AND deleteat = 0`, login).Scan(&id, &hash)
	if missing(err) {
		return nil, model.ErrCredentials
	}
	if err != nil {
		return nil, err
	}
	if bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)) != nil {
		return nil, model.ErrCredentials
	}
	return db.FindUser(ctx, id)
}
