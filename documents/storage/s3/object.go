package s3

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/freehold-go/freehold/documents/storage"
)

// once sends a request once, since its body cannot be read again, and leaves the hash of
// the body to its checksum.
func once(o *s3.Options) {
	o.RetryMaxAttempts = 1
	o.APIOptions = append(o.APIOptions, v4.SwapComputePayloadSHA256ForUnsignedPayloadMiddleware)
}

// checksum is how S3 writes a SHA-256.
func checksum(o storage.Object) string { return base64.StdEncoding.EncodeToString(o.SHA256[:]) }

// Put writes an object; see [storage.Store]. What is larger than 5 GiB goes in parts.
func (s *Store) Put(ctx context.Context, o storage.Object, body io.Reader) error {
	if err := o.Check(); err != nil {
		return err
	}
	if body == nil {
		return storage.ErrMismatch.With("there is no body")
	}
	switch there, err := s.Stat(ctx, o.Key); {
	case err == nil && there != o:
		return storage.ErrExists
	case err != nil && !errors.Is(err, storage.ErrNotFound):
		return err
	}
	whole := storage.Verified(body, o, storage.ErrMismatch)
	if o.Size > s.maxPut {
		return s.putParts(ctx, o, whole)
	}
	sent := exactly(ctx, whole, o.Size)
	content, err := sent.body()
	if err != nil {
		return failed(ctx, err)
	}
	_, err = s.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &s.bucket, Key: s.name(o.Key), Body: content, ContentLength: &o.Size, ContentType: &o.Type,
		Metadata: metadata(o), ChecksumSHA256: aws.String(checksum(o)), IfNoneMatch: aws.String("*")}, once)
	if sent.err != nil {
		return failed(ctx, sent.err)
	}
	return s.settled(ctx, o, failed(ctx, err))
}

// settled is the answer to a write, where the object may have been there: the same one is
// a success.
func (s *Store) settled(ctx context.Context, o storage.Object, err error) error {
	if !errors.Is(err, storage.ErrExists) {
		return err
	}
	switch there, serr := s.Stat(ctx, o.Key); {
	case errors.Is(serr, storage.ErrNotFound):
		return storage.ErrFailed.Because(err) // somebody else was about to write it, and did not
	case serr != nil:
		return serr
	case there != o:
		return storage.ErrExists
	}
	return nil
}

// Get opens an object; see [storage.Store].
func (s *Store) Get(ctx context.Context, key string) (io.ReadCloser, storage.Object, error) {
	if err := storage.CheckKey(key); err != nil {
		return nil, storage.Object{}, err
	}
	got, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.bucket, Key: s.name(key)})
	if err != nil {
		return nil, storage.Object{}, failed(ctx, err)
	}
	o, err := described(key, got.ContentLength, got.ContentType, got.Metadata)
	if err != nil {
		_ = got.Body.Close()
		return nil, storage.Object{}, err
	}
	return storage.Opened(ctx, answer{ctx, got.Body}, o), o, nil
}

// answer is the body of an answer, whose errors are faults.
type answer struct {
	ctx context.Context
	io.ReadCloser
}

func (a answer) Read(p []byte) (int, error) {
	n, err := a.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = failed(a.ctx, err)
	}
	return n, err
}

func discard(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

// Stat describes an object; see [storage.Store].
func (s *Store) Stat(ctx context.Context, key string) (storage.Object, error) {
	if err := storage.CheckKey(key); err != nil {
		return storage.Object{}, err
	}
	got, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.bucket, Key: s.name(key)})
	if err != nil {
		return storage.Object{}, failed(ctx, err)
	}
	return described(key, got.ContentLength, got.ContentType, got.Metadata)
}

// Delete removes an object; see [storage.Store].
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := storage.CheckKey(key); err != nil {
		return err
	}
	_, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.bucket, Key: s.name(key)})
	if err = failed(ctx, err); errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	return err
}

// List lists objects; see [storage.Store].
func (s *Store) List(ctx context.Context, prefix, after string, limit int) ([]storage.Entry, error) {
	var out []storage.Entry
	if after != "" {
		after = s.prefix + after
	}
	in := &s3.ListObjectsV2Input{Bucket: &s.bucket, Prefix: s.name(prefix)}
	for len(out) < limit {
		in.MaxKeys = aws.Int32(int32(min(limit-len(out), 1000)))
		if after != "" {
			in.StartAfter = &after
		}
		page, err := s.client.ListObjectsV2(ctx, in)
		if err != nil {
			return nil, failed(ctx, err)
		}
		for _, c := range page.Contents {
			after = aws.ToString(c.Key)
			key := strings.TrimPrefix(after, s.prefix)
			if storage.CheckKey(key) != nil {
				continue // nothing that this package has put there
			}
			out = append(out, storage.Entry{Key: key, Size: aws.ToInt64(c.Size), ModifiedAt: aws.ToTime(c.LastModified).UTC().Truncate(time.Microsecond)})
		}
		if !aws.ToBool(page.IsTruncated) || len(page.Contents) == 0 {
			break
		}
	}
	return out, nil
}

// SignUpload signs a put; see [storage.Store]. The server takes the announced bytes and no
// others, and never where an object is.
func (s *Store) SignUpload(ctx context.Context, o storage.Object, lifetime time.Duration) (storage.Request, error) {
	if err := o.Check(); err != nil {
		return storage.Request{}, err
	}
	header := http.Header{"Content-Type": {o.Type}, storage.ChecksumHeader: {checksum(o)}, "If-None-Match": {"*"}}
	for k, v := range metadata(o) {
		header.Set("X-Amz-Meta-"+k, v)
	}
	return s.sign(ctx, http.MethodPut, o.Key, o.Size, header, nil, lifetime)
}

// SignDownload signs a get; see [storage.Store].
func (s *Store) SignDownload(ctx context.Context, key string, d storage.Download) (storage.Request, error) {
	if err := storage.CheckKey(key); err != nil {
		return storage.Request{}, err
	}
	query := map[string]string{"response-content-disposition": storage.Disposition(d.FileName), "response-cache-control": "private, no-store"}
	return s.sign(ctx, http.MethodGet, key, 0, http.Header{}, query, d.Lifetime)
}
