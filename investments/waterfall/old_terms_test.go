package waterfall_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/waterfall"
)

// Terms that were stored before the language grew keep their hash: the golden
// file was written by the first version from the shipped vectors.
func TestTerms_oldTermsKeepTheirHash(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join("..", "..", "internal", "conformance", "testdata", "waterfall.json"))
	require.NoError(t, err)
	var cases []struct {
		ID     string
		Inputs map[string]json.RawMessage
	}
	require.NoError(t, json.Unmarshal(b, &cases))
	golden := map[string]string{}
	b, err = os.ReadFile(filepath.Join("testdata", "old_hashes.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &golden))
	got := map[string]string{}
	for _, c := range cases {
		delete(c.Inputs, "partners")
		delete(c.Inputs, "events")
		text, err := json.Marshal(c.Inputs)
		require.NoError(t, err)
		terms, err := waterfall.ParseTerms(text)
		if err != nil {
			continue // a case of terms that are refused
		}
		h, err := terms.Hash()
		require.NoError(t, err)
		got[c.ID] = h
	}
	require.NotEmpty(t, golden)
	for name, h := range golden {
		require.Equal(t, h, got[name], name)
	}
}
