package settings

import (
	"bytes"
	"crypto/ecdh"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// checkVAPID tells whether two keys in URL-safe base64 are a pair on P-256: the
// private key a number of 32 bytes, the public one a point of 65 bytes.
func checkVAPID(private, public string) error {
	secret, err := decode(private)
	if err != nil {
		return errors.New("VAPID_PRIVATE_KEY is not URL-safe base64")
	}
	point, err := decode(public)
	if err != nil {
		return errors.New("VAPID_PUBLIC_KEY is not URL-safe base64")
	}
	key, err := ecdh.P256().NewPrivateKey(secret)
	if err != nil {
		return fmt.Errorf("VAPID_PRIVATE_KEY is no private key on P-256: it has %d bytes", len(secret))
	}
	if _, err := ecdh.P256().NewPublicKey(point); err != nil {
		return fmt.Errorf("VAPID_PUBLIC_KEY is no point on P-256: it has %d bytes", len(point))
	}
	if !bytes.Equal(key.PublicKey().Bytes(), point) {
		return errors.New("VAPID_PUBLIC_KEY does not belong to VAPID_PRIVATE_KEY")
	}
	return nil
}

// decode takes keys with and without padding, as Mastodon does.
func decode(text string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
}
