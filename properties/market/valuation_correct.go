package market

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ValuationCorrected says that the amount of a valuation was put right.
type ValuationCorrected struct {
	PropertyID    id.Of[properties.Property] `json:"property_id"`
	Amount        money.Amount               `json:"amount"`
	ValuationDate date.Date                  `json:"valuation_date"`
	Version       int64                      `json:"version"`
}

// EventType names the event.
func (ValuationCorrected) EventType() (string, int) { return "market.valuation_corrected", 1 }

// CorrectValuationParams is the right amount of a valuation.
type CorrectValuationParams struct {
	ValuationID id.Of[Valuation]
	Version     int64 // the version that the caller read
	Amount      money.Amount
}

// CorrectValuation puts the amount of a recorded valuation right; what it said
// before stays in its history. The property's current value follows if this is
// where it comes from. It locks the property and the valuation.
//
// It returns [ErrValuationNotFound], [ErrStale] when the version is not the one
// given, or the field errors.
func (s *Service) CorrectValuation(ctx context.Context, db bun.IDB, p CorrectValuationParams) (*Valuation, error) {
	var row *Valuation
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		read, err := valuations.Get(ctx, tx, p.ValuationID)
		if err != nil {
			return err
		}
		if _, err := s.properties.LockProperty(ctx, tx, read.PropertyID); err != nil {
			return err
		}
		if row, err = valuations.Lock(ctx, tx, p.ValuationID); err != nil {
			return err
		}
		row.Amount = &p.Amount
		if err := row.validate(s.now()); err != nil {
			return err
		}
		if err := valuations.UpdateVersion(ctx, tx, row, p.Version, "valuation_amount"); err != nil {
			return err
		}
		if row, err = valuations.Get(ctx, tx, p.ValuationID); err != nil {
			return err
		}
		if err := s.revalue(ctx, tx, row.PropertyID); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateValuation, row.ID, ValuationCorrected{row.PropertyID, p.Amount, row.Date, row.Version}))
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}
