package investments_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// What undoes a payment, or makes it again, is not dated before it: on no day
// would the book show money that comes back before it left.
func TestPayments_areUndoneAfterwards(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, _, subs := promoted(t, tx)
	d := approved(t, tx, declaration(o, "dates", "2026-04-15", "3000", investor(t, tx)))
	_, err := svc.Distributions.Pay(ctx, tx, investments.PayParams{IdempotencyKey: "dates", DistributionID: d.ID, Date: date.MustParse("2026-04-20"), Method: investments.PayACH, ActorID: staff})
	require.NoError(t, err)
	reverse := func(day string) error {
		return attempt(t, tx, func(tx bun.IDB) error {
			_, err := reverse(ctx, tx, svc.Distributions, investments.ReverseDistributionParams{ActorID: investor(t, tx), IdempotencyKey: "dates " + day, DistributionID: d.ID, Date: date.MustParse(day), Reason: "wrong deal"})
			return err
		})
	}
	require.ErrorIs(t, reverse("2026-04-14"), investments.ErrReversalDate, "before it was declared")
	require.ErrorIs(t, reverse("2026-04-19"), investments.ErrReversalDate, "before it was paid")

	line := linesBy(t, tx, d.ID)[subs[0].PositionID.String()].ID
	_, err = svc.Distributions.FailPayment(ctx, tx, investments.FailPaymentParams{IdempotencyKey: "dates", LineID: line, Date: date.MustParse("2026-04-25"), Reason: "account closed", ActorID: staff})
	require.NoError(t, err)
	require.ErrorIs(t, reverse("2026-04-24"), investments.ErrReversalDate, "before a payment came back")
	again := investments.ReissuePaymentParams{IdempotencyKey: "dates", LineID: line, Date: date.MustParse("2026-04-24"), Method: investments.PayWire, ActorID: staff}
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error { _, err := svc.Distributions.ReissuePayment(ctx, tx, again); return err }), investments.ErrPaymentDate,
		"before the first attempt came back")
	again.Sent = true
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error { _, err := svc.Distributions.ReissuePayment(ctx, tx, again); return err }), investments.ErrPaymentDate)
	again.Date = date.MustParse("2026-04-25")
	_, err = svc.Distributions.ReissuePayment(ctx, tx, again)
	require.NoError(t, err)
	_, err = svc.Distributions.FailPayment(ctx, tx, investments.FailPaymentParams{IdempotencyKey: "dates 2", LineID: line, Date: date.MustParse("2026-04-25"), Reason: "account closed", ActorID: staff})
	require.NoError(t, err)
	require.NoError(t, reverse("2026-04-25"))
}

// No cash leaves before the day that a distribution counts from, though a file may
// be with the bank by then.
func TestPayments_notBeforeTheDistribution(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, _, subs := promoted(t, tx)
	p := declaration(o, "early", "2026-04-15", "3000", investor(t, tx))
	p.Withholding = map[id.Of[investments.Position]]decimal.Decimal{*subs[0].PositionID: decimal.NewFromInt(1)} // all of it
	d := approved(t, tx, p)
	pay := investments.PayParams{IdempotencyKey: "pay", DistributionID: d.ID, Date: date.MustParse("2026-04-14"), Method: investments.PayACH, ActorID: staff}
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error { _, err := svc.Distributions.Pay(ctx, tx, pay); return err }), investments.ErrPaymentDate)
	_, err := svc.Distributions.Process(ctx, tx, investments.ProcessDistributionParams{IdempotencyKey: "process", DistributionID: d.ID, Date: pay.Date, Method: investments.PayACH, ActorID: staff})
	require.NoError(t, err)
	confirm := investments.ConfirmPaymentsParams{IdempotencyKey: "confirm", DistributionID: d.ID, Date: pay.Date, ActorID: staff}
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error { _, err := svc.Distributions.ConfirmPayments(ctx, tx, confirm); return err }), investments.ErrPaymentDate)
	confirm.Date = d.DistributionDate
	_, err = svc.Distributions.ConfirmPayments(ctx, tx, confirm)
	require.NoError(t, err)
	var early int
	require.NoError(t, tx.NewRaw("SELECT count(*) FROM investments.transactions WHERE distribution_line_id IN (SELECT id FROM investments.investor_distributions WHERE distribution_id = ?) AND effective_date < ?",
		d.ID, d.DistributionDate).Scan(ctx, &early))
	require.Zero(t, early, "nor the tax of who got no cash")
}
