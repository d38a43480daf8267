package market_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/market"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

func ptr[T any](v T) *T { return &v }

func property(t *testing.T, db bun.IDB) id.Of[properties.Property] {
	t.Helper()
	return realestatetest.Property(t, db).ID
}

// value is a property's current value and its date.
func value(t *testing.T, db bun.IDB, v id.Of[properties.Property]) string {
	t.Helper()
	p, err := properties.NewService(properties.Config{}).Property(t.Context(), db, v)
	require.NoError(t, err)
	return p.CurrentValuation.String() + " " + p.ValuationDate.String()
}

func TestRecordValuation(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), market.NewService(market.Config{})
	v := property(t, db)
	record := func(amount, on string) *market.Valuation {
		t.Helper()
		got, err := svc.RecordValuation(ctx, db, market.RecordValuationParams{PropertyID: v, Amount: money.MustParse(amount), Date: date.MustParse(on),
			Type: ptr(market.ValuationAppraisal), Method: ptr(market.MethodIncome), CapRateUsed: ptr(decimal.RequireFromString("0.0575")),
			NOIUsed: ptr(money.MustParse("-10.25")), AppraiserName: ptr("J. Doe"),
			ComparableSales: []market.ComparableSale{{Name: "Lakeview", Price: money.MustParse("9000000.01"), Date: ptr(date.MustParse("2025-09-30")),
				Units: ptr(80), CapRate: ptr(decimal.RequireFromString("0.0575"))}}})
		require.NoError(t, err)
		return got
	}
	first := record("15000000", "2025-12-31")
	require.Equal(t, "15000000.00 2025-12-31", value(t, db, v))
	latest := record("15500000", "2026-03-31")
	require.Equal(t, "15500000.00 2026-03-31", value(t, db, v))
	record("14000000", "2024-12-31")
	require.Equal(t, "15500000.00 2026-03-31", value(t, db, v), "an old appraisal recorded late turns nothing back")

	read, err := svc.Valuation(ctx, db, first.ID)
	require.NoError(t, err)
	require.Equal(t, first.ComparableSales, read.ComparableSales)
	require.Equal(t, "0.0575 -10.25", read.CapRateUsed.String()+" "+read.NOIUsed.String())

	fixed, err := svc.CorrectValuation(ctx, db, market.CorrectValuationParams{ValuationID: latest.ID, Version: 1, Amount: money.MustParse("15600000")})
	require.NoError(t, err)
	require.Equal(t, int64(2), fixed.Version)
	require.Equal(t, "15600000.00 2026-03-31", value(t, db, v))
	_, err = svc.CorrectValuation(ctx, db, market.CorrectValuationParams{ValuationID: latest.ID, Version: 1, Amount: money.MustParse("1")})
	require.ErrorIs(t, err, market.ErrStale)
	_, err = svc.CorrectValuation(ctx, db, market.CorrectValuationParams{ValuationID: first.ID, Version: 1, Amount: money.MustParse("1")})
	require.NoError(t, err)
	require.Equal(t, "15600000.00 2026-03-31", value(t, db, v))
	var before string
	require.NoError(t, db.NewRaw("SELECT valuation_amount FROM market.property_valuations_history WHERE id = ?", latest.ID).Scan(ctx, &before))
	require.Equal(t, "15500000.00", before, "what was recorded first is not lost")

	list, err := svc.Valuations(ctx, db, v, page.Request{Limit: 2})
	require.NoError(t, err)
	require.Equal(t, []string{"2026-03-31", "2025-12-31"}, []string{list.Items[0].Date.String(), list.Items[1].Date.String()})
	list, err = svc.Valuations(ctx, db, v, page.Request{After: list.Next})
	require.NoError(t, err)
	require.Len(t, list.Items, 1)
	require.Empty(t, list.Next)
}

func TestRecordValuation_refuses(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), market.NewService(market.Config{})
	v := property(t, db)
	_, err := svc.RecordValuation(ctx, db, market.RecordValuationParams{PropertyID: v, Amount: money.MustParse("-1"),
		Type: ptr(market.ValuationType("guess")), Method: ptr(market.ValuationMethod("dice")), CapRateUsed: ptr(decimal.NewFromInt(6)),
		ComparableSales: []market.ComparableSale{{Price: money.MustParse("-1")}}})
	require.Len(t, fault.FieldErrors(err), 6)
	_, err = svc.RecordValuation(ctx, db, market.RecordValuationParams{PropertyID: id.New[properties.Property](), Date: date.MustParse("2026-01-01")})
	require.ErrorIs(t, err, properties.ErrPropertyNotFound)
	p := market.RecordValuationParams{ID: id.New[market.Valuation](), PropertyID: v, Date: date.MustParse("2026-01-01")}
	_, err = svc.RecordValuation(ctx, db, p)
	require.NoError(t, err)
	_, err = svc.RecordValuation(ctx, db, p)
	require.NoError(t, err, "run again, it finds its own")
	p.Amount = money.MustParse("1")
	_, err = svc.RecordValuation(ctx, db, p)
	require.ErrorIs(t, err, market.ErrValuationExists)
	_, err = svc.CorrectValuation(ctx, db, market.CorrectValuationParams{ValuationID: id.New[market.Valuation](), Version: 1, Amount: money.Zero})
	require.ErrorIs(t, err, market.ErrValuationNotFound)
	_, err = db.ExecContext(ctx, "SAVEPOINT s; DELETE FROM properties.properties WHERE id = ?", v)
	require.ErrorContains(t, err, "fk_property_valuations_property_id", "valuations hold their property")
}

func TestAreas(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), market.NewService(market.Config{})
	a := market.AddAreaParams{Name: "Austin", State: ptr("TX"), Population: ptr(964_000), PopulationGrowthRate: ptr(decimal.RequireFromString("-0.012")),
		VacancyRate: ptr(decimal.RequireFromString("0.081")), MedianRent: ptr(money.MustParse("1712.50")), DataDate: ptr(date.MustParse("2026-01-01")),
		DataSource: ptr(properties.SourceCoStar)}
	added, err := svc.AddArea(ctx, db, a)
	require.NoError(t, err)
	_, err = svc.AddArea(ctx, db, a)
	require.ErrorIs(t, err, market.ErrAreaExists)
	a.State = nil
	_, err = svc.AddArea(ctx, db, a)
	require.NoError(t, err)
	_, err = svc.AddArea(ctx, db, a)
	require.ErrorIs(t, err, market.ErrAreaExists, "a market without a state is unique too")

	got, err := svc.AreaByName(ctx, db, "Austin", ptr("TX"))
	require.NoError(t, err)
	require.Equal(t, added.ID, got.ID)
	require.Equal(t, "-0.012", got.PopulationGrowthRate.String())
	got, err = svc.AreaByName(ctx, db, "Austin", nil)
	require.NoError(t, err)
	require.Nil(t, got.State)
	_, err = svc.AreaByName(ctx, db, "Boston", nil)
	require.ErrorIs(t, err, market.ErrAreaNotFound)
	list, err := svc.Areas(ctx, db, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 2)
	_, err = svc.AddArea(ctx, db, market.AddAreaParams{VacancyRate: ptr(decimal.NewFromInt(8)), PopulationGrowthRate: ptr(decimal.NewFromInt(-2))})
	require.Len(t, fault.FieldErrors(err), 3)
}
