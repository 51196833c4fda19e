package database

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"homeport/sandbox/mastodon/model"
)

// CreateStatus adds a post. Its media must be the author's and still free.
func (db *Database) CreateStatus(
	ctx context.Context, account model.Account, text, visibility string, media []int64,
) (*model.Status, error) {
	id := model.NewID()
	if media == nil {
		media = []int64{}
	}
	err := pgx.BeginFunc(ctx, db.pool, func(tx pgx.Tx) error {
		column, value := db.statusColumn()
		// The release's own column is named, so that a wrong order of migrations is seen here.
		if _, err := tx.Exec(ctx, `INSERT INTO statuses
			(id, account_id, text, visibility, ordered_media_attachment_ids, created_at, `+column+`)
			VALUES ($1, $2, $3, $4, $5, $6, `+value+`)`, id, account.ID, text,
			slices.Index(model.Visibilities, visibility), media, time.Now()); err != nil {
			return err
		}
		taken, err := tx.Exec(ctx, `UPDATE media_attachments SET status_id = $1
			WHERE id = ANY($2) AND account_id = $3 AND status_id IS NULL`, id, media, account.ID)
		if err == nil && taken.RowsAffected() != int64(len(media)) {
			return &model.Invalid{Attribute: "media_ids", Reason: "not_found"}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return db.Status(ctx, id)
}

// Status finds one post.
func (db *Database) Status(ctx context.Context, id int64) (*model.Status, error) {
	found, err := db.Statuses(ctx, []int64{id})
	if err == nil && len(found) == 0 {
		err = ErrMissing
	}
	if err != nil {
		return nil, err
	}
	return &found[0], nil
}

// Statuses finds posts, the newest first; those that are gone are left out.
func (db *Database) Statuses(ctx context.Context, ids []int64) ([]model.Status, error) {
	return db.statuses(ctx, "s.id = ANY($1) ORDER BY s.id DESC", ids)
}

// PublicStatuses are the newest posts that everybody may see.
func (db *Database) PublicStatuses(ctx context.Context, limit int) ([]model.Status, error) {
	return db.statuses(ctx, "s.visibility = 0 ORDER BY s.id DESC LIMIT $1", limit)
}

// StatusIDs are an account's newest posts.
func (db *Database) StatusIDs(ctx context.Context, account int64, limit int) ([]int64, error) {
	rows, err := db.pool.Query(ctx, "SELECT id FROM statuses WHERE account_id = $1 ORDER BY id DESC LIMIT $2",
		account, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

func (db *Database) statuses(ctx context.Context, condition string, argument any) ([]model.Status, error) {
	column, _ := db.statusColumn()
	rows, err := db.pool.Query(ctx,
		`SELECT s.id, a.id, a.username, a.created_at, s.text, s.visibility, s.created_at,
		s.ordered_media_attachment_ids, s.`+column+` FROM statuses s JOIN accounts a ON a.id = s.account_id
		WHERE `+condition, argument)
	if err != nil {
		return nil, err
	}
	var media [][]int64
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (model.Status, error) {
		var s model.Status
		var visibility int
		var attached []int64
		err := row.Scan(&s.ID, &s.Account.ID, &s.Account.Username, &s.Account.CreatedAt, &s.Text, &visibility,
			&s.CreatedAt, &attached, nil)
		s.Visibility = model.Visibilities[visibility]
		media = append(media, attached)
		return s, err
	})
	for i := range found {
		for _, id := range media[i] {
			attachment, err := db.Media(ctx, id)
			if err != nil {
				return nil, err
			}
			found[i].Media = append(found[i].Media, *attachment)
		}
	}
	return found, err
}
