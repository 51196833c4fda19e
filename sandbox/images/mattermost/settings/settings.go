// Package settings reads the server's settings: environment variables named
// MM_<SECTION>_<KEY>, then config.json, then Mattermost's defaults.
package settings

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
)

// DefaultSocket is where local mode listens and where mmctl looks for it.
const DefaultSocket = "/var/tmp/mattermost_local.socket"

const (
	defaultListenAddress  = ":8065"
	defaultMetricsAddress = ":8067"
	defaultDirectory      = "./data/"
	defaultFileSize       = 100 << 20
	defaultConnections    = 100
)

// Settings are the settings that the stand-in heeds.
type Settings struct {
	SiteURL        string
	ListenAddress  string
	LocalMode      bool
	Socket         string
	DataSource     string
	Connections    int
	Directory      string
	MaxFileSize    int64 // bytes
	Metrics        bool
	MetricsAddress string
	CallsPort      string // empty: the plugin is not set up
}

type source struct {
	environment func(string) (string, bool)
	file        File
	problems    []error
}

// Read collects the settings. All that is wrong with them is in one error.
func Read(environment func(string) (string, bool), file File) (Settings, error) {
	s := &source{environment: environment, file: file}
	read := Settings{
		SiteURL:        s.text("SERVICESETTINGS", "SITEURL", ""),
		ListenAddress:  s.text("SERVICESETTINGS", "LISTENADDRESS", defaultListenAddress),
		LocalMode:      s.boolean("SERVICESETTINGS", "ENABLELOCALMODE"),
		Socket:         s.text("SERVICESETTINGS", "LOCALMODESOCKETLOCATION", DefaultSocket),
		DataSource:     s.text("SQLSETTINGS", "DATASOURCE", ""),
		Connections:    int(s.number("SQLSETTINGS", "MAXOPENCONNS", defaultConnections, 10000)),
		Directory:      s.text("FILESETTINGS", "DIRECTORY", defaultDirectory),
		MaxFileSize:    s.number("FILESETTINGS", "MAXFILESIZE", defaultFileSize, 1<<50),
		Metrics:        s.boolean("METRICSSETTINGS", "ENABLE"),
		MetricsAddress: s.text("METRICSSETTINGS", "LISTENADDRESS", defaultMetricsAddress),
		CallsPort:      s.text("CALLS", "UDP_SERVER_PORT", ""),
	}
	if driver := s.text("SQLSETTINGS", "DRIVERNAME", "postgres"); driver != "postgres" {
		s.refuse("SQLSETTINGS", "DRIVERNAME", "must be postgres, not %q", driver)
	}
	if driver := s.text("FILESETTINGS", "DRIVERNAME", "local"); driver != "local" {
		s.refuse("FILESETTINGS", "DRIVERNAME", "is %q; this stand-in stores files only with local", driver)
	}
	if parsed, err := url.Parse(read.DataSource); read.DataSource == "" {
		s.refuse("SQLSETTINGS", "DATASOURCE", "is not set")
	} else if err != nil || (parsed.Scheme != "postgres" && parsed.Scheme != "postgresql") {
		// The value holds a password, so it stays out of the message.
		s.refuse("SQLSETTINGS", "DATASOURCE", "must be a URL that starts with postgres://")
	}
	if read.SiteURL != "" {
		if parsed, err := url.Parse(read.SiteURL); err != nil || parsed.Host == "" ||
			(parsed.Scheme != "http" && parsed.Scheme != "https") {
			s.refuse("SERVICESETTINGS", "SITEURL",
				"must be a valid URL and start with http:// or https://, not %q", read.SiteURL)
		}
	}
	return read, errors.Join(s.problems...)
}

func (s *source) refuse(section, key, format string, values ...any) {
	s.problems = append(s.problems, fmt.Errorf("MM_%s_%s "+format, append([]any{section, key}, values...)...))
}

func (s *source) text(section, key, fallback string) string {
	if value, ok := s.environment("MM_" + section + "_" + key); ok {
		return value
	}
	if value, ok := s.file.lookup(section, key); ok {
		return value
	}
	return fallback
}

func (s *source) boolean(section, key string) bool {
	value := s.text(section, key, "false")
	parsed, err := strconv.ParseBool(value)
	if err != nil {
		s.refuse(section, key, "must be true or false, not %q", value)
	}
	return parsed
}

func (s *source) number(section, key string, fallback, maximum int64) int64 {
	value := s.text(section, key, strconv.FormatInt(fallback, 10))
	parsed, err := strconv.ParseInt(value, 10, 64)
	if err != nil || parsed < 1 || parsed > maximum {
		s.refuse(section, key, "must be a whole number from 1 to %d, not %q", maximum, value)
	}
	return parsed
}
