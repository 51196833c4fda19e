package dockergen

import (
	"cmp"
	"os"
	"path/filepath"
)

// Settings are docker-gen's own environment and the root of the file system, "/" but in tests.
type Settings struct {
	Environment map[string]string
	Root        string
}

func (s Settings) get(name, fallback string) string {
	return cmp.Or(s.Environment[name], fallback)
}

// exists says whether a file is there; a link to nothing is not.
func (s Settings) exists(path string) bool {
	_, err := os.Stat(filepath.Join(s.Root, path))
	return err == nil
}

// pair says whether a certificate is there with its key.
func (s Settings) pair(certificate string) bool {
	return s.exists(certificates+certificate+".crt") && s.exists(certificates+certificate+".key")
}

// first is the first of the files that is there, or empty.
func (s Settings) first(paths ...string) string {
	for _, path := range paths {
		if s.exists(path) {
			return path
		}
	}
	return ""
}
