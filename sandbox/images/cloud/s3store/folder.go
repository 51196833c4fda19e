// Package s3store keeps S3 objects as files.
package s3store

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// Folder holds a folder for each bucket, and in it two files for each object, named after its key:
// `<escaped key>.bytes` and, written last, `<escaped key>.json`.
type Folder string

const (
	longestName = 240 // the file system takes 255
	part        = ".part"
)

// errNoObject is what Find says of a key that is not there.
var errNoObject = errors.New("no such object")

// errLongKey is what a key that makes no file name gets.
var errLongKey = errors.New("the key is longer than the sandbox's store takes")

// About is what is known of an object besides its bytes.
type About struct {
	Key      string            `json:"key"`
	Size     int64             `json:"size"`
	MD5      string            `json:"md5"`
	Modified time.Time         `json:"modified"`
	Metadata map[string]string `json:"metadata"`
}

// Prepare makes the buckets, and removes what uploads left that were cut off.
func (f Folder) Prepare(buckets []string) error {
	for _, bucket := range buckets {
		if err := os.MkdirAll(filepath.Join(string(f), bucket), 0o755); err != nil {
			return err
		}
	}
	left, err := filepath.Glob(filepath.Join(string(f), "*", "*"+part))
	for _, path := range left {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// Buckets lists the buckets with the times they were made at.
func (f Folder) Buckets() (map[string]time.Time, error) {
	entries, err := os.ReadDir(string(f))
	found := map[string]time.Time{}
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && entry.IsDir() {
			found[entry.Name()] = info.ModTime()
		}
	}
	return found, err
}

// Objects lists a bucket's objects by key.
func (f Folder) Objects(bucket string) ([]About, error) {
	paths, err := filepath.Glob(filepath.Join(string(f), bucket, "*.json"))
	if err != nil {
		return nil, err
	}
	var found []About
	for _, path := range paths {
		about, err := read(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted since
		}
		if err != nil {
			return nil, err
		}
		found = append(found, about)
	}
	sort.Slice(found, func(i, j int) bool { return found[i].Key < found[j].Key })
	return found, nil
}

// Find returns what is known of an object.
func (f Folder) Find(bucket, key string) (About, error) {
	about, err := read(f.path(bucket, key) + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		err = errNoObject
	}
	return about, err
}

// Open opens the bytes of an object as they are on disk.
func (f Folder) Open(bucket, key string) (*os.File, error) {
	return os.Open(f.path(bucket, key) + ".bytes")
}

// Upload is the bytes of an object that has no name yet.
type Upload struct {
	file string
	size int64
	md5  string
}

// Receive writes an upload to the end; `Discard` it in any case.
func (f Folder) Receive(bucket string, input io.Reader, size int64) (Upload, error) {
	file, err := os.CreateTemp(filepath.Join(string(f), bucket), "*"+part)
	if err != nil {
		return Upload{}, err
	}
	hash := md5.New()
	written, err := io.Copy(io.MultiWriter(file, hash), input)
	if err = errors.Join(err, file.Chmod(0o644), file.Close()); err == nil && written != size {
		err = io.ErrUnexpectedEOF
	}
	return Upload{file.Name(), size, hex.EncodeToString(hash.Sum(nil))}, err
}

// Discard removes an upload that was not kept.
func (u Upload) Discard() { _ = os.Remove(u.file) }

// Keep makes an upload the object of that key.
func (f Folder) Keep(upload Upload, bucket, key string, metadata map[string]string) error {
	path := f.path(bucket, key)
	if len(filepath.Base(path)) > longestName {
		return errLongKey
	}
	text, err := json.Marshal(About{key, upload.size, upload.md5, time.Now().UTC(), metadata})
	if err != nil {
		return err
	}
	if err := os.Rename(upload.file, path+".bytes"); err != nil {
		return err
	}
	if err := os.WriteFile(path+part, text, 0o644); err != nil {
		return err
	}
	return os.Rename(path+part, path+".json")
}

// Delete removes an object; one that is gone already is no mistake.
func (f Folder) Delete(bucket, key string) error {
	for _, suffix := range []string{".json", ".bytes"} {
		if err := os.Remove(f.path(bucket, key) + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (f Folder) path(bucket, key string) string {
	return filepath.Join(string(f), bucket, strings.ReplaceAll(url.QueryEscape(key), "*", "%2A"))
}

func read(path string) (About, error) {
	var about About
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &about)
	}
	return about, err
}
