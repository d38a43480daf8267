package payables_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
	"github.com/freehold-go/freehold/realestate/vault"
)

func day(s string) date.Date    { return date.MustParse(s) }
func usd(s string) money.Amount { return money.MustParse(s) }
func ptr[T any](v T) *T         { return &v }
func key() string               { return id.New[struct{}]().String() }

// office is a property, a vendor and two who work there, at the end of 2026.
type office struct {
	*payables.Service
	t             *testing.T
	db            bun.IDB
	property      id.Of[properties.Property]
	unit          id.Of[properties.Unit]
	vendor        id.Of[payables.Vendor]
	clerk, boss   id.Of[auth.User]
	vendorAccount id.Of[auth.User]
}

func newOffice(t *testing.T, db bun.IDB, change ...func(*payables.Config)) *office {
	t.Helper()
	secret := sha256.Sum256([]byte("k1"))
	v, err := vault.New(vault.Key{ID: "k1", Secret: secret[:]})
	require.NoError(t, err)
	cfg := payables.Config{Now: func() time.Time { return time.Date(2026, 12, 31, 9, 0, 0, 0, time.UTC) }, Vault: v}
	for _, c := range change {
		c(&cfg)
	}
	o := &office{Service: payables.NewService(cfg), t: t, db: db, unit: id.New[properties.Unit]()}
	o.clerk, o.boss, o.vendorAccount = realestatetest.User(t, db).ID, realestatetest.User(t, db).ID, realestatetest.User(t, db).ID
	o.property = realestatetest.Property(t, db, func(p *properties.RegisterPropertyParams) {
		p.Units = []properties.UnitParams{{ID: o.unit, Number: "1"}}
	}).ID
	vendor, err := o.AddVendor(t.Context(), db, payables.AddVendorParams{Kind: payables.VendorPerson, Name: "Pat Plumber", Email: ptr("pat@example.com"), UserID: &o.vendorAccount,
		Reported: true, ActorID: o.clerk})
	require.NoError(t, err)
	o.vendor = vendor.ID
	return o
}

// bill is one of the vendor's, due on a day; change alters it.
func (o *office) bill(amount, due string, change ...func(*payables.EnterBillParams)) *payables.Bill {
	o.t.Helper()
	p := payables.EnterBillParams{PropertyID: o.property, VendorID: o.vendor, Line: payables.LineMaintenanceRepairs, Amount: usd(amount), BilledOn: day(due).AddDays(-30),
		DueOn: day(due), ActorID: o.clerk}
	for _, c := range change {
		c(&p)
	}
	b, err := o.EnterBill(o.t.Context(), o.db, p)
	require.NoError(o.t, err)
	return b
}

// owed is a bill that was approved.
func (o *office) owed(amount, due string, change ...func(*payables.EnterBillParams)) *payables.Bill {
	o.t.Helper()
	b, err := o.ApproveBill(o.t.Context(), o.db, payables.ApproveBillParams{BillID: o.bill(amount, due, change...).ID, ActorID: o.boss})
	require.NoError(o.t, err)
	require.Equal(o.t, payables.BillApproved, b.Status)
	return b
}

func (o *office) pay(b *payables.Bill, amount, on string) *payables.BillPayment {
	o.t.Helper()
	m, err := o.PayBill(o.t.Context(), o.db, payables.PayBillParams{IdempotencyKey: key(), BillID: b.ID, Amount: usd(amount), Date: day(on), Reference: "check 7", ActorID: o.clerk})
	require.NoError(o.t, err)
	return m
}

// balance is that of an account of the property's book.
func (o *office) balance(code string) string {
	o.t.Helper()
	var out []string
	require.NoError(o.t, o.db.NewRaw(`SELECT sum(CASE WHEN p.debit_account = a.id THEN p.amount ELSE -p.amount END)::text FROM financials.books b JOIN financials.accounts a ON a.book_id = b.id
		JOIN financials.postings p ON a.id IN (p.debit_account, p.credit_account) WHERE b.property_id = ? AND a.code = ? HAVING count(*) > 0`, o.property, code).
		Scan(o.t.Context(), &out))
	if len(out) == 0 {
		return "none"
	}
	return out[0]
}

