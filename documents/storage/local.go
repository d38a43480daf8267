package storage

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/freehold-go/freehold/realestate/fault"
)

// The folders of a local store. What is in folderNew has no key yet.
const (
	folderObjects = "objects"
	folderNew     = "new"
	folderParts   = "parts"
)

// headSize is how many bytes of a file describe the object, as JSON and blanks up to
// the end of a line; its bytes follow. So there is one file to an object, which is
// there whole or not at all.
const headSize = 2048

// fileOf is the file of a key. No key ends as it does, so that "a" and "a/b" may both
// be objects.
func fileOf(key string) string { return path.Join(folderObjects, key) + "@" }

// Local is a Store in a folder. It goes through os.Root, so that no key and no link
// leads out of the folder.
type Local struct {
	root   *os.Root
	signer *Signer
}

// LocalConfig configures a [Local]. The zero value is ready for use.
type LocalConfig struct {
	// Signer signs requests for a [Handler]; nil signs none.
	Signer *Signer
}

// OpenLocal opens a store in a folder, which it makes where it is missing. Close it when
// nothing uses it any more.
func OpenLocal(dir string, cfg LocalConfig) (*Local, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, failed(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, failed(err)
	}
	for _, f := range []string{folderObjects, folderNew, folderParts} {
		if err := root.MkdirAll(f, 0o700); err != nil {
			_ = root.Close()
			return nil, failed(err)
		}
	}
	return &Local{root: root, signer: cfg.Signer}, nil
}

// Close lets go of the folder.
func (s *Local) Close() error { return s.root.Close() }

// errDisk: the disk does not do what is asked.
var errDisk = fault.New(fault.Unavailable, "storage_failed", "the storage does not answer as it should")

// failed is an error of the file system; the path in it stays out of the text.
func failed(err error) error {
	var known *fault.Error
	switch {
	case err == nil, errors.As(err, &known), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return ErrNotFound
	}
	return errDisk.Because(err)
}

// Put writes an object; see [Store].
func (s *Local) Put(ctx context.Context, o Object, body io.Reader) error {
	if err := o.Check(); err != nil {
		return err
	}
	if body == nil {
		return ErrMismatch.With("there is no body")
	}
	head, err := json.Marshal(o)
	if err != nil || len(head) >= headSize {
		return errDisk.Because(err)
	}
	head = append(head, bytes.Repeat([]byte(" "), headSize-1-len(head))...)
	temporary := path.Join(folderNew, unique())
	defer func() { _ = s.root.Remove(temporary) }() // it has another name then, or none
	whole := io.MultiReader(bytes.NewReader(append(head, '\n')), Verified(reading{ctx, body}, o, ErrMismatch))
	if err := s.write(temporary, whole); err != nil {
		return failed(err)
	}
	switch err := s.name(temporary, fileOf(o.Key)); {
	case errors.Is(err, fs.ErrExist):
		if there, err := s.Stat(ctx, o.Key); err != nil || there != o {
			return ErrExists
		}
		return nil
	default:
		return failed(err)
	}
}

// write makes a file that is on the disk when it returns.
func (s *Local) write(name string, body io.Reader) (err error) {
	f, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err = io.Copy(f, body); err != nil {
		return err
	}
	return f.Sync()
}

// name gives a file its place, where there is none yet, and has its folder on the disk.
func (s *Local) name(from, to string) error {
	if err := s.root.MkdirAll(path.Dir(to), 0o700); err != nil {
		return err
	}
	if err := s.root.Link(from, to); err != nil {
		return err
	}
	dir, err := s.root.Open(path.Dir(to))
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	return dir.Sync()
}

// open opens the file of an object behind its description.
func (s *Local) open(key string) (*os.File, Object, error) {
	if err := CheckKey(key); err != nil {
		return nil, Object{}, err
	}
	f, err := s.root.Open(fileOf(key))
	if err != nil {
		return nil, Object{}, failed(err)
	}
	var o Object
	head := make([]byte, headSize)
	if _, err = io.ReadFull(f, head); err == nil {
		err = json.Unmarshal(head, &o)
	}
	if err != nil || o.Key != key {
		_ = f.Close()
		return nil, Object{}, ErrCorrupt
	}
	return f, o, nil
}

// Stat describes an object; see [Store].
func (s *Local) Stat(_ context.Context, key string) (Object, error) {
	f, o, err := s.open(key)
	if err != nil {
		return Object{}, err
	}
	return o, failed(f.Close())
}

// Get opens an object; see [Store].
func (s *Local) Get(ctx context.Context, key string) (io.ReadCloser, Object, error) {
	f, o, err := s.open(key)
	if err != nil {
		return nil, Object{}, err
	}
	return Opened(ctx, f, o), o, nil
}

// Delete removes an object; see [Store].
func (s *Local) Delete(_ context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if err := s.root.Remove(fileOf(key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return failed(err)
	}
	return nil
}

// List lists objects; see [Store].
func (s *Local) List(ctx context.Context, prefix, after string, limit int) ([]Entry, error) {
	var out []Entry
	err := fs.WalkDir(s.root.FS(), folderObjects, func(p string, d fs.DirEntry, err error) error {
		key := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(p, folderObjects), "/"), "@")
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // deleted meanwhile
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case d.IsDir() && !strings.HasPrefix(key, prefix) && !strings.HasPrefix(prefix, key):
			return fs.SkipDir
		case d.IsDir() || !strings.HasPrefix(key, prefix) || key <= after:
			return nil
		}
		info, err := d.Info()
		if err == nil {
			out = append(out, Entry{key, info.Size() - headSize, info.ModTime().UTC().Truncate(time.Microsecond)})
		}
		return nil
	})
	if err != nil {
		return nil, failed(err)
	}
	// A walk goes folder by folder, which is not the order of keys.
	slices.SortFunc(out, func(a, b Entry) int { return strings.Compare(a.Key, b.Key) })
	return out[:min(len(out), max(limit, 0))], nil
}

// SignUpload signs a put; see [Store].
func (s *Local) SignUpload(_ context.Context, o Object, lifetime time.Duration) (Request, error) {
	return s.signer.upload(o, lifetime)
}

// SignDownload signs a get; see [Store].
func (s *Local) SignDownload(_ context.Context, key string, d Download) (Request, error) {
	return s.signer.download(key, d)
}

func unique() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
