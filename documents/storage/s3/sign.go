package s3

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/freehold-go/freehold/documents/storage"
)

// sign makes a request that a client sends by itself. All of its headers are signed as
// headers: a checksum that is moved into the query, where clients put it by default, holds
// nobody to anything.
func (s *Store) sign(ctx context.Context, method, key string, size int64, header http.Header, query map[string]string, lifetime time.Duration) (storage.Request, error) {
	if err := storage.CheckLifetime(lifetime); err != nil {
		return storage.Request{}, err
	}
	// Keys and buckets hold nothing that a URL would have to escape.
	r, err := http.NewRequestWithContext(ctx, method, s.public+"/"+*s.name(key), nil)
	if err != nil {
		return storage.Request{}, storage.ErrFailed.Because(err)
	}
	q := r.URL.Query()
	for k, v := range query {
		q.Set(k, v)
	}
	q.Set("X-Amz-Expires", strconv.FormatInt(int64(lifetime/time.Second), 10))
	r.URL.RawQuery, r.ContentLength = q.Encode(), size
	r.Header = header.Clone()
	creds, err := s.creds.Retrieve(ctx)
	if err != nil {
		return storage.Request{}, failed(ctx, err)
	}
	now := s.now().UTC().Truncate(time.Second)
	signed, _, err := s.signer.PresignHTTP(ctx, creds, r, "UNSIGNED-PAYLOAD", "s3", s.region, now)
	if err != nil {
		return storage.Request{}, failed(ctx, err)
	}
	if method == http.MethodPut {
		header.Set("Content-Length", strconv.FormatInt(size, 10))
	}
	return storage.Request{Method: method, URL: signed, Header: header, ExpiresAt: now.Add(lifetime.Truncate(time.Second))}, nil
}