// holds sees that all invariants of the domain hold.
func (o *office) holds() {
	o.t.Helper()
	for _, i := range payables.Invariants() {
		require.Empty(o.t, findings(o.t, o.db, i), i.Name)
	}
}

func findings(t *testing.T, db bun.IDB, i store.Invariant) (out []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), i.Query)
	require.NoError(t, err, i.Name)
	defer func() { require.NoError(t, rows.Close()) }()
	for rows.Next() {
		var what, why string
		require.NoError(t, rows.Scan(&what, &why))
		out = append(out, what+": "+why)
	}
	require.NoError(t, rows.Err())
	return out
}

// A bill is approved by another person, paid in parts, returned, and booked each time.
func TestBill_life(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	o := newOffice(t, db)
	b := o.bill("900.50", "2026-06-30")
	_, err := o.PayBill(ctx, db, payables.PayBillParams{IdempotencyKey: key(), BillID: b.ID, Amount: usd("1"), Date: day("2026-06-30"), ActorID: o.clerk})
	require.ErrorIs(t, err, payables.ErrBillStatus)
	_, err = o.ApproveBill(ctx, db, payables.ApproveBillParams{BillID: b.ID, ActorID: o.clerk})
	require.ErrorIs(t, err, payables.ErrSecondPerson)
	_, err = o.ApproveBill(ctx, db, payables.ApproveBillParams{BillID: b.ID, ActorID: o.vendorAccount})
	require.ErrorIs(t, err, payables.ErrActorParty)
	for range 2 {
		b, err = o.ApproveBill(ctx, db, payables.ApproveBillParams{BillID: b.ID, ActorID: o.boss})
		require.NoError(t, err)
		require.Equal(t, "approved 2", fmt.Sprint(b.Status, " ", b.Version))
	}
	_, err = o.RejectBill(ctx, db, payables.RejectBillParams{BillID: b.ID, ActorID: o.boss, Reason: "x"})
	require.ErrorIs(t, err, payables.ErrBillStatus)
	require.Equal(t, "none", o.balance("5200"), "nothing is booked before it is paid")

	first := payables.PayBillParams{IdempotencyKey: key(), BillID: b.ID, Amount: usd("400"), Date: day("2026-06-30"), ActorID: o.clerk}
	m, err := o.PayBill(ctx, db, first)
	require.NoError(t, err)
	again, err := o.PayBill(ctx, db, first)
	require.NoError(t, err)
	require.Equal(t, m.ID, again.ID)
	first.Amount = usd("401")
	_, err = o.PayBill(ctx, db, first)
	require.ErrorIs(t, err, store.ErrKeyReused)
	_, err = o.PayBill(ctx, db, payables.PayBillParams{IdempotencyKey: key(), BillID: b.ID, Amount: usd("500.51"), Date: day("2026-07-01"), ActorID: o.clerk})
	require.ErrorIs(t, err, payables.ErrOverPaid)
	_, err = o.PayBill(ctx, db, payables.PayBillParams{IdempotencyKey: key(), BillID: b.ID, Amount: usd("1"), Date: b.BilledOn.AddDays(-1), ActorID: o.clerk})
	require.ErrorIs(t, err, payables.ErrPaymentEarly)
	_, err = o.VoidBill(ctx, db, payables.VoidBillParams{BillID: b.ID, Date: day("2026-07-01"), ActorID: o.boss})
	require.ErrorIs(t, err, payables.ErrBillPaid)
	o.pay(b, "500.50", "2026-07-01")
	require.Equal(t, "900.50 -900.50", o.balance("5200")+" "+o.balance(payables.AccountCash))
	unpaid, err := o.Bills(ctx, db, payables.BillFilter{PropertyID: &o.property, Unpaid: true}, page.Request{})
	require.NoError(t, err)
	require.Empty(t, unpaid.Items)

	back := payables.ReturnBillPaymentParams{IdempotencyKey: key(), PaymentID: m.ID, Date: day("2026-06-29"), ActorID: o.clerk}
	_, err = o.ReturnBillPayment(ctx, db, back)
	require.ErrorIs(t, err, payables.ErrPaymentEarly)
	back.Date = day("2026-07-10")
	for range 2 {
		r, err := o.ReturnBillPayment(ctx, db, back)
		require.NoError(t, err)
		require.Equal(t, "return 400.00", fmt.Sprint(r.Kind, " ", r.Amount))
		require.Equal(t, "500.50 -500.50", o.balance("5200")+" "+o.balance(payables.AccountCash))
	}
	back.IdempotencyKey = key()
	_, err = o.ReturnBillPayment(ctx, db, back)
	require.ErrorIs(t, err, payables.ErrPaymentReturned)
	unpaid, err = o.Bills(ctx, db, payables.BillFilter{VendorID: &o.vendor, Unpaid: true, DueBy: ptr(day("2026-06-30")), Status: payables.BillApproved}, page.Request{})
	require.NoError(t, err)
	require.Len(t, unpaid.Items, 1)
	list, err := o.BillPayments(ctx, db, b.ID, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 3)
	o.holds()
}

