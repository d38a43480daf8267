package s3

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/internal/storagetest"
	"github.com/freehold-go/freehold/realestate/fault"
)

// Everything that the interface promises, on a real server.
func TestStore(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, storagetest.Signed{Store: bucket(t, "everything"), PartSize: storage.MinPart, AsFiles: true})
}

// A prefix keeps programs on one bucket apart, and is in no key.
func TestStore_prefix(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), bucket(t, "shared", func(c *Config) { c.Prefix = "papers/" })
	other := *s
	other.prefix = "pictures/"
	body := []byte("%PDF-1.7")
	o := storage.Describe("a/1", "application/pdf", body)
	require.NoError(t, s.Put(ctx, o, bytes.NewReader(body)))
	_, err := other.Stat(ctx, "a/1")
	require.ErrorIs(t, err, storage.ErrNotFound)
	require.NoError(t, other.Put(ctx, o, bytes.NewReader(body)))
	require.NoError(t, other.Delete(ctx, "a/1"))
	list, err := s.List(ctx, "a/", "", 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, "a/1", list[0].Key)
}

// What is larger than one request takes goes in parts, and is refused like anything else.
func TestPut_inParts(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), bucket(t, "large")
	s.maxPut, s.partSize = storage.MinPart, storage.MinPart
	body := make([]byte, 2*storage.MinPart+1000)
	_, _ = rand.Read(body)
	o := storage.Describe("video", "video/mp4", body)
	require.NoError(t, s.Put(ctx, o, bytes.NewReader(body)))
	r, got, err := s.Get(ctx, o.Key)
	require.NoError(t, err)
	require.Equal(t, o, got)
	read, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.True(t, bytes.Equal(body, read))
	wrong := storage.Describe("wrong", "video/mp4", body)
	stop := errors.New("stop")
	changed := bytes.Clone(body)
	changed[len(changed)-1] ^= 1
	for what, r := range map[string]io.Reader{"short": bytes.NewReader(body[:len(body)-1]), "long": io.MultiReader(bytes.NewReader(body), strings.NewReader("x")),
		"changed": bytes.NewReader(changed), "broken": io.MultiReader(bytes.NewReader(body[:len(body)-10]), iotest.ErrReader(stop))} {
		err := s.Put(ctx, wrong, r)
		require.Error(t, err, what)
		if what != "broken" {
			require.ErrorIs(t, err, storage.ErrMismatch, what)
		}
		_, err = s.Stat(ctx, wrong.Key)
		require.ErrorIs(t, err, storage.ErrNotFound, what)
	}
	left, err := s.client.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: &s.bucket})
	require.NoError(t, err)
	require.Empty(t, left.Uploads, "no upload stays open")
}

// Whatever lies in the bucket and was not put there by a store is no object; bytes that
// were changed are never read to their end.
func TestGet_foreign(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), bucket(t, "foreign")
	put := func(key string, body string, meta map[string]string) {
		_, err := s.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &s.bucket, Key: &key, Body: strings.NewReader(body), ContentType: aws.String("text/plain"), Metadata: meta})
		require.NoError(t, err)
	}
	put("plain", "x", nil)
	put("short", "x", map[string]string{"sha256": "ab"})
	put("hexless", "x", map[string]string{"sha256": strings.Repeat("z", 64)})
	for _, key := range []string{"plain", "short", "hexless"} {
		_, _, err := s.Get(ctx, key)
		require.ErrorIs(t, err, storage.ErrCorrupt, key)
		_, err = s.Stat(ctx, key)
		require.ErrorIs(t, err, storage.ErrCorrupt, key)
	}
	o := storage.Describe("swapped", "text/plain", []byte("the bytes of a paper"))
	put("swapped", "the bytes of another", metadata(o))
	r, _, err := s.Get(ctx, "swapped")
	require.NoError(t, err)
	got, err := io.ReadAll(r)
	require.ErrorIs(t, err, storage.ErrCorrupt)
	require.Less(t, len(got), 20)
	require.NoError(t, r.Close())
	put("a key with blanks", "x", nil)
	list, err := s.List(ctx, "", "", 100)
	require.NoError(t, err)
	require.Len(t, list, 4, "what could be no key is in no list")
}

