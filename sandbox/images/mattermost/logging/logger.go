// Package logging writes the server's log: one JSON object a line, with the
// fields that Mattermost's console log has.
package logging

import (
	"io"
	"log/slog"
	"strings"
)

// timeLayout is the form of timestamps in Mattermost's log.
const timeLayout = "2006-01-02 15:04:05.000 Z07:00"

// New returns a logger that writes to out.
func New(out io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{ReplaceAttr: rename}))
}

func rename(groups []string, attribute slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return attribute
	}
	switch attribute.Key {
	case slog.TimeKey:
		return slog.String("timestamp", attribute.Value.Time().UTC().Format(timeLayout))
	case slog.LevelKey:
		return slog.String("level", strings.ToLower(attribute.Value.String()))
	}
	return attribute
}