// What cannot be is refused by its field, all at once; a vendor's number stands once.
func TestEnterBill_refuses(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	o := newOffice(t, db)
	_, err := o.EnterBill(ctx, db, payables.EnterBillParams{Line: "vacancy_loss"})
	require.Len(t, fault.FieldErrors(err), 7)
	good := payables.EnterBillParams{ID: id.New[payables.Bill](), PropertyID: o.property, VendorID: o.vendor, Reference: "A-1", Line: payables.LineCapitalImprovements, Amount: usd("5000"),
		BilledOn: day("2026-12-01"), DueOn: day("2027-01-15"), ActorID: o.clerk}
	b, err := o.EnterBill(ctx, db, good)
	require.NoError(t, err)
	again, err := o.EnterBill(ctx, db, good)
	require.NoError(t, err)
	require.Equal(t, b.ID, again.ID)
	refused := func(change func(*payables.EnterBillParams)) error {
		p := good
		p.ID, p.Reference = id.New[payables.Bill](), "other"
		change(&p)
		_, err := o.EnterBill(ctx, db, p)
		return err
	}
	require.ErrorIs(t, refused(func(p *payables.EnterBillParams) { p.Reference = "A-1" }), payables.ErrBillTwice)
	require.ErrorIs(t, refused(func(p *payables.EnterBillParams) { p.DueOn = day("2026-11-30") }), payables.ErrBillDays)
	require.Equal(t, check.InFuture, fault.FieldErrors(refused(func(p *payables.EnterBillParams) { p.BilledOn = day("2027-01-03") }))[0].Code)
	require.Equal(t, check.TooFar, fault.FieldErrors(refused(func(p *payables.EnterBillParams) { p.DueOn = day("2029-01-01") }))[0].Code)
	require.ErrorIs(t, refused(func(p *payables.EnterBillParams) { p.VendorID = id.New[payables.Vendor]() }), payables.ErrVendorNotFound)
	require.ErrorIs(t, refused(func(p *payables.EnterBillParams) { p.PropertyID = id.New[properties.Property]() }), properties.ErrPropertyNotFound)
	require.ErrorIs(t, refused(func(p *payables.EnterBillParams) { p.RequestID = ptr(id.New[payables.MaintenanceRequest]()) }), payables.ErrBillRequest)
	require.ErrorIs(t, refused(func(p *payables.EnterBillParams) { p.ActorID = o.vendorAccount }), payables.ErrActorParty)
	require.ErrorIs(t, refused(func(p *payables.EnterBillParams) { p.ActorID = id.New[auth.User]() }), auth.ErrActorInactive)
	b, err = o.RejectBill(ctx, db, payables.RejectBillParams{BillID: b.ID, ActorID: o.boss, Reason: "not ours"})
	require.NoError(t, err)
	require.Equal(t, payables.BillRejected, b.Status)
	require.NoError(t, refused(func(p *payables.EnterBillParams) { p.Reference = "A-1" }), "what was refused may come again")
	o.holds()
}

