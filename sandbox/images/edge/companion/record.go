package companion

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// record is what acme.sh notes of a certificate, in a file of lines KEY='value' named after its first name.
type record struct {
	names     []string
	directory string
	renewal   time.Time
}

const noMoreNames = "no"

func (r record) encode() []byte {
	others := noMoreNames
	if len(r.names) > 1 {
		others = strings.Join(r.names[1:], ",")
	}
	return fmt.Appendf(nil, "Le_Domain='%s'\nLe_Alt='%s'\nLe_API='%s'\nLe_NextRenewTime='%d'\n",
		r.names[0], others, r.directory, r.renewal.Unix())
}

func readRecord(path string) (record, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return record{}, err
	}
	values := map[string]string{}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		values[key] = strings.Trim(value, "'")
	}
	seconds, err := strconv.ParseInt(values["Le_NextRenewTime"], 10, 64)
	if err != nil {
		return record{}, fmt.Errorf("%s: Le_NextRenewTime: %w", path, err)
	}
	names := []string{values["Le_Domain"]}
	if others := values["Le_Alt"]; others != noMoreNames {
		names = append(names, strings.Split(others, ",")...)
	}
	return record{names: names, directory: values["Le_API"], renewal: time.Unix(seconds, 0)}, nil
}
