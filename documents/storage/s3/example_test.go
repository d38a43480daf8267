package s3_test

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/documents/storage/s3"
)

func Example() {
	account := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil // from the host's own configuration
	})
	store, err := s3.New(s3.Config{Bucket: "papers", Region: "us-east-1", Prefix: "freehold/", Credentials: account})
	if err != nil {
		fmt.Println(err)
		return
	}
	body := []byte("%PDF-1.7")
	r, err := store.SignUpload(context.Background(), storage.Describe("documents/1", "application/pdf", body), time.Hour)
	if err != nil {
		fmt.Println(err)
		return
	}
	u, _ := url.Parse(r.URL)
	fmt.Println(r.Method, u.Host+u.Path)
	fmt.Println(r.Header.Get("Content-Type"), r.Header.Get("Content-Length"), r.Header.Get(storage.ChecksumHeader) != "")
	// Output:
	// PUT papers.s3.us-east-1.amazonaws.com/freehold/documents/1
	// application/pdf 8 true
}
