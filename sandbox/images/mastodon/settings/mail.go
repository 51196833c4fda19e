package settings

import netmail "net/mail"

// Mail tells how mail is sent.
type Mail struct {
	Server   string
	Port     int
	Login    string
	Password string
	Auth     string // plain, login, cram_md5 or none
	Domain   string // by what name this server greets
	From     string
	ReplyTo  string
	StartTLS string // auto, always or never
	TLS      bool   // from the first byte, as on port 465
	Verify   bool   // the server's certificate
	CAFile   string
}

func readMail(s *source, localDomain string) Mail {
	fallback := "auto"
	if s.text("SMTP_ENABLE_STARTTLS_AUTO", "true") == "false" {
		fallback = "never"
	}
	if method := s.text("SMTP_DELIVERY_METHOD", "smtp"); method != "smtp" {
		s.refuse("SMTP_DELIVERY_METHOD", "is %q; this stand-in sends mail only with smtp", method)
	}
	read := Mail{
		Server:   s.text("SMTP_SERVER", "localhost"),
		Port:     s.number("SMTP_PORT", 25, 1, 65535),
		Login:    s.text("SMTP_LOGIN", ""),
		Password: s.text("SMTP_PASSWORD", ""),
		Auth:     s.oneOf("SMTP_AUTH_METHOD", "plain", "plain", "login", "cram_md5", "none"),
		Domain:   s.text("SMTP_DOMAIN", localDomain),
		From:     s.text("SMTP_FROM_ADDRESS", "notifications@localhost"),
		ReplyTo:  s.text("SMTP_REPLY_TO", ""),
		StartTLS: s.oneOf("SMTP_ENABLE_STARTTLS", fallback, "auto", "always", "never"),
		TLS:      s.isTrue("SMTP_TLS") || s.isTrue("SMTP_SSL"),
		CAFile:   s.text("SMTP_CA_FILE", ""),
	}
	read.Verify = s.oneOf("SMTP_OPENSSL_VERIFY_MODE", "peer", "none", "peer", "client_once",
		"fail_if_no_peer_cert") != "none"
	for name, address := range map[string]string{"SMTP_FROM_ADDRESS": read.From, "SMTP_REPLY_TO": read.ReplyTo} {
		if _, err := netmail.ParseAddress(address); err != nil && address != "" {
			s.refuse(name, "must be a mail address, not %q", address)
		}
	}
	return read
}
