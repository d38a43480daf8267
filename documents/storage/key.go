package storage

import (
	"crypto/sha256"
	"fmt"
	"mime"
	"path"
	"strings"

	"github.com/freehold-go/freehold/realestate/fault"
)

// maxKey is how many bytes a key has at most.
const maxKey = 400

// CheckKey refuses a key that not every store could have: it is 1 to 400 letters,
// digits, ".", "_", "-" and "/", with no empty part and none that begins with ".".
func CheckKey(key string) error {
	var f fault.Fields
	checkKey(&f, key)
	return f.Err()
}

func checkKey(f *fault.Fields, key string) {
	f.Check(key != "", "key", fault.CodeRequired, "an object has a key")
	f.Check(len(key) <= maxKey, "key", fault.CodeTooLong, fmt.Sprintf("at most %d bytes", maxKey))
	ok := key == "" || path.Clean("/"+key) == "/"+key
	for i, c := range []byte(key) {
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("._-/", c) >= 0
		hidden := c == '.' && (i == 0 || key[i-1] == '/')
		ok = ok && plain && !hidden
	}
	f.Check(ok, "key", fault.CodeMalformed, "letters, digits, ., _, - and single slashes between")
}

// Check refuses an object that could not be stored, with all field errors at once.
func (o Object) Check() error {
	var f fault.Fields
	checkKey(&f, o.Key)
	f.Check(o.Size >= 0 && o.Size <= MaxSize, "size", fault.CodeOutOfRange, "0 bytes to 5 TiB")
	kind, _, err := mime.ParseMediaType(o.Type)
	f.Check(err == nil && strings.Contains(kind, "/") && len(o.Type) <= 200, "type", fault.CodeMalformed, "a media type, such as application/pdf")
	f.Check(o.SHA256 != [sha256.Size]byte{}, "sha256", fault.CodeRequired, "the SHA-256 of the bytes is needed")
	return f.Err()
}

// CheckParts refuses parts that do not join to the object: each number once, and all of
// its bytes.
func CheckParts(o Object, parts []Part) error {
	var f fault.Fields
	seen, sum := map[int]bool{}, int64(0)
	for _, p := range parts {
		checkPart(&f, p.Number, p.Size)
		f.Check(!seen[p.Number], "parts", fault.CodeDuplicate, "each part is named once")
		seen[p.Number] = true
		sum += max(p.Size, 0)
	}
	f.Check(len(parts) > 0 && len(parts) <= MaxParts, "parts", fault.CodeRequired, "1 to 10,000 parts")
	if err := f.Err(); err != nil {
		return err
	}
	if sum != o.Size {
		return ErrMismatch.With("%d bytes in parts, not %d", sum, o.Size)
	}
	return nil
}

// CheckPart refuses a part whose number or size no store takes.
func CheckPart(number int, size int64) error {
	var f fault.Fields
	checkPart(&f, number, size)
	return f.Err()
}

func checkPart(f *fault.Fields, number int, size int64) {
	f.Check(number >= 1 && number <= MaxParts, "number", fault.CodeOutOfRange, "1 to 10,000")
	f.Check(size >= 0 && size <= 5<<30, "size", fault.CodeOutOfRange, "0 bytes to 5 GiB")
}
