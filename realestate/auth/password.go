package auth

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha1" // the format of the published lists of breached passwords
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of passwords.
var (
	// ErrPassword: the password is too short, too long, or no text.
	ErrPassword = fault.New(fault.Invalid, "password_not_accepted", "the password is too short or too long").On("password")
	// ErrPasswordBreached: the password is known from a breach.
	ErrPasswordBreached = fault.New(fault.Invalid, "password_breached", "this password is known from a breach").On("password")
	// ErrPasswordSet: the user has a password, which they change or reset themselves.
	ErrPasswordSet = fault.New(fault.Illegal, "password_set", "the user has a password, which they change or reset")
	// ErrHash: a stored hash is of no kind that the hasher knows.
	ErrHash = fault.New(fault.Invalid, "password_hash_malformed", "the stored hash is of another kind").On("password_hash")
)

// Hasher makes and verifies password hashes. A host that has its own implements it;
// the default is argon2id. Both methods are called with normalized passwords of a
// bounded length, from many goroutines, of which [Config].ParallelHashes run at
// once.
type Hasher interface {
	// Hash returns the text that is stored, of at most 255 characters.
	Hash(ctx context.Context, password Secret) (Secret, error)
	// Verify reports whether a password is the one that was hashed, and whether it
	// should be hashed anew, since parameters have changed. Of a hash that it does not
	// know it returns [ErrHash]: nobody signs in by it, and the attempt at a sign-in says why.
	Verify(ctx context.Context, password, hash Secret) (ok, stale bool, err error)
}

// Argon2Params is the cost of a hash. The zero value is 46 MiB, one pass and one
// lane, the first of what OWASP recommends.
type Argon2Params struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// The bounds of stored parameters: a row that asks for more is refused rather than
// obeyed.
const (
	maxMemoryKiB = 1 << 20 // 1 GiB
	maxPasses    = 16
	maxLanes     = 16
	saltBytes    = 16
	hashBytes    = 32
)

func (p Argon2Params) withDefaults() Argon2Params {
	if p == (Argon2Params{}) {
		return Argon2Params{MemoryKiB: 47104, Passes: 1, Lanes: 1}
	}
	return p
}

func (p Argon2Params) valid() bool {
	return p.MemoryKiB >= 8*uint32(p.Lanes) && p.MemoryKiB <= maxMemoryKiB && p.Passes >= 1 && p.Passes <= maxPasses && p.Lanes >= 1 && p.Lanes <= maxLanes
}

// argon2id is the default [Hasher].
type argon2id struct{ params Argon2Params }

func (a argon2id) Hash(_ context.Context, password Secret) (Secret, error) {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt)
	return NewSecret(encodeArgon2(a.params, salt, a.params.key(password, salt))), nil
}

func (a argon2id) Verify(_ context.Context, password, hash Secret) (ok, stale bool, err error) {
	p, salt, want, err := decodeArgon2(hash.Reveal())
	if err != nil {
		return false, false, err
	}
	return subtle.ConstantTimeCompare(p.key(password, salt), want) == 1, p != a.params, nil
}

func (p Argon2Params) key(password Secret, salt []byte) []byte {
	return argon2.IDKey([]byte(password.Reveal()), salt, p.Passes, p.MemoryKiB, p.Lanes, hashBytes)
}

func encodeArgon2(p Argon2Params, salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.MemoryKiB, p.Passes, p.Lanes, b64.EncodeToString(salt), b64.EncodeToString(key))
}

func decodeArgon2(s string) (p Argon2Params, salt, key []byte, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, ErrHash
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.MemoryKiB, &p.Passes, &p.Lanes); err != nil || n != 3 || !p.valid() {
		return p, nil, nil, ErrHash
	}
	salt, err = base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil || len(salt) < 8 {
		return p, nil, nil, ErrHash
	}
	key, err = base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(key) != hashBytes {
		return p, nil, nil, ErrHash
	}
	return p, salt, key, nil
}

// BreachList knows passwords that were published.
type BreachList interface {
	// Breached reports whether the password with this SHA-1, in upper-case
	// hexadecimal, is known. It may ask a service by the first five digits.
	Breached(ctx context.Context, sha1Hex string) (bool, error)
}

// BreachFiles is a [BreachList] of files that a host keeps: for each beginning of
// five hexadecimal digits a file PREFIX.txt of lines SUFFIX:COUNT, as the published
// lists come by range. A missing file means that nothing is known.
type BreachFiles struct{ Dir string }