// Two of two have to agree, a bill that is approved twice counts one, and one that is taken back is owed no more.
func TestApproveBill_several(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	o := newOffice(t, db, func(c *payables.Config) { c.Approvals = 2 })
	b := o.bill("10", "2026-06-30")
	third := realestatetest.User(t, db).ID
	for range 2 {
		b, err := o.ApproveBill(ctx, db, payables.ApproveBillParams{BillID: b.ID, ActorID: o.boss})
		require.NoError(t, err)
		require.Equal(t, payables.BillPending, b.Status)
	}
	b, err := o.ApproveBill(ctx, db, payables.ApproveBillParams{BillID: b.ID, ActorID: third})
	require.NoError(t, err)
	require.Equal(t, payables.BillApproved, b.Status)
	o.holds()
	for range 2 {
		b, err = o.VoidBill(ctx, db, payables.VoidBillParams{BillID: b.ID, Date: day("2026-07-01"), ActorID: o.boss})
		require.NoError(t, err)
		require.Equal(t, payables.BillVoided, b.Status)
	}
	_, err = o.PayBill(ctx, db, payables.PayBillParams{IdempotencyKey: key(), BillID: b.ID, Amount: usd("1"), Date: day("2026-06-30"), ActorID: o.clerk})
	require.ErrorIs(t, err, payables.ErrBillStatus)
	o.holds()
}

// Aging is of any day, by how long bills have been due then.
func TestAging(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	o := newOffice(t, db)
	for _, b := range []struct{ amount, due string }{{"1", "2026-10-02"}, {"10", "2026-09-30"}, {"100", "2026-08-31"}, {"1000", "2026-08-01"}, {"10000", "2026-07-02"}} {
		o.owed(b.amount, b.due)
	}
	half := o.owed("500", "2026-06-01")
	o.pay(half, "200", "2026-09-30")
	o.pay(half, "300", "2026-10-01")
	o.bill("77", "2026-06-01")
	tell := func(on string, property *id.Of[properties.Property]) string {
		list, err := o.Aging(ctx, db, payables.AgingParams{PropertyID: property, AsOf: day(on)})
		require.NoError(t, err)
		if len(list) == 0 {
			return "nothing"
		}
		require.Len(t, list, 1)
		a := list[0]
		require.Equal(t, "Pat Plumber", a.Name)
		return fmt.Sprint(a.Bills, " ", a.NotDue, " ", a.To30, " ", a.To60, " ", a.To90, " ", a.Over90, " ", a.Open, " ", a.Oldest)
	}
	require.Equal(t, "6 1.00 110.00 1000.00 10000.00 300.00 11411.00 2026-06-01", tell("2026-09-30", nil))
	require.Equal(t, "5 1.00 10.00 100.00 1000.00 10000.00 11111.00 2026-07-02", tell("2026-10-01", &o.property))
	require.Equal(t, "nothing", tell("2026-10-01", ptr(id.New[properties.Property]())))
	require.Equal(t, "nothing", tell("2026-04-30", nil))
	_, err := o.Aging(ctx, db, payables.AgingParams{})
	require.Len(t, fault.FieldErrors(err), 1)

	wrong := o.owed("5000", "2026-10-20")
	back := o.pay(wrong, "5000", "2026-10-21")
	_, err = o.ReturnBillPayment(ctx, db, payables.ReturnBillPaymentParams{IdempotencyKey: key(), PaymentID: back.ID, Date: day("2026-10-25"), ActorID: o.clerk})
	require.NoError(t, err)
	void := payables.VoidBillParams{BillID: wrong.ID, Date: day("2026-10-24"), ActorID: o.boss}
	_, err = o.VoidBill(ctx, db, void)
	require.ErrorIs(t, err, payables.ErrVoidEarly, "its money came back on the next day")
	void.Date = day("2026-11-01")
	own := void
	own.ActorID = o.clerk
	_, err = o.VoidBill(ctx, db, own)
	require.ErrorIs(t, err, payables.ErrSecondPerson, "it took two to agree to it")
	voided, err := o.VoidBill(ctx, db, void)
	require.NoError(t, err)
	require.Equal(t, void.Date, *voided.VoidedOn)
	require.Equal(t, "6 5000.00 11.00 100.00 1000.00 10000.00 16111.00 2026-07-02", tell("2026-10-19", nil), "it was owed then")
	require.Equal(t, "5 0.00 11.00 100.00 1000.00 10000.00 11111.00 2026-07-02", tell("2026-10-21", nil), "paid")
	require.Equal(t, "6 0.00 5001.00 10.00 100.00 11000.00 16111.00 2026-07-02", tell("2026-10-31", nil))
	require.Equal(t, "5 0.00 1.00 10.00 100.00 11000.00 11111.00 2026-07-02", tell("2026-11-01", nil), "and no more")
	o.holds()
}

