package screen

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Folder is a directory that results are written to. A file is there whole or
// not at all, and one that says the same already is left alone.
type Folder struct {
	dir              string
	Written, Current int // files written, and files left alone
}

// NewFolder makes a Folder of a directory, which is created with the first
// file.
func NewFolder(dir string) *Folder { return &Folder{dir: dir} }

// Path returns where the file of a name is.
func (f *Folder) Path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

// Write writes a file; name may hold folders, with slashes. Only the owner may
// read it, since it may be about people.
func (f *Folder) Write(name string, data []byte) error {
	path := f.Path(name)
	old, err := os.ReadFile(path)
	if err == nil && bytes.Equal(old, data) {
		f.Current++
		if err := os.Remove(part(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("writing the results: %w", err)
		}
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("writing the results: %w", err)
	}
	if err := replace(path, data); err != nil {
		return fmt.Errorf("writing the results: %w", err)
	}
	f.Written++
	return nil
}

// replace puts data in place of a file by renaming, so that a process that is
// killed leaves the old one or the new one. What it left half written is
// written anew by the next run.
func replace(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(part(path), data, 0o600); err != nil {
		return err
	}
	return os.Rename(part(path), path)
}

// part names the file that becomes the one at path.
func part(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".part")
}
