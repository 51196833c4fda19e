package s3store

import (
	"encoding/xml"
	"net/http"

	"github.com/rclone/gofakes3"
)

// known are the parameters of requests that are answered. The library takes a request with any other for
// one without: a PUT with `tagging` would write the object.
var known = map[string]bool{
	"location": true, "list-type": true, "prefix": true, "delimiter": true, "max-keys": true, "marker": true,
	"start-after": true, "continuation-token": true, "fetch-owner": true, "encoding-type": true, "delete": true,
	"uploads": true, "uploadId": true, "partNumber": true, "part-number-marker": true, "max-parts": true,
	"X-Amz-Algorithm": true, "X-Amz-Credential": true, "X-Amz-Date": true, "X-Amz-Expires": true,
	"X-Amz-SignedHeaders": true, "X-Amz-Signature": true, "x-id": true,
}

// refusal is S3's answer to what it does not do.
type refusal struct {
	XMLName xml.Name `xml:"Error"`
	Code    string
	Message string
}

// Handler serves the folder to whoever signs with the key.
func Handler(folder Folder, accessKey, secretKey string) http.Handler {
	store := gofakes3.New(
		&Backend{folder: folder},
		gofakes3.WithV4Auth(map[string]string{accessKey: secretKey}),
		gofakes3.WithoutVersioning(),
	).Server()
	return http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		for name := range request.URL.Query() {
			if !known[name] {
				refuse(writer, "the sandbox's store does not know the parameter "+name)
				return
			}
		}
		for _, name := range []string{"X-Amz-Acl", "X-Amz-Tagging", "X-Amz-Object-Lock-Mode",
			"X-Amz-Server-Side-Encryption"} {
			if request.Header.Get(name) != "" {
				refuse(writer, "the sandbox's store does not know the header "+name)
				return
			}
		}
		if request.Header.Get("Authorization") == "" && request.URL.Query().Get("X-Amz-Signature") == "" {
			deny(writer)
			return
		}
		store.ServeHTTP(writer, request)
	})
}

func refuse(writer http.ResponseWriter, message string) {
	answer(writer, http.StatusNotImplemented, refusal{Code: "NotImplemented", Message: message})
}

// deny is for whoever does not sign; the library tells them that their signature is malformed.
func deny(writer http.ResponseWriter) {
	answer(writer, http.StatusForbidden, refusal{Code: "AccessDenied", Message: "Access Denied"})
}

func answer(writer http.ResponseWriter, status int, why refusal) {
	writer.Header().Set("Content-Type", "application/xml")
	writer.WriteHeader(status)
	// A client that is gone does not read why.
	_ = xml.NewEncoder(writer).Encode(why)
}
