package leases_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
)

// The figures of the conventions, section 15: 19 of 28 days.
func TestProrate(t *testing.T) {
	t.Parallel()
	for p, want := range map[leases.Proration]string{leases.ProrateActual: "1017.86", leases.ProrateThirty: "950.00", leases.ProrateAnnual: "936.99", leases.ProrateFull: "1500.00"} {
		got, err := leases.Prorate(p, usd("1500"), day("2025-02-10"), day("2025-02-28"))
		require.NoError(t, err)
		require.Equal(t, want, got.String(), p)
		got, err = leases.Prorate(p, usd("1500"), day("2025-03-01"), day("2025-03-31"))
		require.NoError(t, err)
		require.Equal(t, "1500.00", got.String(), "the whole month")
	}
}

// A month is posted once, and posting again makes good what the lease says by then.
func TestPostCharges(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-03-05", 2)
	ctx := t.Context()
	l := h.sign(0, "2026-02-10", "2027-01-31", "1500", func(p *leases.SignLeaseParams) {
		p.Charges = []leases.ChargeParams{{Kind: leases.ChargePet, Amount: usd("28"), From: day("2026-02-10")},
			{Kind: leases.ChargeApplication, Amount: usd("50"), Once: true, From: day("2026-02-10")},
			{Kind: leases.ChargeConcession, Amount: usd("100"), From: day("2026-03-01"), To: day("2026-03-31").Ptr()}}
	})
	got := h.post("2026-02-20")
	require.Equal(t, "3 1086.86 0.00", fmt.Sprint(got.Charges, " ", got.Charged, " ", got.Credited)) // 1,017.86 + 19.00 + 50.00
	require.Zero(t, h.post("2026-02-01").Leases, "posted already")
	got = h.post("2026-03-01")
	require.Equal(t, "1528.00 100.00", fmt.Sprint(got.Charged, " ", got.Credited))
	require.Equal(t, "1086.86", h.balance(l, "2026-02-28").Balance.String())
	require.Equal(t, "2514.86", h.balance(l, "2026-03-05").Balance.String())
	h.holds()

	_, err := h.Leases.MoveOut(ctx, h.db, leases.MoveOutParams{LeaseID: l.ID, Date: day("2026-03-05"), ActorID: h.staff})
	require.NoError(t, err)
	got = h.post("2026-03-01")
	// 5 of 31 days: 241.94 of rent, 4.52 for the pet, 16.13 of concession.
	require.Equal(t, "1281.54", got.Credited.String())
	require.Equal(t, "1317.19", h.balance(l, "2026-03-05").Balance.String())
	require.Zero(t, h.post("2026-03-01").Leases)
	h.holds()
	rent := h.entries(l, leases.EntryCharge)[0]
	_, err = h.Accounts.ReverseCharge(ctx, h.db, leases.ReverseChargeParams{IdempotencyKey: key(), EntryID: rent.ID, ActorID: h.staff})
	require.ErrorIs(t, err, leases.ErrScheduled)
}

