package api

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"homeport/sandbox/mattermost/filestore"
	"homeport/sandbox/mattermost/model"
)

// formFieldMaximum bounds a text field of an upload form, in bytes.
const formFieldMaximum = 1024

type uploadAnswer struct {
	FileInfos []*model.FileInfo `json:"file_infos"`
	ClientIDs []string          `json:"client_ids"`
}

var errFileTooLarge = model.NewError(413, "api.file.upload_file.too_large.app_error",
	"Unable to upload file. File is too large.")

func (s *Server) upload(w http.ResponseWriter, r *http.Request, user *model.User) {
	var files []*model.FileInfo
	var err error
	if form, formErr := r.MultipartReader(); formErr == nil {
		files, err = s.storeForm(r, form, user)
	} else if r.ContentLength > s.Files.Limit {
		err = errFileTooLarge
	} else {
		query := r.URL.Query()
		var file *model.FileInfo
		file, err = s.store(r, user, query.Get("channel_id"), query.Get("filename"), r.Body)
		files = []*model.FileInfo{file}
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusCreated, uploadAnswer{FileInfos: files, ClientIDs: []string{}})
}

// storeForm stores the files of a form as they arrive. The channel is in the
// query or in a field before the files.
func (s *Server) storeForm(
	r *http.Request, form *multipart.Reader, user *model.User,
) ([]*model.FileInfo, error) {
	channel := r.URL.Query().Get("channel_id")
	var files []*model.FileInfo
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, model.InvalidParameter("multipart form")
		}
		if part.FileName() != "" {
			file, err := s.store(r, user, channel, part.FileName(), part)
			if err != nil {
				return nil, err
			}
			files = append(files, file)
		} else if part.FormName() == "channel_id" {
			value, err := io.ReadAll(io.LimitReader(part, formFieldMaximum))
			if err != nil {
				return nil, model.InvalidParameter("channel_id")
			}
			channel = string(value)
		}
	}
	if len(files) == 0 {
		return nil, model.InvalidParameter("files")
	}
	return files, nil
}

// store puts one file into the store and its description into the database.
func (s *Server) store(
	r *http.Request, user *model.User, channel, name string, content io.Reader,
) (*model.FileInfo, error) {
	name = filepath.Base(filepath.Clean("/" + strings.ReplaceAll(name, `\`, "/")))
	if name == "/" || len(name) > 255 || strings.ContainsRune(name, 0) {
		return nil, model.InvalidParameter("filename")
	}
	if !model.IsChannelID(channel) {
		return nil, model.InvalidParameter("channel_id")
	}
	at := time.Now()
	id := model.NewID()
	received := &bodyReader{reader: content}
	stored, err := s.Files.Write(filestore.Path(at, channel, user.ID, id), received)
	switch {
	case errors.Is(err, filestore.ErrTooLarge):
		return nil, errFileTooLarge
	case err != nil && received.err != nil:
		return nil, model.NewError(400, "api.file.upload_file.read_request.app_error",
			"Unable to upload file(s). Error reading or parsing request data.")
	case err != nil:
		return nil, err
	}
	file := &model.FileInfo{
		ID: id, UserID: user.ID, ChannelID: channel, CreateAt: at.UnixMilli(), Name: name,
		Extension: extension(name), Size: stored.Size, MimeType: mimeType(name),
		SHA256: stored.SHA256, Path: stored.Path,
	}
	if err := s.DB.CreateFileInfo(r.Context(), file); err != nil {
		return nil, errors.Join(err, s.Files.Remove(stored.Path))
	}
	return file, nil
}

// bodyReader remembers that reading the request failed, as opposed to writing the file.
type bodyReader struct {
	reader io.Reader
	err    error
}

func (b *bodyReader) Read(buffer []byte) (int, error) {
	count, err := b.reader.Read(buffer)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return count, err
}

func (s *Server) fileInfo(w http.ResponseWriter, r *http.Request, _ *model.User) {
	file, err := s.DB.FileInfo(r.Context(), r.PathValue("file"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, file)
}

func (s *Server) download(w http.ResponseWriter, r *http.Request, _ *model.User) {
	file, err := s.DB.FileInfo(r.Context(), r.PathValue("file"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	content, err := s.Files.Open(file.Path)
	if errors.Is(err, fs.ErrNotExist) {
		s.Log.Error("A file is listed but missing from the file storage", "id", file.ID, "path", file.Path)
		err = model.NewError(404, "api.file.file_reader.app_error",
			"Unable to get a file reader: the file is missing from the file storage.")
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer content.Close()
	if found, err := content.Stat(); err != nil || found.Size() != file.Size {
		s.fail(w, r, errors.Join(err, fmt.Errorf("%s has not the %d bytes it had", file.Path, file.Size)))
		return
	}
	w.Header().Set("Content-Type", file.MimeType)
	w.Header().Set("Content-Disposition",
		mime.FormatMediaType("attachment", map[string]string{"filename": file.Name}))
	w.Header().Set("Cache-Control", "private, no-cache")
	http.ServeContent(w, r, "", time.UnixMilli(file.CreateAt), content)
}

// extension is the end of a name without its dot, as fileinfo keeps it.
func extension(name string) string {
	end := strings.ToLower(strings.TrimPrefix(filepath.Ext(name), "."))
	if len(end) > 64 {
		return ""
	}
	return end
}

func mimeType(name string) string {
	if known := mime.TypeByExtension(filepath.Ext(name)); known != "" {
		return known
	}
	return "application/octet-stream"
}
