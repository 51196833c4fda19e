package database

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"homeport/sandbox/mattermost/model"
)

// postedChannel is the PostgreSQL channel on which servers tell each other the
// identifiers of new posts. Whole posts would not fit its 8000 bytes.
const postedChannel = "mattermost_posted"

const postColumns = "id, createat, updateat, editat, deleteat, userid, channelid, rootid, message, fileids"

func scanPost(row pgx.CollectableRow) (*model.Post, error) {
	post := model.Post{Props: map[string]any{}}
	err := row.Scan(&post.ID, &post.CreateAt, &post.UpdateAt, &post.EditAt, &post.DeleteAt, &post.UserID,
		&post.ChannelID, &post.RootID, &post.Message, &post.FileIDs)
	return &post, err
}

// CreatePost stores a post with its files and tells all servers about it. The
// files must have been sent by the same user to the same channel, and be free.
func (db *Database) CreatePost(ctx context.Context, post model.Post) (*model.Post, error) {
	post.ID, post.CreateAt = model.NewID(), now()
	post.UpdateAt, post.Props = post.CreateAt, map[string]any{}
	if post.FileIDs == nil {
		post.FileIDs = []string{}
	}
	err := pgx.BeginFunc(ctx, db.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO posts
			(id, createat, updateat, userid, channelid, rootid, message, fileids)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, post.ID, post.CreateAt, post.UpdateAt, post.UserID,
			post.ChannelID, post.RootID, post.Message, post.FileIDs); err != nil {
			return err
		}
		changed, err := tx.Exec(ctx, `UPDATE fileinfo SET postid = $1
			WHERE id = ANY($2) AND creatorid = $3 AND channelid = $4 AND postid = ''`,
			post.ID, post.FileIDs, post.UserID, post.ChannelID)
		if err != nil {
			return err
		}
		if changed.RowsAffected() != int64(len(post.FileIDs)) {
			return model.InvalidParameter("file_ids")
		}
		_, err = tx.Exec(ctx, "SELECT pg_notify($1, $2)", postedChannel, post.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &post, nil
}

// Post finds one post; it returns nil without an error if there is none.
func (db *Database) Post(ctx context.Context, id string) (*model.Post, error) {
	rows, err := db.pool.Query(ctx, "SELECT "+postColumns+" FROM posts WHERE id = $1", id)
	if err != nil {
		return nil, err
	}
	post, err := pgx.CollectExactlyOneRow(rows, scanPost)
	if missing(err) {
		return nil, nil
	}
	return post, err
}

// ChannelPosts returns one page of a channel, counted from 0 for the newest.
func (db *Database) ChannelPosts(
	ctx context.Context, channel string, page, perPage int,
) (*model.PostList, error) {
	// One post more on either side gives the identifiers of the neighbours.
	skip := max(page*perPage-1, 0)
	leading := page*perPage - skip
	rows, err := db.pool.Query(ctx, "SELECT "+postColumns+` FROM posts
		WHERE channelid = $1 AND deleteat = 0 ORDER BY createat DESC, id DESC LIMIT $2 OFFSET $3`,
		channel, leading+perPage+1, skip)
	if err != nil {
		return nil, err
	}
	posts, err := pgx.CollectRows(rows, scanPost)
	if err != nil {
		return nil, err
	}
	return listed(posts, leading, perPage), nil
}

// listed makes a page out of posts with up to leading newer ones before it and
// one older one after it.
func listed(posts []*model.Post, leading, perPage int) *model.PostList {
	list := &model.PostList{Order: []string{}, Posts: map[string]*model.Post{}}
	for position, post := range posts {
		switch {
		case position < leading:
			list.NextPostID = post.ID
		case position >= leading+perPage:
			list.PrevPostID = post.ID
		default:
			list.Order = append(list.Order, post.ID)
			list.Posts[post.ID] = post
		}
	}
	return list
}

// Listen calls posted with each post that any server stores, until ctx ends.
// It connects again after the database was away, and calls listening each time
// it is connected.
func (db *Database) Listen(ctx context.Context, log *slog.Logger, listening func(), posted func(*model.Post)) {
	for ctx.Err() == nil {
		err := db.listen(ctx, listening, posted)
		if ctx.Err() != nil {
			return
		}
		log.Warn("Lost the connection that hears of new posts", "error", err.Error())
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

func (db *Database) listen(ctx context.Context, listening func(), posted func(*model.Post)) error {
	// A connection of its own: in the pool it would count as never given back.
	connection, err := pgx.ConnectConfig(ctx, db.pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer connection.Close(context.WithoutCancel(ctx))
	if _, err := connection.Exec(ctx, "LISTEN "+postedChannel); err != nil {
		return err
	}
	listening()
	for {
		notice, err := connection.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		post, err := db.Post(ctx, notice.Payload)
		if err != nil {
			return err
		}
		if post != nil {
			posted(post)
		}
	}
}
