package investments_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// worksheets prepare what of properties' cash may be distributed, at a time of their own
// each.
type worksheets struct {
	testing.TB
	db    bun.IDB
	clock time.Time
}

// earns draws a loan, so that a property has cash in its book.
func (w *worksheets) earns(property id.Of[properties.Property], amount, day string) {
	w.Helper()
	ctx, books := w.Context(), financials.Config{Now: func() time.Time { return w.clock }}
	l, err := financials.NewService(books).AddLoan(ctx, w.db, financials.AddLoanParams{PropertyID: property, Lender: "First Bank", Principal: money.MustParse(amount), TermMonths: 120, AmortizationMonths: 360, StartDate: date.MustParse(day)})
	require.NoError(w, err)
	_, err = financials.NewLoans(books).DrawLoan(ctx, w.db, financials.DrawLoanParams{IdempotencyKey: l.ID.String(), LoanID: l.ID, Amount: l.Principal, Date: l.StartDate, ActorID: staff})
	require.NoError(w, err)
}

func (w *worksheets) prepares(property id.Of[properties.Property], day string) *financials.Worksheet {
	w.Helper()
	w.clock = w.clock.Add(time.Second)
	cash := financials.NewCash(financials.Config{Now: func() time.Time { return w.clock }})
	out, err := cash.PrepareWorksheet(w.Context(), w.db, financials.PrepareWorksheetParams{PropertyID: property, AsOf: date.MustParse(day), ActorID: staff})
	require.NoError(w, err)
	return out
}

// A distribution cites the worksheet of its property that is in force. Those that cite one
// never come to more than it allows; what was cancelled or reversed is free again, and what
// an earlier one allowed and is not paid yet counts against the next.
func TestDeclare_worksheet(t *testing.T) {
	t.Parallel()
	ctx, d := t.Context(), open(t, "")
	d.wires("a", "60000", "2021-01-10")
	w := &worksheets{t, d.db, time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC)}
	w.earns(d.o.PropertyID, "1000", "2021-02-01")
	sheet := w.prepares(d.o.PropertyID, "2021-03-31")
	declare := func(sheet *financials.Worksheet, amount, day string, change ...func(*investments.DeclareParams)) (out *investments.Distribution, err error) {
		p := investments.DeclareParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Type: investments.DistributionQuarterly, Date: date.MustParse(day), Amount: money.MustParse(amount), ActorID: d.staff[0], WorksheetID: &sheet.ID}
		for _, c := range change {
			c(&p)
		}
		err = attempt(t, d.db, func(tx bun.IDB) (err error) {
			out, err = d.svc.Distributions.Declare(ctx, tx, p)
			return err
		})
		return out, err
	}
	use := func(sheet *financials.Worksheet, want string) {
		t.Helper()
		u, err := d.svc.Capital.WorksheetUse(ctx, d.db, sheet.ID)
		require.NoError(t, err)
		require.Equal(t, want, fmt.Sprint(u.Distributable, " ", u.Taken, " ", u.Left, " ", u.InForce))
	}

	other := realestatetest.Property(t, d.db).ID
	w.earns(other, "1000", "2021-02-01")
	_, err := declare(w.prepares(other, "2021-03-31"), "1", "2021-04-15")
	require.ErrorIs(t, err, investments.ErrWorksheet, "of another property")
	euros := realestatetest.Offering(t, d.db, func(p *investments.CreateOfferingParams) {
		p.PropertyID, p.Currency, p.ActorID = d.o.PropertyID, "EUR", d.staff[0]
	})
	funded(t, d.db, euros, investor(t, d.db), "100000")
	inEuros := func(p *investments.DeclareParams) { p.OfferingID = euros.ID }
	_, err = declare(sheet, "1", "2026-04-15", inEuros)
	require.ErrorIs(t, err, investments.ErrWorksheet, "in another currency than the property's")
	_, err = declare(sheet, "1", "2026-04-15", inEuros, func(p *investments.DeclareParams) { p.WorksheetID = nil })
	require.NoError(t, err, "it needs no worksheet")
	_, err = declare(sheet, "1", "2021-03-30")
	require.ErrorIs(t, err, investments.ErrWorksheet, "of a later day")
	_, err = declare(&financials.Worksheet{ID: id.New[financials.Worksheet]()}, "1", "2021-04-15")
	require.ErrorIs(t, err, financials.ErrWorksheetNotFound)
	_, err = declare(sheet, "1000.01", "2021-04-15")
	require.ErrorIs(t, err, investments.ErrWorksheetShort)
	_, err = d.svc.Distributions.Preview(ctx, d.db, investments.DeclareParams{OfferingID: d.o.ID, Type: investments.DistributionQuarterly, Date: date.MustParse("2021-04-15"), Amount: money.MustParse("1000.01"), ActorID: d.staff[0], WorksheetID: &sheet.ID})
	require.ErrorIs(t, err, investments.ErrWorksheetShort, "a preview tells the same")

	first, err := declare(sheet, "700", "2021-04-15")
	require.NoError(t, err)
	require.Equal(t, sheet.ID, *first.WorksheetID)
	read, err := d.svc.Distributions.Distribution(ctx, d.db, first.ID)
	require.NoError(t, err)
	require.Equal(t, sheet.ID, *read.WorksheetID)
	c, err := d.svc.Distributions.Calculation(ctx, d.db, first.ID)
	require.NoError(t, err)
	in, err := c.Frozen()
	require.NoError(t, err)
	require.Equal(t, sheet.ID, *in.WorksheetID, "those who approve agree to it too")
	use(sheet, "1000.00 700.00 300.00 true")
	_, err = declare(sheet, "300.01", "2021-04-16")
	require.ErrorIs(t, err, investments.ErrWorksheetShort)
	_, err = declare(sheet, "700", "2021-04-16", func(p *investments.DeclareParams) { p.InKind = money.MustParse("400") })
	require.NoError(t, err, "what is in kind is no cash")
	use(sheet, "1000.00 1000.00 0.00 true")

	_, err = d.svc.Distributions.Cancel(ctx, d.db, investments.CancelDistributionParams{DistributionID: first.ID, ActorID: d.staff[0]})
	require.NoError(t, err)
	use(sheet, "1000.00 300.00 700.00 true")
	first, err = declare(sheet, "600", "2021-04-15")
	require.NoError(t, err)
	require.NoError(t, d.approves(first))

	next := w.prepares(d.o.PropertyID, "2021-06-30")
	w.prepares(d.o.PropertyID, "2021-02-28")
	use(sheet, "1000.00 900.00 0.00 false")
	use(next, "1000.00 900.00 100.00 true")
	_, err = declare(sheet, "1", "2021-07-15")
	require.ErrorIs(t, err, investments.ErrWorksheetSuperseded)
	require.NoError(t, d.pays(first, "2021-04-15"), "what was declared stands")
	use(next, "1000.00 300.00 700.00 true")
	require.Equal(t, next.ID, w.latest(d.o.PropertyID), "one of an earlier day does not supersede")
	corrected := w.prepares(d.o.PropertyID, "2021-06-30")
	require.Equal(t, corrected.ID, w.latest(d.o.PropertyID))
	_, err = declare(next, "1", "2021-07-15")
	require.ErrorIs(t, err, investments.ErrWorksheetSuperseded)
	d.sound()
}

