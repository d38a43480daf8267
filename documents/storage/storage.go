package storage

import (
	"context"
	"crypto/sha256"
	"io"
	"net/http"
	"time"

	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of this package.
var (
	// ErrNotFound: there is no object of this key.
	ErrNotFound = fault.New(fault.NotFound, "object_not_found", "there is no such object")
	// ErrExists: the key is another object's. Objects do not change.
	ErrExists = fault.New(fault.Conflict, "object_exists", "the key is another object's").On("key")
	// ErrMismatch: what arrived is not what was announced, by its size or its hash.
	ErrMismatch = fault.New(fault.Invalid, "object_mismatch", "the bytes are not those that were announced").On("content")
	// ErrCorrupt: what is stored is not what was put there.
	ErrCorrupt = fault.New(fault.Illegal, "object_corrupt", "the stored bytes were changed")
	// ErrSignature: a signed request was changed, is for something else or has expired.
	ErrSignature = fault.New(fault.Forbidden, "object_signature_refused", "the signature is not good for this request")
	// ErrNoSigner: the store has no key to sign requests with.
	ErrNoSigner = fault.New(fault.Illegal, "no_signer", "no key to sign requests with is configured")
	// ErrFailed: the disk or the server does not do what is asked; later it may.
	ErrFailed = fault.New(fault.Unavailable, "storage_failed", "the storage does not answer as it should")
	// ErrPartsNotFound: there is no such upload in parts, or it has ended.
	ErrPartsNotFound = fault.New(fault.NotFound, "object_parts_not_found", "there is no such upload in parts")
)

// The limits of this package.
const (
	// MaxSize is the size of the largest object, in bytes: 5 TiB, as in S3.
	MaxSize = 5 << 40
	// MaxSigned is the longest time that a signed request is good for, as in S3.
	MaxSigned = 7 * 24 * time.Hour
	// MaxParts is how many parts an upload has at most.
	MaxParts = 10_000
	// MinPart is the size of the smallest part but the last, in bytes: 5 MiB, as in S3.
	MinPart = 5 << 20
)

// Object is what a store knows of the bytes under a key.
type Object struct {
	Key    string            `json:"key"` // see [CheckKey]
	Size   int64             `json:"size"`
	Type   string            `json:"type"`   // a media type, such as application/pdf
	SHA256 [sha256.Size]byte `json:"sha256"` // of the bytes
}

// Describe makes the Object of bytes that are all in memory.
func Describe(key, mediaType string, body []byte) Object {
	return Object{Key: key, Size: int64(len(body)), Type: mediaType, SHA256: sha256.Sum256(body)}
}

// Entry is an object in a list.
type Entry struct {
	Key        string    `json:"key"`
	Size       int64     `json:"size"`
	ModifiedAt time.Time `json:"modified_at"`
}

// Request is a request that a client may send by itself: all headers as they are, and
// the body for an upload.
type Request struct {
	Method    string      `json:"method"`
	URL       string      `json:"url"`
	Header    http.Header `json:"header"`
	ExpiresAt time.Time   `json:"expires_at"`
}

// Download says how a browser treats what it fetches.
type Download struct {
	FileName string // it saves the file under this name; "" shows it
	Lifetime time.Duration
}

// Part is one part of an upload.
type Part struct {
	Number int    `json:"number"` // 1 to MaxParts
	Size   int64  `json:"size"`
	Tag    string `json:"tag"` // what the store calls it
}

// Store keeps objects. Its methods are safe for concurrent use, and each is whole or
// not at all.
type Store interface {
	// Put writes an object. The same object again is a success, another one under its
	// key [ErrExists], and bytes that are not those announced are [ErrMismatch] and
	// leave nothing.
	Put(ctx context.Context, o Object, body io.Reader) error
	// Get opens an object. Its last Read returns [ErrCorrupt] instead of io.EOF where
	// the bytes were changed. There is none: [ErrNotFound].
	Get(ctx context.Context, key string) (io.ReadCloser, Object, error)
	// Stat is what the store knows of an object, without reading it.
	Stat(ctx context.Context, key string) (Object, error)
	// Delete removes an object. One that is not there is a success.
	Delete(ctx context.Context, key string) error
	// List returns up to limit objects whose keys begin with prefix and sort behind
	// after, sorted by key; fewer than limit are the last.
	List(ctx context.Context, prefix, after string, limit int) ([]Entry, error)

	// SignUpload makes a request that puts exactly o, for a time up to MaxSigned.
	SignUpload(ctx context.Context, o Object, lifetime time.Duration) (Request, error)
	// SignDownload makes a request that gets an object.
	SignDownload(ctx context.Context, key string, d Download) (Request, error)

	// StartParts begins an upload in parts.
	StartParts(ctx context.Context, o Object) (upload string, err error)
	// PutPart writes one part of size bytes; one of the same number is replaced.
	PutPart(ctx context.Context, o Object, upload string, number int, size int64, body io.Reader) (Part, error)
	// CompleteParts joins the parts, in order of their numbers, and is then as Put.
	CompleteParts(ctx context.Context, o Object, upload string, parts []Part) error
	// AbortParts ends an upload and removes its parts. One that has ended is a success.
	AbortParts(ctx context.Context, o Object, upload string) error

	// Tidy removes what was being written and has not come to its end since a time: parts of
	// uploads that began before it, and what a process that was killed has left. It never
	// removes an object, and returns how much it has removed.
	Tidy(ctx context.Context, before time.Time) (int, error)
}
