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

// failed is an error of the file system; the path in it stays out of the text.
func failed(err error) error {
	var known *fault.Error
	switch {
	case err == nil, errors.As(err, &known), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return ErrNotFound
	}
	return ErrFailed.Because(err)
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
		return ErrFailed.Because(err)
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

// List lists objects; see [Store]. It goes through the folders in the order of keys, asks
// the disk only about what it returns, and stops when it has that.
func (s *Local) List(ctx context.Context, prefix, after string, limit int) ([]Entry, error) {
	l := listing{s: s, prefix: prefix, after: after, limit: limit}
	err := l.folder(ctx, "")
	if err != nil && !errors.Is(err, fs.SkipAll) {
		return nil, failed(err)
	}
	return l.out, nil
}

type listing struct {
	s             *Local
	prefix, after string
	limit         int
	out           []Entry
}

// folder lists what is in the folder of the keys that begin with under, which ends in a
// slash or is empty.
func (l *listing) folder(ctx context.Context, under string) error {
	entries, err := fs.ReadDir(l.s.root.FS(), path.Join(folderObjects, under))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // removed meanwhile
	}
	if err != nil {
		return err
	}
	// The file of "a" is called "a@", and its folder "a", where all keys begin with "a/".
	keys := make([]string, len(entries))
	for i, e := range entries {
		keys[i] = under + strings.TrimSuffix(e.Name(), "@")
		if e.IsDir() {
			keys[i] = under + e.Name() + "/"
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(l.out) >= l.limit {
			return fs.SkipAll
		}
		if strings.HasSuffix(key, "/") {
			err = l.below(ctx, key)
		} else {
			err = l.object(key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// below goes into a folder unless no key in it is asked for.
func (l *listing) below(ctx context.Context, key string) error {
	outside := !strings.HasPrefix(key, l.prefix) && !strings.HasPrefix(l.prefix, key)
	before := key < l.after && !strings.HasPrefix(l.after, key)
	if outside || before {
		return nil
	}
	return l.folder(ctx, key)
}

// object lists one object that is asked for.
func (l *listing) object(key string) error {
	if !strings.HasPrefix(key, l.prefix) || key <= l.after {
		return nil
	}
	info, err := l.s.root.Lstat(fileOf(key))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // deleted meanwhile
	case err != nil:
		return err
	}
	l.out = append(l.out, Entry{key, info.Size() - headSize, info.ModTime().UTC().Truncate(time.Microsecond)})
	return nil
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
