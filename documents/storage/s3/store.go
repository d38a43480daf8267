package s3

import (
	"context"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/realestate/fault"
)

// Config says where the bucket is. Bucket, Region and Credentials are needed.
type Config struct {
	// Bucket is its name.
	Bucket string
	// Region is where it is, such as us-east-1; a server of one's own has a name for it, too.
	Region string
	// Credentials are those of an account that may do what the package says, and no more.
	Credentials aws.CredentialsProvider
	// Endpoint is the base URL of a server other than Amazon's, such as
	// https://s3.example.com; the bucket is then the first part of the path. "" is Amazon's.
	Endpoint string
	// PublicURL is the base URL of signed requests where clients reach the server by
	// another name than this program does, such as a CDN that passes its own name on to the
	// server. It stands for Endpoint. "" is the Endpoint.
	PublicURL string
	// Prefix begins the names of all objects, such as papers/; it ends in a slash. "" is none.
	Prefix string
	// Client sends the requests; nil is the SDK's own.
	Client *http.Client
	// Now is the clock of signed requests; nil is time.Now.
	Now func() time.Time
}

// Store is a [storage.Store] in a bucket. It is safe for concurrent use, and opens no
// connection before it is used.
type Store struct {
	client *s3.Client
	signer *v4.Signer
	creds  aws.CredentialsProvider
	now    func() time.Time
	bucket string
	region string
	prefix string
	public string // of signed requests, with the bucket, without a slash at its end

	maxPut   int64 // what one request puts at most, in bytes
	partSize int64 // of the parts of what is larger, at least
}

// New makes a Store, or says which fields of the configuration are wrong. It asks the
// server nothing.
func New(cfg Config) (*Store, error) {
	var f fault.Fields
	f.Check(cfg.Bucket != "" && !strings.ContainsAny(cfg.Bucket, "/?#% "), "bucket", fault.CodeRequired, "the name of a bucket")
	f.Check(cfg.Region != "", "region", fault.CodeRequired, "a region, such as us-east-1")
	f.Check(cfg.Credentials != nil, "credentials", fault.CodeRequired, "the credentials of an account")
	f.Check(cfg.Endpoint == "" || base(cfg.Endpoint), "endpoint", fault.CodeURL, "an http or https URL without a query")
	f.Check(cfg.PublicURL == "" || base(cfg.PublicURL), "public_url", fault.CodeURL, "an http or https URL without a query")
	f.Check(cfg.Prefix == "" || strings.HasSuffix(cfg.Prefix, "/") && storage.CheckKey(strings.TrimSuffix(cfg.Prefix, "/")) == nil, "prefix", fault.CodeMalformed, "names between single slashes, and one at the end")
	if err := f.Err(); err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	o := s3.Options{Region: cfg.Region, Credentials: aws.NewCredentialsCache(cfg.Credentials), UsePathStyle: cfg.Endpoint != "",
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired, ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired}
	if cfg.Endpoint != "" {
		o.BaseEndpoint = aws.String(cfg.Endpoint)
	}
	if cfg.Client != nil {
		o.HTTPClient = cfg.Client
	}
	s := &Store{client: s3.New(o), creds: o.Credentials, now: cfg.Now, bucket: cfg.Bucket, region: cfg.Region, prefix: cfg.Prefix,
		maxPut: 5 << 30, partSize: 64 << 20}
	s.signer = v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping, o.DisableHeaderHoisting = true, true })
	switch {
	case cfg.PublicURL != "":
		s.public = strings.TrimSuffix(cfg.PublicURL, "/") + "/" + cfg.Bucket
	case cfg.Endpoint != "":
		s.public = strings.TrimSuffix(cfg.Endpoint, "/") + "/" + cfg.Bucket
	case strings.Contains(cfg.Bucket, "."): // no certificate is good for such a name
		s.public = "https://s3." + cfg.Region + ".amazonaws.com/" + cfg.Bucket
	default:
		s.public = "https://" + cfg.Bucket + ".s3." + cfg.Region + ".amazonaws.com"
	}
	return s, nil
}

// base reports whether a text is the base of URLs.
func base(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.RawQuery == "" && u.Fragment == "" && u.User == nil
}

// name is how an object is called in the bucket.
func (s *Store) name(key string) *string { return aws.String(s.prefix + key) }

// metaHash is the name of the SHA-256 in an object's metadata.
const metaHash = "sha256"

// metadata is written with an object.
func metadata(o storage.Object) map[string]string {
	return map[string]string{metaHash: hex.EncodeToString(o.SHA256[:])}
}

// described makes an object of what the server says of one.
func described(key string, size *int64, mediaType *string, meta map[string]string) (storage.Object, error) {
	o := storage.Object{Key: key, Size: aws.ToInt64(size), Type: aws.ToString(mediaType)}
	for k, v := range meta { // servers write the names as they like
		if strings.EqualFold(k, metaHash) && len(v) == hex.EncodedLen(len(o.SHA256)) {
			if _, err := hex.Decode(o.SHA256[:], []byte(v)); err != nil {
				return storage.Object{}, storage.ErrCorrupt
			}
		}
	}
	if o.Check() != nil {
		return storage.Object{}, storage.ErrCorrupt // nothing that this package has put there
	}
	return o, nil
}

// whole reads an object to its end.
func (s *Store) whole(ctx context.Context, key string) error {
	body, _, err := s.Get(ctx, key)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	return discard(body)
}
