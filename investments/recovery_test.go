package investments_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

func reversed(t *testing.T, db bun.IDB, d *investments.Distribution, on string) {
	t.Helper()
	_, err := reverse(t.Context(), db, newService().Distributions, investments.ReverseDistributionParams{ActorID: investor(t, db), IdempotencyKey: "reverse " + d.ID.String(),
		DistributionID: d.ID, Date: date.MustParse(on), Reason: "wrong property"})
	require.NoError(t, err)
}

func TestRecordRecovery(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, gp, subs := promoted(t, tx)
	q1 := paid(t, tx, o, "recover 1", "2026-04-15", "3000")
	q2 := paid(t, tx, o, "recover 2", "2026-07-15", "3000")
	reversed(t, tx, q2, "2026-08-01")
	reversed(t, tx, q1, "2026-08-05")
	a := *subs[0].PositionID
	owes := func() map[string]string {
		out := map[string]string{}
		var after page.Cursor
		for {
			p, err := svc.Distributions.Recoverables(ctx, tx, o.ID, page.Request{Limit: 2, After: after})
			require.NoError(t, err)
			for _, r := range p.Items {
				out[fmt.Sprint(r.DistributionID == q1.ID, r.PositionID != nil && *r.PositionID == a, r.PositionID == nil)] = r.Owed.String()
			}
			if after = p.Next; after == "" {
				return out
			}
		}
	}
	first := owes()
	require.Len(t, first, 6)
	require.Equal(t, "1676.71", first["true true false"])
	total, err := money.Sum(money.MustParse(first["true true false"]), money.MustParse(first["false true false"]))
	require.NoError(t, err)
	above, err := total.Add(money.MustParse("0.01"))
	require.NoError(t, err)
	rest, err := total.Sub(money.MustParse("2000"))
	require.NoError(t, err)
	p := investments.RecordRecoveryParams{IdempotencyKey: "back 1", OfferingID: o.ID, PositionID: &a, Amount: money.MustParse("2000"), Date: date.MustParse("2026-08-10"), Reference: "wire", ActorID: staff}
	refuse := func(want error, change func(*investments.RecordRecoveryParams)) {
		t.Helper()
		q := p
		q.IdempotencyKey = id.New[investments.Offering]().String()
		change(&q)
		require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error { _, err := svc.Distributions.RecordRecovery(ctx, tx, q); return err }), want)
	}
	refuse(investments.ErrOverRecovered, func(q *investments.RecordRecoveryParams) { q.Amount = above })
	refuse(investments.ErrReversalDate, func(q *investments.RecordRecoveryParams) { q.Date = date.MustParse("2026-07-31") })
	refuse(investments.ErrOverRecovered, func(q *investments.RecordRecoveryParams) { q.PositionID = ptr(id.New[investments.Position]()) })
	refuse(investments.ErrOfferingNotFound, func(q *investments.RecordRecoveryParams) { q.OfferingID = id.New[investments.Offering]() })
	refuse(store.ErrKeyRequired, func(q *investments.RecordRecoveryParams) { q.IdempotencyKey = "" })
	for range 2 {
		r, err := svc.Distributions.RecordRecovery(ctx, tx, p)
		require.NoError(t, err)
		require.Len(t, r.Lines, 2, "the earlier reversal in full, the later one in part")
		require.Equal(t, q2.ID, r.Lines[0].DistributionID)
		sum, err := money.Sum(r.Lines[0].Amount, r.Lines[1].Amount)
		require.NoError(t, err)
		require.Equal(t, "2000.00", sum.String())
	}
	require.Equal(t, "96000.00", balances(t, tx, o)[investments.AccountCash])
	require.Equal(t, "4000.00", balances(t, tx, o)[investments.AccountRecovery])
	p.IdempotencyKey, p.Amount = "back 2", rest
	_, err = svc.Distributions.RecordRecovery(ctx, tx, p)
	require.NoError(t, err)
	require.Len(t, owes(), 4, "he owes nothing more")
	refuse(investments.ErrOverRecovered, func(q *investments.RecordRecoveryParams) { q.Amount = money.MustParse("0.01") })
	p = investments.RecordRecoveryParams{IdempotencyKey: "back 3", OfferingID: o.ID, AccountID: &gp.ID, Amount: money.MustParse("205.48"), Date: date.MustParse("2026-08-10"), ActorID: staff}
	_, err = svc.Distributions.RecordRecovery(ctx, tx, p)
	require.NoError(t, err, "the sponsor gives the promote of one back")
	pos, err := svc.Positions.Position(ctx, tx, a)
	require.NoError(t, err)
	require.True(t, pos.TotalDistributions.IsZero(), "what was reversed is no distribution, whatever comes back")
	require.Contains(t, eventsTold(t, tx, q2.ID), "recovery_received")
}

