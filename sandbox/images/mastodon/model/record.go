// Package model holds what the processes pass to each other and to clients:
// accounts, users, statuses and media.
package model

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"
)

// Account is what others see of a user.
type Account struct {
	ID        int64
	Username  string
	CreatedAt time.Time
}

// User is the private side of an account.
type User struct {
	ID        int64
	Account   Account
	Email     string
	Role      string // empty: an ordinary user
	Confirmed bool
	Approved  bool
	Disabled  bool
	// ConfirmationToken is in the link of the mail that asks to confirm the address.
	ConfirmationToken string
}

// Status is one post.
type Status struct {
	ID         int64
	Account    Account
	Text       string
	Visibility string
	Media      []Media
	CreatedAt  time.Time
}

// Media is a stored file. Path is relative to public/system and empty for a
// file of another server that was removed.
type Media struct {
	ID          int64
	Name        string
	ContentType string
	Size        int64
	SHA256      string
	Path        string
	Description string
	CreatedAt   time.Time
}

// PreviewCard is the stored picture of a linked page.
type PreviewCard struct {
	ID   int64
	Path string
	Size int64
}

// Visibilities are those a status can have; their places are in the database.
var Visibilities = []string{"public", "unlisted", "private", "direct"}

// NewID returns an identifier that sorts by time: milliseconds since 1970,
// then 16 random bits, as Mastodon makes them.
func NewID() int64 {
	var random [2]byte
	_, _ = rand.Read(random[:]) // Never fails from Go 1.24 on.
	return time.Now().UnixMilli()<<16 | int64(binary.BigEndian.Uint16(random[:]))
}

// NewToken returns bytes of randomness in hexadecimal.
func NewToken(bytes int) string {
	random := make([]byte, bytes)
	_, _ = rand.Read(random)
	return hex.EncodeToString(random)
}

// Invalid says which attribute of a record is not acceptable, and why, in the
// words that tootctl prints: blank, invalid, taken, too_long.
type Invalid struct{ Attribute, Reason string }

func (i *Invalid) Error() string {
	return fmt.Sprintf("Failure/Error: %s\n    %s", i.Attribute, i.Reason)
}
