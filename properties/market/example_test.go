package market_test

import (
	"fmt"
	"time"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/market"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// The property carries the value of the latest day, in whatever order valuations come in.
func ExampleService_RecordValuation() {
	ctx, tx, end := pgtest.ExampleTx()
	defer end()
	today := func() time.Time { return time.Date(2026, 12, 31, 9, 0, 0, 0, time.UTC) }
	assets := properties.NewService(properties.Config{Now: today})
	p, err := assets.RegisterProperty(ctx, tx, properties.RegisterPropertyParams{
		Name: "Maple Court", AddressLine1: "410 Maple Ave", City: "Columbus", State: "OH", ZipCode: "43215"})
	if err != nil {
		panic(err)
	}
	svc := market.NewService(market.Config{Now: today})
	for _, v := range []struct{ day, amount string }{{"2026-06-30", "9500000"}, {"2025-06-30", "9100000"}} {
		if _, err := svc.RecordValuation(ctx, tx, market.RecordValuationParams{PropertyID: p.ID,
			Date: date.MustParse(v.day), Amount: money.MustParse(v.amount)}); err != nil {
			panic(err)
		}
	}
	p, err = assets.Property(ctx, tx, p.ID)
	if err != nil {
		panic(err)
	}
	fmt.Println(p.CurrentValuation, "of", p.ValuationDate)
	// Output: 9500000.00 of 2026-06-30
}
