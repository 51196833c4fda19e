package companion

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"testing"
	"time"
)

var now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// until has a certificate of two names that ends so long from now.
func until(t *testing.T, left time.Duration) Store {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: now.Add(left), DNSNames: two.Names}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	kept := store(t)
	if err := kept.Save(two, [][]byte{der}, []byte("key")); err != nil {
		t.Fatal(err)
	}
	return kept
}

func TestAGoodCertificateIsNotOrderedAgain(t *testing.T) {
	if until(t, 60*24*time.Hour).Wanted(two, now) {
		t.Fatal("it is wanted")
	}
}

func TestACertificateIsRenewedThirtyDaysBeforeItsEnd(t *testing.T) {
	if !until(t, 29*24*time.Hour).Wanted(two, now) {
		t.Fatal("it is not wanted")
	}
}

func TestACertificateForOneMoreNameIsOrdered(t *testing.T) {
	more := Request{Names: append([]string{}, "a.test", "b.test", "c.test"), Directory: directory}
	if !until(t, 60*24*time.Hour).Wanted(more, now) {
		t.Fatal("it is not wanted")
	}
}

func TestACertificateOfAnotherAuthorityIsOrdered(t *testing.T) {
	if !until(t, 60*24*time.Hour).Wanted(Request{Names: two.Names, Directory: "https://other.test/dir"}, now) {
		t.Fatal("it is not wanted")
	}
}
