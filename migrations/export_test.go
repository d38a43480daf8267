package migrations

import (
	"io/fs"
	"log/slog"
)

// WithFiles is a Config with other migrations than the embedded ones.
func WithFiles(files fs.FS) Config { return Config{files: files} }

// Of is a Migrator of the given migrations, in order.
func Of(all []Migration, extensions ...string) *Migrator {
	return &Migrator{all: all, extensions: extensions, log: slog.New(slog.DiscardHandler)}
}

// ExtensionError says why an extension could not be created.
var ExtensionError = extensionError
