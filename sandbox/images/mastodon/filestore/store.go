// Package filestore keeps media under public/system.
package filestore

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Folder is where media are, from the working folder of all processes.
const Folder = "public/system"

// ErrTooLarge means that more bytes came than the store takes for one file.
var ErrTooLarge = errors.New("the file is larger than allowed")

// Store is a folder of files, none larger than Limit bytes.
type Store struct {
	Folder string
	Limit  int64
}

// Stored tells of a file that was written.
type Stored struct {
	Size   int64 // bytes
	SHA256 string
}

// Path is where the file of an attachment goes: its number of 18 digits cut
// into folders of three, as Mastodon does.
func Path(id int64, name string) string {
	digits := fmt.Sprintf("%018d", id)
	parts := []string{"media_attachments", "files"}
	for at := 0; at < len(digits); at += 3 {
		parts = append(parts, digits[at:min(at+3, len(digits))])
	}
	return filepath.Join(append(parts, "original", name)...)
}

// Write stores what content holds under path. The file appears there only when
// all of it is on the disk.
func (s *Store) Write(path string, content io.Reader) (Stored, error) {
	target := filepath.Join(s.Folder, path)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return Stored{}, err
	}
	temporary, err := os.CreateTemp(filepath.Dir(target), ".upload-*")
	if err != nil {
		return Stored{}, err
	}
	// After the rename there is nothing left under this name.
	defer os.Remove(temporary.Name())
	hash := sha256.New()
	size, err := io.Copy(io.MultiWriter(temporary, hash), io.LimitReader(content, s.Limit+1))
	if err == nil && size > s.Limit {
		err = ErrTooLarge
	}
	// The web server of another container may read it.
	if err = errors.Join(err, temporary.Chmod(0o644), temporary.Sync(), temporary.Close()); err != nil {
		return Stored{}, err
	}
	return Stored{Size: size, SHA256: hex.EncodeToString(hash.Sum(nil))}, os.Rename(temporary.Name(), target)
}

// Open opens a stored file. No path leads out of the folder.
func (s *Store) Open(path string) (*os.File, error) {
	root, err := os.OpenRoot(s.Folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	file, err := root.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// Remove takes a file away; one that is not there is no error.
func (s *Store) Remove(path string) error {
	root, err := os.OpenRoot(s.Folder)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
