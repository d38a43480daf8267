package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

func TestNewIDs(t *testing.T) {
	t.Parallel()
	var ids []id.Of[Lot]
	before := id.New[Lot]()
	require.NoError(t, pgtest.Tx(t).NewRaw("SELECT "+store.NewIDs("i DESC")+" FROM generate_series(1, 5000) i ORDER BY i DESC").Scan(t.Context(), &ids))
	require.Len(t, ids, 5000)
	for i, v := range ids {
		if i > 0 {
			require.Positive(t, v.Compare(ids[i-1]), "they ascend in the order asked for")
		}
		require.Equal(t, byte('7'), v.String()[14])
		require.Equal(t, byte('8'), v.String()[19])
	}
	require.GreaterOrEqual(t, ids[0].String()[:13], before.String()[:13], "they begin with the time")
	require.NotEqual(t, ids[0].String()[24:], ids[1].String()[24:], "and end with chance")
}
