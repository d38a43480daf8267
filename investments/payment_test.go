package investments_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// approved is a distribution that was declared and approved.
func approved(t *testing.T, db bun.IDB, p investments.DeclareParams) *investments.Distribution {
	t.Helper()
	d, err := newService().Distributions.Declare(t.Context(), db, p)
	require.NoError(t, err)
	d, err = newService().Distributions.Approve(t.Context(), db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: investor(t, db)})
	require.NoError(t, err)
	return d
}

// linesBy are the lines of a distribution by position, or role where there is none.
func linesBy(t *testing.T, db bun.IDB, v id.Of[investments.Distribution]) map[string]investments.DistributionLine {
	t.Helper()
	lines, err := newService().Distributions.DistributionLines(t.Context(), db, v, page.Request{})
	require.NoError(t, err)
	out := map[string]investments.DistributionLine{}
	for _, l := range lines.Items {
		key := string(l.Role)
		if l.PositionID != nil {
			key = l.PositionID.String()
		}
		out[key] = l
	}
	return out
}

// live is what a distribution's lines were paid and not undone, and in how many
// payments.
func livePayments(t *testing.T, db bun.IDB, v id.Of[investments.Distribution]) string {
	t.Helper()
	var out string
	require.NoError(t, db.NewRaw(`SELECT format('%s in %s', COALESCE(sum(t.amount), 0), count(DISTINCT (t.distribution_line_id, t.command_id)))
		FROM investments.transactions t JOIN investments.investor_distributions l ON l.id = t.distribution_line_id
		WHERE l.distribution_id = ? AND t.type IN ('distribution', 'return_of_capital', 'fee') AND t.reverses_id IS NULL
			AND NOT EXISTS (SELECT FROM investments.transactions r WHERE r.reverses_id = t.id)`, v).Scan(t.Context(), &out))
	return out
}

func process(v id.Of[investments.Distribution], key string, lines ...id.Of[investments.DistributionLine]) investments.ProcessDistributionParams {
	return investments.ProcessDistributionParams{IdempotencyKey: key, DistributionID: v, Lines: lines, Date: date.MustParse("2026-04-16"), Method: investments.PayACH, Reference: "batch " + key, ActorID: staff}
}

func confirm(v id.Of[investments.Distribution], key string, lines ...id.Of[investments.DistributionLine]) investments.ConfirmPaymentsParams {
	return investments.ConfirmPaymentsParams{IdempotencyKey: key, DistributionID: v, Lines: lines, Date: date.MustParse("2026-04-18"), ActorID: staff}
}