// Two halves and a whole at once: never more than is owed.
func TestRecordRecovery_race(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o, _, subs := promoted(t, db)
	d := paid(t, db, o, "q1", "2026-04-15", "1000")
	reversed(t, db, d, "2026-05-01")
	a := *subs[0].PositionID
	owed, err := svc.Distributions.Recoverables(ctx, db, o.ID, page.Request{})
	require.NoError(t, err)
	require.NotEmpty(t, owed.Items)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			_, err := svc.Distributions.RecordRecovery(ctx, db, investments.RecordRecoveryParams{IdempotencyKey: fmt.Sprint("back ", i), OfferingID: o.ID, PositionID: &a,
				Amount: money.MustParse("250"), Date: date.MustParse("2026-05-02"), ActorID: staff})
			if err != nil {
				require.ErrorIs(t, err, investments.ErrOverRecovered)
			}
		})
	}
	wg.Wait()
	var back string
	require.NoError(t, db.NewRaw("SELECT sum(amount) FROM investments.transactions WHERE type = 'adjustment'").Scan(ctx, &back))
	require.Equal(t, "500.00", back, "twice 250 of 600")
}

func TestRemitWithholding(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, _, subs := promoted(t, tx)
	p := declaration(o, "remit q1", "2026-04-15", "1000", investor(t, tx))
	p.Withholding = map[id.Of[investments.Position]]decimal.Decimal{*subs[0].PositionID: decimal.RequireFromString("0.24"), *subs[1].PositionID: decimal.RequireFromString("0.3")}
	d := approved(t, tx, p)
	d, err := svc.Distributions.Pay(ctx, tx, investments.PayParams{IdempotencyKey: "remit pay", DistributionID: d.ID, Date: d.DistributionDate, Method: investments.PayACH, ActorID: staff})
	require.NoError(t, err)
	payable := func() string {
		v, err := svc.Distributions.WithholdingPayable(ctx, tx, o.ID)
		require.NoError(t, err)
		return v.String()
	}
	require.Equal(t, "264.00", payable(), "24 % of 600 and 30 % of 400")
	r := investments.RemitWithholdingParams{IdempotencyKey: "remit 1", OfferingID: o.ID, Amount: money.MustParse("264.01"), Date: date.MustParse("2026-05-15"), Reference: "EFTPS", ActorID: staff}
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error { _, err := svc.Distributions.RemitWithholding(ctx, tx, r); return err }), investments.ErrOverRemitted)
	r.Amount = money.MustParse("200")
	var first id.Of[investments.Remittance]
	for i := range 2 {
		got, err := svc.Distributions.RemitWithholding(ctx, tx, r)
		require.NoError(t, err)
		if v := id.Cast[investments.Remittance](got.ID); i == 0 {
			first = v
		} else {
			require.Equal(t, first, v)
		}
	}
	require.Equal(t, "64.00", payable())
	other := r
	other.Amount = money.MustParse("1")
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error { _, err := svc.Distributions.RemitWithholding(ctx, tx, other); return err }), store.ErrKeyReused)

	totals := func(year int, r page.Request) (out []string) {
		for {
			p, err := svc.Reports.TaxTotals(ctx, tx, investments.TaxFilter{Year: year, OfferingID: &o.ID}, r)
			require.NoError(t, err)
			for _, x := range p.Items {
				character := "unknown"
				if x.Character != nil {
					character = string(*x.Character)
				}
				out = append(out, fmt.Sprintf("%s %s of %s", character, x.Withheld, x.Gross))
			}
			if r.After = p.Next; r.After == "" {
				return out
			}
		}
	}
	require.ElementsMatch(t, []string{"unknown 144.00 of 600.00", "unknown 120.00 of 400.00"}, totals(2026, page.Request{Limit: 1}))
	require.Empty(t, totals(2025, page.Request{}))

	// Reversed in the next year: the tax paid on is set off against what is withheld then.
	reversed(t, tx, d, "2027-01-10")
	require.Equal(t, "-200.00", payable())
	require.Len(t, totals(2026, page.Request{}), 2)
	require.ElementsMatch(t, []string{"unknown -144.00 of -600.00", "unknown -120.00 of -400.00"}, totals(2027, page.Request{}))
	r.IdempotencyKey, r.Amount = "remit 2", money.MustParse("0.01")
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error { _, err := svc.Distributions.RemitWithholding(ctx, tx, r); return err }), investments.ErrOverRemitted)
}

