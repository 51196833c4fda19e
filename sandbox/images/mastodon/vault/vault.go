// Package vault encrypts what Mastodon keeps encrypted in its database, with
// keys made from the three ACTIVE_RECORD_ENCRYPTION_* settings. What one set of
// keys wrote, another cannot read.
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
)

// rounds is how often PBKDF2 hashes, as Rails does.
const rounds = 1 << 16

// ErrDecryption says that other keys encrypted the value, or that it was changed.
var ErrDecryption = errors.New("ActiveRecord::Encryption::Errors::Decryption: the value was not encrypted " +
	"with this server's ACTIVE_RECORD_ENCRYPTION_* keys")

// Vault holds the keys.
type Vault struct {
	sealed        cipher.AEAD
	deterministic []byte
}

// New derives the keys.
func New(primary, deterministic, salt string) (*Vault, error) {
	key, err := pbkdf2.Key(sha256.New, primary, []byte(salt), rounds, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	sealed, err := cipher.NewGCM(block)
	return &Vault{sealed: sealed, deterministic: []byte(deterministic)}, err
}

// Encrypt seals a value. It can be read again only under the same name.
func (v *Vault) Encrypt(name, value string) string {
	nonce := make([]byte, v.sealed.NonceSize())
	_, _ = rand.Read(nonce) // Never fails from Go 1.24 on.
	return base64.StdEncoding.EncodeToString(v.sealed.Seal(nonce, nonce, []byte(value), v.label(name)))
}

// Decrypt opens what Encrypt sealed, or returns ErrDecryption.
func (v *Vault) Decrypt(name, text string) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) < v.sealed.NonceSize() {
		return "", ErrDecryption
	}
	value, err := v.sealed.Open(nil, raw[:v.sealed.NonceSize()], raw[v.sealed.NonceSize():], v.label(name))
	if err != nil {
		return "", ErrDecryption
	}
	return string(value), nil
}

// label binds a value to its name under the deterministic key, so that a change
// of that key too is seen.
func (v *Vault) label(name string) []byte {
	mac := hmac.New(sha256.New, v.deterministic)
	mac.Write([]byte(name))
	return mac.Sum(nil)
}
