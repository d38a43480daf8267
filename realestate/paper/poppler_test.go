package paper_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate/paper"
	"github.com/freehold-go/freehold/realestate/paper/internal/pdftest"
)

// Poppler, by which many desktops show PDFs, finds no fault with a paper: it reads the
// properties, every font embedded, and on each page the words that are on it.
func TestWrite_poppler(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"pdfinfo", "pdffonts", "pdftotext"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("there is no %s here; on Debian: apt-get install poppler-utils", program)
		}
	}
	file := write(t, statement(t), paper.Theme{Size: paper.A4, Footer: "Confidential"})
	name := filepath.Join(t.TempDir(), "a.pdf")
	require.NoError(t, os.WriteFile(name, file, 0o600))
	run := func(program string, args ...string) string {
		t.Helper()
		cmd := exec.Command(program, args...)
		var complaints strings.Builder
		cmd.Stderr = &complaints
		out, err := cmd.Output()
		require.NoError(t, err)
		require.Empty(t, complaints.String(), "%s complains", program)
		return string(out)
	}

	info := run("pdfinfo", "-enc", "UTF-8", name)
	for _, line := range []string{"Title: +Statement: Élan & Søn", "Author: +Sponsor LLC", "Page size: +595.28 x 841.89 pts \\(A4\\)", "Encrypted: +no"} {
		require.Regexp(t, "(?m)^"+line+"$", info)
	}
	fonts := strings.Split(strings.TrimSpace(run("pdffonts", name)), "\n")[2:]
	require.NotEmpty(t, fonts)
	for _, font := range fonts {
		require.Regexp(t, `CID TrueType .* yes +(yes|no) +yes +\d+ +\d+$`, font, "embedded, and its letters can be copied")
	}
	pages := strings.Split(strings.TrimSuffix(run("pdftotext", "-enc", "UTF-8", name, "-"), "\f"), "\f")
	ours := pdftest.Text(t, file)
	require.Len(t, pages, len(ours))
	for i := range pages {
		words := strings.Fields(strings.ReplaceAll(ours[i], " / ", "/")) // poppler leaves thin spaces out
		require.ElementsMatch(t, words, strings.Fields(pages[i]), "page %d", i+1)
	}
}
