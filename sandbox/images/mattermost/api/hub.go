package api

import (
	"context"
	"sync"

	"github.com/coder/websocket"
)

// hub knows the open WebSockets of this server.
type hub struct {
	mutex   sync.Mutex
	members map[*member]struct{}
	closed  bool
}

// join is false when the server is about to stop.
func (h *hub) join(m *member) bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.closed {
		return false
	}
	if h.members == nil {
		h.members = map[*member]struct{}{}
	}
	h.members[m] = struct{}{}
	return true
}

func (h *hub) leave(m *member) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	delete(h.members, m)
}

func (h *hub) count() int {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return len(h.members)
}

func (h *hub) all() []*member {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	members := make([]*member, 0, len(h.members))
	for m := range h.members {
		members = append(members, m)
	}
	return members
}

// publish gives an event to all members that have shown who they are.
func (h *hub) publish(e event) {
	for _, m := range h.all() {
		if m.authenticated.Load() {
			m.send(e)
		}
	}
}

func (h *hub) close(ctx context.Context) {
	h.mutex.Lock()
	h.closed = true
	h.mutex.Unlock()
	var group sync.WaitGroup
	for _, m := range h.all() {
		group.Add(1)
		go func() {
			defer group.Done()
			// An error means that the client is gone already.
			_ = m.socket.Close(websocket.StatusGoingAway, "server is shutting down")
		}()
	}
	done := make(chan struct{})
	go func() {
		group.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}
