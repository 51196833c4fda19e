// Package command is what mmctl does: it reads a command line and carries it
// out over the server's local socket.
package command

import (
	"fmt"
	"strings"
)

// arguments is a command line taken apart: words in their order and flags,
// which may stand anywhere among them.
type arguments struct {
	words    []string
	switches map[string]bool
	values   map[string]string
}

var (
	switchFlags = map[string]bool{"local": true, "system-admin": true}
	valueFlags  = map[string]bool{"email": true, "username": true, "password": true}
)

func parse(line []string) (arguments, error) {
	parsed := arguments{switches: map[string]bool{}, values: map[string]string{}}
	for i := 0; i < len(line); i++ {
		if line[i] == "--" {
			parsed.words = append(parsed.words, line[i+1:]...)
			break
		}
		if !strings.HasPrefix(line[i], "-") || line[i] == "-" {
			parsed.words = append(parsed.words, line[i])
			continue
		}
		name, value, hasValue := strings.Cut(strings.TrimPrefix(line[i], "--"), "=")
		switch {
		case !strings.HasPrefix(line[i], "--"):
			return arguments{}, fmt.Errorf("unknown shorthand flag: %s", line[i])
		case switchFlags[name] && hasValue && value != "true" && value != "false":
			return arguments{}, fmt.Errorf("invalid argument %q for --%s", value, name)
		case switchFlags[name]:
			parsed.switches[name] = value != "false"
		case valueFlags[name] && hasValue:
			parsed.values[name] = value
		case valueFlags[name] && i+1 < len(line):
			// What follows is the value even if it begins with a dash, as a password may.
			i++
			parsed.values[name] = line[i]
		case valueFlags[name]:
			return arguments{}, fmt.Errorf("flag needs an argument: --%s", name)
		default:
			return arguments{}, fmt.Errorf("unknown flag: --%s", name)
		}
	}
	return parsed, nil
}

// required returns the values of flags that must all be there.
func (a arguments) required(names ...string) ([]string, error) {
	var values, absent []string
	for _, name := range names {
		value, ok := a.values[name]
		if !ok {
			absent = append(absent, fmt.Sprintf("%q", name))
		}
		values = append(values, value)
	}
	if len(absent) > 0 {
		return nil, fmt.Errorf("required flag(s) %s not set", strings.Join(absent, ", "))
	}
	return values, nil
}
