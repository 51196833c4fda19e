package companion

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/crypto/acme"
)

// Client talks to certificate authorities, trusting a bundle of roots besides the system's.
func Client(bundle string) (*http.Client, error) {
	if bundle == "" {
		return http.DefaultClient, nil
	}
	text, err := os.ReadFile(bundle)
	if err != nil {
		return nil, fmt.Errorf("CA_BUNDLE: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("CA_BUNDLE: no certificate in %s", bundle)
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}, nil
}

// Order gets a certificate over HTTP-01 and saves it.
func (s Store) Order(ctx context.Context, client *http.Client, request Request) error {
	account, err := s.accountKey(request)
	if err != nil {
		return err
	}
	authority := &acme.Client{Key: account, DirectoryURL: request.Directory, HTTPClient: client}
	contact := &acme.Account{}
	if request.Email != "" && !request.staging() {
		contact.Contact = []string{"mailto:" + request.Email}
	}
	if _, err := authority.Register(ctx, contact, acme.AcceptTOS); err != nil && !errors.Is(err, acme.ErrAccountAlreadyExists) {
		return fmt.Errorf("account: %w", err)
	}
	order, err := authority.AuthorizeOrder(ctx, acme.DomainIDs(request.Names...))
	if err != nil {
		return fmt.Errorf("order: %w", err)
	}
	for _, url := range order.AuthzURLs {
		if err := s.authorize(ctx, authority, url); err != nil {
			return err
		}
	}
	if order, err = authority.WaitOrder(ctx, order.URI); err != nil {
		return fmt.Errorf("order: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	signing, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{DNSNames: request.Names}, key)
	if err != nil {
		return err
	}
	chain, _, err := authority.CreateOrderCert(ctx, order.FinalizeURL, signing, true)
	if err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	text, err := encode(key)
	if err != nil {
		return err
	}
	leaf, err := x509.ParseCertificate(chain[0])
	if err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	return s.Save(request, chain, text, renewal(ctx, client, request.Directory, leaf, time.Now()))
}

func (s Store) authorize(ctx context.Context, authority *acme.Client, url string) error {
	authorization, err := authority.GetAuthorization(ctx, url)
	if err != nil {
		return fmt.Errorf("authorization: %w", err)
	}
	if authorization.Status == acme.StatusValid {
		return nil
	}
	for _, challenge := range authorization.Challenges {
		if challenge.Type != "http-01" {
			continue
		}
		answer, err := authority.HTTP01ChallengeResponse(challenge.Token)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(s.Challenges, 0o755); err != nil {
			return err
		}
		path := filepath.Join(s.Challenges, challenge.Token)
		if err := os.WriteFile(path, []byte(answer), 0o644); err != nil {
			return err
		}
		defer os.Remove(path)
		if _, err := authority.Accept(ctx, challenge); err != nil {
			return fmt.Errorf("challenge: %w", err)
		}
		if _, err := authority.WaitAuthorization(ctx, url); err != nil {
			return fmt.Errorf("validation of %s: %w", authorization.Identifier.Value, err)
		}
		return nil
	}
	return fmt.Errorf("%s offers no http-01 challenge", authorization.Identifier.Value)
}

func (s Store) accountKey(request Request) (crypto.Signer, error) {
	path := filepath.Join(s.home(request), "ca", request.authority(), "account.key")
	if text, err := os.ReadFile(path); err == nil {
		if block, _ := pem.Decode(text); block != nil {
			return x509.ParseECPrivateKey(block.Bytes)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	text, err := encode(key)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	return key, replace(path, text, 0o600)
}

func encode(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalECPrivateKey(key)
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), err
}
