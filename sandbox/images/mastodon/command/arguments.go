// Package command is what tootctl and rails do.
package command

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// flags are the options that a command knows, without their dashes.
type flags struct{ switches, values []string }

// arguments is a command line taken apart: words in their order and flags,
// which may stand anywhere among them.
type arguments struct {
	words    []string
	switches map[string]bool
	values   map[string]string
}

// parse reads a command line. A dash and an underscore in the name of a flag
// are the same, as for tootctl.
func parse(line []string, known flags) (arguments, error) {
	parsed := arguments{switches: map[string]bool{}, values: map[string]string{}}
	for i := 0; i < len(line); i++ {
		flag, isFlag := strings.CutPrefix(line[i], "--")
		if !isFlag && strings.HasPrefix(line[i], "-") {
			return arguments{}, fmt.Errorf("unknown option %s", line[i])
		}
		if !isFlag {
			parsed.words = append(parsed.words, line[i])
			continue
		}
		name, value, given := strings.Cut(flag, "=")
		name = strings.ReplaceAll(name, "_", "-")
		switch {
		case slices.Contains(known.switches, name) && !given:
			parsed.switches[name] = true
		case slices.Contains(known.switches, name):
			return arguments{}, fmt.Errorf("--%s takes no value", name)
		case slices.Contains(known.values, name) && given:
			parsed.values[name] = value
		case slices.Contains(known.values, name) && i+1 < len(line) && !strings.HasPrefix(line[i+1], "--"):
			i++
			parsed.values[name] = line[i]
		case slices.Contains(known.values, name):
			return arguments{}, fmt.Errorf("no value provided for option '--%s'", name)
		default:
			return arguments{}, fmt.Errorf("unknown option --%s; this stand-in knows %s", name, known)
		}
	}
	return parsed, nil
}

func (f flags) String() string {
	names := append(append([]string{}, f.values...), f.switches...)
	if len(names) == 0 {
		return "none here"
	}
	return "--" + strings.Join(names, ", --")
}

// number returns a whole number that is at least 0.
func (a arguments) number(name string, fallback int) (int, error) {
	text, given := a.values[name]
	if !given {
		return fallback, nil
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < 0 {
		return 0, fmt.Errorf("expected numeric value for '--%s'; got %q", name, text)
	}
	return number, nil
}

// only returns the one word that a command takes.
func (a arguments) only(what string) (string, error) {
	if len(a.words) != 1 {
		return "", fmt.Errorf("it takes %s and nothing else, not %q", what, strings.Join(a.words, " "))
	}
	return a.words[0], nil
}