// Breached looks the hash up.
func (b BreachFiles) Breached(_ context.Context, sha1Hex string) (bool, error) {
	if len(sha1Hex) != 40 || strings.Trim(sha1Hex, "0123456789ABCDEF") != "" {
		return false, ErrHash
	}
	f, err := os.Open(filepath.Join(b.Dir, sha1Hex[:5]+".txt"))
	if os.IsNotExist(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }()
	return listed(f, sha1Hex[5:])
}

func listed(r io.Reader, suffix string) (bool, error) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if line, _, _ := bytes.Cut(lines.Bytes(), []byte(":")); strings.EqualFold(string(line), suffix) {
			return true, nil
		}
	}
	return false, lines.Err()
}

// The lengths of passwords, in characters after normalizing.
const (
	leastPassword   = 8 // what SP 800-63B allows beside a second factor
	defaultPassword = 15
	mostPassword    = 128
)

// normalPassword is a password in the form that is hashed: Unicode's NFC, as
// SP 800-63B asks. Nothing is cut off.
func normalPassword(password Secret) Secret { return NewSecret(norm.NFC.String(password.Reveal())) }

// checkPassword judges a new password: its length, and whether it is known from a
// breach. No rule asks for kinds of characters.
func (s *Users) checkPassword(ctx context.Context, password Secret) (Secret, error) {
	text := password.Reveal()
	if len(text) > 4*mostPassword || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return Secret{}, ErrPassword
	}
	normal := normalPassword(password)
	if n := utf8.RuneCountInString(normal.Reveal()); n < s.cfg.PasswordLength || n > mostPassword {
		return Secret{}, ErrPassword.With("%d to %d characters", s.cfg.PasswordLength, mostPassword)
	}
	if s.cfg.Breached != nil {
		sum := sha1.Sum([]byte(normal.Reveal()))
		known, err := s.cfg.Breached.Breached(ctx, strings.ToUpper(hex.EncodeToString(sum[:])))
		if err != nil {
			return Secret{}, err
		}
		if known {
			return Secret{}, ErrPasswordBreached
		}
	}
	return normal, nil
}

// hash hashes a password when there is room.
func (s *core) hash(ctx context.Context, password Secret) (Secret, error) {
	done, err := s.room(ctx)
	if err != nil {
		return Secret{}, err
	}
	defer done()
	return s.cfg.Hasher.Hash(ctx, password)
}

// verify compares a password with a hash when there is room. An account without a
// password costs the same as one with, and so does a hash of another kind, [ErrHash].
func (s *core) verify(ctx context.Context, password Secret, hash *Secret) (ok, stale bool, err error) {
	usable := hash != nil && hash.Reveal() != UnusablePassword
	dummy, err := s.dummy(ctx)
	if err != nil {
		return false, false, err
	}
	against := dummy
	if usable {
		against = *hash
	}
	if len(password.Reveal()) > 4*mostPassword {
		password = Secret{} // no password is so long
	}
	done, err := s.room(ctx)
	if err != nil {
		return false, false, err
	}
	defer done()
	ok, stale, err = s.cfg.Hasher.Verify(ctx, normalPassword(password), against)
	if usable && errors.Is(err, ErrHash) {
		if _, _, err := s.cfg.Hasher.Verify(ctx, normalPassword(password), dummy); err != nil {
			return false, false, err
		}
		return false, false, ErrHash
	}
	return ok && usable, stale, err
}

// knows reports whether a password is that of a hash.
func (s *core) knows(ctx context.Context, password Secret, hash *Secret) (bool, error) {
	ok, _, err := s.verify(ctx, password, hash)
	if errors.Is(err, ErrHash) {
		return false, nil
	}
	return ok, err
}

// dummy is the hash of what nobody knows, made once.
func (s *core) dummy(ctx context.Context) (Secret, error) {
	s.dummyLock.Lock()
	defer s.dummyLock.Unlock()
	if s.dummyHash == nil {
		h, err := s.hash(ctx, newToken())
		if err != nil {
			return Secret{}, err
		}
		s.dummyHash = &h
	}
	return *s.dummyHash, nil
}

// room waits until one more hash may be computed.
func (s *core) room(ctx context.Context) (done func(), err error) {
	select {
	case s.hashes <- struct{}{}:
		return func() { <-s.hashes }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
