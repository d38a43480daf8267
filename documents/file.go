package documents

import (
	"encoding/hex"
	"strings"
	"unicode"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/id"
)

// File is where the bytes of a document lie and how to know them.
type File struct {
	Name       string   // as it was uploaded, at most 255 characters
	Type       string   // a media type, at most 255 characters
	Size       int64    // bytes
	SHA256     [32]byte // of the bytes
	StorageURL string   // at most 500 characters, and none of this storage's own, which begin with "object:"
}

// check adds every bad field of the file to f.
func (file File) check(f *check.Fields) {
	checkFileName(f, "file.name", file.Name)
	f.Required("file.type", file.Type, 255)
	f.Required("file.storage_url", file.StorageURL, 500)
	f.Check(!strings.HasPrefix(file.StorageURL, objectURL), "file.storage_url", check.NotAllowed, "what is in this storage comes by an upload")
	f.Size("file.size", &file.Size)
	f.Check(file.SHA256 != [32]byte{}, "file.sha256", check.Required, "the SHA-256 of the bytes is needed")
}

// maxFileName is how many characters the name of a file has at most.
const maxFileName = 255

// checkFileName checks the name of a file, which whoever saves it takes as it is.
func checkFileName(f *check.Fields, field, name string) {
	f.Required(field, name, maxFileName)
	f.Check(!strings.ContainsFunc(name, unnamable), field, check.Malformed, "the name of a file, without a path and without what nobody sees")
}

// unnamable reports whether no name of a file holds a letter: what divides a path, what
// nobody sees, and what turns the letters behind it around, by which a.exe looks as a.pdf.
func unnamable(r rune) bool {
	return r == '/' || r == '\\' || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}

// either checks that there is a file or an upload, and not both.
func (file File) either(f *check.Fields, upload *id.Of[Upload]) {
	switch {
	case upload == nil:
		file.check(f)
	default:
		f.Check(file == File{}, "file", check.NotAllowed, "a file or an upload, not both")
		f.Given("upload_id", *upload)
	}
}

// fromFile takes a file over.
func (d *Document) fromFile(file File) {
	hash := hex.EncodeToString(file.SHA256[:])
	d.FileName, d.FileType, d.FileSize, d.FileHash, d.StorageURL = &file.Name, &file.Type, &file.Size, &hash, &file.StorageURL
}
