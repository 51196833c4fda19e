package settings

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"homeport/sandbox/mastodon/release"
)

// Settings are what the web process, sidekiq, rails and tootctl heed.
type Settings struct {
	LocalDomain      string
	WebDomain        string
	AlternateDomains []string
	StreamingURL     string
	PrimaryKey       string
	DeterministicKey string
	DerivationSalt   string
	VAPIDPublicKey   string
	Postgres         Postgres
	Redis            string // URL
	Mail             Mail
	Listen           string
	ServeFiles       bool
	Workers          int // processes of the web server; 0: one, without a parent
	Threads          int // of each of them
	Concurrency      int // of sidekiq
	ReadyFile        string
	Collector        string // of metrics, host and port; empty: there is none
}

var domainPattern = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?(:[0-9]+)?$`)

// Read collects the settings. All that is wrong with them is in one error.
func Read(environment Environment, version release.Release) (Settings, error) {
	s := &source{environment: environment}
	refuseAbsent(s)
	read := Settings{
		LocalDomain:      s.required("LOCAL_DOMAIN"),
		PrimaryKey:       s.required("ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY"),
		DeterministicKey: s.required("ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY"),
		DerivationSalt:   s.required("ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT"),
		VAPIDPublicKey:   s.required("VAPID_PUBLIC_KEY"),
		Postgres:         readPostgres(s),
		Redis:            readRedis(s),
		ServeFiles:       s.text("RAILS_SERVE_STATIC_FILES", "") != "",
		Workers:          s.number("WEB_CONCURRENCY", 2, 0, 64),
		Threads:          s.number("MAX_THREADS", 5, 1, 256),
		Concurrency:      s.number("SIDEKIQ_CONCURRENCY", 5, 1, 256),
		ReadyFile:        s.text("MASTODON_SIDEKIQ_READY_FILENAME", ""),
	}
	read.WebDomain = s.text("WEB_DOMAIN", read.LocalDomain)
	read.AlternateDomains = strings.FieldsFunc(s.text("ALTERNATE_DOMAINS", ""), func(r rune) bool {
		return r == ',' || r == ' '
	})
	read.StreamingURL = s.text("STREAMING_API_BASE_URL", "wss://"+read.WebDomain)
	read.Mail = readMail(s, read.LocalDomain)
	read.Listen = readListen(s, 3000)
	for name, domain := range map[string]string{"LOCAL_DOMAIN": read.LocalDomain, "WEB_DOMAIN": read.WebDomain} {
		if domain != "" && !domainPattern.MatchString(domain) {
			s.refuse(name, "must be a host name without scheme and path, not %q", domain)
		}
	}
	if version.HasMetrics() && s.isTrue("MASTODON_PROMETHEUS_EXPORTER_ENABLED") {
		read.Collector = readCollector(s)
	}
	s.required("SECRET_KEY_BASE")
	if version.NeedsOTPSecret() {
		s.required("OTP_SECRET")
	}
	if private := s.required("VAPID_PRIVATE_KEY"); private != "" && read.VAPIDPublicKey != "" {
		if err := checkVAPID(private, read.VAPIDPublicKey); err != nil {
			s.problems = append(s.problems, err)
		}
	}
	if read.ReadyFile != filepath.Base(read.ReadyFile) && read.ReadyFile != "" {
		s.refuse("MASTODON_SIDEKIQ_READY_FILENAME", "is not a valid filename")
	}
	return read, s.err()
}

// readCollector is where metrics are sent.
func readCollector(s *source) string {
	s.off("this stand-in sends its metrics to a collector, and no details",
		"MASTODON_PROMETHEUS_EXPORTER_LOCAL", "MASTODON_PROMETHEUS_EXPORTER_WEB_DETAILED_METRICS",
		"MASTODON_PROMETHEUS_EXPORTER_SIDEKIQ_DETAILED_METRICS")
	port := s.number("PROMETHEUS_EXPORTER_PORT", 9394, 1, 65535)
	return net.JoinHostPort(s.text("PROMETHEUS_EXPORTER_HOST", "localhost"), strconv.Itoa(port))
}

// Streaming are the settings of the streaming process, which reads no others.
type Streaming struct {
	Postgres    Postgres
	Redis       string // URL
	Listen      string
	Connections int // to PostgreSQL
}

// ReadStreaming collects the settings of the streaming process.
func ReadStreaming(environment Environment) (Streaming, error) {
	s := &source{environment: environment}
	read := Streaming{
		Postgres:    readPostgres(s),
		Redis:       readRedis(s),
		Listen:      readListen(s, 4000),
		Connections: s.number("DB_POOL", 10, 1, 1000),
	}
	s.oneOf("NODE_ENV", "production", "production")
	return read, s.err()
}

// readListen: both images set BIND to all addresses, as the real ones do.
func readListen(s *source, port int) string {
	s.absent("this stand-in listens only on TCP", "SOCKET")
	return net.JoinHostPort(s.text("BIND", "127.0.0.1"), strconv.Itoa(s.number("PORT", port, 1, 65535)))
}

// refuseAbsent refuses what this stand-in does not have, so that nobody takes a
// test for passed that tested nothing.
func refuseAbsent(s *source) {
	s.oneOf("RAILS_ENV", "production", "production")
	s.off("this stand-in stores files only locally, under public/system",
		"S3_ENABLED", "SWIFT_ENABLED", "AZURE_ENABLED")
	s.absent("this stand-in stores files only under public/system", "PAPERCLIP_ROOT_PATH",
		"PAPERCLIP_ROOT_URL", "CDN_HOST")
	s.off("this stand-in has no full-text search", "ES_ENABLED")
	s.off("this stand-in has no single sign-on", "OIDC_ENABLED", "SAML_ENABLED", "CAS_ENABLED",
		"LDAP_ENABLED", "PAM_ENABLED")
	s.off("this stand-in knows no such mode", "SINGLE_USER_MODE", "LIMITED_FEDERATION_MODE",
		"DISALLOW_UNAUTHENTICATED_API_ACCESS")
	if _, err := os.Stat(".env.production"); err == nil {
		s.refuse(".env.production", "is there; this stand-in reads only the environment")
	}
}