// Money goes by the payer's word, the rest by rule; a payment that comes back is undone
// on that day; balances are read of any day as known on any day.
func TestPayments(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-01-01", 1)
	ctx := t.Context()
	l := h.sign(0, "2026-01-01", "2026-12-31", "1000", func(p *leases.SignLeaseParams) {
		p.Charges = []leases.ChargeParams{{Kind: leases.ChargeParking, Amount: usd("60"), From: day("2026-01-01")}}
		p.Conditions.ReturnedFee = ptr(usd("25"))
	})
	h.post("2026-01-01")
	h.today("2026-02-20")
	h.post("2026-02-01")
	first := h.pay(l, "1030", "2026-01-03") // rent, and half of the parking
	open, err := h.Accounts.OpenCharges(ctx, h.db, l.ID, day("2026-01-31"), nil)
	require.NoError(t, err)
	require.Len(t, open, 1)
	require.Equal(t, "parking 30.00", fmt.Sprint(open[0].Kind, " ", open[0].Unpaid))
	charges := h.entries(l, leases.EntryCharge)
	var february leases.Entry
	for _, c := range charges {
		if c.EffectiveOn == day("2026-02-01") && *c.ChargeKind == leases.ChargeRent {
			february = c
		}
	}
	_, err = h.Accounts.ReceivePayment(ctx, h.db, leases.ReceivePaymentParams{IdempotencyKey: key(), LeaseID: l.ID, Amount: usd("2000"), Date: day("2026-02-02"), ActorID: h.staff,
		Applications: []leases.ApplyParams{{ChargeID: february.ID, Amount: usd("1500")}}})
	require.ErrorIs(t, err, leases.ErrOverApplied)
	h.pay(l, "1000", "2026-02-02", leases.ApplyParams{ChargeID: february.ID, Amount: usd("1000")})
	b := h.balance(l, "2026-02-20")
	require.Equal(t, "90.00 90.00 0.00 2026-01-01 50", fmt.Sprint(b.Balance, " ", b.Owed, " ", b.Prepaid, " ", b.OldestDue, " ", b.DaysDelinquent))
	require.Equal(t, "60.00 30.00", fmt.Sprint(b.Days0to30, " ", b.Days31to60), "the payer paid February, and January's parking stays")

	known := h.now
	h.today("2026-02-25")
	back, err := h.Accounts.ReturnPayment(ctx, h.db, leases.ReturnPaymentParams{IdempotencyKey: "nsf", PaymentID: first.ID, Date: day("2026-01-10"), ActorID: h.staff})
	require.NoError(t, err)
	again, err := h.Accounts.ReturnPayment(ctx, h.db, leases.ReturnPaymentParams{IdempotencyKey: "nsf", PaymentID: first.ID, Date: day("2026-01-10"), ActorID: h.staff})
	require.NoError(t, err)
	require.Equal(t, back.ID, again.ID)
	_, err = h.Accounts.ReturnPayment(ctx, h.db, leases.ReturnPaymentParams{IdempotencyKey: "nsf", PaymentID: first.ID, Date: day("2026-01-11"), ActorID: h.staff})
	require.ErrorIs(t, err, store.ErrKeyReused)
	_, err = h.Accounts.ReturnPayment(ctx, h.db, leases.ReturnPaymentParams{IdempotencyKey: key(), PaymentID: first.ID, Date: day("2026-01-11"), ActorID: h.staff})
	require.ErrorIs(t, err, leases.ErrReturned)
	require.Equal(t, "30.00", h.balance(l, "2026-01-09").Balance.String(), "before it came back it was there")
	require.Equal(t, "1085.00", h.balance(l, "2026-01-10").Balance.String())
	was, err := h.Accounts.Balance(ctx, h.db, l.ID, day("2026-01-10"), &known)
	require.NoError(t, err)
	require.Equal(t, "30.00", was.Balance.String(), "as it was known")

	h.pay(l, "2000", "2026-02-25")
	b = h.balance(l, "2026-02-25")
	require.Equal(t, "-855.00 0.00 855.00", fmt.Sprint(b.Balance, " ", b.Owed, " ", b.Prepaid)) // 1,060 + 25 + 60 were owed
	_, err = h.Accounts.Refund(ctx, h.db, leases.RefundParams{IdempotencyKey: key(), LeaseID: l.ID, Amount: usd("855.01"), Date: day("2026-02-25"), ActorID: h.staff})
	require.ErrorIs(t, err, leases.ErrOverRefunded)
	_, err = h.Accounts.Refund(ctx, h.db, leases.RefundParams{IdempotencyKey: key(), LeaseID: l.ID, Amount: usd("855"), Date: day("2026-02-25"), ActorID: h.staff})
	require.NoError(t, err)
	require.True(t, h.balance(l, "2026-02-25").Balance.IsZero())
	h.holds()
}

