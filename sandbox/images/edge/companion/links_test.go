package companion

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

var two = Request{Names: []string{"a.test", "b.test"}, Directory: directory}

func store(t *testing.T) Store {
	t.Helper()
	return Store{Certificates: t.TempDir(), State: t.TempDir()}
}

// saved has the certificate of two names, and their links.
func saved(t *testing.T) Store {
	t.Helper()
	kept := store(t)
	if err := kept.Save(two, [][]byte{[]byte("leaf"), []byte("issuer")}, []byte("key"), now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := kept.Link(two); err != nil {
		t.Fatal(err)
	}
	return kept
}

func (s Store) has(name string) bool {
	_, err := os.Stat(filepath.Join(s.Certificates, name))
	return err == nil
}

func unlink(t *testing.T, kept Store, requests ...Request) bool {
	t.Helper()
	changed, err := kept.Unlink(requests)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

func TestEveryNameLeadsToTheCertificateOfTheFirst(t *testing.T) {
	kept := saved(t)
	for _, name := range two.Names {
		for suffix, file := range map[string]string{".crt": "fullchain.pem", ".key": "key.pem", ".chain.pem": "chain.pem"} {
			have, err := os.Readlink(filepath.Join(kept.Certificates, name+suffix))
			if err != nil || have != "./a.test/"+file {
				t.Errorf("%s%s: %q %v", name, suffix, have, err)
			}
		}
	}
}

func TestLinksThatAreRightAreNoChange(t *testing.T) {
	if changed, err := saved(t).Link(two); changed || err != nil {
		t.Fatal(changed, err)
	}
}

func TestALinkThatIsGoneIsMadeAgain(t *testing.T) {
	kept := saved(t)
	if err := os.Remove(filepath.Join(kept.Certificates, "b.test.crt")); err != nil {
		t.Fatal(err)
	}
	if changed, err := kept.Link(two); !changed || err != nil || !kept.has("b.test.crt") {
		t.Fatal(changed, err)
	}
}

func TestNamesThatAreAskedForKeepTheirLinks(t *testing.T) {
	kept := saved(t)
	if unlink(t, kept, two) || !kept.has("a.test.crt") || !kept.has("b.test.crt") {
		t.Fatal("links are gone")
	}
}

func TestANameThatNobodyAsksForLosesItsLinksAndKeepsItsCertificate(t *testing.T) {
	kept := saved(t)
	if !unlink(t, kept, Request{Names: []string{"a.test"}}) {
		t.Fatal("nothing changed")
	}
	if kept.has("b.test.crt") || kept.has("b.test.key") || kept.has("b.test.chain.pem") {
		t.Error("b.test is still linked")
	}
	if !kept.has("a.test.crt") || !kept.has("a.test/fullchain.pem") {
		t.Error("a.test lost its certificate")
	}
}

func TestCertificatesOfOthersAreLeftAlone(t *testing.T) {
	kept := store(t)
	for _, file := range []string{"own.test.crt", "other.pem", "default.crt"} {
		if err := os.WriteFile(filepath.Join(kept.Certificates, file), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("./other.pem", filepath.Join(kept.Certificates, "linked.test.crt")); err != nil {
		t.Fatal(err)
	}
	if unlink(t, kept) || !kept.has("own.test.crt") || !kept.has("linked.test.crt") || !kept.has("default.crt") {
		t.Fatal("a certificate of somebody else is gone")
	}
}

func TestACertificateOfTheStagingAuthorityHasAFolderOfItsOwn(t *testing.T) {
	kept := store(t)
	staging := Request{Names: two.Names, Directory: "https://acme-staging.test/dir"}
	if err := kept.Save(staging, [][]byte{[]byte("leaf"), []byte("issuer")}, []byte("key"), now); err != nil {
		t.Fatal(err)
	}
	if _, err := kept.Link(staging); err != nil {
		t.Fatal(err)
	}
	if have, err := os.Readlink(filepath.Join(kept.Certificates, "b.test.crt")); have != "./_test_a.test/fullchain.pem" {
		t.Fatal(have, err)
	}
}
