package published

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const names = `{"library/postgres": {"17.10": "postgres-0a"}, "library/nginx": {"1.9": "a", "1.30": "b", "1.31": "c"}}`

// A registry that has what is in `tags`, and remembers what it was asked.
type registry struct {
	mutex sync.Mutex
	tags  map[string]bool
	asked []string
}

func (r *registry) ServeHTTP(answer http.ResponseWriter, request *http.Request) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if request.Method == http.MethodGet {
		r.asked = append(r.asked, request.URL.Path)
	}
	if tag, found := strings.CutPrefix(request.URL.Path, "/v2/images/manifests/"); found && !r.tags[tag] {
		answer.WriteHeader(http.StatusNotFound)
		return
	}
	_, _ = io.WriteString(answer, "from the registry")
}

func (r *registry) push(tag string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.tags[tag] = true
}

func start(t *testing.T, tags ...string) (*registry, *httptest.Server, string) {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"wanted", "failed"} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(folder, "names.json"), names)
	write(t, filepath.Join(folder, "builder.lock"), "")
	behind := &registry{tags: map[string]bool{}}
	for _, tag := range tags {
		behind.push(tag)
	}
	server := httptest.NewServer(behind)
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	images := &Images{Folder: folder, Registry: address, Pause: time.Millisecond}
	front := httptest.NewServer(images.Handler())
	t.Cleanup(front.Close)
	return behind, front, folder
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// build holds the lock, and does what it is told once the image is asked for.
func build(t *testing.T, folder string, work func()) {
	t.Helper()
	lock, err := os.Open(filepath.Join(folder, "builder.lock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lock.Close() })
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_SH); err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			if _, err := os.Stat(filepath.Join(folder, "wanted", "postgres-0a")); err == nil {
				work()
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
}

func get(t *testing.T, front *httptest.Server, path string) (int, string) {
	t.Helper()
	answer, err := http.Get(front.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

func TestAKnownNameIsServedFromTheOneRepository(t *testing.T) {
	behind, front, _ := start(t, "postgres-0a")
	status, body := get(t, front, "/v2/library/postgres/manifests/17.10")
	if status != http.StatusOK || body != "from the registry" {
		t.Fatal(status, body)
	}
	if got := behind.asked; len(got) != 1 || got[0] != "/v2/images/manifests/postgres-0a" {
		t.Fatal(got)
	}
}

func TestLayersAreThoseOfTheOneRepository(t *testing.T) {
	behind, front, _ := start(t)
	get(t, front, "/v2/library/postgres/blobs/sha256:00")
	if got := behind.asked; len(got) != 1 || got[0] != "/v2/images/blobs/sha256:00" {
		t.Fatal(got)
	}
}

func TestAnImageThatIsNotThereIsWaitedFor(t *testing.T) {
	behind, front, folder := start(t)
	build(t, folder, func() { behind.push("postgres-0a") })
	if status, body := get(t, front, "/v2/library/postgres/manifests/17.10"); status != http.StatusOK {
		t.Fatal(status, body)
	}
}

func TestAnImageIsAskedForAgainWhereTheSandboxForgot(t *testing.T) {
	behind, front, folder := start(t)
	build(t, folder, func() {
		if err := os.Remove(filepath.Join(folder, "wanted", "postgres-0a")); err != nil {
			t.Error(err)
		}
		build(t, folder, func() { behind.push("postgres-0a") })
	})
	if status, body := get(t, front, "/v2/library/postgres/manifests/17.10"); status != http.StatusOK {
		t.Fatal(status, body)
	}
}

func TestWhyAnImageCouldNotBeMadeIsTold(t *testing.T) {
	_, front, folder := start(t)
	build(t, folder, func() { write(t, filepath.Join(folder, "failed", "postgres-0a"), "no such package") })
	status, body := get(t, front, "/v2/library/postgres/manifests/17.10")
	if status != http.StatusNotFound || !strings.Contains(body, "no such package") {
		t.Fatal(status, body)
	}
}

func TestWhereNobodyBuildsNobodyWaits(t *testing.T) {
	_, front, _ := start(t)
	status, body := get(t, front, "/v2/library/postgres/manifests/17.10")
	if status != http.StatusNotFound || !strings.Contains(body, "make demo") {
		t.Fatal(status, body)
	}
}

func TestAnotherVersionAndAnotherNameAreNotFound(t *testing.T) {
	_, front, _ := start(t, "9.9")
	for path, code := range map[string]string{
		"/v2/library/postgres/manifests/9.9": "MANIFEST_UNKNOWN",
		"/v2/library/mysql/manifests/9.9":    "NAME_UNKNOWN",
		"/v2/images/manifests/9.9":           "NAME_UNKNOWN",
	} {
		if status, body := get(t, front, path); status != http.StatusNotFound || !strings.Contains(body, code) {
			t.Error(path, status, body)
		}
	}
}

func TestAListHasTheVersionsThatTheWorldKnows(t *testing.T) {
	_, front, _ := start(t)
	if status, body := get(t, front, "/v2/library/nginx/tags/list"); status != http.StatusOK ||
		strings.TrimSpace(body) != `{"name":"library/nginx","tags":["1.30","1.31","1.9"]}` {
		t.Errorf("got %d %s", status, body)
	}
	if status, _ := get(t, front, "/v2/library/unknown/tags/list"); status != http.StatusNotFound {
		t.Errorf("an unknown repository is answered with %d", status)
	}
	if status, _ := get(t, front, "/v2/library/nginx/tags/list?n=many"); status != http.StatusBadRequest {
		t.Errorf("a page without a number is answered with %d", status)
	}
}

func TestAListComesInPagesThatNameTheNext(t *testing.T) {
	_, front, _ := start(t)
	var pages []string
	for path := "/v2/library/nginx/tags/list?n=2"; path != ""; {
		answer, err := http.Get(front.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.Body.Close() != nil {
			t.Fatal(err)
		}
		pages = append(pages, strings.TrimSpace(string(body)))
		link, _, _ := strings.Cut(answer.Header.Get("Link"), ">")
		path = strings.TrimPrefix(link, "<")
	}
	wanted := []string{`{"name":"library/nginx","tags":["1.30","1.31"]}`, `{"name":"library/nginx","tags":["1.9"]}`}
	if !slices.Equal(pages, wanted) {
		t.Errorf("got %v", pages)
	}
}
