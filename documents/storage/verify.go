package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"hash"
	"io"
)

// Verified is a reader of an object's bytes that ends in refused instead of io.EOF
// where they are not those of o: fewer, more, or others. It gives the last byte out only
// when all of them are right, so that nobody has the whole of a wrong object. A store puts
// it around what arrives, with [ErrMismatch], and around what it reads, with [ErrCorrupt].
func Verified(r io.Reader, o Object, refused error) io.Reader {
	return &verified{r: r, left: o.Size, want: o.SHA256[:], hash: sha256.New(), refused: refused}
}

type verified struct {
	r       io.Reader
	left    int64
	want    []byte
	hash    hash.Hash
	refused error
	ended   error
}

func (v *verified) Read(p []byte) (int, error) {
	if v.ended != nil {
		return 0, v.ended
	}
	n, err := v.r.Read(p)
	v.left -= int64(n)
	_, _ = v.hash.Write(p[:n]) // never fails
	switch {
	case v.left < 0:
		v.ended = v.refused
		return 0, v.ended
	case n > 0 && v.left == 0 && !bytes.Equal(v.hash.Sum(nil), v.want):
		v.ended = v.refused
		return n - 1, v.ended
	case err == io.EOF && (v.left != 0 || !bytes.Equal(v.hash.Sum(nil), v.want)):
		v.ended = v.refused
	case err != nil:
		v.ended = err
	}
	return n, v.ended
}

// reading stops when ctx ends, between two reads.
type reading struct {
	ctx context.Context
	r   io.Reader
}

func (r reading) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// opened is a verified reader with what closes it.
type opened struct {
	io.Reader
	io.Closer
}

// Opened puts a verified reader and a closer together, for the Get of a store.
func Opened(ctx context.Context, body io.ReadCloser, o Object) io.ReadCloser {
	return opened{Verified(reading{ctx, body}, o, ErrCorrupt), body}
}