// More than a page of the server's is one list.
func TestList_pages(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), bucket(t, "pages")
	for _, k := range []string{"a/1", "a/2", "a/3", "b/1"} {
		require.NoError(t, s.Put(ctx, storage.Describe(k, "text/plain", []byte(k)), strings.NewReader(k)))
	}
	for _, c := range []struct {
		prefix, after string
		limit, want   int
	}{{"", "", 100, 4}, {"", "", 2, 2}, {"", "a/2", 100, 2}, {"a/", "a/3", 100, 0}, {"a/", "a/1", 1, 1}, {"a/", "", 0, 0}, {"a/", "", 5000, 3}} {
		list, err := s.List(ctx, c.prefix, c.after, c.limit)
		require.NoError(t, err)
		require.Len(t, list, c.want, "%+v", c)
	}
}

// A signed request says nothing that is not signed: without one of its headers it is none,
// it ends at its time, and nobody overwrites with it.
func TestSign(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), bucket(t, "signed")
	body := []byte("%PDF-1.7 a paper")
	o := storage.Describe("a", "application/pdf", body)
	send := func(r storage.Request, without string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(body))
		require.NoError(t, err)
		for k, v := range r.Header {
			if k != "Content-Length" && k != without {
				req.Header[k] = v
			}
		}
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	r, err := s.SignUpload(ctx, o, time.Hour)
	require.NoError(t, err)
	for _, header := range []string{"Content-Type", storage.ChecksumHeader, "If-None-Match", "X-Amz-Meta-Sha256"} {
		require.NotEmpty(t, r.Header.Get(header))
		require.Equal(t, http.StatusForbidden, send(r, header), "without %s", header)
	}
	require.Equal(t, http.StatusOK, send(r, ""))
	require.Equal(t, http.StatusPreconditionFailed, send(r, ""), "once")
	late := *s
	late.now = func() time.Time { return time.Now().Add(-2 * time.Hour) }
	over, err := late.SignUpload(ctx, storage.Describe("b", o.Type, body), time.Hour)
	require.NoError(t, err)
	require.Equal(t, http.StatusForbidden, send(over, ""), "its time is over")

	named, err := New(Config{Bucket: "papers", Region: "eu-central-1", Credentials: credentials, PublicURL: "https://cdn.example.com"})
	require.NoError(t, err)
	down, err := named.SignDownload(ctx, "a/b", storage.Download{FileName: "Lease.pdf", Lifetime: time.Minute})
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(down.URL, "https://cdn.example.com/papers/a/b?"), down.URL)
	amazon, err := New(Config{Bucket: "papers", Region: "eu-central-1", Credentials: credentials})
	require.NoError(t, err)
	down, err = amazon.SignDownload(ctx, "a/b", storage.Download{Lifetime: time.Minute})
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(down.URL, "https://papers.s3.eu-central-1.amazonaws.com/a/b?"), down.URL)
}

// A configuration is judged at once; credentials and servers are when they are used, and
// what is told of them names neither.
func TestNew(t *testing.T) {
	t.Parallel()
	_, err := New(Config{Endpoint: "ftp://x", PublicURL: "https://x?y", Prefix: "/a"})
	require.Len(t, fault.FieldErrors(err), 6)
	s := bucket(t, "refused")
	body := []byte("x")
	o := storage.Describe("a", "text/plain", body)
	for what, c := range map[string]struct {
		change func(*Config)
		want   error
	}{
		"a wrong secret": {func(c *Config) {
			c.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "freehold", SecretAccessKey: "guessed"}, nil
			})
		}, ErrRefused},
		"no such bucket": {func(c *Config) { c.Bucket = "nowhere" }, ErrRefused},
		"nobody there":   {func(c *Config) { c.Endpoint = "http://127.0.0.1:1" }, fault.Unavailable},
	} {
		cfg := Config{Bucket: s.bucket, Region: s.region, Credentials: credentials, Endpoint: gateway}
		c.change(&cfg)
		bad, err := New(cfg)
		require.NoError(t, err)
		_, err = bad.List(t.Context(), "", "", 1)
		require.ErrorIs(t, err, c.want, what)
		err = bad.Put(t.Context(), o, bytes.NewReader(body))
		require.Error(t, err, what)
		require.NotContains(t, err.Error(), "127.0.0.1")
		require.NotContains(t, err.Error(), "freehold")
	}
	_, err = s.Stat(t.Context(), "a")
	require.ErrorIs(t, err, storage.ErrNotFound)
}
