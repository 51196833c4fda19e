package companion

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The names under which docker-gen finds a host's certificate, and the files of its folder they lead to.
var links = map[string]string{".crt": "fullchain.pem", ".key": "key.pem", ".chain.pem": "chain.pem"}

// In each folder of a certificate; where it lacks, the certificate is somebody else's.
const mark = ".companion"

// Link leads every name of a certificate to its files; it says whether anything was not so before.
func (s Store) Link(request Request) (bool, error) {
	changed := false
	for _, name := range request.Names {
		for suffix, file := range links {
			link, target := filepath.Join(s.Certificates, name+suffix), "./"+s.folder(request)+"/"+file
			if old, err := os.Readlink(link); err == nil && old == target {
				continue
			}
			changed = true
			_ = os.Remove(link + ".new")
			if err := os.Symlink(target, link+".new"); err != nil {
				return changed, err
			}
			if err := os.Rename(link+".new", link); err != nil {
				return changed, err
			}
		}
	}
	return changed, nil
}

// Unlink removes the links of names that no running container asks for any more; the certificates stay for
// when one does again.
func (s Store) Unlink(requests []Request) (bool, error) {
	found, err := filepath.Glob(filepath.Join(s.Certificates, "*.crt"))
	if err != nil {
		return false, err
	}
	changed := false
	for _, path := range found {
		name := strings.TrimSuffix(filepath.Base(path), ".crt")
		asks := func(request Request) bool { return slices.Contains(request.Names, name) }
		if name == "default" || !s.managed(path) || slices.ContainsFunc(requests, asks) {
			continue
		}
		for suffix := range links {
			link := filepath.Join(s.Certificates, name+suffix)
			if !isLink(link) {
				continue
			}
			if err := os.Remove(link); err != nil && !errors.Is(err, os.ErrNotExist) {
				return changed, err
			}
			changed = true
		}
	}
	return changed, nil
}

// managed says whether a path is a link into the folder of a certificate of ours.
func (s Store) managed(path string) bool {
	target, err := os.Readlink(path)
	if err != nil {
		return false
	}
	_, err = os.Stat(filepath.Join(s.Certificates, filepath.Dir(target), mark))
	return err == nil
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&os.ModeSymlink != 0
}
