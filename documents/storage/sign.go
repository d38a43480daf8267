package storage

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/freehold-go/freehold/realestate/fault"
)

// ChecksumHeader carries the SHA-256 of an upload in base64, as S3 calls it.
const ChecksumHeader = "X-Amz-Checksum-Sha256"

// Signer signs requests for a [Handler] with HMAC-SHA256.
type Signer struct {
	base *url.URL
	key  []byte
	now  func() time.Time
}

// SignerConfig configures a [Signer].
type SignerConfig struct {
	// BaseURL is where the Handler is served, such as https://files.example.com/o.
	BaseURL string
	// Key is at least 32 random bytes.
	Key []byte
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// NewSigner makes a Signer, or says which fields of the configuration are wrong.
func NewSigner(cfg SignerConfig) (*Signer, error) {
	var f fault.Fields
	base, err := url.Parse(cfg.BaseURL)
	f.Check(err == nil && (base.Scheme == "https" || base.Scheme == "http") && base.Host != "" && base.RawQuery == "" && base.Fragment == "",
		"base_url", fault.CodeURL, "an http or https URL without a query")
	f.Check(len(cfg.Key) >= 32, "key", fault.CodeRequired, "a key of at least 32 random bytes")
	if err := f.Err(); err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Signer{base: base, key: append([]byte(nil), cfg.Key...), now: cfg.Now}, nil
}

// CheckLifetime refuses a time for which no store signs.
func CheckLifetime(lifetime time.Duration) error {
	var f fault.Fields
	f.Check(lifetime >= time.Second && lifetime <= MaxSigned, "lifetime", fault.CodeOutOfRange, "one second to seven days")
	return f.Err()
}

// upload signs the put of an object.
func (s *Signer) upload(o Object, lifetime time.Duration) (Request, error) {
	if err := o.Check(); err != nil {
		return Request{}, err
	}
	return s.sign(http.MethodPut, o.Key, lifetime, url.Values{
		"size": {strconv.FormatInt(o.Size, 10)}, "type": {o.Type}, "sha256": {hex.EncodeToString(o.SHA256[:])},
	}, http.Header{
		"Content-Type": {o.Type}, "Content-Length": {strconv.FormatInt(o.Size, 10)},
		ChecksumHeader: {base64.StdEncoding.EncodeToString(o.SHA256[:])},
	})
}

// download signs the get of an object.
func (s *Signer) download(key string, d Download) (Request, error) {
	if err := CheckKey(key); err != nil {
		return Request{}, err
	}
	q := url.Values{}
	if d.FileName != "" {
		q.Set("name", d.FileName)
	}
	return s.sign(http.MethodGet, key, d.Lifetime, q, http.Header{})
}

func (s *Signer) sign(method, key string, lifetime time.Duration, q url.Values, header http.Header) (Request, error) {
	if s == nil {
		return Request{}, ErrNoSigner
	}
	if err := CheckLifetime(lifetime); err != nil {
		return Request{}, err
	}
	until := s.now().Add(lifetime).UTC().Truncate(time.Second)
	q.Set("expires", strconv.FormatInt(until.Unix(), 10))
	q.Set("signature", s.mac(method, key, q))
	u := *s.base
	u.Path = strings.TrimSuffix(u.Path, "/") + "/" + key
	u.RawQuery = q.Encode()
	return Request{Method: method, URL: u.String(), Header: header, ExpiresAt: until}, nil
}

// mac is over everything that the request says, each part with its length, so that no
// two requests have the same text.
func (s *Signer) mac(method, key string, q url.Values) string {
	h := hmac.New(sha256.New, s.key)
	for _, part := range []string{method, key, q.Get("expires"), q.Get("size"), q.Get("type"), q.Get("sha256"), q.Get("name")} {
		fmt.Fprintf(h, "%d:%s,", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// check judges a signed request, and returns the key that it is for.
func (s *Signer) check(r *http.Request) (key string, q url.Values, err error) {
	path, ok := strings.CutPrefix(r.URL.Path, strings.TrimSuffix(s.base.Path, "/")+"/")
	q = r.URL.Query()
	expires, perr := strconv.ParseInt(q.Get("expires"), 10, 64)
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for _, values := range q {
		ok = ok && len(values) == 1
	}
	if !ok || perr != nil || CheckKey(path) != nil || !hmac.Equal([]byte(s.mac(method, path, q)), []byte(q.Get("signature"))) ||
		!s.now().Before(time.Unix(expires, 0)) {
		return "", nil, ErrSignature
	}
	return path, q, nil
}

// object is what a signed upload is good for.
func object(key string, q url.Values) (Object, error) {
	o := Object{Key: key, Type: q.Get("type")}
	size, err := strconv.ParseInt(q.Get("size"), 10, 64)
	hash, herr := hex.DecodeString(q.Get("sha256"))
	if err != nil || herr != nil || len(hash) != sha256.Size {
		return Object{}, ErrSignature
	}
	o.Size = size
	copy(o.SHA256[:], hash)
	return o, o.Check()
}

// Disposition is the header that has a browser save what it fetches under a name, or
// show it where there is none.
func Disposition(name string) string {
	if name == "" {
		return "inline"
	}
	if h := mime.FormatMediaType("attachment", map[string]string{"filename": name}); h != "" {
		return h
	}
	return "attachment"
}
