package investments

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// HoldingsOn and HeldThen are holdingsOn and heldThen for the tests of them.
var (
	HoldingsOn = holdingsOn
	HeldThen   = heldThen
)

// Openings returns the state before a distribution on a day as it goes on from the
// last one's, nil where it does not, and as the whole history gives it.
func Openings(ctx context.Context, tx bun.IDB, v id.Of[Offering], day date.Date) (resumed, replayed *waterfall.State, err error) {
	o, err := offerings.Get(ctx, tx, v)
	if err != nil {
		return nil, nil, err
	}
	h, err := openPast(ctx, tx, o)
	if err != nil {
		return nil, nil, err
	}
	if n := len(h.declared); n > 0 {
		if resumed, err = h.resume(ctx, tx, &h.declared[n-1], day); err != nil && !errors.Is(err, waterfall.ErrStateTerms) {
			return nil, nil, err
		}
	}
	if h, err = loadPast(ctx, tx, o); err != nil {
		return nil, nil, err
	}
	replayed, _, err = h.until(day)
	return resumed, replayed, err
}
