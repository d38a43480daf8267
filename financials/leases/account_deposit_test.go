package leases_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/internal/pgtest"
)

func (h *house) moveOut(l *leases.Lease, on string) {
	h.t.Helper()
	_, err := h.Leases.MoveOut(h.t.Context(), h.db, leases.MoveOutParams{LeaseID: l.ID, Date: day(on), ActorID: h.staff})
	require.NoError(h.t, err)
}

func (h *house) deposit(l *leases.Lease, amount, on string) {
	h.t.Helper()
	_, err := h.Accounts.ReceiveDeposit(h.t.Context(), h.db, leases.ReceiveDepositParams{IdempotencyKey: key(), LeaseID: l.ID, Amount: usd(amount), Date: day(on), ActorID: h.staff})
	require.NoError(h.t, err)
}

// What leaves is there on its day, and is not used by a later one: a deposit is settled
// once, whatever days are named, and so is what was paid ahead or is given up.
func TestMoney_leavesOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-01-01", 1)
	ctx := t.Context()
	l := h.sign(0, "2026-01-01", "2026-12-31", "1000")
	h.deposit(l, "1200", "2026-01-01")
	h.post("2026-01-01")
	h.today("2026-03-15")
	h.pay(l, "1000", "2026-01-05")
	h.moveOut(l, "2026-01-31")
	settle := leases.SettleDepositParams{IdempotencyKey: "first", LeaseID: l.ID, Date: day("2026-03-10"), ActorID: h.staff}
	first, err := h.Accounts.SettleDeposit(ctx, h.db, settle)
	require.NoError(t, err)
	require.Equal(t, "1200.00", first.Refunded.String())
	for _, on := range []string{"2026-02-10", "2026-03-10", "2026-03-15"} {
		_, err = h.Accounts.SettleDeposit(ctx, h.db, leases.SettleDepositParams{IdempotencyKey: key(), LeaseID: l.ID, Date: day(on), ActorID: h.staff})
		require.ErrorIs(t, err, leases.ErrSettled, on)
		shown, err := h.Accounts.MoveOutStatement(ctx, h.db, leases.MoveOutStatementParams{LeaseID: l.ID, Date: day(on)})
		require.NoError(t, err)
		require.True(t, shown.DepositHeld.IsZero(), on)
	}
	again, err := h.Accounts.SettleDeposit(ctx, h.db, settle)
	require.NoError(t, err)
	require.Equal(t, first, again)
	h.holds()

	// Paid ahead on the 1st of February, and refunded with tomorrow's date.
	h.pay(l, "300", "2026-02-01")
	refund := func(on string) error {
		_, err := h.Accounts.Refund(ctx, h.db, leases.RefundParams{IdempotencyKey: key(), LeaseID: l.ID, Amount: usd("300"), Date: day(on), ActorID: h.staff})
		return err
	}
	require.NoError(t, refund("2026-03-16"))
	require.ErrorIs(t, refund("2026-02-02"), leases.ErrOverRefunded)
	h.holds()

	// Owed on the 1st, beside what was paid ahead until then, and paid since.
	_, err = h.Accounts.AddCharge(ctx, h.db, leases.AddChargeParams{IdempotencyKey: key(), LeaseID: l.ID, Kind: leases.ChargeDamage, Amount: usd("400"), DueOn: day("2026-03-01"), ActorID: h.staff})
	require.NoError(t, err)
	ask := leases.RequestWriteOffParams{IdempotencyKey: key(), LeaseID: l.ID, Amount: usd("100"), Date: day("2026-03-01"), Reason: "gone", ActorID: h.staff}
	w, err := h.Accounts.RequestWriteOff(ctx, h.db, ask)
	require.NoError(t, err)
	h.pay(l, "400", "2026-03-15")
	_, err = h.Accounts.ApproveWriteOff(ctx, h.db, leases.ApproveWriteOffParams{WriteOffID: w.ID, ActorID: h.second})
	require.ErrorIs(t, err, leases.ErrOverWrittenOff)
	ask.IdempotencyKey = key()
	_, err = h.Accounts.RequestWriteOff(ctx, h.db, ask)
	require.ErrorIs(t, err, leases.ErrOverWrittenOff)
	h.holds()
}

