package command

import (
	"context"
	"fmt"
	"time"
)

const (
	mediaDays = 7
	cardsDays = 180
	day       = 24 * time.Hour
)

// removeMedia removes the stored files of other servers that are old.
func (t Tootctl) removeMedia(ctx context.Context, given arguments) error {
	before, err := given.before(mediaDays)
	if err != nil {
		return err
	}
	found, err := t.DB.RemoteMedia(ctx, before)
	if err != nil {
		return err
	}
	var bytes int64
	for _, media := range found {
		bytes += media.Size
		if given.switches["dry-run"] {
			continue
		}
		if err := t.Files.Remove(media.Path); err != nil {
			return err
		}
		if err := t.DB.ForgetFile(ctx, media.ID); err != nil {
			return err
		}
	}
	return t.removed(len(found), "media attachments", bytes, given)
}

// removeCards removes the stored pictures of old preview cards.
func (t Tootctl) removeCards(ctx context.Context, given arguments) error {
	before, err := given.before(cardsDays)
	if err != nil {
		return err
	}
	found, err := t.DB.OldPreviewCards(ctx, before)
	if err != nil {
		return err
	}
	var bytes int64
	for _, card := range found {
		bytes += card.Size
		if given.switches["dry-run"] {
			continue
		}
		if err := t.Files.Remove(card.Path); err != nil {
			return err
		}
		if err := t.DB.ForgetPicture(ctx, card.ID); err != nil {
			return err
		}
	}
	return t.removed(len(found), "preview cards", bytes, given)
}

func (t Tootctl) removed(count int, what string, bytes int64, given arguments) error {
	dry := ""
	if given.switches["dry-run"] {
		dry = " (DRY RUN)"
	}
	_, err := fmt.Fprintf(t.Out, "Removed %d %s (approx. %s)%s\n", count, what, size(bytes), dry)
	return err
}

// before is the time that the flag --days goes back to.
func (a arguments) before(fallback int) (time.Time, error) {
	days, err := a.number("days", fallback)
	if len(a.words) > 0 && err == nil {
		err = fmt.Errorf("it takes no %q", a.words[0])
	}
	return time.Now().Add(-time.Duration(days) * day), err
}

// size is a number of bytes for people, with at most three digits.
func size(bytes int64) string {
	if bytes < 1024 {
		return fmt.Sprintf("%d Bytes", bytes)
	}
	value := float64(bytes) / 1024
	units := []string{"KB", "MB", "GB", "TB"}
	for len(units) > 1 && value >= 1024 {
		value, units = value/1024, units[1:]
	}
	return fmt.Sprintf("%.3g %s", value, units[0])
}
