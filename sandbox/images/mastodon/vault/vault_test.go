package vault

import (
	"errors"
	"testing"
)

func open(t *testing.T, primary, deterministic, salt string) *Vault {
	t.Helper()
	made, err := New(primary, deterministic, salt)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestTheSameKeysReadWhatTheyWrote(t *testing.T) {
	sealed := open(t, "p", "d", "s").Encrypt("user 1", "secret")
	value, err := open(t, "p", "d", "s").Decrypt("user 1", sealed)
	if err != nil || value != "secret" {
		t.Fatal(value, err)
	}
}

func TestAnyOtherKeyReadsNothing(t *testing.T) {
	sealed := open(t, "p", "d", "s").Encrypt("user 1", "secret")
	for _, keys := range [][3]string{{"x", "d", "s"}, {"p", "x", "s"}, {"p", "d", "x"}} {
		if value, err := open(t, keys[0], keys[1], keys[2]).Decrypt("user 1", sealed); !errors.Is(err,
			ErrDecryption) {
			t.Errorf("%v read %q: %v", keys, value, err)
		}
	}
}

func TestAValueCannotMoveToAnotherUser(t *testing.T) {
	vault := open(t, "p", "d", "s")
	if _, err := vault.Decrypt("user 2", vault.Encrypt("user 1", "secret")); !errors.Is(err, ErrDecryption) {
		t.Fatal(err)
	}
}

func TestWhatIsNoCiphertextIsRefused(t *testing.T) {
	for _, text := range []string{"", "secret", "!", "AAAA"} {
		if _, err := open(t, "p", "d", "s").Decrypt("user 1", text); !errors.Is(err, ErrDecryption) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
