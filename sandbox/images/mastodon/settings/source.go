// Package settings reads what Mastodon is told by environment variables. All
// that is wrong with them is told at once, without the values that are secret.
package settings

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Environment looks a variable up, as os.LookupEnv does.
type Environment func(string) (string, bool)

// source reads variables and collects what is wrong with them.
type source struct {
	environment Environment
	problems    []error
}

func (s *source) refuse(name, format string, values ...any) {
	s.problems = append(s.problems, fmt.Errorf(name+" "+format, values...))
}

func (s *source) err() error { return errors.Join(s.problems...) }

// text returns the fallback for a variable that is not set or empty.
func (s *source) text(name, fallback string) string {
	if value, ok := s.environment(name); ok && value != "" {
		return value
	}
	return fallback
}

func (s *source) required(name string) string {
	value := s.text(name, "")
	if value == "" {
		s.refuse(name, "is not set")
	}
	return value
}

// isTrue is how Mastodon reads a switch: whatever is not true is false.
func (s *source) isTrue(name string) bool { return s.text(name, "") == "true" }

func (s *source) number(name string, fallback, minimum, maximum int) int {
	text := s.text(name, strconv.Itoa(fallback))
	number, err := strconv.Atoi(text)
	if err != nil || number < minimum || number > maximum {
		s.refuse(name, "must be a whole number from %d to %d, not %q", minimum, maximum, text)
	}
	return number
}

func (s *source) oneOf(name, fallback string, choices ...string) string {
	value := s.text(name, fallback)
	if !slices.Contains(choices, value) {
		s.refuse(name, "must be one of %s, not %q", strings.Join(choices, ", "), value)
	}
	return value
}

// absent refuses variables that would change what this stand-in cannot change.
func (s *source) absent(reason string, names ...string) {
	for _, name := range names {
		if s.text(name, "") != "" {
			s.refuse(name, "is set; %s", reason)
		}
	}
}

// off refuses switches that are on.
func (s *source) off(reason string, names ...string) {
	for _, name := range names {
		if s.isTrue(name) {
			s.refuse(name, "is true; %s", reason)
		}
	}
}
