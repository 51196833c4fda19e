// Package filestore keeps uploaded files in a folder.
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
	"time"
)

// ErrTooLarge means that more bytes came than the store takes for one file.
var ErrTooLarge = errors.New("the file is larger than allowed")

const (
	// arriving is the folder of uploads that are not complete yet.
	arriving = ".arriving"
	// abandoned is the age at which nobody can be writing an upload any more.
	abandoned = 24 * time.Hour
)

// Store is a folder of files, none larger than Limit bytes.
type Store struct {
	Folder string
	Limit  int64
}

// Stored tells where a file went, relative to the store's folder.
type Stored struct {
	Path   string
	Size   int64 // bytes
	SHA256 string
}

// Path is where a file of this channel, user and identifier goes. All three
// must be identifiers: they become names of folders.
func Path(day time.Time, channel, user, id string) string {
	return filepath.Join(day.UTC().Format("20060102"), "channels", channel, "users", user, id)
}

// Check finds out whether files can be written, by writing one.
func (s *Store) Check() error {
	if err := os.MkdirAll(s.Folder, 0o750); err != nil {
		return fmt.Errorf("the file storage folder cannot be made: %w", err)
	}
	probe, err := os.CreateTemp(s.Folder, ".testfile-*")
	if err != nil {
		return fmt.Errorf("the file storage folder is not writable: %w", err)
	}
	_, err = probe.WriteString("testfile")
	return errors.Join(err, probe.Close(), os.Remove(probe.Name()))
}

// Sweep removes uploads that a server left half-done when it was stopped.
func (s *Store) Sweep() error {
	entries, err := os.ReadDir(filepath.Join(s.Folder, arriving))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, entry := range entries {
		// A second server may be at work in the folder, so an entry may vanish meanwhile.
		info, infoErr := entry.Info()
		if infoErr != nil || time.Since(info.ModTime()) < abandoned {
			continue
		}
		err = errors.Join(err, os.Remove(filepath.Join(s.Folder, arriving, entry.Name())))
	}
	return err
}

// Write stores what content holds under path. The file appears there only when
// all of it is on the disk.
func (s *Store) Write(path string, content io.Reader) (Stored, error) {
	target := filepath.Join(s.Folder, path)
	if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
		return Stored{}, err
	}
	waiting := filepath.Join(s.Folder, arriving)
	if err := os.MkdirAll(waiting, 0o750); err != nil {
		return Stored{}, err
	}
	temporary, err := os.CreateTemp(waiting, "upload-*")
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
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return Stored{}, err
	}
	if err := os.Rename(temporary.Name(), target); err != nil {
		return Stored{}, err
	}
	return Stored{Path: path, Size: size, SHA256: hex.EncodeToString(hash.Sum(nil))}, nil
}

// Open opens a stored file for reading.
func (s *Store) Open(path string) (*os.File, error) {
	return os.Open(filepath.Join(s.Folder, path))
}

// Remove takes back a file whose description could not be stored.
func (s *Store) Remove(path string) error {
	return os.Remove(filepath.Join(s.Folder, path))
}
