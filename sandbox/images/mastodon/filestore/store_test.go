package filestore

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAFileIsReadBackAsItWasWritten(t *testing.T) {
	store := &Store{Folder: t.TempDir(), Limit: 5}
	stored, err := store.Write("a/b.png", strings.NewReader("hello"))
	if err != nil || stored.Size != 5 ||
		stored.SHA256 != "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" {
		t.Fatal(stored, err)
	}
	file, err := store.Open("a/b.png")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if content, err := io.ReadAll(file); err != nil || string(content) != "hello" {
		t.Fatal(string(content), err)
	}
}

func TestAFileThatIsTooLargeLeavesNothing(t *testing.T) {
	store := &Store{Folder: t.TempDir(), Limit: 4}
	if _, err := store.Write("a/b.png", strings.NewReader("hello")); !errors.Is(err, ErrTooLarge) {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(filepath.Join(store.Folder, "a")); err != nil || len(left) != 0 {
		t.Fatal(left, err)
	}
}

func TestNoPathLeadsOutOfTheFolder(t *testing.T) {
	parent := t.TempDir()
	if err := os.WriteFile(filepath.Join(parent, "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	store := &Store{Folder: filepath.Join(parent, "system")}
	if err := os.Mkdir(store.Folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open("../secret"); err == nil {
		t.Error("it was opened")
	}
	if err := store.Remove("../secret"); err == nil {
		t.Error("it was removed")
	}
}

func TestAFolderIsNoFile(t *testing.T) {
	if _, err := (&Store{Folder: t.TempDir()}).Open("."); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
}

func TestRemovingTwiceIsNoError(t *testing.T) {
	store := &Store{Folder: t.TempDir(), Limit: 5}
	if _, err := store.Write("b.png", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := store.Remove("b.png"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.Open("b.png"); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
}

func TestAttachmentsAreSpreadOverFolders(t *testing.T) {
	want := "media_attachments/files/112/345/678/901/234/567/original/x.png"
	if got := Path(112345678901234567, "x.png"); got != want {
		t.Fatal(got)
	}
}
