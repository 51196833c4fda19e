// Package mail writes Mastodon's mails and hands them to an SMTP server.
package mail

import (
	"bytes"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"time"
)

// Message is one mail of plain text.
type Message struct {
	From    string
	ReplyTo string // may be empty
	To      string
	Subject string
	Text    string
	ID      string // without brackets: <token>@<domain>
	Date    time.Time
}

// Confirmation is the mail that asks a new user to confirm the address.
func Confirmation(webDomain, username, token string) (subject, text string) {
	link := fmt.Sprintf("https://%s/auth/confirmation?confirmation_token=%s", webDomain, token)
	return "Mastodon: Confirmation instructions for " + webDomain,
		fmt.Sprintf("Hello %s,\n\nopen this link to confirm your address on %s:\n\n%s\n", username, webDomain, link)
}

// Bytes is the mail as it is sent, with CRLF at the ends of lines.
func (m Message) Bytes() ([]byte, error) {
	from, err := mail.ParseAddress(m.From)
	if err != nil {
		return nil, fmt.Errorf("the sender %q is no address: %w", m.From, err)
	}
	to, err := mail.ParseAddress(m.To)
	if err != nil {
		return nil, fmt.Errorf("the recipient %q is no address: %w", m.To, err)
	}
	var out bytes.Buffer
	header := func(name, value string) { fmt.Fprintf(&out, "%s: %s\r\n", name, value) }
	header("Date", m.Date.Format(time.RFC1123Z))
	header("From", from.String())
	if m.ReplyTo != "" {
		reply, err := mail.ParseAddress(m.ReplyTo)
		if err != nil {
			return nil, fmt.Errorf("the address for answers %q is none: %w", m.ReplyTo, err)
		}
		header("Reply-To", reply.String())
	}
	header("To", to.String())
	header("Message-ID", "<"+m.ID+">")
	header("Subject", mime.QEncoding.Encode("utf-8", m.Subject))
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=UTF-8")
	header("Content-Transfer-Encoding", "quoted-printable")
	header("Auto-Submitted", "auto-generated")
	out.WriteString("\r\n")
	body := quotedprintable.NewWriter(&out)
	if _, err := body.Write([]byte(m.Text)); err != nil {
		return nil, err
	}
	return out.Bytes(), body.Close()
}
