// Package published serves images under the names that the world knows them by. They are in one repository of a
// registry, each under a tag that tells what it was made from; one that is not there yet is asked for, and whoever
// pulls it waits.
package published

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Repository is the one that holds all images.
const Repository = "images"

const manifests = "manifests"

var (
	part = regexp.MustCompile(`^/v2/(.+)/(manifests|blobs)/([^/]+)$`)
	list = regexp.MustCompile(`^/v2/(.+)/tags/list$`)
)

// The kinds of manifest that a registry may keep; asked for none of them it would make up one of the oldest kind.
var kinds = []string{
	"application/vnd.docker.distribution.manifest.v2+json",
	"application/vnd.docker.distribution.manifest.list.v2+json",
	"application/vnd.oci.image.manifest.v1+json",
	"application/vnd.oci.image.index.v1+json",
}

// Images are those of one sandbox.
type Images struct {
	// Folder is shared with whoever builds. `names.json` says which tag each name has, an empty file in `wanted`
	// asks for a tag, a file in `failed` says why there is none, and while somebody builds, `builder.lock` is held.
	Folder string
	// Registry has the repository.
	Registry *url.URL
	// Pause is how long to wait before looking again whether an image is there.
	Pause time.Duration
}

// Handler answers as a registry does.
func (images *Images) Handler() http.Handler {
	proxy := &httputil.ReverseProxy{Rewrite: func(request *httputil.ProxyRequest) {
		request.SetURL(images.Registry)
		request.Out.Host = request.In.Host
	}}
	return http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		if found := list.FindStringSubmatch(request.URL.Path); found != nil {
			images.list(answer, request, found[1])
			return
		}
		found := part.FindStringSubmatch(request.URL.Path)
		if found == nil {
			proxy.ServeHTTP(answer, request)
			return
		}
		repository, kind, reference := found[1], found[2], found[3]
		tags := images.known(answer, repository)
		if tags == nil {
			return
		}
		if kind == manifests && !strings.Contains(reference, ":") {
			tag, known := tags[reference]
			if !known {
				refuse(answer, http.StatusNotFound, "MANIFEST_UNKNOWN", "manifest unknown")
				return
			}
			if err := images.await(request.Context(), tag); err != nil {
				refuse(answer, http.StatusNotFound, "MANIFEST_UNKNOWN", err.Error())
				return
			}
			reference = tag
		}
		request.URL.Path = "/v2/" + Repository + "/" + kind + "/" + reference
		request.URL.RawPath = ""
		proxy.ServeHTTP(answer, request)
	})
}

// known returns the tags of a repository; where there are none it refuses and returns nil.
func (images *Images) known(answer http.ResponseWriter, repository string) map[string]string {
	tags, err := images.tags(repository)
	if err != nil {
		refuse(answer, http.StatusInternalServerError, "UNKNOWN", err.Error())
		return nil
	}
	if len(tags) == 0 {
		refuse(answer, http.StatusNotFound, "NAME_UNKNOWN", "repository name not known to registry")
		return nil
	}
	return tags
}

// list answers which versions a repository has, in the order of their names and, where `n` says so, page by page.
func (images *Images) list(answer http.ResponseWriter, request *http.Request, repository string) {
	tags := images.known(answer, repository)
	if tags == nil {
		return
	}
	query := request.URL.Query()
	last := query.Get("last")
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(tags)), func(name string) bool { return name <= last })
	if given := query.Get("n"); given != "" {
		page, err := strconv.Atoi(given)
		if err != nil || page < 1 {
			refuse(answer, http.StatusBadRequest, "PAGINATION_NUMBER_INVALID", "invalid number of results requested")
			return
		}
		if page < len(names) {
			names = names[:page]
			next := url.Values{"n": {given}, "last": {names[page-1]}}
			answer.Header().Set("Link", fmt.Sprintf(`</v2/%s/tags/list?%s>; rel="next"`, repository, next.Encode()))
		}
	}
	answer.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(answer).Encode(map[string]any{"name": repository, "tags": names})
}

// tags are the versions of a repository, each with its tag in the one that holds all images.
func (images *Images) tags(repository string) (map[string]string, error) {
	text, err := os.ReadFile(filepath.Join(images.Folder, "names.json"))
	if err != nil {
		return nil, err
	}
	var names map[string]map[string]string
	if err := json.Unmarshal(text, &names); err != nil {
		return nil, err
	}
	return names[repository], nil
}

// await returns when the registry has the tag; an error says why it will not.
func (images *Images) await(ctx context.Context, tag string) error {
	wanted := filepath.Join(images.Folder, "wanted", tag)
	failed := filepath.Join(images.Folder, "failed", tag)
	// What failed before is tried again.
	if err := os.Remove(failed); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for {
		if there, err := images.has(ctx, tag); err != nil || there {
			return err
		}
		if why, err := os.ReadFile(failed); err == nil {
			return errors.New("the sandbox could not make this image: " + string(why))
		}
		// Asked again where the sandbox was started anew meanwhile, and forgot.
		if err := ask(wanted); err != nil {
			return err
		}
		built, err := images.someoneBuilds()
		if err != nil {
			return err
		}
		if !built {
			return errors.New("the sandbox makes images while its program runs, and it does not run: make demo")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(images.Pause):
		}
	}
}

// ask leaves a file that is there as it is: the longest waiting is made first.
func ask(wanted string) error {
	file, err := os.OpenFile(wanted, os.O_CREATE|os.O_RDONLY, 0o644)
	if err != nil {
		return err
	}
	return file.Close()
}

// has says whether the registry has the tag.
func (images *Images) has(ctx context.Context, tag string) (bool, error) {
	address := images.Registry.JoinPath("v2", Repository, manifests, tag).String()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return false, err
	}
	request.Header["Accept"] = kinds
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false, err
	}
	return answer.StatusCode == http.StatusOK, answer.Body.Close()
}

// someoneBuilds says whether anybody holds the lock.
func (images *Images) someoneBuilds() (bool, error) {
	lock, err := os.OpenFile(filepath.Join(images.Folder, "builder.lock"), os.O_RDONLY, 0)
	if err != nil {
		return false, err
	}
	defer lock.Close()
	err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	return errors.Is(err, syscall.EWOULDBLOCK), nil
}

func refuse(answer http.ResponseWriter, status int, code, message string) {
	answer.Header().Set("Content-Type", "application/json")
	answer.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
	answer.WriteHeader(status)
	problem := map[string]string{"code": code, "message": message}
	_ = json.NewEncoder(answer).Encode(map[string]any{"errors": []any{problem}})
}
