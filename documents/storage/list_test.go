package storage_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/documents/storage"
)

// Folders come in the order of keys, wherever a list begins and however much of it is asked
// for: as of a store that sorts all of them.
func TestLocal_lists(t *testing.T) {
	t.Parallel()
	disk, memory := local(t, t.TempDir(), nil), storage.NewMemory(storage.MemoryConfig{})
	name := rapid.StringMatching(`[ab0Z_-][ab.-]{0,2}`)
	key := rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(name, 1, 4).Draw(t, "names"), "/") })
	rapid.Check(t, func(r *rapid.T) {
		for _, k := range rapid.SliceOfN(key, 0, 20).Draw(r, "keys") {
			o := storage.Describe(k, "text/plain", []byte(k))
			for _, s := range []storage.Store{disk, memory} {
				require.NoError(r, s.Put(t.Context(), o, strings.NewReader(k)))
			}
		}
		gone := key.Draw(r, "gone")
		for _, s := range []storage.Store{disk, memory} {
			require.NoError(r, s.Delete(t.Context(), gone))
		}
		prefix, after, limit := key.Draw(r, "prefix"), key.Draw(r, "after"), rapid.IntRange(0, 30).Draw(r, "limit")
		prefix = prefix[:rapid.IntRange(0, len(prefix)).Draw(r, "cut")]
		keys := func(s storage.Store) (out []string) {
			list, err := s.List(t.Context(), prefix, after, limit)
			require.NoError(r, err)
			for _, e := range list {
				require.Equal(r, int64(len(e.Key)), e.Size)
				out = append(out, e.Key)
			}
			return out
		}
		require.Equal(r, keys(memory), keys(disk))
	})
}
