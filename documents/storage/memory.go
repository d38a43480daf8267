package storage

import (
	"bytes"
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Memory is a Store in memory, for tests and for programs whose files may end with
// them.
type Memory struct {
	signer *Signer
	now    func() time.Time
	mu     sync.Mutex
	kept   map[string]kept
	parts  map[string]started
}

// started is an upload in parts.
type started struct {
	at   time.Time
	body map[int][]byte
}

type kept struct {
	object Object
	body   []byte
	at     time.Time
}

// MemoryConfig configures a [Memory]. The zero value is ready for use.
type MemoryConfig struct {
	// Signer signs requests for a [Handler]; nil signs none.
	Signer *Signer
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// NewMemory makes an empty store.
func NewMemory(cfg MemoryConfig) *Memory {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Memory{signer: cfg.Signer, now: cfg.Now, kept: map[string]kept{}, parts: map[string]started{}}
}

// Put keeps an object; see [Store].
func (s *Memory) Put(ctx context.Context, o Object, body io.Reader) error {
	if err := o.Check(); err != nil {
		return err
	}
	if body == nil {
		return ErrMismatch.With("there is no body")
	}
	b, err := io.ReadAll(Verified(reading{ctx, body}, o, ErrMismatch))
	if err != nil {
		return failed(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if there, ok := s.kept[o.Key]; ok && there.object != o {
		return ErrExists
	}
	s.kept[o.Key] = kept{o, b, s.now()}
	return nil
}

// Get opens an object; see [Store].
func (s *Memory) Get(ctx context.Context, key string) (io.ReadCloser, Object, error) {
	k, err := s.find(key)
	if err != nil {
		return nil, Object{}, err
	}
	return Opened(ctx, io.NopCloser(bytes.NewReader(k.body)), k.object), k.object, nil
}

// Stat describes an object; see [Store].
func (s *Memory) Stat(_ context.Context, key string) (Object, error) {
	k, err := s.find(key)
	return k.object, err
}

func (s *Memory) find(key string) (kept, error) {
	if err := CheckKey(key); err != nil {
		return kept{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.kept[key]
	if !ok {
		return kept{}, ErrNotFound
	}
	return k, nil
}

// Delete forgets an object; see [Store].
func (s *Memory) Delete(_ context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.kept, key)
	return nil
}

// List lists objects; see [Store].
func (s *Memory) List(_ context.Context, prefix, after string, limit int) ([]Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Entry
	for _, key := range slices.Sorted(maps.Keys(s.kept)) {
		if len(out) < limit && strings.HasPrefix(key, prefix) && key > after {
			k := s.kept[key]
			out = append(out, Entry{key, k.object.Size, k.at.UTC().Truncate(time.Microsecond)})
		}
	}
	return out, nil
}

// SignUpload signs a put; see [Store].
func (s *Memory) SignUpload(_ context.Context, o Object, lifetime time.Duration) (Request, error) {
	return s.signer.upload(o, lifetime)
}

// SignDownload signs a get; see [Store].
func (s *Memory) SignDownload(_ context.Context, key string, d Download) (Request, error) {
	return s.signer.download(key, d)
}

// StartParts begins an upload in parts; see [Store].
func (s *Memory) StartParts(_ context.Context, o Object) (string, error) {
	if err := o.Check(); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	upload := unique()
	s.parts[upload] = started{s.now(), map[int][]byte{}}
	return upload, nil
}

// PutPart keeps a part; see [Store].
func (s *Memory) PutPart(ctx context.Context, _ Object, upload string, number int, size int64, body io.Reader) (Part, error) {
	if err := CheckPart(number, size); err != nil {
		return Part{}, err
	}
	if body == nil {
		return Part{}, ErrMismatch.With("there is no body")
	}
	b, err := io.ReadAll(reading{ctx, io.LimitReader(body, size+1)})
	if err != nil {
		return Part{}, failed(err)
	}
	if int64(len(b)) != size {
		return Part{}, ErrMismatch
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parts[upload].body == nil {
		return Part{}, ErrPartsNotFound
	}
	s.parts[upload].body[number] = b
	return Part{Number: number, Size: size, Tag: "memory"}, nil
}

// CompleteParts joins the parts; see [Store].
func (s *Memory) CompleteParts(ctx context.Context, o Object, upload string, parts []Part) error {
	if err := o.Check(); err != nil {
		return err
	}
	if err := CheckParts(o, parts); err != nil {
		return err
	}
	s.mu.Lock()
	held := s.parts[upload].body
	var body [][]byte
	for _, p := range slices.SortedFunc(slices.Values(parts), func(a, b Part) int { return a.Number - b.Number }) {
		if b, ok := held[p.Number]; ok {
			body = append(body, b)
		}
	}
	s.mu.Unlock()
	if len(body) != len(parts) {
		return ErrPartsNotFound
	}
	if err := s.Put(ctx, o, bytes.NewReader(bytes.Join(body, nil))); err != nil {
		return err
	}
	return s.AbortParts(ctx, o, upload)
}

// AbortParts ends an upload; see [Store].
func (s *Memory) AbortParts(_ context.Context, _ Object, upload string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.parts, upload)
	return nil
}

// Tidy forgets parts; see [Store].
func (s *Memory) Tidy(_ context.Context, before time.Time) (n int, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for upload, p := range s.parts {
		if p.at.Before(before) {
			delete(s.parts, upload)
			n++
		}
	}
	return n, nil
}
