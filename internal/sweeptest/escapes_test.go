package sweeptest

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// refusedWithEscapes sees that a verb which succeeds does not on a pool of the host's
// whose sessions read backslashes in values as escapes: there a value could end its own
// quotes.
func (w *world) refusedWithEscapes(t *testing.T) {
	u, err := url.Parse(pgtest.DSN(t, w.db))
	require.NoError(t, err)
	q := u.Query()
	q.Set("standard_conforming_strings", "off")
	u.RawQuery = q.Encode()
	off, err := pgtest.Open(u.String())
	require.NoError(t, err)
	defer func() { require.NoError(t, off.Close()) }()
	for _, v := range w.verbs {
		if v.err != nil || v.name == "Analytics.ArchiveUserEvents" { // it finds nothing to archive here
			continue
		}
		_, err := v.call(t.Context(), off, v.best)
		if fault.CodeOf(err) != store.ErrStringEscapes.Code && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s with escapes: %v", v.name, err)
		}
	}
}
