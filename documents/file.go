package documents

import (
	"encoding/hex"

	"github.com/freehold-go/freehold/internal/check"
)

// File is where the bytes of a document lie and how to know them.
type File struct {
	Name       string   // as it was uploaded, at most 255 characters
	Type       string   // a media type, at most 50 characters
	Size       int64    // bytes
	SHA256     [32]byte // of the bytes
	StorageURL string   // at most 500 characters
}

// check adds every bad field of the file to f.
func (file File) check(f *check.Fields) {
	f.Required("file.name", file.Name, 255)
	f.Required("file.type", file.Type, 50)
	f.Required("file.storage_url", file.StorageURL, 500)
	f.Size("file.size", &file.Size)
	f.Check(file.SHA256 != [32]byte{}, "file.sha256", check.Required, "the SHA-256 of the bytes is needed")
}

// in writes the file into d.
func (file File) in(d *Document) {
	hash := hex.EncodeToString(file.SHA256[:])
	d.FileName, d.FileType, d.FileSize, d.FileHash, d.StorageURL = &file.Name, &file.Type, &file.Size, &hash, &file.StorageURL
}