// A sale returns capital first: that part has a character of its own.
func TestTaxTotals_character(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, gp, subs := promoted(t, tx)
	p := declaration(o, "character", "2026-04-15", "50000", investor(t, tx))
	p.Type, p.Character = investments.DistributionSaleProceeds, ptr(investments.CharacterCapitalGain)
	d := approved(t, tx, p)
	_, err := svc.Distributions.Pay(ctx, tx, investments.PayParams{IdempotencyKey: "character pay", DistributionID: d.ID, Date: d.DistributionDate, Method: investments.PayACH, ActorID: staff})
	require.NoError(t, err)
	got := map[string]string{}
	list, err := svc.Reports.TaxTotals(ctx, tx, investments.TaxFilter{Year: 2026, InvestorID: &subs[0].InvestorID}, page.Request{})
	require.NoError(t, err)
	for _, x := range list.Items {
		got[string(*x.Character)] = x.Gross.String()
	}
	require.Equal(t, map[string]string{"capital_gain": "1183.56", "return_of_capital": "28756.44"}, got)
	list, err = svc.Reports.TaxTotals(ctx, tx, investments.TaxFilter{Year: 2026, InvestorID: &gp.InvestorID}, page.Request{})
	require.NoError(t, err)
	require.Equal(t, "100.00", list.Items[0].Gross.String(), "the fee")
	_, err = svc.Reports.TaxTotals(ctx, tx, investments.TaxFilter{}, page.Request{})
	require.Error(t, err)
	for _, c := range []page.Cursor{"x", page.Encode("a", "b", "c", "USD"), page.Encode(o.ID.String(), o.ID.String(), "gold", "USD")} {
		_, err = svc.Reports.TaxTotals(ctx, tx, investments.TaxFilter{Year: 2026}, page.Request{After: c})
		require.ErrorIs(t, err, page.ErrCursor)
	}
}

func ptr[T any](v T) *T { return &v }

