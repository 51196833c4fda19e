package companion

import (
	"cmp"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Store is where certificates and the authority's records are kept.
type Store struct {
	Certificates string // /etc/nginx/certs
	State        string // /etc/acme.sh
	Challenges   string // /usr/share/nginx/html/.well-known/acme-challenge
}

// RenewAfter is when a certificate is renewed whose authority suggests no time: 60 days, and the day that acme.sh
// takes off (ACME_RENEW_AFTER of the companion; acme.sh, issue).
const RenewAfter = 59 * 24 * time.Hour

// home is the folder of acme.sh's configuration: one for each address, and one for Let's Encrypt's staging authority,
// which gets no address (app/letsencrypt_service, update_cert).
func (s Store) home(request Request) string {
	if request.staging() {
		return filepath.Join(s.State, "staging")
	}
	return filepath.Join(s.State, cmp.Or(request.Email, "default"))
}

// folder is the name of the folder with a certificate's files.
func (s Store) folder(request Request) string {
	if request.staging() {
		return "_test_" + request.Names[0]
	}
	return request.Names[0]
}

func (s Store) recordPath(request Request) string {
	return filepath.Join(s.home(request), request.Names[0], request.Names[0]+".conf")
}

// Wanted says whether a certificate has to be asked for: none was, or it was for other names, or it is due. As
// acme.sh decides, it is not where another authority was asked before, nor where the files are gone.
func (s Store) Wanted(request Request, now time.Time) bool {
	kept, err := readRecord(s.recordPath(request))
	if err != nil || !now.Before(kept.renewal) {
		return true
	}
	return !slices.Equal(sorted(kept.names), sorted(request.Names))
}

// Save writes a certificate's files, and what it was asked for with.
func (s Store) Save(request Request, chain [][]byte, key []byte, renewal time.Time) error {
	folder := filepath.Join(s.Certificates, s.folder(request))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	var pems [][]byte
	for _, der := range chain {
		pems = append(pems, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
	files := map[string][]byte{
		"cert.pem":      pems[0],
		"chain.pem":     slices.Concat(pems[1:]...),
		"fullchain.pem": slices.Concat(pems...),
		"key.pem":       key,
		mark:            nil,
	}
	for file, content := range files {
		mode := os.FileMode(0o644)
		if file == "key.pem" {
			mode = 0o600
		}
		if err := replace(filepath.Join(folder, file), content, mode); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(s.recordPath(request)), 0o700); err != nil {
		return err
	}
	// acme.sh's own copy. The record comes last: with it the certificate is complete.
	copied := filepath.Join(filepath.Dir(s.recordPath(request)), request.Names[0]+".cer")
	if err := replace(copied, pems[0], 0o644); err != nil {
		return err
	}
	kept := record{names: request.Names, directory: request.Directory, renewal: renewal}
	return replace(s.recordPath(request), kept.encode(), 0o600)
}

func sorted(names []string) []string {
	return slices.Sorted(slices.Values(names))
}

func replace(path string, content []byte, mode os.FileMode) error {
	if err := os.WriteFile(path+".new", content, mode); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
