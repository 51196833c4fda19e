package s3store

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/rclone/gofakes3"
)

// Backend answers the library from a folder. Buckets are made by the sandbox, never by a client.
type Backend struct {
	folder Folder
	// mutex keeps the two files of an object together.
	mutex sync.RWMutex
}

var errBuckets = gofakes3.ErrorMessage(
	gofakes3.ErrNotImplemented, "the sandbox's store makes and removes no buckets: name them where the box starts")

// ListBuckets is S3's ListBuckets.
func (b *Backend) ListBuckets(context.Context) ([]gofakes3.BucketInfo, error) {
	buckets, err := b.folder.Buckets()
	var found []gofakes3.BucketInfo
	for name, made := range buckets {
		found = append(found, gofakes3.BucketInfo{Name: name, CreationDate: gofakes3.NewContentTime(made)})
	}
	return found, err
}

// ListBucket is S3's ListObjects, both versions.
func (b *Backend) ListBucket(
	_ context.Context, name string, prefix *gofakes3.Prefix, page gofakes3.ListBucketPage,
) (*gofakes3.ObjectList, error) {
	if err := b.bucket(name); err != nil {
		return nil, err
	}
	b.mutex.RLock()
	defer b.mutex.RUnlock()
	objects, err := b.folder.Objects(name)
	if err != nil {
		return nil, err
	}
	if prefix == nil {
		prefix = &gofakes3.Prefix{}
	}
	list := gofakes3.NewObjectList()
	for _, about := range objects {
		entry, common := folded(about.Key, prefix)
		if !strings.HasPrefix(about.Key, prefix.Prefix) || page.HasMarker && entry <= page.Marker {
			continue
		}
		if common && len(list.CommonPrefixes) > 0 && entry == list.NextMarker {
			continue
		}
		if page.MaxKeys > 0 && int64(len(list.Contents)+len(list.CommonPrefixes)) == page.MaxKeys {
			list.IsTruncated = true
			break
		}
		list.NextMarker = entry
		if common {
			list.AddPrefix(entry)
			continue
		}
		list.Add(&gofakes3.Content{
			Key:          about.Key,
			LastModified: gofakes3.NewContentTime(about.Modified),
			ETag:         `"` + about.MD5 + `"`,
			Size:         about.Size,
		})
	}
	return list, nil
}

// folded is the line of a list that tells of a key: the key, or what is common up to the delimiter.
func folded(key string, prefix *gofakes3.Prefix) (string, bool) {
	rest, under := strings.CutPrefix(key, prefix.Prefix)
	before, _, found := strings.Cut(rest, prefix.Delimiter)
	if !under || prefix.Delimiter == "" || !found {
		return key, false
	}
	return prefix.Prefix + before + prefix.Delimiter, true
}

// CreateBucket refuses.
func (b *Backend) CreateBucket(context.Context, string) error { return errBuckets }

// DeleteBucket refuses.
func (b *Backend) DeleteBucket(context.Context, string) error { return errBuckets }

// BucketExists is S3's HeadBucket.
func (b *Backend) BucketExists(_ context.Context, name string) (bool, error) {
	buckets, err := b.folder.Buckets()
	_, exists := buckets[name]
	return exists, err
}

// HeadObject is S3's HeadObject.
func (b *Backend) HeadObject(_ context.Context, bucket, key string) (*gofakes3.Object, error) {
	b.mutex.RLock()
	defer b.mutex.RUnlock()
	return b.object(bucket, key)
}

// GetObject is S3's GetObject.
func (b *Backend) GetObject(
	_ context.Context, bucket, key string, asked *gofakes3.ObjectRangeRequest,
) (*gofakes3.Object, error) {
	b.mutex.RLock()
	defer b.mutex.RUnlock()
	object, err := b.object(bucket, key)
	if err != nil {
		return nil, err
	}
	if object.Range, err = asked.Range(object.Size); err != nil {
		return nil, err
	}
	file, err := b.folder.Open(bucket, key)
	if err != nil {
		return nil, err
	}
	object.Contents = file
	if object.Range != nil {
		object.Contents = section{io.NewSectionReader(file, object.Range.Start, object.Range.Length), file}
	}
	return object, nil
}

// PutObject is S3's PutObject.
func (b *Backend) PutObject(
	_ context.Context, bucket, key string, metadata map[string]string, input io.Reader, size int64,
) (gofakes3.PutObjectResult, error) {
	if err := b.bucket(bucket); err != nil {
		return gofakes3.PutObjectResult{}, err
	}
	// Not under the lock: clients are slow.
	upload, err := b.folder.Receive(bucket, input, size)
	defer upload.Discard()
	if err == nil {
		b.mutex.Lock()
		defer b.mutex.Unlock()
		err = b.folder.Keep(upload, bucket, key, metadata)
	}
	switch {
	case errors.Is(err, errLongKey):
		err = gofakes3.ErrorMessage(gofakes3.ErrKeyTooLong, err.Error())
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = gofakes3.ErrIncompleteBody
	}
	return gofakes3.PutObjectResult{}, err
}

// DeleteObject is S3's DeleteObject.
func (b *Backend) DeleteObject(_ context.Context, bucket, key string) (gofakes3.ObjectDeleteResult, error) {
	if err := b.bucket(bucket); err != nil {
		return gofakes3.ObjectDeleteResult{}, err
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return gofakes3.ObjectDeleteResult{}, b.folder.Delete(bucket, key)
}

// DeleteMulti is S3's DeleteObjects.
func (b *Backend) DeleteMulti(
	ctx context.Context, bucket string, keys ...string,
) (gofakes3.MultiDeleteResult, error) {
	var result gofakes3.MultiDeleteResult
	for _, key := range keys {
		if _, err := b.DeleteObject(ctx, bucket, key); err != nil {
			return result, err
		}
		result.Deleted = append(result.Deleted, gofakes3.ObjectID{Key: key})
	}
	return result, nil
}

// CopyObject refuses.
func (b *Backend) CopyObject(
	context.Context, string, string, string, string, map[string]string,
) (gofakes3.CopyObjectResult, error) {
	return gofakes3.CopyObjectResult{}, gofakes3.ErrorMessage(
		gofakes3.ErrNotImplemented, "the sandbox's store copies no objects")
}

func (b *Backend) bucket(name string) error {
	exists, err := b.BucketExists(context.Background(), name)
	if err == nil && !exists {
		err = gofakes3.BucketNotFound(name)
	}
	return err
}

func (b *Backend) object(bucket, key string) (*gofakes3.Object, error) {
	if err := b.bucket(bucket); err != nil {
		return nil, err
	}
	about, err := b.folder.Find(bucket, key)
	if errors.Is(err, errNoObject) {
		return nil, gofakes3.KeyNotFound(key)
	}
	if err != nil {
		return nil, err
	}
	hash, err := hex.DecodeString(about.MD5)
	return &gofakes3.Object{
		Name: key, Metadata: about.Metadata, Size: about.Size, Hash: hash, Contents: section{},
	}, err
}

// section is part of an object's file; without a file, nothing.
type section struct {
	io.Reader
	file *os.File
}

// Read reads the section.
func (s section) Read(into []byte) (int, error) {
	if s.Reader == nil {
		return 0, io.EOF
	}
	return s.Reader.Read(into)
}

// Close closes the object's file.
func (s section) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
