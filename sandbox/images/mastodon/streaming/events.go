package streaming

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

const thump = 15 * time.Second

// events carries one stream as server-sent events until the client goes or the
// server ends.
func (s *Server) events(w http.ResponseWriter, r *http.Request, who *listener, name string) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	where, _ := channels(name, who.account)
	heard, err := s.Redis.Subscribe(ctx, where...)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.Log.Info("Starting stream", "stream", name, "account", who.account, "kind", "eventsource")
	defer s.Log.Info("Ending stream", "stream", name, "account", who.account, "kind", "eventsource")
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	flush := http.NewResponseController(w).Flush
	ticker := time.NewTicker(thump)
	defer ticker.Stop()
	for text := ":)\n"; ; {
		if _, err := fmt.Fprint(w, text); err != nil || flush() != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-s.ending:
			return
		case <-ticker.C:
			text = ":thump\n"
		case event, open := <-heard:
			if !open {
				return
			}
			text = fmt.Sprintf("event: %s\ndata: %s\n\n", event.Name, event.Payload)
		}
	}
}
