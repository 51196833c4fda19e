package model

import (
	"html"
	"strconv"
	"strings"
	"time"
)

// Site puts records into the forms of Mastodon's API, with the links of one server.
type Site struct{ LocalDomain, WebDomain string }

// JSON is an object of the API.
type JSON map[string]any

// Account is an account as everybody sees it.
func (s Site) Account(a Account) JSON {
	return JSON{
		"id": id(a.ID), "username": a.Username, "acct": a.Username, "display_name": a.Username, "locked": false,
		"bot": false, "note": "", "url": s.Profile(a.Username), "uri": s.Actor(a.Username),
		"created_at": a.CreatedAt.UTC().Truncate(24 * time.Hour).Format(timeLayout), "fields": []any{},
		"emojis": []any{},
	}
}

// Status is a post as clients and streams get it.
func (s Site) Status(status Status) JSON {
	media := make([]JSON, 0, len(status.Media))
	for _, m := range status.Media {
		media = append(media, s.Media(m))
	}
	url := s.Profile(status.Account.Username) + "/" + id(status.ID)
	return JSON{
		"id": id(status.ID), "created_at": status.CreatedAt.UTC().Format(timeLayout),
		"content":    content(status.Text),
		"visibility": status.Visibility, "account": s.Account(status.Account), "media_attachments": media,
		"url": url, "uri": s.Actor(status.Account.Username) + "/statuses/" + id(status.ID), "language": nil,
		"sensitive": false, "spoiler_text": "", "mentions": []any{}, "tags": []any{}, "emojis": []any{},
		"in_reply_to_id": nil, "in_reply_to_account_id": nil, "reblog": nil, "poll": nil, "card": nil,
		"replies_count": 0, "reblogs_count": 0, "favourites_count": 0,
	}
}

// Media is an attachment. The sum is this stand-in's own: it lets a check
// compare a file after a restore with the one that was sent.
func (s Site) Media(m Media) JSON {
	kind, _, _ := strings.Cut(m.ContentType, "/")
	if kind != "image" && kind != "video" && kind != "audio" {
		kind = "unknown"
	}
	shown := JSON{
		"id": id(m.ID), "type": kind, "url": nil, "preview_url": nil, "remote_url": nil, "meta": JSON{},
		"description": nil, "blurhash": nil, "sha256": m.SHA256,
	}
	if m.Path != "" {
		shown["url"] = "https://" + s.WebDomain + "/system/" + m.Path
		shown["preview_url"] = shown["url"]
	}
	if m.Description != "" {
		shown["description"] = m.Description
	}
	return shown
}

// Profile is the page of an account.
func (s Site) Profile(username string) string { return "https://" + s.WebDomain + "/@" + username }

// Actor is the account in the protocol between servers.
func (s Site) Actor(username string) string { return "https://" + s.WebDomain + "/users/" + username }

// timeLayout is that of all times in the API, in UTC.
const timeLayout = "2006-01-02T15:04:05.000Z"

// id: numbers of 64 bits do not survive JavaScript.
func id(number int64) string { return strconv.FormatInt(number, 10) }

func content(text string) string {
	return "<p>" + strings.ReplaceAll(html.EscapeString(text), "\n", "<br />") + "</p>"
}
