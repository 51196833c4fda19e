package database

import (
	"context"

	"github.com/jackc/pgx/v5"

	"homeport/sandbox/mattermost/model"
)

// CreateFileInfo stores the description of a file that is in its place.
func (db *Database) CreateFileInfo(ctx context.Context, file *model.FileInfo) error {
	_, err := db.pool.Exec(ctx, `INSERT INTO fileinfo
		(id, creatorid, channelid, createat, path, name, extension, size, mimetype, sha256)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, file.ID, file.UserID, file.ChannelID,
		file.CreateAt, file.Path, file.Name, file.Extension, file.Size, file.MimeType, file.SHA256)
	return err
}

// FileInfo finds the description of a file.
func (db *Database) FileInfo(ctx context.Context, id string) (*model.FileInfo, error) {
	rows, err := db.pool.Query(ctx, `SELECT id, creatorid, postid, channelid, createat, path, name,
		extension, size, mimetype, sha256 FROM fileinfo WHERE id = $1`, id)
	if err != nil {
		return nil, err
	}
	file, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (*model.FileInfo, error) {
		var f model.FileInfo
		err := row.Scan(&f.ID, &f.UserID, &f.PostID, &f.ChannelID, &f.CreateAt, &f.Path, &f.Name,
			&f.Extension, &f.Size, &f.MimeType, &f.SHA256)
		return &f, err
	})
	if missing(err) {
		return nil, model.ErrFileMissing
	}
	return file, err
}
