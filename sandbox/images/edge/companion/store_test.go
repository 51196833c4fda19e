package companion

import (
	"slices"
	"testing"
	"time"
)

var now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// due has a certificate of two names that is renewed so long from now.
func due(t *testing.T, left time.Duration) Store {
	t.Helper()
	kept := store(t)
	if err := kept.Save(two, [][]byte{[]byte("leaf")}, []byte("key"), now.Add(left)); err != nil {
		t.Fatal(err)
	}
	return kept
}

func TestACertificateThatIsNotDueIsNotOrderedAgain(t *testing.T) {
	if due(t, time.Second).Wanted(two, now) {
		t.Fatal("it is wanted")
	}
}

func TestACertificateThatIsDueIsOrdered(t *testing.T) {
	if !due(t, 0).Wanted(two, now) {
		t.Fatal("it is not wanted")
	}
}

func TestTheOrderOfNamesIsNoDifference(t *testing.T) {
	three := []string{"a.test", "b.test", "c.test"}
	kept := store(t)
	if err := kept.Save(Request{Names: three, Directory: directory}, [][]byte{nil}, nil, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	swapped := []string{three[0], three[2], three[1]}
	if kept.Wanted(Request{Names: swapped, Directory: directory}, now) {
		t.Fatal("it is wanted")
	}
}

func TestACertificateForOneMoreNameIsOrdered(t *testing.T) {
	more := Request{Names: append(slices.Clone(two.Names), "c.test"), Directory: directory}
	if !due(t, time.Hour).Wanted(more, now) {
		t.Fatal("it is not wanted")
	}
}

func TestACertificateOfAnotherAuthorityIsKeptAsAcmeShDoes(t *testing.T) {
	if due(t, time.Hour).Wanted(Request{Names: two.Names, Directory: "https://other.test/dir"}, now) {
		t.Fatal("it is wanted")
	}
}

func TestTheStagingAuthoritysCertificateIsAnother(t *testing.T) {
	staging := Request{Names: two.Names, Directory: "https://acme-staging.test/dir"}
	if !due(t, time.Hour).Wanted(staging, now) {
		t.Fatal("it is not wanted")
	}
}

func TestWithoutItsRecordACertificateIsOrdered(t *testing.T) {
	if !store(t).Wanted(two, now) {
		t.Fatal("it is not wanted")
	}
}
