// Package model holds what travels between server and clients: users, posts,
// files and errors, in Mattermost's JSON forms.
package model

// Error is the JSON body of every answer that is not a success.
type Error struct {
	ID            string `json:"id"`
	Message       string `json:"message"`
	DetailedError string `json:"detailed_error"`
	RequestID     string `json:"request_id,omitempty"`
	StatusCode    int    `json:"status_code"`
}

func (e *Error) Error() string { return e.Message }

// NewError makes an error with the identifier by which clients translate it.
func NewError(status int, id, message string) *Error {
	return &Error{ID: id, Message: message, StatusCode: status}
}

// The errors that more than one part of the server gives.
var (
	ErrSession = NewError(401, "api.context.session_expired.app_error",
		"Invalid or expired session, please login again.")
	ErrCredentials = NewError(401, "api.user.login.invalid_credentials_email_username",
		"Enter a valid email or username and/or password.")
	ErrUsernameTaken = NewError(400, "app.user.save.username_exists.app_error",
		"An account with that username already exists.")
	ErrEmailTaken = NewError(400, "app.user.save.email_exists.app_error",
		"An account with that email already exists.")
	ErrUserMissing = NewError(404, "app.user.missing_account.const", "Unable to find the user.")
	ErrFileMissing = NewError(404, "app.file_info.get.app_error", "Unable to get the file info.")
)

// InvalidParameter is the answer to a request whose parameter is missing or malformed.
func InvalidParameter(name string) *Error {
	return NewError(400, "api.context.invalid_body_param.app_error",
		"Invalid or missing "+name+" in request.")
}