// Due the 1st with five days of grace: paid on the 6th is in time, and the fee is of the
// 7th.
func TestAssessLateFees(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-01-01", 4)
	ctx := t.Context()
	fee := func(f leases.LateFee) func(*leases.SignLeaseParams) {
		return func(p *leases.SignLeaseParams) { p.Conditions.LateFee = &f }
	}
	flat := h.sign(0, "2026-01-01", "", "1000", fee(leases.LateFee{Flat: ptr(usd("50"))}))
	rate := h.sign(1, "2026-01-01", "", "1000", fee(leases.LateFee{Rate: ptr(decimal.RequireFromString("0.05"))}))
	daily := h.sign(2, "2026-01-01", "", "1000", fee(leases.LateFee{PerDay: ptr(usd("10")), Cap: ptr(usd("25"))}))
	onTime := h.sign(3, "2026-01-01", "", "1000", fee(leases.LateFee{Flat: ptr(usd("50"))}))
	h.post("2026-01-01")
	h.today("2026-02-28")
	h.pay(onTime, "1000", "2026-01-06")
	h.pay(rate, "400", "2026-01-06")
	assess := func(from, to string) *leases.LateFees {
		got, err := h.Accounts.AssessLateFees(ctx, h.db, leases.AssessLateFeesParams{PropertyID: h.property, From: day(from), Through: day(to), ActorID: h.staff})
		require.NoError(t, err)
		return got
	}
	require.Zero(t, assess("2026-01-01", "2026-01-06").Fees)
	got := assess("2026-01-01", "2026-01-08")
	require.Equal(t, "4 100.00", fmt.Sprint(got.Fees, " ", got.Amount)) // 50, 30, 10 and 10
	require.Zero(t, assess("2026-01-01", "2026-01-08").Fees, "once a period")
	got = assess("2026-01-01", "2026-01-31")
	require.Equal(t, "1 5.00", fmt.Sprint(got.Fees, " ", got.Amount), "up to the cap")
	for l, want := range map[*leases.Lease]string{flat: "1050.00", rate: "630.00", daily: "1025.00", onTime: "0.00"} {
		require.Equal(t, want, h.balance(l, "2026-01-31").Balance.String())
	}
	late := h.entries(flat, leases.EntryCharge)
	require.Equal(t, "2026-01-07", late[len(late)-1].EffectiveOn.String())
	_, err := h.Accounts.ReverseCharge(ctx, h.db, leases.ReverseChargeParams{IdempotencyKey: key(), EntryID: late[len(late)-1].ID, ActorID: h.staff})
	require.NoError(t, err)
	require.Zero(t, assess("2026-01-01", "2026-01-31").Fees, "a fee that was waived stays so")
	_, err = h.Accounts.AssessLateFees(ctx, h.db, leases.AssessLateFeesParams{PropertyID: h.property, From: day("2025-01-01"), Through: day("2026-01-01"), ActorID: h.staff})
	require.ErrorIs(t, err, leases.ErrAssessment)
	h.holds()
}

