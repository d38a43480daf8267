// Package pdftest reads PDFs back: with a program of somebody else's, and by itself what
// text the pages have. It is for tests.
package pdftest

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
)

// File is what somebody else's program reads in a PDF.
type File struct {
	Title, Author, Subject string
	Pages                  []string // the lines of text of each
}

// listed is the folder of this package as the go command knows it.
var listed = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", reflect.TypeFor[File]().PkgPath()).Output()
	return strings.TrimSpace(string(out)), err
})

// folder is where this file stands, which a build with -trimpath does not know.
func folder(t testing.TB) string {
	t.Helper()
	if _, here, _, _ := runtime.Caller(0); filepath.IsAbs(here) {
		return filepath.Dir(here)
	}
	dir, err := listed()
	require.NoError(t, err)
	return dir
}

// Read has pdfcpu judge a file by the strict rules, and returns what it finds. The program
// that does so is a module of its own.
func Read(t testing.TB, file []byte) File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "a.pdf")
	require.NoError(t, os.WriteFile(name, file, 0o600))
	cmd := exec.Command("go", "run", "-C", filepath.Join(folder(t), "..", "..", "testdata", "pdfcpu"), ".", name)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	var found struct {
		Title, Author, Subject string
		Pages                  [][]byte
	}
	require.NoError(t, json.Unmarshal(out, &found))
	f := File{Title: found.Title, Author: found.Author, Subject: found.Subject}
	for _, p := range found.Pages {
		f.Pages = append(f.Pages, text(p))
	}
	return f
}

var (
	stream = regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`)
	shown  = regexp.MustCompile(`(?s)\(((?:[^\\()]|\\.)*)\) ?Tj`)
)

// Text is the lines of each page as this package reads them, for tests of many files.
func Text(t testing.TB, file []byte) (pages []string) {
	t.Helper()
	for _, content := range Contents(t, file) {
		pages = append(pages, text(content))
	}
	return pages
}

// Contents is what each page draws.
func Contents(t testing.TB, file []byte) (pages [][]byte) {
	t.Helper()
	for _, m := range stream.FindAllSubmatch(file, -1) {
		z, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue // a picture, or a font
		}
		content, err := io.ReadAll(z)
		if err != nil || !bytes.Contains(content, []byte("Tj")) || bytes.Contains(content, []byte("begincmap")) {
			continue
		}
		pages = append(pages, content)
	}
	return pages
}

// text is the strings that a page shows.
func text(content []byte) string {
	var lines []string
	for _, s := range shown.FindAllSubmatch(content, -1) {
		lines = append(lines, decoded(s[1]))
	}
	return strings.Join(lines, "\n")
}

// decoded reads a string of UTF-16 as it stands in a page.
func decoded(s []byte) string {
	var plain []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
			if s[i] == 'r' {
				plain = append(plain, '\r')
				continue
			}
		}
		plain = append(plain, s[i])
	}
	var units []uint16
	for i := 0; i+1 < len(plain); i += 2 {
		units = append(units, uint16(plain[i])<<8|uint16(plain[i+1]))
	}
	return string(utf16.Decode(units))
}
