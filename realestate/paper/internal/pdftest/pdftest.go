// Package pdftest reads PDFs back: with a program of somebody else's, and by itself what
// text the pages have. It is for tests.
package pdftest

import (
	"bytes"
	"compress/zlib"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
)

// reader builds pdfcpu, which is a module of its own, once.
var reader = sync.OnceValues(func() (string, error) {
	_, here, _, _ := runtime.Caller(0)
	module := filepath.Join(filepath.Dir(here), "..", "..", "testdata", "pdfcpu")
	dir, err := os.MkdirTemp("", "freehold-pdfcpu-")
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "pdfcpu")
	build := exec.Command("go", "build", "-C", module, "-o", program, "github.com/pdfcpu/pdfcpu/cmd/pdfcpu")
	build.Stderr = os.Stderr
	return program, build.Run()
})

// Info has pdfcpu judge a file by the strict rules, and returns what it says of it.
func Info(t testing.TB, file []byte) string {
	t.Helper()
	program, err := reader()
	require.NoError(t, err)
	name := filepath.Join(t.TempDir(), "a.pdf")
	require.NoError(t, os.WriteFile(name, file, 0o600))
	out, err := exec.Command(program, "validate", "-conf", "disable", "-m", "strict", name).CombinedOutput()
	require.NoError(t, err, "%s", out)
	out, err = exec.Command(program, "info", "-conf", "disable", name).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

var (
	stream = regexp.MustCompile(`(?s)stream\r?\n(.*?)\r?\nendstream`)
	shown  = regexp.MustCompile(`(?s)\(((?:[^\\()]|\\.)*)\) ?Tj`)
)

// Text is the lines of each page, as they are shown: strings of UTF-16.
func Text(t testing.TB, file []byte) (pages []string) {
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
		var lines []string
		for _, s := range shown.FindAllSubmatch(content, -1) {
			lines = append(lines, decoded(s[1]))
		}
		pages = append(pages, strings.Join(lines, "\n"))
	}
	return pages
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