func TestSettleDeposit(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-01-01", 1)
	ctx := t.Context()
	l := h.sign(0, "2026-01-01", "2026-12-31", "1000")
	_, err := h.Accounts.ReceiveDeposit(ctx, h.db, leases.ReceiveDepositParams{IdempotencyKey: key(), LeaseID: l.ID, Amount: usd("1200"), Date: day("2026-01-01"), ActorID: h.staff})
	require.NoError(t, err)
	h.post("2026-01-01")
	b := h.balance(l, "2026-01-02")
	require.Equal(t, "1000.00 1200.00", fmt.Sprint(b.Balance, " ", b.DepositHeld), "a deposit pays no rent")
	h.today("2026-01-31")
	h.pay(l, "700", "2026-01-05")
	p := leases.SettleDepositParams{IdempotencyKey: "out", LeaseID: l.ID, Date: day("2026-01-31"), Damages: []leases.Damage{{Amount: usd("150"), Memo: "door"}}, ActorID: h.staff}
	_, err = h.Accounts.SettleDeposit(ctx, h.db, p)
	require.ErrorIs(t, err, leases.ErrNotMovedOut)
	fee := usd("250")
	_, err = h.Leases.TerminateLease(ctx, h.db, leases.TerminateLeaseParams{LeaseID: l.ID, Date: day("2026-01-15"), LastDay: day("2026-01-31"), Fee: &fee, ActorID: h.staff})
	require.NoError(t, err)
	_, err = h.Leases.MoveOut(ctx, h.db, leases.MoveOutParams{LeaseID: l.ID, Date: day("2026-01-31"), ActorID: h.staff})
	require.NoError(t, err)
	require.Equal(t, "250.00", h.post("2026-01-01").Charged.String(), "the fee of the termination")
	shown, err := h.Accounts.MoveOutStatement(ctx, h.db, leases.MoveOutStatementParams{LeaseID: l.ID, Date: p.Date, Damages: p.Damages})
	require.NoError(t, err)
	m, err := h.Accounts.SettleDeposit(ctx, h.db, p)
	require.NoError(t, err)
	require.Equal(t, shown, m)
	require.Equal(t, "1200.00 550.00 150.00 700.00 500.00 0.00", fmt.Sprint(m.DepositHeld, " ", m.Owed, " ", m.Damages, " ", m.Applied, " ", m.Refunded, " ", m.StillOwed))
	again, err := h.Accounts.SettleDeposit(ctx, h.db, p)
	require.NoError(t, err)
	require.Equal(t, m, again)
	p.IdempotencyKey, p.Damages = key(), nil
	_, err = h.Accounts.SettleDeposit(ctx, h.db, p)
	require.ErrorIs(t, err, leases.ErrSettled)
	b = h.balance(l, "2026-01-31")
	require.Equal(t, "0.00 0.00", fmt.Sprint(b.Balance, " ", b.DepositHeld))
	h.holds()
}

// One asks and another agrees; what is written off goes to the oldest charges.
func TestWriteOff(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-01-31", 1)
	ctx := t.Context()
	l := h.sign(0, "2026-01-01", "2026-12-31", "1000")
	h.post("2026-01-01")
	ask := leases.RequestWriteOffParams{IdempotencyKey: "w", LeaseID: l.ID, Amount: usd("1000.01"), Date: day("2026-01-31"), Reason: "gone", ActorID: h.staff}
	_, err := h.Accounts.RequestWriteOff(ctx, h.db, ask)
	require.ErrorIs(t, err, leases.ErrOverWrittenOff)
	ask.Amount = usd("400")
	w, err := h.Accounts.RequestWriteOff(ctx, h.db, ask)
	require.NoError(t, err)
	_, err = h.Accounts.ApproveWriteOff(ctx, h.db, leases.ApproveWriteOffParams{WriteOffID: w.ID, ActorID: h.staff})
	require.ErrorIs(t, err, leases.ErrSecondPerson)
	require.Equal(t, "1000.00", h.balance(l, "2026-01-31").Balance.String())
	for range 2 {
		w, err = h.Accounts.ApproveWriteOff(ctx, h.db, leases.ApproveWriteOffParams{WriteOffID: w.ID, ActorID: h.second})
		require.NoError(t, err)
		require.Equal(t, leases.WriteOffApproved, w.Status)
	}
	require.Equal(t, "600.00", h.balance(l, "2026-01-31").Balance.String())
	_, err = h.Accounts.RejectWriteOff(ctx, h.db, leases.RejectWriteOffParams{WriteOffID: w.ID, ActorID: h.second, Reason: "no"})
	require.ErrorIs(t, err, leases.ErrWriteOffDecided)
	ask.IdempotencyKey = key()
	w, err = h.Accounts.RequestWriteOff(ctx, h.db, ask)
	require.NoError(t, err)
	w, err = h.Accounts.RejectWriteOff(ctx, h.db, leases.RejectWriteOffParams{WriteOffID: w.ID, ActorID: h.second, Reason: "no"})
	require.NoError(t, err)
	require.Equal(t, leases.WriteOffRejected, w.Status)
	require.Equal(t, "600.00", h.balance(l, "2026-01-31").Balance.String())
	h.holds()
}

