package filestore

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAPathBeginsWithTheDayAndEndsWithTheIdentifier(t *testing.T) {
	day := time.Date(2026, 3, 1, 23, 30, 0, 0, time.FixedZone("", -3600))
	if got := Path(day, "town", "bob", "f1"); got != "20260302/channels/town/users/bob/f1" {
		t.Fatal(got)
	}
}

func TestAWrittenFileComesBackWithItsDigest(t *testing.T) {
	store := &Store{Folder: t.TempDir(), Limit: 3}
	stored, err := store.Write("day/id", strings.NewReader("abc"))
	if err != nil {
		t.Fatal(err)
	}
	// The digest of "abc" is the example in FIPS 180-4.
	const digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if stored.Size != 3 || stored.SHA256 != digest {
		t.Fatalf("%+v", stored)
	}
	file, err := store.Open(stored.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if content, err := io.ReadAll(file); err != nil || string(content) != "abc" {
		t.Fatalf("%q %v", content, err)
	}
}

func TestAFileAboveTheLimitLeavesNothingBehind(t *testing.T) {
	store := &Store{Folder: t.TempDir(), Limit: 3}
	if _, err := store.Write("day/id", strings.NewReader("abcd")); !errors.Is(err, ErrTooLarge) {
		t.Fatal(err)
	}
	err := filepath.WalkDir(store.Folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			t.Errorf("left behind: %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestABrokenUploadIsNotStored(t *testing.T) {
	store := &Store{Folder: t.TempDir(), Limit: 100}
	broken := io.MultiReader(bytes.NewReader([]byte("ab")), failing{})
	if _, err := store.Write("day/id", broken); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
	if _, err := store.Open("day/id"); !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestCheckFailsWhereNoFolderCanBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (&Store{Folder: filepath.Join(file, "data")}).Check(); err == nil {
		t.Fatal("a folder inside a file passed the check")
	}
}

func TestSweepRemovesOnlyOldUploads(t *testing.T) {
	store := &Store{Folder: t.TempDir()}
	folder := filepath.Join(store.Folder, arriving)
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, age := range map[string]time.Duration{"old": 2 * abandoned, "new": 0} {
		path := filepath.Join(folder, name)
		at := time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Sweep(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(folder)
	if err != nil || len(left) != 1 || left[0].Name() != "new" {
		t.Fatal(left, err)
	}
}
