// Package release knows what differs between the versions of Mastodon that this
// stand-in plays.
package release

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Release is one version, such as 4.7.4.
type Release struct{ Major, Minor, Patch int }

// Parse reads a version with or without the v of the image's tag.
func Parse(text string) (Release, error) {
	parts := strings.Split(strings.TrimPrefix(text, "v"), ".")
	var numbers [3]int
	if len(parts) != len(numbers) {
		return Release{}, fmt.Errorf("%q is not a version like v4.7.4", text)
	}
	for i, part := range parts {
		number, err := strconv.Atoi(part)
		if err != nil || number < 0 {
			return Release{}, fmt.Errorf("%q is not a version like v4.7.4", text)
		}
		numbers[i] = number
	}
	return Release{numbers[0], numbers[1], numbers[2]}, nil
}

// Current is the version that the image was built as.
func Current() (Release, error) { return Parse(os.Getenv("HOMEPORT_STANDIN_VERSION")) }

// String has no v, as Mastodon's API shows it.
func (r Release) String() string { return fmt.Sprintf("%d.%d.%d", r.Major, r.Minor, r.Patch) }

// AtLeast tells whether this is the release major.minor or a later one.
func (r Release) AtLeast(major, minor int) bool {
	return r.Major > major || r.Major == major && r.Minor >= minor
}

// NeedsOTPSecret is true for releases that still read what 4.2 encrypted.
func (r Release) NeedsOTPSecret() bool { return !r.AtLeast(4, 4) }

// HasMetrics is true for releases whose web and sidekiq can tell of themselves.
func (r Release) HasMetrics() bool { return r.AtLeast(4, 4) }

// MinimumPostgres is the oldest server, in the form of server_version_num.
func (r Release) MinimumPostgres() int {
	if r.AtLeast(4, 5) {
		return 140000
	}
	return 120000
}

// MinimumRedis is the oldest server, as major and minor.
func (r Release) MinimumRedis() [2]int {
	if r.AtLeast(4, 5) {
		return [2]int{7, 0}
	}
	return [2]int{6, 2}
}

// Sidekiq is the version in the title of the worker's process, where the
// health check of Mastodon's compose file looks for its major number.
func (r Release) Sidekiq() string {
	switch {
	case r.AtLeast(4, 5):
		return "8.0.9"
	case r.AtLeast(4, 4):
		return "7.3.9"
	}
	return "6.5.12"
}