// A filter's statuses and days are checked before the database sees them.
func TestFilters_refuse(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	o := newOffice(t, db)
	_, err := o.Bills(ctx, db, payables.BillFilter{Status: "paid\x00", DueBy: new(date.Date)}, page.Request{})
	require.Len(t, fault.FieldErrors(err), 2)
	_, err = o.MaintenanceList(ctx, db, payables.MaintenanceFilter{Statuses: []payables.MaintenanceStatus{"gone"}, Priority: "soon"}, page.Request{})
	require.Len(t, fault.FieldErrors(err), 2)
}

// Roles decide where the host asks for them.
func TestRules_asked(t *testing.T) {
	t.Parallel()
	db := pgtest.Tx(t)
	var asked []string
	refused := fault.New(fault.Forbidden, "test_refused", "no")
	o := newOffice(t, db, func(c *payables.Config) {
		c.May = func(_ context.Context, _ bun.IDB, _ id.Of[auth.User], a auth.Action, on auth.Object) error {
			asked = append(asked, string(a)+" "+string(on.Kind))
			if a == auth.ActionPay {
				return refused
			}
			return nil
		}
	})
	b := o.owed("10", "2026-06-30")
	_, err := o.PayBill(t.Context(), db, payables.PayBillParams{IdempotencyKey: key(), BillID: b.ID, Amount: usd("10"), Date: day("2026-06-30"), ActorID: o.clerk})
	require.ErrorIs(t, err, refused)
	require.Equal(t, []string{"create financials", "create financials", "approve financials", "pay financials"}, asked)
}

// Eight who pay one bill at once pay it once.
func TestPayBill_together(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	o := newOffice(t, db)
	b := o.owed("300", "2026-06-30")
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = o.PayBill(ctx, db, payables.PayBillParams{IdempotencyKey: key(), BillID: b.ID, Amount: usd("100"), Date: day("2026-06-30"), ActorID: o.clerk})
		})
	}
	wg.Wait()
	paid := 0
	for _, err := range errs {
		if err == nil {
			paid++
			continue
		}
		require.ErrorIs(t, err, payables.ErrOverPaid)
	}
	require.Equal(t, 3, paid)
	require.Equal(t, "300.00", o.balance("5200"))
	o.holds()
}

// A closed month takes no payment, and an account of another kind is refused.
func TestPayBill_book(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	o := newOffice(t, db)
	books := ledger.NewService(ledger.Config{})
	_, err := books.OpenBook(ctx, db, ledger.OpenBookParams{Code: "x", Name: "x", PropertyID: &o.property, Accounts: []ledger.AccountParams{{Code: "5200", Name: "wrong", Type: ledger.Income}}})
	require.NoError(t, err)
	b := o.owed("10", "2026-06-30")
	_, err = o.PayBill(ctx, db, payables.PayBillParams{IdempotencyKey: key(), BillID: b.ID, Amount: usd("10"), Date: day("2026-06-30"), ActorID: o.clerk})
	require.ErrorIs(t, err, payables.ErrBookAccount)
	list, err := o.BillPayments(ctx, db, b.ID, page.Request{})
	require.NoError(t, err)
	require.Empty(t, list.Items)
}
