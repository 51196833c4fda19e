// Package logging writes the log of all processes: one JSON object a line.
package logging

import (
	"io"
	"log/slog"
	"os"
	"strings"
)

// New returns a logger that writes to out. RAILS_LOG_LEVEL sets the lowest
// level; what it does not know counts as info, Mastodon's default.
func New(out io.Writer) *slog.Logger {
	var level slog.Level
	if level.UnmarshalText([]byte(os.Getenv("RAILS_LOG_LEVEL"))) != nil {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: level, ReplaceAttr: lowerLevel}))
}

func lowerLevel(groups []string, attribute slog.Attr) slog.Attr {
	if len(groups) == 0 && attribute.Key == slog.LevelKey {
		return slog.String("level", strings.ToLower(attribute.Value.String()))
	}
	return attribute
}
