package arch

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// british are the stems of words that American spelling writes otherwise.
// "Cancelled" is not among them: it is a status of the data model.
var british = strings.Fields(`amortis normalis capitalis annualis recognis organis authoris summaris minimis maximis optimis initialis serialis
	anonymis equalis utilis synchronis crystallis generalis standardis categoris prioritis finalis penalis unrealis realised realises realising realisation
	colour behaviour favour honour labour neighbour judgement licence catalogue labell modelled modelling travell instalment defence offence
	artefact acknowledgement programmes metre learnt whilst amongst towards cheque centre grey`)

// american takes out the words that only look like them.
var american = strings.NewReplacer("de minimis", "", "characterisalabel", "", "parametre", "")

// wireNames says where British words stay: the vectors of the conventions are named
// so, and so is whoever reads them.
var wireNames = []string{"internal/conformance/", "internal/arch/spelling_test.go"}

// What the repository says, it says in American English: names, comments, texts and
// pages.
func TestSpelling(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	read, bad := 0, []string{}
	require.NoError(t, filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(root, p)
		rel = filepath.ToSlash(rel)
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".git":
			return filepath.SkipDir
		case d.IsDir():
			return nil
		}
		switch filepath.Ext(p) {
		case ".go", ".md", ".sql", ".sh", ".json", ".golden":
		default:
			return nil
		}
		for _, at := range wireNames {
			if strings.HasPrefix(rel, at) {
				return nil
			}
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		read++
		text := american.Replace(strings.ToLower(string(src)))
		for _, stem := range british {
			if at := strings.Index(text, stem); at >= 0 {
				bad = append(bad, rel+": "+text[max(0, at-20):min(len(text), at+20)])
			}
		}
		return nil
	}))
	require.Greater(t, read, 700)
	require.Empty(t, bad)
}
