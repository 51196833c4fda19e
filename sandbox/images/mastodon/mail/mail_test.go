package mail

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"homeport/sandbox/mastodon/settings"
)

func message() Message {
	subject, text := Confirmation("social.test", "alice", "0123456789abcdef")
	return Message{
		From: "Mästodon <notifications@social.test>", To: "alice@mail.test", Subject: subject, Text: text,
		ID: "1@social.test", Date: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
}

func TestAMessageCanBeReadBack(t *testing.T) {
	raw, err := message().Bytes()
	if err != nil {
		t.Fatal(err)
	}
	read, err := netmail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	from, err := netmail.ParseAddress(read.Header.Get("From"))
	if err != nil || from.Name != "Mästodon" || from.Address != "notifications@social.test" {
		t.Error(from, err)
	}
	for name, want := range map[string]string{
		"To": "<alice@mail.test>", "Message-Id": "<1@social.test>", "Date": "Fri, 02 Jan 2026 03:04:05 +0000",
		"Subject": "Mastodon: Confirmation instructions for social.test", "Reply-To": "",
	} {
		if got := read.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	body, err := io.ReadAll(quotedprintable.NewReader(read.Body))
	link := "https://social.test/auth/confirmation?confirmation_token=0123456789abcdef"
	if err != nil || !slices.Contains(strings.Fields(string(body)), link) {
		t.Errorf("%q %v", body, err)
	}
}

func TestASubjectCannotAddAHeader(t *testing.T) {
	m := message()
	m.Subject = "x\r\nBcc: eve@mail.test"
	raw, err := m.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	read, err := netmail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil || read.Header.Get("Bcc") != "" {
		t.Fatal(err, read.Header)
	}
}

// listen plays an SMTP server for one mail and returns what the client said.
func listen(t *testing.T, extensions string) (settings.Mail, <-chan []string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, listener, extensions)
}

func serve(t *testing.T, listener net.Listener, extensions string) (settings.Mail, <-chan []string) {
	t.Helper()
	t.Cleanup(func() { _ = listener.Close() })
	said := make(chan []string, 1)
	go func() {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		defer connection.Close()
		said <- converse(connection, extensions)
	}()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatal(listener.Addr())
	}
	return settings.Mail{
		Server: "127.0.0.1", Port: address.Port, Domain: "social.test", Auth: "plain", StartTLS: "auto",
		Verify: true,
	}, said
}

func converse(connection net.Conn, extensions string) []string {
	var lines []string
	reader := bufio.NewReader(connection)
	answer := func(text string) { _, _ = io.WriteString(connection, text+"\r\n") }
	answer("220 ready")
	for data := false; ; {
		line, err := reader.ReadString('\n')
		if err != nil {
			return lines
		}
		line = strings.TrimRight(line, "\r\n")
		lines = append(lines, line)
		switch {
		case data && line != ".":
		case data:
			data = false
			answer("250 taken")
		case strings.HasPrefix(line, "EHLO"):
			answer("250-me\r\n250 " + extensions)
		case strings.HasPrefix(line, "AUTH LOGIN"):
			answer("334 VXNlcm5hbWU6") // Username:
		case line == "dQ==": // u
			answer("334 UGFzc3dvcmQ6") // Password:
		case strings.HasPrefix(line, "AUTH"), line == "cA==": // p
			answer("235 in")
		case line == "DATA":
			data = true
			answer("354 go on")
		case line == "QUIT":
			answer("221 bye")
			return lines
		default:
			answer("250 ok")
		}
	}
}

func TestAMailIsHandedOverToItsRecipient(t *testing.T) {
	server, said := listen(t, "SIZE 1000000")
	if err := (Sender{server}).Send(context.Background(), message()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Join(<-said, "\n")
	for _, want := range []string{
		"EHLO social.test\n", "MAIL FROM:<notifications@social.test>", "RCPT TO:<alice@mail.test>", "\n.\n",
	} {
		if !strings.Contains(lines, want) {
			t.Errorf("%q is not in %s", want, lines)
		}
	}
	if strings.Contains(lines, "AUTH") {
		t.Error("it logged in without a login")
	}
}

func TestALoginIsSaidInTheDemandedWay(t *testing.T) {
	for method, want := range map[string]string{"plain": "AUTH PLAIN AHUAcA==", "login": "AUTH LOGIN\ndQ==\ncA=="} {
		server, said := listen(t, "AUTH PLAIN LOGIN")
		server.Login, server.Password, server.Auth = "u", "p", method
		if err := (Sender{server}).Send(context.Background(), message()); err != nil {
			t.Fatal(err)
		}
		if lines := strings.Join(<-said, "\n"); !strings.Contains(lines, want) {
			t.Errorf("%s: %s", method, lines)
		}
	}
}

func TestWithoutSTARTTLSNothingIsSentWhereItIsDemanded(t *testing.T) {
	server, said := listen(t, "SIZE 1000000")
	server.StartTLS = "always"
	err := (Sender{server}).Send(context.Background(), message())
	if err == nil || !strings.Contains(err.Error(), "SMTP_ENABLE_STARTTLS=always") {
		t.Fatal(err)
	}
	if lines := strings.Join(<-said, "\n"); strings.Contains(lines, "MAIL FROM") {
		t.Error(lines)
	}
}

// certificate signs itself, so only a client that does not verify takes it.
func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	raw, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
}

func TestWithTLSTheCertificateIsVerifiedUnlessItIsNotWanted(t *testing.T) {
	for _, verify := range []bool{true, false} {
		listener, err := tls.Listen("tcp", "127.0.0.1:0",
			&tls.Config{Certificates: []tls.Certificate{certificate(t)}})
		if err != nil {
			t.Fatal(err)
		}
		server, said := serve(t, listener, "AUTH PLAIN")
		server.TLS, server.Verify = true, verify
		err = (Sender{server}).Send(context.Background(), message())
		var unknown x509.UnknownAuthorityError
		if verify != errors.As(err, &unknown) || !verify && err != nil {
			t.Errorf("verify %v: %v", verify, err)
		}
		if lines := strings.Join(<-said, "\n"); strings.Contains(lines, "MAIL FROM") == verify {
			t.Errorf("verify %v: %s", verify, lines)
		}
	}
}

func TestAServerThatSaysNothingIsLeftWhenTheProcessEnds(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatal(listener.Addr())
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	err = (Sender{settings.Mail{Server: "127.0.0.1", Port: address.Port}}).Send(ctx, message())
	if took := time.Since(began); err == nil || took > 5*time.Second {
		t.Fatal(err, took)
	}
}

func TestAServerThatIsNotThereIsNamed(t *testing.T) {
	server, _ := listen(t, "")
	server.Port = 1
	var problem *net.OpError
	if err := (Sender{server}).Send(context.Background(), message()); !errors.As(err, &problem) ||
		!strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Fatal(err)
	}
}
