package settings

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Postgres tells where the database is.
type Postgres struct {
	Host     string
	Port     int
	Name     string
	User     string
	Password string
	SSLMode  string
}

func readPostgres(s *source) Postgres {
	s.absent("this stand-in reads DB_HOST, DB_PORT, DB_NAME, DB_USER and DB_PASS", "DATABASE_URL",
		"REPLICA_DATABASE_URL")
	return Postgres{
		Host:     s.text("DB_HOST", "localhost"),
		Port:     s.number("DB_PORT", 5432, 1, 65535),
		Name:     s.text("DB_NAME", "mastodon_production"),
		User:     s.text("DB_USER", "mastodon"),
		Password: s.text("DB_PASS", ""),
		SSLMode: s.oneOf("DB_SSLMODE", "prefer", "disable", "allow", "prefer", "require", "verify-ca",
			"verify-full"),
	}
}

// DSN is the connection string for one of the server's databases.
func (p Postgres) DSN(database string) string {
	quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	return fmt.Sprintf("host='%s' port=%d dbname='%s' user='%s' password='%s' sslmode=%s",
		quoted.Replace(p.Host), p.Port, quoted.Replace(database), quoted.Replace(p.User),
		quoted.Replace(p.Password), p.SSLMode)
}

// readRedis returns the URL of the Redis server. REDIS_URL wins over its parts.
func readRedis(s *source) string {
	s.absent("this stand-in has one Redis server and no namespace", "REDIS_NAMESPACE", "REDIS_SENTINELS",
		"REDIS_SENTINEL_MASTER", "SIDEKIQ_REDIS_URL", "SIDEKIQ_REDIS_HOST", "CACHE_REDIS_URL", "CACHE_REDIS_HOST")
	host := s.text("REDIS_HOST", "localhost")
	port := s.number("REDIS_PORT", 6379, 1, 65535)
	database := s.number("REDIS_DB", 0, 0, 1<<16)
	if given := s.text("REDIS_URL", ""); given != "" {
		parsed, err := url.Parse(given)
		if err != nil || parsed.Host == "" || parsed.Scheme != "redis" && parsed.Scheme != "rediss" {
			// The value holds a password, so it stays out of the message.
			s.refuse("REDIS_URL", "must be a URL that starts with redis:// or rediss://")
		}
		return given
	}
	built := url.URL{
		Scheme: "redis", Host: net.JoinHostPort(host, strconv.Itoa(port)), Path: "/" + strconv.Itoa(database),
	}
	if password := s.text("REDIS_PASSWORD", ""); password != "" {
		built.User = url.UserPassword(s.text("REDIS_USER", ""), password)
	}
	return built.String()
}
