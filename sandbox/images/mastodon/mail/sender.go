package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/smtp"
	"os"
	"strconv"
	"time"

	"homeport/sandbox/mastodon/settings"
)

const patience = 20 * time.Second

// Sender sends mails over one SMTP server.
type Sender struct{ Settings settings.Mail }

// Send hands one mail over. It returns when the server has taken it, or when ctx ends.
func (s Sender) Send(ctx context.Context, message Message) error {
	content, err := message.Bytes()
	if err != nil {
		return err
	}
	secure, err := s.secure()
	if err != nil {
		return err
	}
	address := net.JoinHostPort(s.Settings.Server, strconv.Itoa(s.Settings.Port))
	dialer := net.Dialer{Timeout: patience}
	connection, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("SMTP server %s: %w", address, err)
	}
	defer connection.Close()
	// A server that says nothing must not hold up the end of the process.
	stop := context.AfterFunc(ctx, func() { _ = connection.Close() })
	defer stop()
	if err := connection.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if err := s.converse(connection, secure, message, content); err != nil {
		return fmt.Errorf("SMTP server %s: %w", address, err)
	}
	return nil
}

func (s Sender) converse(connection net.Conn, secure *tls.Config, message Message, content []byte) error {
	if s.Settings.TLS {
		connection = tls.Client(connection, secure)
	}
	client, err := smtp.NewClient(connection, s.Settings.Server)
	if err != nil {
		return err
	}
	if err := s.begin(client, secure); err != nil {
		return err
	}
	if err := s.deliver(client, message, content); err != nil {
		return err
	}
	// The mail is taken: an error in saying good-bye must not send it twice.
	_ = client.Quit()
	return nil
}

// begin greets, encrypts and logs in.
func (s Sender) begin(client *smtp.Client, secure *tls.Config) error {
	if err := client.Hello(s.Settings.Domain); err != nil {
		return err
	}
	offered, _ := client.Extension("STARTTLS")
	switch {
	case s.Settings.TLS || s.Settings.StartTLS == "never":
	case offered:
		if err := client.StartTLS(secure); err != nil {
			return err
		}
	case s.Settings.StartTLS == "always":
		return errors.New("it does not offer STARTTLS, which SMTP_ENABLE_STARTTLS=always demands")
	}
	if s.Settings.Auth == "none" || s.Settings.Login == "" {
		return nil
	}
	return client.Auth(s.login())
}

func (s Sender) deliver(client *smtp.Client, message Message, content []byte) error {
	from, err := mail.ParseAddress(message.From)
	if err != nil {
		return err
	}
	if err := client.Mail(from.Address); err != nil {
		return err
	}
	if err := client.Rcpt(message.To); err != nil {
		return err
	}
	writer, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := writer.Write(content); err != nil {
		return err
	}
	return writer.Close()
}

func (s Sender) secure() (*tls.Config, error) {
	config := &tls.Config{ServerName: s.Settings.Server, InsecureSkipVerify: !s.Settings.Verify}
	if s.Settings.CAFile == "" {
		return config, nil
	}
	content, err := os.ReadFile(s.Settings.CAFile)
	if err != nil {
		return nil, err
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(content) {
		return nil, fmt.Errorf("%s holds no certificate", s.Settings.CAFile)
	}
	return config, nil
}

func (s Sender) login() smtp.Auth {
	switch s.Settings.Auth {
	case "cram_md5":
		return smtp.CRAMMD5Auth(s.Settings.Login, s.Settings.Password)
	case "login":
		return &loginAuth{s.Settings.Login, s.Settings.Password}
	}
	return &plainAuth{s.Settings.Login, s.Settings.Password}
}

// plainAuth sends the password without TLS too, as Mastodon does; Go's own refuses.
type plainAuth struct{ login, password string }

func (a *plainAuth) Start(*smtp.ServerInfo) (string, []byte, error) {
	return "PLAIN", []byte("\x00" + a.login + "\x00" + a.password), nil
}

func (a *plainAuth) Next(_ []byte, more bool) ([]byte, error) {
	if more {
		return nil, errors.New("it asks for more than PLAIN has to say")
	}
	return nil, nil
}

// loginAuth answers two questions: the login, then the password.
type loginAuth struct{ login, password string }

func (a *loginAuth) Start(*smtp.ServerInfo) (string, []byte, error) { return "LOGIN", nil, nil }

func (a *loginAuth) Next(question []byte, more bool) ([]byte, error) {
	switch {
	case !more:
		return nil, nil
	case len(question) > 0 && (question[0] == 'U' || question[0] == 'u'):
		return []byte(a.login), nil
	case len(question) > 0 && (question[0] == 'P' || question[0] == 'p'):
		return []byte(a.password), nil
	}
	return nil, fmt.Errorf("it asks %q, which LOGIN does not know", question)
}