// Each verb that moves a distribution on, ended at every statement inside a
// caller's transaction, leaves nothing.
func TestDistributionVerbs_cancelledAtEveryStatement(t *testing.T) {
	t.Parallel()
	db, svc := pgtest.Clone(t), newService()
	o, _, subs := promoted(t, db)
	who, a := investor(t, db), *subs[0].PositionID
	q := declaration(o, "back", "2026-03-01", "1000", investor(t, db))
	q.Withholding = map[id.Of[investments.Position]]decimal.Decimal{a: decimal.RequireFromString("0.2")}
	gone := approved(t, db, q)
	_, err := svc.Distributions.Pay(t.Context(), db, investments.PayParams{IdempotencyKey: "gone", DistributionID: gone.ID, Date: gone.DistributionDate, Method: investments.PayACH, ActorID: staff})
	require.NoError(t, err)
	reversed(t, db, gone, "2026-03-02")
	q.IdempotencyKey = "sent"
	sent := approved(t, db, q)
	_, err = svc.Distributions.Process(t.Context(), db, process(sent.ID, "sent"))
	require.NoError(t, err)
	failed := paid(t, db, o, "failed", "2026-03-03", "1000")
	line := linesBy(t, db, failed.ID)[a.String()].ID
	_, err = svc.Distributions.FailPayment(t.Context(), db, investments.FailPaymentParams{IdempotencyKey: "failed", LineID: line, Date: failed.DistributionDate, Reason: "x", ActorID: staff})
	require.NoError(t, err)
	ready := approved(t, db, declaration(o, "ready", "2026-03-04", "1000", investor(t, db)))
	waits := declared(t, db, o, "waits", "2026-03-05", "1000", investor(t, db))

	other, _, _ := promoted(t, db)
	back := paid(t, db, other, "other", "2026-03-01", "1000")

	boss := investor(t, db)

	_, err = svc.Distributions.RequestReversal(t.Context(), db, investments.RequestReversalParams{DistributionID: back.ID, Date: date.MustParse("2026-05-01"), Reason: "x", ActorID: asker})
	require.NoError(t, err)
	cancelEverywhere(t, db, map[string]func(context.Context, bun.IDB) error{
		"approve": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: waits.ID, ActorID: who})
			return err
		},
		"reject": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Distributions.Reject(ctx, tx, investments.RejectDistributionParams{DistributionID: waits.ID, ActorID: who, Reason: "x"})
			return err
		},
		"cancel": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Distributions.Cancel(ctx, tx, investments.CancelDistributionParams{DistributionID: waits.ID, Reason: "x", ActorID: staff})
			return err
		},
		"pay": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Distributions.Pay(ctx, tx, investments.PayParams{IdempotencyKey: "x", DistributionID: ready.ID, Date: ready.DistributionDate, Method: investments.PayACH, ActorID: staff})
			return err
		},
		"process": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Distributions.Process(ctx, tx, process(ready.ID, "x"))
			return err
		},
		"confirm": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Distributions.ConfirmPayments(ctx, tx, confirm(sent.ID, "x"))
			return err
		},
		"fail": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Distributions.FailPayment(ctx, tx, investments.FailPaymentParams{IdempotencyKey: "x", LineID: linesBy(t, db, sent.ID)[a.String()].ID, Date: date.MustParse("2026-05-01"), Reason: "x", ActorID: staff})
			return err
		},
		"reissue": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Distributions.ReissuePayment(ctx, tx, investments.ReissuePaymentParams{IdempotencyKey: "x", LineID: line, Date: date.MustParse("2026-05-01"), Method: investments.PayACH, ActorID: staff})
			return err
		},
		"reverse": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Distributions.Reverse(ctx, tx, investments.ReverseDistributionParams{ActorID: boss, IdempotencyKey: "x", DistributionID: back.ID, Date: date.MustParse("2026-05-01"), Reason: "x"})
			return err
		},
		"recover": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Distributions.RecordRecovery(ctx, tx, investments.RecordRecoveryParams{IdempotencyKey: "x", OfferingID: o.ID, PositionID: &a, Amount: money.MustParse("1"), Date: date.MustParse("2026-05-01"), ActorID: staff})
			return err
		},
		"remit": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Distributions.RemitWithholding(ctx, tx, investments.RemitWithholdingParams{IdempotencyKey: "x", OfferingID: o.ID, Amount: money.MustParse("1"), Date: date.MustParse("2026-05-01"), ActorID: staff})
			return err
		},
	})
}