func (w *worksheets) latest(property id.Of[properties.Property]) id.Of[financials.Worksheet] {
	w.Helper()
	out, err := financials.NewCash(financials.Config{}).LatestWorksheet(w.Context(), w.db, property)
	require.NoError(w, err)
	return out.ID
}

// Two offerings of one property declare by one worksheet at once, while a later one is
// being prepared: never more than it allows, and nothing by it once the other is there.
func TestDeclare_worksheetRace(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	hire(t, db)
	property := realestatetest.Property(t, db).ID
	w := &worksheets{t, db, time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC)}
	w.earns(property, "1000", "2025-02-01")
	sheet := w.prepares(property, "2025-03-31")
	var offers [2]*investments.Offering
	for i := range offers {
		offers[i] = realestatetest.Offering(t, db, func(p *investments.CreateOfferingParams) { p.PropertyID, p.ActorID = property, staff })
		funded(t, db, offers[i], investor(t, db), "100000")
	}
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for i := range 8 {
		wg.Go(func() {
			_, err := svc.Distributions.Declare(ctx, db, investments.DeclareParams{IdempotencyKey: fmt.Sprint("d", i), OfferingID: offers[i%2].ID, Type: investments.DistributionQuarterly,
				Date: date.MustParse("2026-04-15"), Amount: money.MustParse("300"), WorksheetID: &sheet.ID, ActorID: staff})
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	declared := 0
	for err := range errs {
		if err == nil {
			declared++
			continue
		}
		require.ErrorIs(t, err, investments.ErrWorksheetShort)
	}
	require.Equal(t, 3, declared)

	later := make(chan *financials.Worksheet, 1)
	wg.Go(func() { later <- w.prepares(property, "2025-04-30") })
	_, err := svc.Distributions.Declare(ctx, db, investments.DeclareParams{IdempotencyKey: "late", OfferingID: offers[0].ID, Type: investments.DistributionQuarterly,
		Date: date.MustParse("2026-04-16"), Amount: money.MustParse("100"), WorksheetID: &sheet.ID, ActorID: staff})
	wg.Wait()
	if err != nil {
		require.True(t, errors.Is(err, investments.ErrWorksheetSuperseded), "%v", err)
	}
	use, err := svc.Capital.WorksheetUse(ctx, db, (<-later).ID)
	require.NoError(t, err)
	require.True(t, use.InForce)
	for _, inv := range investments.Invariants() {
		n, err := db.NewSelect().TableExpr("(" + inv.Query + ") AS v (id, detail)").Count(ctx)
		require.NoError(t, err, inv.Name)
		require.Zero(t, n, inv.Name)
	}
}
