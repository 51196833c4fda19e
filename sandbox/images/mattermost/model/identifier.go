package model

import (
	"crypto/rand"
	"encoding/base32"
	"regexp"
)

var identifierEncoding = base32.NewEncoding("ybndrfg8ejkmcpqxot1uwisza345h769").WithPadding(base32.NoPadding)

// NewID returns a random identifier of 26 lower-case letters and digits, the
// form that Mattermost uses for every object and token.
func NewID() string {
	var random [16]byte
	// crypto/rand.Read never fails from Go 1.24 on: it ends the program instead.
	_, _ = rand.Read(random[:])
	return identifierEncoding.EncodeToString(random[:])
}

var identifierPattern = regexp.MustCompile(`^[a-z0-9]{26}$`)

// IsID tells whether the text has the form of an identifier.
func IsID(text string) bool { return identifierPattern.MatchString(text) }

var channelPattern = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}$`)

// IsChannelID tells whether the text can name a channel. The stand-in has no
// teams or channels of its own, so it takes readable names as well as
// identifiers. What passes is also safe as the name of a folder.
func IsChannelID(text string) bool { return channelPattern.MatchString(text) }
