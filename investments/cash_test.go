package investments_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// warned are the offerings that Verify would warn of.
func warned(t *testing.T, db bun.IDB) (out []string) {
	t.Helper()
	for _, w := range investments.Warnings() {
		var rows []struct{ Row, Detail string }
		require.NoError(t, db.NewRaw(`SELECT "row", detail FROM (`+w.Query+`) AS v ("row", detail)`).Scan(t.Context(), &rows))
		for _, r := range rows {
			out = append(out, r.Row)
		}
	}
	return out
}

func (d *deal) cash(kind investments.CashKind, amount, day string) *investments.CashRecord {
	d.Helper()
	r, err := d.svc.Capital.RecordCash(d.Context(), d.db, investments.RecordCashParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Kind: kind, Amount: money.MustParse(amount),
		Date: date.MustParse(day), Description: string(kind), ActorID: d.staff[0]})
	require.NoError(d, err)
	return r
}

// A deal from its purchase to its sale: the balance sheet of the entity balances, its
// cash is what is at the bank, and distributions cite where it came from.
func TestRecordCash_wholeLife(t *testing.T) {
	t.Parallel()
	ctx, d := t.Context(), open(t, standardTerms)
	d.wires("a", "60000", "2021-01-10")
	d.wires("b", "40000", "2021-01-10")
	d.cash(investments.CashLoan, "150000", "2021-01-15")
	d.cash(investments.CashPurchase, "240000", "2021-01-15")
	d.cash(investments.CashReserve, "5000", "2021-01-16")
	rent := d.cash(investments.CashIncome, "9000", "2021-03-31")
	d.cash(investments.CashExpense, "4000", "2021-03-31")
	sheet := func(day string) *investments.BalanceSheet {
		s, err := d.svc.Capital.BalanceSheet(ctx, d.db, d.o.ID, date.MustParse(day))
		require.NoError(t, err)
		total, err := money.Sum(s.Liabilities, s.Equity, s.NetIncome)
		require.NoError(t, err)
		require.Equal(t, s.Assets, total, day)
		return s
	}
	s := sheet("2021-03-31")
	require.Equal(t, []string{"10000.00", "255000.00", "150000.00", "5000.00"},
		[]string{s.Cash.String(), s.Assets.String(), s.Liabilities.String(), s.NetIncome.String()})

	p := investments.DeclareParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Type: investments.DistributionQuarterly, Date: date.MustParse("2021-04-05"),
		Amount: money.MustParse("1000"), ActorID: d.staff[0], Sources: []investments.CashSource{{CashID: rent.ID, Amount: money.MustParse("1000")}}}
	for name, change := range map[string]func(*investments.DeclareParams){
		"not the amount": func(p *investments.DeclareParams) { p.Amount = money.MustParse("999") },
		"more than there is": func(p *investments.DeclareParams) {
			p.Amount, p.Sources = money.MustParse("9000.01"), []investments.CashSource{{CashID: rent.ID, Amount: money.MustParse("9000.01")}}
		},
		"before it came in": func(p *investments.DeclareParams) { p.Date = date.MustParse("2021-03-30") },
	} {
		q := p
		change(&q)
		require.ErrorIs(t, attempt(t, d.db, func(tx bun.IDB) error { _, err := d.svc.Distributions.Declare(ctx, tx, q); return err }), investments.ErrSource, name)
	}
	v, err := d.svc.Distributions.Declare(ctx, d.db, p)
	require.NoError(t, err)
	require.NoError(t, d.approves(v))
	require.NoError(t, d.pays(v, "2021-04-05"))
	cited, err := d.svc.Distributions.Sources(ctx, d.db, v.ID)
	require.NoError(t, err)
	require.Equal(t, p.Sources, cited)
	undo := investments.ReverseCashParams{IdempotencyKey: d.key(), CashID: rent.ID, Date: date.MustParse("2021-04-06"), Reason: "bounced", ActorID: d.staff[0]}
	require.ErrorIs(t, attempt(t, d.db, func(tx bun.IDB) error { _, err := d.svc.Capital.ReverseCash(ctx, tx, undo); return err }), investments.ErrCashCited)

	require.ErrorIs(t, attempt(t, d.db, func(tx bun.IDB) error {
		_, err := d.svc.Capital.RecordCash(ctx, tx, investments.RecordCashParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, ActorID: d.staff[0], Kind: investments.CashReserveRelease, Amount: money.MustParse("5000.01"), Date: date.MustParse("2022-01-01")})
		return err
	}), investments.ErrReserveShort)
	d.cash(investments.CashReserveRelease, "5000", "2022-01-01")
	sold := investments.RecordCashParams{IdempotencyKey: d.key(), ActorID: d.staff[0], OfferingID: d.o.ID, Kind: investments.CashSale, Amount: money.MustParse("300000"), Cost: money.MustParse("240000.01"), Date: date.MustParse("2022-01-01")}
	require.ErrorIs(t, attempt(t, d.db, func(tx bun.IDB) error { _, err := d.svc.Capital.RecordCash(ctx, tx, sold); return err }), investments.ErrCashCost)
	sold.Cost = money.MustParse("240000")
	sale, err := d.svc.Capital.RecordCash(ctx, d.db, sold)
	require.NoError(t, err)
	require.Equal(t, "300000.00", sale.Amount.String())
	d.cash(investments.CashLoanPayment, "150000", "2022-01-01")
	s = sheet("2022-01-01")
	require.Equal(t, []string{"164000.00", "164000.00", "0.00", "65000.00"}, []string{s.Cash.String(), s.Assets.String(), s.Liabilities.String(), s.NetIncome.String()})
	d.pay(payout{kind: investments.DistributionSaleProceeds, amount: "164000", day: "2022-01-02"})
	require.Equal(t, "0.00", sheet("2022-01-02").Cash.String(), "all of it is distributed")
	require.Empty(t, warned(t, d.db))
	list, err := d.svc.Capital.CashRecords(ctx, d.db, d.o.ID, page.Request{Limit: 2})
	require.NoError(t, err)
	require.Len(t, list.Items, 2)
	require.NotEmpty(t, list.Next)
	invariantsHold(t, d.db)
}

