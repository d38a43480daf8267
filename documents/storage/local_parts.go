package storage

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"time"
)

// folderOf is the folder of an upload in parts.
func folderOf(upload string) (string, error) {
	if b, err := hex.DecodeString(upload); err != nil || len(b) != 16 {
		return "", ErrPartsNotFound
	}
	return path.Join(folderParts, upload), nil
}

// StartParts begins an upload in parts; see [Store].
func (s *Local) StartParts(_ context.Context, o Object) (string, error) {
	if err := o.Check(); err != nil {
		return "", err
	}
	upload := unique()
	return upload, failed(s.root.Mkdir(path.Join(folderParts, upload), 0o700))
}

// PutPart writes a part; see [Store].
func (s *Local) PutPart(ctx context.Context, _ Object, upload string, number int, size int64, body io.Reader) (Part, error) {
	if err := CheckPart(number, size); err != nil {
		return Part{}, err
	}
	if body == nil {
		return Part{}, ErrMismatch.With("there is no body")
	}
	folder, err := folderOf(upload)
	if err != nil {
		return Part{}, err
	}
	if _, err := s.root.Stat(folder); err != nil {
		return Part{}, ErrPartsNotFound
	}
	temporary := path.Join(folderNew, unique())
	defer func() { _ = s.root.Remove(temporary) }()
	if err := s.write(temporary, reading{ctx, io.LimitReader(body, size+1)}); err != nil {
		return Part{}, failed(err)
	}
	info, err := s.root.Stat(temporary)
	if err != nil {
		return Part{}, failed(err)
	}
	if info.Size() != size {
		return Part{}, ErrMismatch
	}
	if err := s.root.Rename(temporary, path.Join(folder, strconv.Itoa(number))); err != nil {
		return Part{}, ErrPartsNotFound // ended meanwhile
	}
	return Part{Number: number, Size: size, Tag: strconv.Itoa(number)}, nil
}

// CompleteParts joins the parts; see [Store].
func (s *Local) CompleteParts(ctx context.Context, o Object, upload string, parts []Part) error {
	if err := o.Check(); err != nil {
		return err
	}
	if err := CheckParts(o, parts); err != nil {
		return err
	}
	folder, err := folderOf(upload)
	if err != nil {
		return err
	}
	parts = slices.SortedFunc(slices.Values(parts), func(a, b Part) int { return a.Number - b.Number })
	joined := &joiner{open: func(i int) (io.ReadCloser, error) {
		if i == len(parts) {
			return nil, io.EOF
		}
		return s.root.Open(path.Join(folder, strconv.Itoa(parts[i].Number)))
	}}
	defer joined.close()
	if err := s.Put(ctx, o, joined); err != nil {
		if errors.Is(err, ErrNotFound) {
			return ErrPartsNotFound
		}
		return err
	}
	return s.AbortParts(ctx, o, upload)
}

// AbortParts ends an upload; see [Store].
func (s *Local) AbortParts(_ context.Context, _ Object, upload string) error {
	folder, err := folderOf(upload)
	if err != nil {
		return err
	}
	return failed(s.root.RemoveAll(folder))
}

// Tidy removes files that nobody has written to since a time, and parts of uploads; see
// [Store].
func (s *Local) Tidy(ctx context.Context, before time.Time) (n int, err error) {
	for _, folder := range []string{folderNew, folderParts} {
		entries, err := fs.ReadDir(s.root.FS(), folder)
		if err != nil {
			return n, failed(err)
		}
		for _, e := range entries {
			if err := ctx.Err(); err != nil {
				return n, err
			}
			info, err := e.Info()
			switch {
			case errors.Is(err, fs.ErrNotExist):
				continue // it has come to its end meanwhile
			case err != nil:
				return n, failed(err)
			case !info.ModTime().Before(before):
				continue
			}
			if err := s.root.RemoveAll(path.Join(folder, e.Name())); err != nil {
				return n, failed(err)
			}
			n++
		}
	}
	return n, nil
}

// joiner reads files one after the other, and has one of them open at a time.
type joiner struct {
	open func(int) (io.ReadCloser, error) // io.EOF after the last
	n    int
	now  io.ReadCloser
}

func (j *joiner) Read(p []byte) (int, error) {
	for {
		if j.now == nil {
			r, err := j.open(j.n)
			if err != nil {
				if errors.Is(err, fs.ErrNotExist) {
					err = ErrPartsNotFound
				}
				return 0, err
			}
			j.now, j.n = r, j.n+1
		}
		n, err := j.now.Read(p)
		if err == io.EOF {
			j.close()
			if n == 0 {
				continue
			}
			err = nil
		}
		return n, err
	}
}

func (j *joiner) close() {
	if j.now != nil {
		_ = j.now.Close()
		j.now = nil
	}
}
