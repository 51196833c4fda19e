package api

import (
	"encoding/json"

	"homeport/sandbox/mattermost/model"
)

// event is news that the server sends by itself. Sequence counts the events of
// one WebSocket from 0, so that a client sees a gap.
type event struct {
	Name      string         `json:"event"`
	Data      map[string]any `json:"data"`
	Broadcast broadcast      `json:"broadcast"`
	Sequence  int64          `json:"seq"`
}

// broadcast says for whom an event is; empty means everybody.
type broadcast struct {
	OmitUsers    map[string]bool `json:"omit_users"`
	UserID       string          `json:"user_id"`
	ChannelID    string          `json:"channel_id"`
	TeamID       string          `json:"team_id"`
	ConnectionID string          `json:"connection_id"`
}

// request is what a client asks over the WebSocket.
type request struct {
	Sequence int64          `json:"seq"`
	Action   string         `json:"action"`
	Data     map[string]any `json:"data"`
}

// reply answers the request with the same sequence number.
type reply struct {
	Status   string         `json:"status"`
	Data     map[string]any `json:"data,omitempty"`
	Error    *model.Error   `json:"error,omitempty"`
	Sequence int64          `json:"seq_reply"`
}

func helloEvent(version, connectionID, userID string) event {
	return event{
		Name:      "hello",
		Data:      map[string]any{"server_version": version, "connection_id": connectionID},
		Broadcast: broadcast{UserID: userID},
	}
}

func postedEvent(post *model.Post, sender string) event {
	// As in Mattermost the post is a text of JSON within the JSON. Its fields
	// are texts, numbers and empty maps, which always have a JSON form.
	encoded, _ := json.Marshal(post)
	return event{
		Name: "posted",
		Data: map[string]any{
			"post": string(encoded), "sender_name": sender, "channel_type": "O",
			"channel_name": post.ChannelID, "channel_display_name": post.ChannelID,
		},
		Broadcast: broadcast{ChannelID: post.ChannelID},
	}
}