// A sale below cost is a loss.
func TestRecordCash_saleAtALoss(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	d.wires("a", "100000", "2021-01-10")
	d.cash(investments.CashPurchase, "100000", "2021-01-10")
	_, err := d.svc.Capital.RecordCash(t.Context(), d.db, investments.RecordCashParams{IdempotencyKey: d.key(), ActorID: d.staff[0], OfferingID: d.o.ID, Kind: investments.CashSale,
		Amount: money.MustParse("70000"), Cost: money.MustParse("100000"), Date: date.MustParse("2021-05-01")})
	require.NoError(t, err)
	s, err := d.svc.Capital.BalanceSheet(t.Context(), d.db, d.o.ID, date.MustParse("2021-05-01"))
	require.NoError(t, err)
	require.Equal(t, []string{"70000.00", "70000.00", "-30000.00"}, []string{s.Cash.String(), s.Assets.String(), s.NetIncome.String()})
}

// Cash below zero is a warning, unless the book is said to be complete.
func TestMarkCashComplete(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	d.wires("a", "100", "2021-01-10")
	d.pay(payout{amount: "1000", day: "2021-03-31"})
	require.Equal(t, []string{d.o.ID.String()}, warned(t, d.db))
	invariantsHold(t, d.db)
	o, err := d.svc.Offerings.MarkCashComplete(t.Context(), d.db, investments.MarkCashCompleteParams{OfferingID: d.o.ID, Complete: true, ActorID: d.staff[0]})
	require.NoError(t, err)
	require.True(t, o.CashComplete)
	require.Empty(t, warned(t, d.db))
	broken := 0
	for _, i := range investments.Invariants() {
		var rows []struct{ Row, Detail string }
		require.NoError(t, d.db.NewRaw(`SELECT "row", detail FROM (`+i.Query+`) AS v ("row", detail)`).Scan(t.Context(), &rows))
		broken += len(rows)
	}
	require.Equal(t, 1, broken)
}

