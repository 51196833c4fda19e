package database

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homeport/sandbox/mastodon/model"
)

const mediaQuery = `SELECT id, coalesce(file_file_name, ''), coalesce(file_content_type, ''),
	coalesce(file_file_size, 0), coalesce(sha256, ''), coalesce(file_path, ''), description, created_at FROM media_attachments WHERE `

func scanMedia(row pgx.CollectableRow) (*model.Media, error) {
	var m model.Media
	err := row.Scan(&m.ID, &m.Name, &m.ContentType, &m.Size, &m.SHA256, &m.Path, &m.Description, &m.CreatedAt)
	return &m, err
}

// CreateMedia lists a file that was stored.
func (db *Database) CreateMedia(ctx context.Context, account int64, m model.Media) error {
	_, err := db.pool.Exec(ctx, `INSERT INTO media_attachments (id, account_id, file_file_name, file_content_type,
		file_file_size, file_path, sha256, description, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		m.ID, account, m.Name, m.ContentType, m.Size, m.Path, m.SHA256, m.Description, m.CreatedAt)
	return err
}

// Media finds one file.
func (db *Database) Media(ctx context.Context, id int64) (*model.Media, error) {
	rows, err := db.pool.Query(ctx, mediaQuery+"id = $1", id)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectExactlyOneRow(rows, scanMedia)
	return found, missing(err)
}

// RemoteMedia are the stored files of other servers from before the time.
func (db *Database) RemoteMedia(ctx context.Context, before time.Time) ([]*model.Media, error) {
	rows, err := db.pool.Query(ctx, mediaQuery+
		"remote_url <> '' AND file_path IS NOT NULL AND created_at < $1 ORDER BY id", before)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanMedia)
}

// ForgetFile says of a file of another server that it is no longer stored.
func (db *Database) ForgetFile(ctx context.Context, id int64) error {
	_, err := db.pool.Exec(ctx,
		"UPDATE media_attachments SET file_path = NULL, file_file_size = NULL WHERE id = $1", id)
	return err
}

// OldPreviewCards are those with a stored picture from before the time.
func (db *Database) OldPreviewCards(ctx context.Context, before time.Time) ([]model.PreviewCard, error) {
	rows, err := db.pool.Query(ctx, `SELECT id, image_path, coalesce(image_size, 0) FROM preview_cards
		WHERE image_path IS NOT NULL AND updated_at < $1 ORDER BY id`, before)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[model.PreviewCard])
}

// ForgetPicture says of a preview card that its picture is no longer stored.
func (db *Database) ForgetPicture(ctx context.Context, id int64) error {
	_, err := db.pool.Exec(ctx, "UPDATE preview_cards SET image_path = NULL, image_size = NULL WHERE id = $1", id)
	return err
}