// A verb that is cancelled in a caller's transaction leaves nothing of it there.
func TestReceivePayment_cancelled(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-01-31", 1)
	l := h.sign(0, "2026-01-01", "2026-12-31", "1000")
	h.post("2026-01-01")
	pay := func(ctx context.Context) error {
		_, err := h.Accounts.ReceivePayment(ctx, h.db, leases.ReceivePaymentParams{IdempotencyKey: key(), LeaseID: l.ID, Amount: usd("10"), Date: day("2026-01-05"), ActorID: h.staff})
		return err
	}
	cancelled := 0
	for n := range 100 { // until it is asked less often than that
		ctx := &countdown{Context: t.Context()}
		ctx.left.Store(int64(n))
		err := pay(ctx)
		if err == nil {
			break
		}
		require.ErrorIs(t, err, context.Canceled, "asked %d times", n)
		require.Empty(t, h.entries(l, leases.EntryPayment))
		cancelled++
	}
	require.Positive(t, cancelled)
	require.Len(t, h.entries(l, leases.EntryPayment), 1)
	h.holds()
}

// countdown is a context that ends after it was asked so many times.
type countdown struct {
	context.Context
	left atomic.Int64 // database/sql asks from goroutines of its own too
}

func (c *countdown) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// Index steps with floor and cap, recoveries with base year, gross-up and caps, and
// percentage rent.
func TestCommercial(t *testing.T) {
	t.Parallel()
	d := decimal.RequireFromString
	x := leases.Index{Name: "CPI-U", BaseMonth: day("2025-01-01"), BaseRent: usd("10000"), Floor: ptr(d("0.02")), Cap: ptr(d("0.05"))}
	for index, want := range map[string]string{"303": "10200.00", "312": "10400.00", "330": "10500.00"} {
		got, err := x.Step(d(index), d("300"), usd("10000"))
		require.NoError(t, err)
		require.Equal(t, want, got.String())
	}
	p := leases.PercentageRent{Rate: d("0.06")}
	got, err := p.Owed(leases.SalesYear{Sales: usd("1250000"), Rent: usd("60000")})
	require.NoError(t, err)
	require.Equal(t, "15000.00", got.String())
	got, err = p.Owed(leases.SalesYear{Sales: usd("999999"), Rent: usd("60000")})
	require.NoError(t, err)
	require.True(t, got.IsZero())
	r := leases.Recovery{Pool: "cam", Area: 1000, Denominator: 10000, BaseYear: ptr(usd("90000"))}
	due, err := r.Due(leases.PoolYear{Fixed: usd("60000"), Variable: usd("40000")})
	require.NoError(t, err)
	require.Equal(t, "1000.00 0.1", fmt.Sprint(due.Due, " ", due.Share))
	r.GrossUp, r.Minimum = true, ptr(d("0.95"))
	due, err = r.Due(leases.PoolYear{Fixed: usd("60000"), Variable: usd("40000"), OccupiedArea: 8000})
	require.NoError(t, err)
	require.Equal(t, "7500.00 1750.00", fmt.Sprint(due.GrossedUp, " ", due.Due)) // 40,000 x 0.95 / 0.80
	r = leases.Recovery{Pool: "cam", Area: 1000, Denominator: 10000, OccupiedOnly: true, Cap: &leases.Cap{Rate: d("0.05"), Cumulative: true, Compounded: true}}
	due, err = r.Due(leases.PoolYear{Fixed: usd("50000"), Controllable: usd("30000"), BaseControllable: usd("20000"), YearsSinceBase: 2, OccupiedArea: 5000})
	require.NoError(t, err)
	require.Equal(t, "7950.00 8410.00", fmt.Sprint(due.CapReduction, " ", due.Due)) // most 22,050
	r.Cap.Compounded = false
	due, err = r.Due(leases.PoolYear{Fixed: usd("50000"), Controllable: usd("30000"), BaseControllable: usd("20000"), YearsSinceBase: 2, OccupiedArea: 5000})
	require.NoError(t, err)
	require.Equal(t, "8000.00", due.CapReduction.String())
	r.Cap.Cumulative = false
	due, err = r.Due(leases.PoolYear{Fixed: usd("50000"), Controllable: usd("30000"), PriorControllable: usd("29000"), OccupiedArea: 5000})
	require.NoError(t, err)
	require.True(t, due.CapReduction.IsZero())
	require.Equal(t, "10000.00", due.Due.String())
}

