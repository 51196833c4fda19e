// Command s3 is the sandbox's S3-compatible store: a folder of buckets, over TLS, for one account.
package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"homeport/sandbox/cloud/s3store"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "the S3 store cannot run: "+err.Error())
		os.Exit(1)
	}
}

func run() error {
	folder := s3store.Folder(os.Getenv("STORE"))
	if err := folder.Prepare(strings.Fields(os.Getenv("S3_BUCKETS"))); err != nil {
		return err
	}
	server := http.Server{
		Addr:              os.Getenv("LISTEN"),
		Handler:           s3store.Handler(folder, os.Getenv("S3_ACCESS_KEY"), os.Getenv("S3_SECRET_KEY")),
		ReadHeaderTimeout: 10 * time.Second,
	}
	return server.ListenAndServeTLS(os.Getenv("CERTIFICATE"), os.Getenv("KEY"))
}
