package companion

import (
	"crypto/x509"
	"encoding/json"
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

// RenewBefore is how long before its end a certificate is renewed.
const RenewBefore = 30 * 24 * time.Hour

type record struct {
	Names     []string
	Directory string
}

func (s Store) account(request Request) string {
	email := request.Email
	if email == "" {
		email = "default"
	}
	return filepath.Join(s.State, email)
}

func (s Store) recordPath(request Request) string {
	return filepath.Join(s.account(request), request.Names[0], "certificate.json")
}

// Wanted says whether a certificate has to be asked for: none is there, or it was for other names or
// another authority, or it ends soon. Without the record, as after losing the state, it is asked for again.
func (s Store) Wanted(request Request, now time.Time) bool {
	var kept record
	text, err := os.ReadFile(s.recordPath(request))
	if err != nil || json.Unmarshal(text, &kept) != nil {
		return true
	}
	if kept.Directory != request.Directory || !slices.Equal(kept.Names, request.Names) {
		return true
	}
	chain, err := os.ReadFile(filepath.Join(s.Certificates, request.Names[0], "fullchain.pem"))
	if err != nil {
		return true
	}
	block, _ := pem.Decode(chain)
	if block == nil {
		return true
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	return err != nil || now.Add(RenewBefore).After(certificate.NotAfter)
}

// Save writes a certificate's files, and what it was asked for with.
func (s Store) Save(request Request, chain [][]byte, key []byte) error {
	name := request.Names[0]
	folder := filepath.Join(s.Certificates, name)
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
	text, err := json.Marshal(record{request.Names, request.Directory})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.recordPath(request)), 0o700); err != nil {
		return err
	}
	return replace(s.recordPath(request), text, 0o600)
}

func replace(path string, content []byte, mode os.FileMode) error {
	if err := os.WriteFile(path+".new", content, mode); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
