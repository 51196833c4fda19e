package api

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"homeport/sandbox/mastodon/filestore"
	"homeport/sandbox/mastodon/model"
)

// imageMaximum is the greatest picture in bytes; for sound and film it is the store's limit.
const imageMaximum = 16 << 20

var (
	errNoFile = &problem{http.StatusUnprocessableEntity, "Validation failed: File can't be blank"}
	errType   = &problem{http.StatusUnprocessableEntity,
		"Validation failed: File content type is invalid, File is invalid"}
	errTooLarge = &problem{http.StatusUnprocessableEntity,
		"Validation failed: File file size must be less than the limit"}
)

// createMedia stores the file of a form. It looks at the first bytes and not at
// what the client says of the type.
func (s *Server) createMedia(w http.ResponseWriter, r *http.Request, user *model.User) {
	form, err := r.MultipartReader()
	if err != nil {
		s.fail(w, r, errNoFile)
		return
	}
	var stored *model.Media
	var description string
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && part.FormName() == "file" && part.FileName() != "" && stored == nil {
			stored, err = s.store(part.FileName(), part)
		} else if err == nil && part.FormName() == "description" {
			var text []byte
			text, err = io.ReadAll(io.LimitReader(part, 1500))
			description = string(text)
		}
		if err != nil {
			s.abandon(stored)
			s.fail(w, r, err)
			return
		}
	}
	if stored == nil {
		s.fail(w, r, errNoFile)
		return
	}
	stored.Description = description
	if err := s.DB.CreateMedia(r.Context(), user.Account.ID, *stored); err != nil {
		s.abandon(stored)
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, s.Site.Media(*stored))
}

func (s *Server) store(name string, content io.Reader) (*model.Media, error) {
	head := make([]byte, 512)
	count, err := io.ReadFull(content, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, &problem{http.StatusBadRequest, "The request cannot be read"}
	}
	kind := http.DetectContentType(head[:count])
	major, _, _ := strings.Cut(kind, "/")
	if major != "image" && major != "video" && major != "audio" {
		return nil, errType
	}
	media := &model.Media{ID: model.NewID(), Name: filepath.Base(name), ContentType: kind, CreatedAt: time.Now()}
	media.Path = filestore.Path(media.ID, model.NewToken(8)+strings.ToLower(extension(kind)))
	store := *s.Files
	if major == "image" {
		store.Limit = imageMaximum
	}
	stored, err := store.Write(media.Path, io.MultiReader(bytes.NewReader(head[:count]), content))
	if errors.Is(err, filestore.ErrTooLarge) {
		return nil, errTooLarge
	}
	media.Size, media.SHA256 = stored.Size, stored.SHA256
	return media, err
}

// abandon removes a file that is listed nowhere.
func (s *Server) abandon(media *model.Media) {
	if media == nil {
		return
	}
	if err := s.Files.Remove(media.Path); err != nil {
		s.Log.Warn("A file stays that no record lists", "path", media.Path, "error", err.Error())
	}
}

func (s *Server) showMedia(w http.ResponseWriter, r *http.Request, _ *model.User) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		s.notFound(w, r)
		return
	}
	media, err := s.DB.Media(r.Context(), id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, s.Site.Media(*media))
}

// file serves what is under public/system to everybody, as a web server would.
func (s *Server) file(w http.ResponseWriter, r *http.Request) {
	content, err := s.Files.Open(r.URL.Path)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.Log.Warn("A file cannot be read", "path", r.URL.Path, "error", err.Error())
		}
		s.notFound(w, r)
		return
	}
	defer content.Close()
	info, err := content.Stat()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=2419200, immutable")
	http.ServeContent(w, r, path.Base(r.URL.Path), info.ModTime(), content)
}

// extension is the usual one of a type; the first of several in the alphabet is rarely that.
func extension(kind string) string {
	if kind == "image/jpeg" {
		return ".jpg"
	}
	known, err := mime.ExtensionsByType(kind)
	if err != nil || len(known) == 0 {
		return ""
	}
	return known[0]
}