// Payments in two batches: one arrives, one is refused and made again, and the
// distribution follows its lines.
func TestProcessDistribution(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, _, subs := promoted(t, tx)
	d := approved(t, tx, declaration(o, "process", "2026-04-15", "3000", investor(t, tx)))
	by := linesBy(t, tx, d.ID)
	a, b, gp := by[subs[0].PositionID.String()].ID, by[subs[1].PositionID.String()].ID, by["promote"].ID
	refused := func(want error, verb func(tx bun.IDB) error) {
		t.Helper()
		require.ErrorIs(t, attempt(t, tx, verb), want)
	}
	refused(investments.ErrDistributionState, func(tx bun.IDB) error {
		_, err := svc.Distributions.ConfirmPayments(ctx, tx, confirm(d.ID, "c0"))
		return err
	})
	refused(investments.ErrPaymentState, func(tx bun.IDB) error {
		_, err := svc.Distributions.Process(ctx, tx, process(d.ID, "p0", a, id.New[investments.DistributionLine]()))
		return err
	})
	for range 2 {
		got, err := svc.Distributions.Process(ctx, tx, process(d.ID, "p1", a, b, a))
		require.NoError(t, err)
		require.Equal(t, investments.DistributionStatusProcessing, got.Status)
	}
	require.Equal(t, "3000.00", balances(t, tx, o)[investments.AccountDistributionsPayable], "nothing is booked yet")
	refused(investments.ErrPaymentState, func(tx bun.IDB) error {
		_, err := svc.Distributions.Process(ctx, tx, process(d.ID, "p2", b, gp))
		return err
	})
	refused(investments.ErrDistributionState, func(tx bun.IDB) error {
		_, err := svc.Distributions.Pay(ctx, tx, investments.PayParams{IdempotencyKey: "process pay", DistributionID: d.ID, Date: d.DistributionDate, Method: investments.PayACH, ActorID: staff})
		return err
	})
	refused(investments.ErrPaymentState, func(tx bun.IDB) error {
		_, err := reverse(ctx, tx, svc.Distributions, investments.ReverseDistributionParams{ActorID: investor(t, tx), IdempotencyKey: "process r", DistributionID: d.ID, Date: d.DistributionDate, Reason: "x"})
		return err
	})
	refused(investments.ErrPaymentState, func(tx bun.IDB) error {
		_, err := svc.Distributions.ConfirmPayments(ctx, tx, confirm(d.ID, "c1", a, gp))
		return err
	})
	early := confirm(d.ID, "c2", a)
	early.Date = date.MustParse("2026-04-15")
	refused(investments.ErrPaymentDate, func(tx bun.IDB) error { _, err := svc.Distributions.ConfirmPayments(ctx, tx, early); return err })

	for range 2 {
		got, err := svc.Distributions.ConfirmPayments(ctx, tx, confirm(d.ID, "c3", a))
		require.NoError(t, err)
		require.Equal(t, investments.DistributionStatusProcessing, got.Status, "others wait")
	}
	require.Equal(t, "1676.71 in 1", livePayments(t, tx, d.ID))
	require.Equal(t, "batch p1", *linesBy(t, tx, d.ID)[subs[0].PositionID.String()].PaymentReference)
	failed, err := svc.Distributions.FailPayment(ctx, tx, investments.FailPaymentParams{IdempotencyKey: "process f", LineID: b, Date: date.MustParse("2026-04-18"), Reason: "account unknown", ActorID: staff})
	require.NoError(t, err)
	require.Equal(t, investments.PaymentStatusFailed, failed.PaymentStatus)
	require.Equal(t, "1323.29", balances(t, tx, o)[investments.AccountDistributionsPayable], "what was not paid is payable")

	_, err = svc.Distributions.Process(ctx, tx, process(d.ID, "p4"))
	require.NoError(t, err)
	got, err := svc.Distributions.ConfirmPayments(ctx, tx, confirm(d.ID, "c4"))
	require.NoError(t, err)
	require.Equal(t, investments.DistributionStatusCompleted, got.Status, "each payment was decided, one of them failed")

	again := investments.ReissuePaymentParams{IdempotencyKey: "process i", LineID: b, Date: date.MustParse("2026-04-20"), Method: investments.PayWire, Sent: true, ActorID: staff}
	early2 := again
	early2.IdempotencyKey, early2.Date = "process i0", date.MustParse("2026-04-01")
	refused(investments.ErrPaymentDate, func(tx bun.IDB) error { _, err := svc.Distributions.ReissuePayment(ctx, tx, early2); return err })
	line, err := svc.Distributions.ReissuePayment(ctx, tx, again)
	require.NoError(t, err)
	require.Equal(t, investments.PaymentStatusSent, line.PaymentStatus)
	require.Equal(t, 2, line.PaymentAttempt)
	got, err = svc.Distributions.Distribution(ctx, tx, d.ID)
	require.NoError(t, err)
	require.Equal(t, investments.DistributionStatusProcessing, got.Status)
	last := confirm(d.ID, "c5")
	last.Date = date.MustParse("2026-04-21")
	got, err = svc.Distributions.ConfirmPayments(ctx, tx, last)
	require.NoError(t, err)
	require.Equal(t, investments.DistributionStatusCompleted, got.Status)
	require.Equal(t, "3000.00 in 3", livePayments(t, tx, d.ID))
	require.Equal(t, map[string]string{"1000": "97000.00", "3000": "100000.00", "3100": "-2794.52", "3200": "-205.48"}, balances(t, tx, o))
	require.Equal(t, []string{"payments_submitted", "payments_confirmed", "payment_failed", "payments_submitted", "payments_confirmed",
		"distribution_completed", "payment_reissued", "payments_confirmed", "distribution_completed"}, eventsTold(t, tx, d.ID)[len(eventsTold(t, tx, d.ID))-9:])
}

