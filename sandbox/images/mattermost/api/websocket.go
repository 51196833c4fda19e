package api

import (
	"context"
	"encoding/json"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"homeport/sandbox/mattermost/model"
)

const (
	// challengePatience is how long a client may stay without a valid token.
	challengePatience = 30 * time.Second
	pingInterval      = 60 * time.Second
	writePatience     = 10 * time.Second
	// outgoingMaximum is how many messages wait for a slow client before it is dropped.
	outgoingMaximum = 64
)

// member is one open WebSocket.
type member struct {
	id            string
	socket        *websocket.Conn
	authenticated atomic.Bool
	outgoing      chan any
	drop          context.CancelFunc
}

// send queues a message; a client that does not read loses its connection, so
// that it cannot hold up the others.
func (m *member) send(message any) {
	select {
	case m.outgoing <- message:
	default:
		m.drop()
	}
}

func (s *Server) websocket(w http.ResponseWriter, r *http.Request) {
	options := &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled}
	if host := s.siteHost(); host != "" {
		options.OriginPatterns = []string{host}
	}
	// Looked up before the connection changes its protocol, while an error can still be told.
	user, err := s.sessionUser(r)
	if err != nil && requestToken(r) != "" {
		s.fail(w, r, err)
		return
	}
	socket, err := websocket.Accept(w, r, options)
	if err != nil {
		s.Log.Warn("Refused a WebSocket", "origin", r.Header.Get("Origin"), "host", r.Host,
			"site_url", s.SiteURL, "error", err.Error())
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	m := &member{id: model.NewID(), socket: socket, outgoing: make(chan any, outgoingMaximum), drop: cancel}
	if !s.hub.join(m) {
		_ = socket.Close(websocket.StatusGoingAway, "server is shutting down")
		return
	}
	defer s.hub.leave(m)
	defer socket.CloseNow()
	go func() {
		defer cancel()
		m.write(ctx)
	}()
	if user != nil {
		s.welcome(m, user)
	}
	challenge := time.AfterFunc(challengePatience, func() {
		if !m.authenticated.Load() {
			cancel()
		}
	})
	defer challenge.Stop()
	s.read(ctx, m)
}

func (s *Server) welcome(m *member, user *model.User) {
	m.send(helloEvent(s.versionID(), m.id, user.ID))
	m.authenticated.Store(true)
}

// read answers the client's requests until the connection ends.
func (s *Server) read(ctx context.Context, m *member) {
	for {
		_, content, err := m.socket.Read(ctx)
		if err != nil {
			return
		}
		var asked request
		if json.Unmarshal(content, &asked) != nil {
			_ = m.socket.Close(websocket.StatusUnsupportedData, "not a JSON request")
			return
		}
		switch {
		case asked.Action == "authentication_challenge":
			token, _ := asked.Data["token"].(string)
			user, err := s.DB.SessionUser(ctx, token)
			if err != nil {
				s.Log.Warn("A WebSocket was not authenticated", "error", err.Error())
				m.send(reply{Status: "FAIL", Error: model.ErrSession, Sequence: asked.Sequence})
				continue
			}
			m.send(reply{Status: "OK", Sequence: asked.Sequence})
			if !m.authenticated.Load() {
				s.welcome(m, user)
			}
		case !m.authenticated.Load():
			m.send(reply{Status: "FAIL", Sequence: asked.Sequence, Error: model.NewError(401,
				"api.web_socket_router.not_authenticated.app_error",
				"WebSocket connection is not authenticated. Please log in and try again.")})
		case asked.Action == "ping":
			m.send(reply{Status: "OK", Sequence: asked.Sequence, Data: map[string]any{
				"text": "pong", "version": s.Version, "server_time": time.Now().UnixMilli(),
			}})
		default:
			m.send(reply{Status: "FAIL", Sequence: asked.Sequence, Error: model.NewError(500,
				"api.web_socket_router.bad_action.app_error", "Unknown WebSocket action.")})
		}
	}
}

// write sends what is queued, numbers the events, and keeps proxies from
// closing a quiet connection.
func (m *member) write(ctx context.Context) {
	ticker := time.NewTicker(pingInterval)
	defer ticker.Stop()
	var sequence int64
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case message := <-m.outgoing:
			if e, ok := message.(event); ok {
				e.Sequence = sequence
				sequence++
				message = e
			}
			err = within(ctx, func(ctx context.Context) error { return wsjson.Write(ctx, m.socket, message) })
		case <-ticker.C:
			err = within(ctx, m.socket.Ping)
		}
		if err != nil {
			return
		}
	}
}

func within(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, writePatience)
	defer cancel()
	return do(ctx)
}