// A deposit that was taken between two days is not there on the first of them.
func TestSettleDeposit_betweenTwo(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-01-01", 1)
	ctx := t.Context()
	l := h.sign(0, "2026-01-01", "2026-12-31", "1000")
	h.deposit(l, "1000", "2026-01-01")
	h.today("2026-03-15")
	h.moveOut(l, "2026-01-31")
	settle := func(key, on string) (*leases.MoveOutStatement, error) {
		return h.Accounts.SettleDeposit(ctx, h.db, leases.SettleDepositParams{IdempotencyKey: key, LeaseID: l.ID, Date: day(on), ActorID: h.staff})
	}
	first, err := settle("first", "2026-03-01")
	require.NoError(t, err)
	require.Equal(t, "1000.00", first.Refunded.String())
	h.deposit(l, "700", "2026-03-10")
	_, err = settle(key(), "2026-02-15")
	require.ErrorIs(t, err, leases.ErrSettled, "else less than nothing is held from the 1st to the 10th")
	last, err := settle(key(), "2026-03-12")
	require.NoError(t, err)
	require.Equal(t, "700.00", last.Refunded.String())
	again, err := settle("first", "2026-03-01")
	require.NoError(t, err)
	require.Equal(t, first, again)
	h.holds()
}

// What the payer says is judged in one statement, and names the charge that is wrong.
func TestReceivePayment_said(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-01-31", 2)
	ctx := t.Context()
	l, other := h.sign(0, "2026-01-01", "2026-12-31", "1000"), h.sign(1, "2026-01-01", "2026-12-31", "1000")
	h.post("2026-01-01")
	mine, theirs := h.entries(l, leases.EntryCharge)[0].ID, h.entries(other, leases.EntryCharge)[0].ID
	pay := func(to ...leases.ApplyParams) error {
		_, err := h.Accounts.ReceivePayment(ctx, h.db, leases.ReceivePaymentParams{IdempotencyKey: key(), LeaseID: l.ID, Amount: usd("500"), Date: day("2026-01-05"), Applications: to, ActorID: h.staff})
		return err
	}
	require.ErrorIs(t, pay(leases.ApplyParams{ChargeID: mine, Amount: usd("100")}, leases.ApplyParams{ChargeID: theirs, Amount: usd("100")}), leases.ErrNotCharge)
	require.ErrorIs(t, pay(leases.ApplyParams{ChargeID: mine, Amount: usd("500.01")}), leases.ErrOverApplied)
	require.NoError(t, pay(leases.ApplyParams{ChargeID: mine, Amount: usd("500")}))
	payment := h.entries(l, leases.EntryPayment)[0].ID
	require.ErrorIs(t, pay(leases.ApplyParams{ChargeID: payment, Amount: usd("1")}), leases.ErrNotCharge)
	require.NoError(t, pay(leases.ApplyParams{ChargeID: mine, Amount: usd("499.99")}))
	require.ErrorIs(t, pay(leases.ApplyParams{ChargeID: mine, Amount: usd("0.02")}), leases.ErrOverApplied)
	h.holds()
}

// Credits of any kind lower what was billed, and their reversals raise it again.
func TestCollections_reversed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-01-31", 1)
	ctx := t.Context()
	l := h.sign(0, "2026-01-01", "2026-12-31", "1000")
	h.post("2026-01-01")
	billed := func() string {
		list, err := h.Rolls.Collections(ctx, h.db, leases.CollectionsParams{PropertyID: h.property, From: day("2026-01-01"), Through: day("2026-01-31")})
		require.NoError(t, err)
		return fmt.Sprint(list[0].Billed)
	}
	for _, kind := range []leases.ChargeKind{leases.ChargeRent, leases.ChargeConcession, leases.ChargePet} {
		e, err := h.Accounts.AddCredit(ctx, h.db, leases.AddCreditParams{IdempotencyKey: key(), LeaseID: l.ID, Kind: kind, Amount: usd("120"), Date: day("2026-01-10"), ActorID: h.staff})
		require.NoError(t, err)
		require.Equal(t, "880.00", billed(), kind)
		_, err = h.Accounts.ReverseCharge(ctx, h.db, leases.ReverseChargeParams{IdempotencyKey: key(), EntryID: e.ID, ActorID: h.staff})
		require.NoError(t, err)
		require.Equal(t, "1000.00", billed(), kind)
	}
	h.holds()
}