func TestCashVerbs_cancelledAtEveryStatement(t *testing.T) {
	t.Parallel()
	db, svc := pgtest.Clone(t), newService()
	o, who := raise(t, db, "1000000"), investor(t, db)
	p := investments.RecordCashParams{IdempotencyKey: "first", ActorID: who, OfferingID: o.ID, Kind: investments.CashIncome, Amount: money.MustParse("10"), Date: date.MustParse("2026-05-01")}
	r, err := svc.Capital.RecordCash(t.Context(), db, p)
	require.NoError(t, err)
	cancelEverywhere(t, db, map[string]func(context.Context, bun.IDB) error{
		"record": func(ctx context.Context, tx bun.IDB) error {
			q := p
			q.IdempotencyKey = "x"
			_, err := svc.Capital.RecordCash(ctx, tx, q)
			return err
		},
		"reverse": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Capital.ReverseCash(ctx, tx, investments.ReverseCashParams{IdempotencyKey: "x", CashID: r.ID, Date: r.Date, Reason: "x", ActorID: who})
			return err
		},
		"complete": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Offerings.MarkCashComplete(ctx, tx, investments.MarkCashCompleteParams{OfferingID: o.ID, Complete: true, ActorID: who})
			return err
		},
	})
}

// The same key at once records once; two distributions cannot cite the same cash.
func TestCashVerbs_atOnce(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o, _, _ := promoted(t, db)
	who := investor(t, db)
	p := investments.RecordCashParams{IdempotencyKey: "x", ActorID: who, OfferingID: o.ID, Kind: investments.CashIncome, Amount: money.MustParse("1000"), Date: date.MustParse("2026-04-01")}
	got := make([]id.Of[investments.CashRecord], 4)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			r, err := svc.Capital.RecordCash(ctx, db, p)
			if err != nil {
				t.Error(err)
				return
			}
			got[i] = r.ID
		})
	}
	wg.Wait()
	require.Equal(t, []id.Of[investments.CashRecord]{got[0], got[0], got[0], got[0]}, got)
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() {
			q := declaration(o, "cites "+string(rune('a'+i)), "2026-04-15", "600", who)
			q.Sources = []investments.CashSource{{CashID: got[0], Amount: money.MustParse("600")}}
			_, errs[i] = svc.Distributions.Declare(ctx, db, q)
		})
	}
	wg.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
			continue
		}
		require.ErrorIs(t, err, investments.ErrSource)
	}
	require.Equal(t, 1, done)
}

// What was recorded late, or is undone, leaves no reserve and no cost below zero on any
// day.
func TestRecordCash_eachDay(t *testing.T) {
	t.Parallel()
	ctx, d := t.Context(), open(t, "")
	d.wires("a", "100000", "2021-01-10")
	bought := d.cash(investments.CashPurchase, "60000", "2021-02-01")
	set := d.cash(investments.CashReserve, "5000", "2021-03-01")
	record := func(kind investments.CashKind, amount, cost, day string) error {
		return attempt(t, d.db, func(tx bun.IDB) error {
			_, err := d.svc.Capital.RecordCash(ctx, tx, investments.RecordCashParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Kind: kind, Amount: money.MustParse(amount),
				Cost: money.MustParse(cost), Date: date.MustParse(day), ActorID: d.staff[0]})
			return err
		})
	}
	require.ErrorIs(t, record(investments.CashReserveRelease, "1", "0", "2021-02-28"), investments.ErrReserveShort, "before it was set aside")
	require.ErrorIs(t, record(investments.CashSale, "80000", "60000", "2021-01-31"), investments.ErrCashCost, "before it was bought")
	freed := d.cash(investments.CashReserveRelease, "3000", "2021-05-01")
	require.ErrorIs(t, record(investments.CashReserveRelease, "2000.01", "0", "2021-04-01"), investments.ErrReserveShort, "the rest is released in May")
	require.NoError(t, record(investments.CashReserveRelease, "2000", "0", "2021-04-01"))
	require.NoError(t, record(investments.CashSale, "80000", "60000", "2021-05-01"))

	undo := func(r *investments.CashRecord, day string) error {
		return attempt(t, d.db, func(tx bun.IDB) error {
			_, err := d.svc.Capital.ReverseCash(ctx, tx, investments.ReverseCashParams{IdempotencyKey: d.key(), CashID: r.ID, Date: date.MustParse(day), Reason: "in error", ActorID: d.staff[0]})
			return err
		})
	}
	require.ErrorIs(t, undo(set, "2021-06-01"), investments.ErrReserveShort)
	require.ErrorIs(t, undo(bought, "2021-06-01"), investments.ErrCashRelied)
	require.ErrorIs(t, undo(bought, "2021-04-01"), investments.ErrCashRelied, "it is sold in May")
	require.NoError(t, undo(freed, "2021-06-01"))
	require.ErrorIs(t, undo(set, "2021-06-02"), investments.ErrReserveShort, "2,000 are released still")
	invariantsHold(t, d.db)
}