// Where all of a line is withheld no bank is needed; where every payment fails
// the distribution has failed, and is reversed without anything to recover.
func TestProcessDistribution_withoutCashAndFailed(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, _, subs := promoted(t, tx)
	p := declaration(o, "withheld", "2026-04-15", "1000", investor(t, tx))
	p.Withholding = map[id.Of[investments.Position]]decimal.Decimal{*subs[0].PositionID: decimal.NewFromInt(1)}
	d := approved(t, tx, p)
	d, err := svc.Distributions.Process(ctx, tx, process(d.ID, "withheld p"))
	require.NoError(t, err)
	by := linesBy(t, tx, d.ID)
	require.Len(t, by, 2)
	all, cash := by[subs[0].PositionID.String()], by[subs[1].PositionID.String()]
	require.Equal(t, investments.PaymentStatusCompleted, all.PaymentStatus)
	require.Equal(t, investments.PaymentStatusSent, cash.PaymentStatus)
	require.Equal(t, "600.00 in 1", livePayments(t, tx, d.ID))
	pos, err := svc.Positions.Position(ctx, tx, *subs[0].PositionID)
	require.NoError(t, err)
	require.Equal(t, "600.00", pos.TotalDistributions.String())
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error {
		_, err := svc.Distributions.FailPayment(ctx, tx, investments.FailPaymentParams{IdempotencyKey: "withheld f0", LineID: all.ID, Date: date.MustParse("2026-04-17"), Reason: "x", ActorID: staff})
		return err
	}), investments.ErrPaymentState, "no cash left that could come back")
	_, err = svc.Distributions.FailPayment(ctx, tx, investments.FailPaymentParams{IdempotencyKey: "withheld f1", LineID: cash.ID, Date: date.MustParse("2026-04-17"), Reason: "refused", ActorID: staff})
	require.NoError(t, err)
	d, err = svc.Distributions.Distribution(ctx, tx, d.ID)
	require.NoError(t, err)
	require.Equal(t, investments.DistributionStatusCompleted, d.Status)

	failing := approved(t, tx, declaration(o, "failing", "2026-04-16", "500", investor(t, tx)))
	_, err = svc.Distributions.Process(ctx, tx, process(failing.ID, "failing p"))
	require.NoError(t, err)
	for key, l := range linesBy(t, tx, failing.ID) {
		_, err = svc.Distributions.FailPayment(ctx, tx, investments.FailPaymentParams{IdempotencyKey: "failing " + key, LineID: l.ID, Date: date.MustParse("2026-04-17"), Reason: "bank is closed", ActorID: staff})
		require.NoError(t, err)
	}
	failing, err = svc.Distributions.Distribution(ctx, tx, failing.ID)
	require.NoError(t, err)
	require.Equal(t, investments.DistributionStatusFailed, failing.Status)
	require.Equal(t, "0 in 0", livePayments(t, tx, failing.ID))
	failing, err = reverse(ctx, tx, svc.Distributions, investments.ReverseDistributionParams{ActorID: investor(t, tx), IdempotencyKey: "failing r", DistributionID: failing.ID, Date: date.MustParse("2026-04-18"), Reason: "wrong bank"})
	require.NoError(t, err)
	require.Equal(t, investments.DistributionStatusReversed, failing.Status)
	owed, err := svc.Distributions.Recoverables(ctx, tx, o.ID, page.Request{})
	require.NoError(t, err)
	require.Empty(t, owed.Items)
	for _, l := range linesBy(t, tx, failing.ID) {
		require.Nil(t, l.PaymentDate, "never paid")
	}
	require.Equal(t, "400.00", balances(t, tx, o)[investments.AccountDistributionsPayable], "the failed line of the first")
}

// Whatever runs at once, each line is paid once or not at all.
func TestPayments_race(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o, _, _ := promoted(t, db)
	for round := range 3 {
		key := fmt.Sprint("round ", round)
		d := approved(t, db, declaration(o, key, "2026-04-15", "1000", investor(t, db)))
		var line investments.DistributionLine
		for _, l := range linesBy(t, db, d.ID) {
			line = l
		}
		verbs := []func(ctx context.Context, key string) error{
			func(ctx context.Context, key string) error {
				_, err := svc.Distributions.Pay(ctx, db, investments.PayParams{IdempotencyKey: key, DistributionID: d.ID, Date: date.MustParse("2026-04-18"), Method: investments.PayACH, ActorID: staff})
				return err
			},
			func(ctx context.Context, key string) error {
				_, err := svc.Distributions.Process(ctx, db, process(d.ID, key))
				return err
			},
			func(ctx context.Context, key string) error {
				_, err := svc.Distributions.ConfirmPayments(ctx, db, confirm(d.ID, key))
				return err
			},
			func(ctx context.Context, key string) error {
				_, err := svc.Distributions.FailPayment(ctx, db, investments.FailPaymentParams{IdempotencyKey: key, LineID: line.ID, Date: date.MustParse("2026-04-20"), Reason: "race", ActorID: staff})
				return err
			},
			func(ctx context.Context, key string) error {
				_, err := svc.Distributions.ReissuePayment(ctx, db, investments.ReissuePaymentParams{IdempotencyKey: key, LineID: line.ID, Date: date.MustParse("2026-04-20"), Method: investments.PayCheck, ActorID: staff})
				return err
			},
		}
		var wg sync.WaitGroup
		for n, verb := range verbs {
			for twice := range 2 {
				wg.Go(func() {
					err := verb(ctx, fmt.Sprint(key, n, twice))
					if err != nil && !errors.Is(err, investments.ErrDistributionState) && !errors.Is(err, investments.ErrPaymentState) {
						t.Errorf("verb %d: %v", n, err)
					}
				})
			}
		}
		wg.Wait()
		// Finish what is left, and every line has been paid once.
		_, _ = svc.Distributions.Process(ctx, db, process(d.ID, key+" rest"))
		_, _ = svc.Distributions.ConfirmPayments(ctx, db, confirm(d.ID, key+" rest"))
		_, _ = svc.Distributions.ReissuePayment(ctx, db, investments.ReissuePaymentParams{IdempotencyKey: key + " rest", LineID: line.ID, Date: date.MustParse("2026-04-20"), Method: investments.PayCheck, ActorID: staff})
		require.Equal(t, fmt.Sprintf("1000.00 in %d", len(linesBy(t, db, d.ID))), livePayments(t, db, d.ID))
		require.Empty(t, balances(t, db, o)[investments.AccountDistributionsPayable])
		require.Equal(t, fmt.Sprintf("%d.00", 100000-1000*(round+1)), balances(t, db, o)[investments.AccountCash])
	}
}
