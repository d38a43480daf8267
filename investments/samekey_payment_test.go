package investments_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Four clients send one command with one key at the same moment, for every verb
// that moves a distribution on: all get the one result, and it is done once.
func TestDistributionVerbs_sameKeyAtOnce(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o, _, subs := promoted(t, db)
	a := *subs[0].PositionID
	p := declaration(o, "q1", "2026-04-15", "1000", investor(t, db))
	p.Withholding = map[id.Of[investments.Position]]decimal.Decimal{a: decimal.RequireFromString("0.2")}
	d := approved(t, db, p)
	one := func(name, cash string, verb func() (string, error)) {
		atOnce(t, 4, name, verb)
		require.Equal(t, cash, balances(t, db, o)[investments.AccountCash], name)
	}
	one("process", "100000.00", func() (string, error) {
		d, err := svc.Distributions.Process(ctx, db, process(d.ID, "x"))
		return string(d.Status), err
	})
	one("confirm", "99120.00", func() (string, error) {
		d, err := svc.Distributions.ConfirmPayments(ctx, db, confirm(d.ID, "x"))
		return string(d.Status), err
	})
	line := linesBy(t, db, d.ID)[a.String()]
	one("fail", "99600.00", func() (string, error) {
		l, err := svc.Distributions.FailPayment(ctx, db, investments.FailPaymentParams{IdempotencyKey: "x", LineID: line.ID, Date: date.MustParse("2026-04-20"), Reason: "back", ActorID: staff})
		return string(l.PaymentStatus), err
	})
	one("reissue", "99120.00", func() (string, error) {
		l, err := svc.Distributions.ReissuePayment(ctx, db, investments.ReissuePaymentParams{IdempotencyKey: "x", LineID: line.ID, Date: date.MustParse("2026-04-21"), Method: investments.PayWire, ActorID: staff})
		return string(l.PaymentStatus), err
	})
	one("remit", "99020.00", func() (string, error) {
		r, err := svc.Distributions.RemitWithholding(ctx, db, investments.RemitWithholdingParams{IdempotencyKey: "x", OfferingID: o.ID, Amount: money.MustParse("100"), Date: date.MustParse("2026-05-01"), ActorID: staff})
		return r.ID.String(), err
	})
	boss := investor(t, db)
	one("reverse", "99020.00", func() (string, error) {
		d, err := reverse(ctx, db, svc.Distributions, investments.ReverseDistributionParams{ActorID: boss, IdempotencyKey: "x", DistributionID: d.ID, Date: date.MustParse("2026-05-02"), Reason: "wrong"})
		return string(d.Status), err
	})
	one("recover", "99500.00", func() (string, error) {
		r, err := svc.Distributions.RecordRecovery(ctx, db, investments.RecordRecoveryParams{IdempotencyKey: "x", OfferingID: o.ID, PositionID: &a, Amount: money.MustParse("480"), Date: date.MustParse("2026-05-03"), ActorID: staff})
		return r.ID.String(), err
	})
	require.Equal(t, "400.00", balances(t, db, o)[investments.AccountRecovery], "the other position still owes")
	require.Equal(t, "-100.00", balances(t, db, o)[investments.AccountWithholdingPayable])
}
