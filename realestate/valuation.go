package realestate

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/market"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// valueFrom finds what a property was worth on a day among its recorded valuations.
func valueFrom(values *market.Service) financials.ValueFunc {
	return func(ctx context.Context, db bun.IDB, property id.Of[properties.Property], on date.Date) (financials.Valued, error) {
		v, err := values.ValuationOn(ctx, db, market.ValuationOnParams{PropertyID: property, On: on})
		switch {
		case errors.Is(err, market.ErrValuationNotFound):
			return financials.Valued{}, nil
		case err != nil:
			return financials.Valued{}, err
		}
		return financials.Valued{Amount: v.Amount, Date: v.Date}, nil
	}
}