// A commercial lease in its book: an index step, estimates of recoveries settled with
// their year, percentage rent.
func TestCommercial_lease(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-02-01", 1)
	ctx, d := t.Context(), decimal.RequireFromString
	l := h.sign(0, "2025-01-01", "2029-12-31", "5000", func(p *leases.SignLeaseParams) {
		p.Kind = leases.Commercial
		p.Charges = []leases.ChargeParams{{Kind: leases.ChargeRecovery, Amount: usd("500"), From: day("2025-01-01")}}
		p.Conditions = leases.Conditions{Index: &leases.Index{Name: "CPI-U", BaseMonth: day("2025-01-01"), BaseRent: usd("5000")},
			Recoveries: []leases.Recovery{{Pool: "cam", Area: 1000, Denominator: 10000}}, Percentage: &leases.PercentageRent{Rate: d("0.06")}}
	})
	a, err := h.Leases.StepByIndex(ctx, h.db, leases.StepByIndexParams{LeaseID: l.ID, From: day("2026-01-01"), Month: day("2025-12-01"), Value: d("309"), BaseValue: d("300"), ActorID: h.staff})
	require.NoError(t, err)
	require.Equal(t, "5150.00", a.RentOn(day("2026-01-01")).String())
	for m := range 12 {
		h.post(day("2025-01-01").AddMonths(m).String())
	}
	pools := leases.ReconcileRecoveryParams{IdempotencyKey: "r", LeaseID: l.ID, Year: 2025, Pools: []leases.PoolCosts{{Pool: "cam", Costs: leases.PoolYear{Fixed: usd("65000")}}}, DueOn: day("2026-02-01"), ActorID: h.staff}
	e, err := h.Accounts.ReconcileRecovery(ctx, h.db, pools)
	require.NoError(t, err)
	require.Equal(t, "charge 500.00", fmt.Sprint(e.Kind, " ", e.Amount)) // 6,500 less 12 x 500
	pools.IdempotencyKey = key()
	_, err = h.Accounts.ReconcileRecovery(ctx, h.db, pools)
	require.ErrorIs(t, err, leases.ErrNothingDue)
	pools.IdempotencyKey, pools.Pools = key(), nil
	_, err = h.Accounts.ReconcileRecovery(ctx, h.db, pools)
	require.ErrorIs(t, err, leases.ErrNoRecovery)
	e, err = h.Accounts.ChargePercentageRent(ctx, h.db, leases.ChargePercentageRentParams{IdempotencyKey: key(), LeaseID: l.ID, Year: 2025, Sales: usd("1250000"), DueOn: day("2026-02-01"), ActorID: h.staff})
	require.NoError(t, err)
	require.Equal(t, "15000.00", e.Amount.String())
	h.post("2025-12-01")
	require.Equal(t, "81500.00", h.balance(l, "2026-02-01").Balance.String()) // 12 x 5,500, 500 and 15,000
	h.holds()
}
