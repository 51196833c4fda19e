package s3store

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rclone/gofakes3"
)

func backend(t *testing.T, keys ...string) *Backend {
	t.Helper()
	folder := Folder(t.TempDir())
	if err := folder.Prepare([]string{"bucket"}); err != nil {
		t.Fatal(err)
	}
	found := &Backend{folder: folder}
	for _, key := range keys {
		put(t, found, key, "content of "+key)
	}
	return found
}

func put(t *testing.T, b *Backend, key, content string) {
	t.Helper()
	_, err := b.PutObject(t.Context(), "bucket", key, nil, strings.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, b *Backend, key string, asked *gofakes3.ObjectRangeRequest) string {
	t.Helper()
	object, err := b.GetObject(t.Context(), "bucket", key, asked)
	if err != nil {
		t.Fatal(err)
	}
	defer object.Contents.Close()
	text, err := io.ReadAll(object.Contents)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// list follows a listing to its end; prefixes are told with a mark.
func list(t *testing.T, b *Backend, prefix, delimiter string, size int64) []string {
	t.Helper()
	var told []string
	page := gofakes3.ListBucketPage{MaxKeys: size}
	for {
		asked := &gofakes3.Prefix{HasPrefix: true, Prefix: prefix, HasDelimiter: true, Delimiter: delimiter}
		found, err := b.ListBucket(t.Context(), "bucket", asked, page)
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(found.Contents)+len(found.CommonPrefixes)) > size {
			t.Fatalf("a page of more than %d", size)
		}
		for _, one := range found.Contents {
			told = append(told, one.Key)
		}
		for _, one := range found.CommonPrefixes {
			told = append(told, "dir "+one.Prefix)
		}
		if !found.IsTruncated {
			return told
		}
		page.Marker, page.HasMarker = found.NextMarker, true
	}
}

func TestAnObjectIsReadAsItWasWritten(t *testing.T) {
	b := backend(t, "a/b c", "a", ".", "ä*?")
	for _, key := range []string{"a/b c", "a", ".", "ä*?"} {
		if found := content(t, b, key, nil); found != "content of "+key {
			t.Errorf("%s: %q", key, found)
		}
	}
}

func TestARangeIsThatPart(t *testing.T) {
	b := backend(t, "key")
	if found := content(t, b, "key", &gofakes3.ObjectRangeRequest{Start: 8, End: 9}); found != "of" {
		t.Errorf("%q", found)
	}
}

func TestAListWithoutADelimiterHasEveryKeyUnderThePrefix(t *testing.T) {
	b := backend(t, "r/data/00/x", "r/data/01/y", "r/keys/k", "r2")
	for size := int64(1); size < 4; size++ {
		found := list(t, b, "r/data/", "", size)
		if !slices.Equal(found, []string{"r/data/00/x", "r/data/01/y"}) {
			t.Errorf("pages of %d: %q", size, found)
		}
	}
}

func TestAListWithADelimiterHasEachFolderOnce(t *testing.T) {
	b := backend(t, "r/a", "r/b/1", "r/b/2", "r/c/3", "r/d")
	for size := int64(1); size < 6; size++ {
		found := list(t, b, "r/", "/", size)
		slices.Sort(found)
		if !slices.Equal(found, []string{"dir r/b/", "dir r/c/", "r/a", "r/d"}) {
			t.Errorf("pages of %d: %q", size, found)
		}
	}
}

func TestAnUploadThatIsCutOffIsNoObject(t *testing.T) {
	b := backend(t)
	_, err := b.PutObject(t.Context(), "bucket", "key", nil, strings.NewReader("half"), 8)
	if !errors.Is(err, gofakes3.ErrIncompleteBody) {
		t.Errorf("%v", err)
	}
	if found := list(t, b, "", "", 9); len(found) > 0 {
		t.Errorf("%q", found)
	}
}

func TestAnObjectThatIsDeletedIsGone(t *testing.T) {
	b := backend(t, "key")
	if _, err := b.DeleteObject(t.Context(), "bucket", "key"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.HeadObject(t.Context(), "bucket", "key"); !gofakes3.HasErrorCode(err, gofakes3.ErrNoSuchKey) {
		t.Errorf("%v", err)
	}
}

func TestABucketThatTheSandboxDidNotMakeIsNotThere(t *testing.T) {
	_, err := backend(t).HeadObject(t.Context(), "other", "key")
	if !gofakes3.HasErrorCode(err, gofakes3.ErrNoSuchBucket) {
		t.Errorf("%v", err)
	}
}

func TestAnUploadInPartsIsOneObject(t *testing.T) {
	b := backend(t)
	// Without signatures: clients make those in the sandbox's tests.
	handler := gofakes3.New(b).Server()
	ask := func(method, path, body string) *httptest.ResponseRecorder {
		answer := httptest.NewRecorder()
		request := httptest.NewRequest(method, path, strings.NewReader(body))
		request.Header.Set("Content-Length", strconv.Itoa(len(body)))
		handler.ServeHTTP(answer, request)
		if answer.Code != http.StatusOK {
			t.Fatalf("%s %s: %d %s", method, path, answer.Code, answer.Body)
		}
		return answer
	}
	_, rest, _ := strings.Cut(ask(http.MethodPost, "/bucket/key?uploads", "").Body.String(), "<UploadId>")
	upload, _, _ := strings.Cut(rest, "</UploadId>")
	var parts strings.Builder
	for number, text := range []string{"first ", "second"} {
		path := fmt.Sprintf("/bucket/key?uploadId=%s&partNumber=%d", upload, number+1)
		tag := ask(http.MethodPut, path, text).Header().Get("ETag")
		fmt.Fprintf(&parts, "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>", number+1, tag)
	}
	whole := "<CompleteMultipartUpload>" + parts.String() + "</CompleteMultipartUpload>"
	ask(http.MethodPost, "/bucket/key?uploadId="+upload, whole)
	if found := content(t, b, "key", nil); found != "first second" {
		t.Errorf("%q", found)
	}
}

func TestWhatIsNotKnownOrNotSignedIsRefused(t *testing.T) {
	b := backend(t, "key")
	handler := Handler(b.folder, "key", "secret")
	for path, status := range map[string]int{
		"/bucket/key?tagging": http.StatusNotImplemented,
		"/bucket/key":         http.StatusForbidden,
	} {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest(http.MethodPut, path, strings.NewReader("written over")))
		if answer.Code != status {
			t.Errorf("%s: %d", path, answer.Code)
		}
	}
	if found := content(t, b, "key", nil); found != "content of key" {
		t.Errorf("%q", found)
	}
}
