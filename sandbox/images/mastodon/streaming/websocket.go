package streaming

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"homeport/sandbox/mastodon/queue"
)

const (
	pingInterval  = 30 * time.Second
	writePatience = 10 * time.Second
	farewell      = time.Second
)

// message is what a WebSocket carries; the payload is JSON inside a text.
type message struct {
	Stream  []string `json:"stream"`
	Event   string   `json:"event"`
	Payload string   `json:"payload"`
}

func newMessage(stream string, event queue.Event) message {
	payload := string(event.Payload)
	var text string
	// An identifier, such as that of a deleted post, is a text of its own.
	if json.Unmarshal(event.Payload, &text) == nil {
		payload = text
	}
	return message{Stream: []string{stream}, Event: event.Name, Payload: payload}
}

// asked is what a client sends: it subscribes to more streams, or to fewer.
type asked struct {
	Type   string `json:"type"`
	Stream string `json:"stream"`
}

// session is one open WebSocket with its streams.
type session struct {
	server *Server
	who    *listener
	socket *websocket.Conn

	mutex  sync.Mutex
	ending map[string]context.CancelFunc
}

// websocket serves one until the client goes or the server ends. Pages of any
// origin may open it, as in Mastodon: who it is says the token and no cookie.
func (s *Server) websocket(w http.ResponseWriter, r *http.Request, who *listener) {
	options := &websocket.AcceptOptions{InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled}
	if who.protocol != "" {
		options.Subprotocols = []string{who.protocol}
	}
	socket, err := websocket.Accept(w, r, options)
	if err != nil {
		s.Log.Warn("A WebSocket failed to open", "error", err.Error())
		return
	}
	defer socket.CloseNow()
	current := &session{server: s, who: who, socket: socket, ending: map[string]context.CancelFunc{}}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	if name := r.URL.Query().Get("stream"); name != "" {
		current.subscribe(ctx, name)
	}
	go current.ping(ctx, cancel)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		current.read(ctx)
	}()
	select {
	case <-gone:
	case <-s.ending:
		// Before the connection is cut, the client hears why; one that does not
		// answer must not hold up the end.
		go func() { _ = socket.Close(websocket.StatusGoingAway, "the server is shutting down") }()
		select {
		case <-gone:
		case <-time.After(farewell):
		}
	}
}

func (c *session) read(ctx context.Context) {
	for {
		_, content, err := c.socket.Read(ctx)
		if err != nil {
			return
		}
		var request asked
		switch err := json.Unmarshal(content, &request); {
		case err != nil:
			c.complain(ctx, "Error parsing message: not JSON", http.StatusBadRequest)
		case request.Type == "subscribe":
			c.subscribe(ctx, request.Stream)
		case request.Type == "unsubscribe":
			c.unsubscribe(request.Stream)
		}
	}
}

func (c *session) subscribe(ctx context.Context, name string) {
	where, ok := channels(name, c.who.account)
	if !ok {
		c.complain(ctx, "Unknown stream type", http.StatusBadRequest)
		return
	}
	if err := c.who.may(name); err != nil {
		c.complain(ctx, err.Error(), http.StatusUnauthorized)
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.ending[name] != nil {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	heard, err := c.server.Redis.Subscribe(ctx, where...)
	if err != nil {
		cancel()
		c.server.Log.Error("Redis does not take a subscription", "error", err.Error())
		c.complain(ctx, "An unexpected error occurred", http.StatusInternalServerError)
		return
	}
	c.ending[name] = cancel
	c.server.Log.Info("Starting stream", "stream", name, "account", c.who.account, "kind", "websocket")
	go func() {
		defer c.server.Log.Info("Ending stream", "stream", name, "account", c.who.account, "kind", "websocket")
		for event := range heard {
			if c.write(ctx, newMessage(name, event)) != nil {
				return
			}
		}
	}()
}

func (c *session) unsubscribe(name string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if end := c.ending[name]; end != nil {
		end()
		delete(c.ending, name)
	}
}

func (c *session) complain(ctx context.Context, text string, status int) {
	_ = c.write(ctx, map[string]any{"error": text, "status": status})
}

func (c *session) write(ctx context.Context, content any) error {
	ctx, cancel := context.WithTimeout(ctx, writePatience)
	defer cancel()
	return wsjson.Write(ctx, c.socket, content)
}

// ping ends the session of a client that no longer answers.
func (c *session) ping(ctx context.Context, end context.CancelFunc) {
	defer end()
	ticker := time.NewTicker(pingInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		alive, cancel := context.WithTimeout(ctx, writePatience)
		err := c.socket.Ping(alive)
		cancel()
		if err != nil {
			return
		}
	}
}
