package leases

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Balance is what the tenants of a lease owe on a day.
type Balance struct {
	LeaseID id.Of[Lease] `bun:"lease_id" json:"lease_id"`
	// Balance is the charges due by the day less what was paid and credited; below zero
	// is paid ahead.
	Balance money.Amount `bun:"balance" json:"balance"`
	Owed    money.Amount `bun:"owed" json:"owed"`       // unpaid of what is due
	Prepaid money.Amount `bun:"prepaid" json:"prepaid"` // paid and not needed yet
	// Upcoming is what is charged and not due yet.
	Upcoming money.Amount `bun:"upcoming" json:"upcoming"`
	// The age of what is owed, by the days since its due date.
	Days0to30  money.Amount `bun:"days0to30" json:"days_0_to_30"`
	Days31to60 money.Amount `bun:"days31to60" json:"days_31_to_60"`
	Days61to90 money.Amount `bun:"days61to90" json:"days_61_to_90"`
	Over90     money.Amount `bun:"over90" json:"over_90"`
	// OldestDue is the due date of the oldest unpaid charge, and DaysDelinquent the days
	// since.
	OldestDue      *date.Date   `bun:"oldest_due" json:"oldest_due"`
	DaysDelinquent int          `bun:"days_delinquent" json:"days_delinquent"`
	DepositHeld    money.Amount `bun:"deposit_held" json:"deposit_held"`
}

// OpenCharge is a charge that is not paid, or not wholly.
type OpenCharge struct {
	ChargeID id.Of[Entry] `bun:"charge_id" json:"charge_id"`
	LeaseID  id.Of[Lease] `bun:"lease_id" json:"lease_id"`
	Kind     ChargeKind   `bun:"kind" json:"kind"` // "refund" where a refund took what was paid ahead and came back
	DueOn    date.Date    `bun:"due_on" json:"due_on"`
	Amount   money.Amount `bun:"amount" json:"amount"` // less what was reversed of it
	Unpaid   money.Amount `bun:"unpaid" json:"unpaid"`
}

// owedSQL derives what is owed from the entries. ?1 is the day and ?2 the time by which
// entries were recorded; scope narrows the entries e. Money goes to charges as its payer
// says, the rest by due date, then rent before other charges before late fees, then id.
// A payment that came back counts on no day from its return on, and what was reversed of
// a charge on none.
func owedSQL(scope string) string {
	return `WITH e AS MATERIALIZED (
		SELECT e.id, e.lease_id, e.kind, e.charge_kind, e.amount, e.effective_on, e.of_id FROM financials.lease_entries e
		WHERE ` + scope + ` AND (?2::timestamptz IS NULL OR e.recorded_at <= ?2)
	), undone AS (
		SELECT of_id, sum(amount) AS amount FROM e WHERE kind = 'reversal' OR kind = 'return' AND effective_on <= ?1 GROUP BY of_id
	), said AS (
		SELECT a.charge_id, sum(a.amount) AS amount FROM financials.lease_applications a JOIN e p ON p.id = a.payment_id AND p.effective_on <= ?1
		WHERE NOT EXISTS (SELECT 1 FROM undone u WHERE u.of_id = p.id) GROUP BY a.charge_id
	), c AS (
		SELECT e.id, e.lease_id, COALESCE(e.charge_kind, 'refund') AS kind, e.effective_on, n.net, LEAST(COALESCE(s.amount, 0), n.net) AS said,
			n.net - LEAST(COALESCE(s.amount, 0), n.net) AS rest,
			CASE e.charge_kind WHEN 'rent' THEN 0 WHEN 'late_fee' THEN 2 ELSE 1 END AS class
		FROM e LEFT JOIN undone u ON u.of_id = e.id LEFT JOIN said s ON s.charge_id = e.id
		CROSS JOIN LATERAL (SELECT e.amount - COALESCE(u.amount, 0) AS net) n
		WHERE e.kind IN ('charge', 'refund')
	), m AS (
		SELECT e.lease_id, sum(e.amount - COALESCE(u.amount, 0)) FILTER (WHERE e.kind IN ('payment', 'credit', 'deposit_applied')) AS money,
			sum(CASE e.kind WHEN 'deposit' THEN e.amount ELSE -e.amount END) FILTER (WHERE e.kind IN ('deposit', 'deposit_applied', 'deposit_refunded')) AS deposit
		FROM e LEFT JOIN undone u ON u.of_id = e.id
		WHERE e.effective_on <= ?1 AND e.kind IN ('payment', 'credit', 'deposit', 'deposit_applied', 'deposit_refunded') GROUP BY e.lease_id
	), k AS (
		SELECT lease_id, sum(said) AS said, sum(said) FILTER (WHERE effective_on > ?1) AS early, sum(rest) FILTER (WHERE effective_on <= ?1) AS due,
			sum(net) FILTER (WHERE effective_on > ?1) AS upcoming FROM c GROUP BY lease_id
	), pool AS (
		SELECT COALESCE(m.lease_id, k.lease_id) AS lease_id, COALESCE(m.money, 0) - COALESCE(k.said, 0) AS free, COALESCE(m.deposit, 0) AS deposit,
			COALESCE(k.early, 0) AS early, COALESCE(k.due, 0) AS due, COALESCE(k.upcoming, 0) AS upcoming
		FROM m FULL JOIN k ON k.lease_id = m.lease_id
	), d AS (
		SELECT c.id, c.lease_id, c.kind, c.effective_on, c.net,
			GREATEST(0, LEAST(c.rest, sum(c.rest) OVER (PARTITION BY c.lease_id ORDER BY c.effective_on, c.class, c.id) - p.free)) AS unpaid
		FROM c JOIN pool p ON p.lease_id = c.lease_id WHERE c.effective_on <= ?1
	)`
}

// balanceSQL sums what owedSQL derives, by lease.
const balanceSQL = `
	SELECT p.lease_id, COALESCE(x.owed, 0) - GREATEST(p.free - p.due, 0) - p.early AS balance, COALESCE(x.owed, 0) AS owed,
		GREATEST(p.free - p.due, 0) + p.early AS prepaid, p.upcoming, COALESCE(x.days0to30, 0) AS days0to30, COALESCE(x.days31to60, 0) AS days31to60,
		COALESCE(x.days61to90, 0) AS days61to90, COALESCE(x.over90, 0) AS over90, x.oldest AS oldest_due, COALESCE(?1::date - x.oldest, 0) AS days_delinquent,
		p.deposit AS deposit_held
	FROM pool p LEFT JOIN (
		SELECT lease_id, sum(unpaid) AS owed, min(effective_on) FILTER (WHERE unpaid > 0) AS oldest,
			sum(unpaid) FILTER (WHERE ?1::date - effective_on <= 30) AS days0to30, sum(unpaid) FILTER (WHERE ?1::date - effective_on BETWEEN 31 AND 60) AS days31to60,
			sum(unpaid) FILTER (WHERE ?1::date - effective_on BETWEEN 61 AND 90) AS days61to90, sum(unpaid) FILTER (WHERE ?1::date - effective_on > 90) AS over90
		FROM d GROUP BY lease_id) x ON x.lease_id = p.lease_id`

// The scopes of owedSQL; ?0 is the lease, or the property.
const (
	ofLease    = "e.lease_id = ?0"
	ofProperty = "e.property_id = ?0"
)

// Balance reads what the tenants of a lease owe on a day, as it was known at a time; nil
// is now. It returns [ErrLeaseNotFound].
func (s *Accounts) Balance(ctx context.Context, db bun.IDB, lease id.Of[Lease], day date.Date, known *time.Time) (*Balance, error) {
	if _, err := leases.Get(ctx, db, lease); err != nil {
		return nil, err
	}
	return balanceOf(ctx, db, lease, day, known)
}

func balanceOf(ctx context.Context, db bun.IDB, lease id.Of[Lease], day date.Date, known *time.Time) (*Balance, error) {
	if day.IsZero() {
		return nil, errDay
	}
	return oneBalance(ctx, db, ofLease, lease, day, known)
}

// oneBalance is the balance of a lease out of the entries that scope names; more are the
// arguments of scope from ?3 on.
func oneBalance(ctx context.Context, db bun.IDB, scope string, lease id.Of[Lease], day date.Date, known *time.Time, more ...any) (*Balance, error) {
	list, err := scan[Balance](ctx, db, owedSQL(scope)+balanceSQL, append([]any{lease, day, known}, more...)...)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return &Balance{LeaseID: lease}, nil
	}
	return &list[0], nil
}

// spendable is what of a lease's money is there on a day and still is now: what was owed,
// paid ahead and deposited then, less what later days have already used of it. Money that
// leaves is judged by it, whatever day it is booked on.
func (c *core) spendable(ctx context.Context, db bun.IDB, lease id.Of[Lease], day date.Date) (*Balance, error) {
	b, err := least(day, c.days().Today, func(on date.Date) (*Balance, error) { return balanceOf(ctx, db, lease, on, nil) })
	if err != nil {
		return nil, err
	}
	return b, b.keepDeposit(ctx, db, ofLease, day, nil)
}

// keepDeposit leaves of the deposit what is held of it on every later day too: between
// two deposits more may have been taken than is held today. scope and more are those of
// oneBalance.
func (b *Balance) keepDeposit(ctx context.Context, db bun.IDB, scope string, day date.Date, known *time.Time, more ...any) error {
	list, err := scan[struct{ Held *money.Amount }](ctx, db, `SELECT min(held) AS held FROM (SELECT e.effective_on,
			sum(sum(CASE e.kind WHEN 'deposit' THEN e.amount ELSE -e.amount END)) OVER (ORDER BY e.effective_on) AS held
		FROM financials.lease_entries e WHERE `+scope+` AND (?2::timestamptz IS NULL OR e.recorded_at <= ?2)
			AND e.kind IN ('deposit', 'deposit_applied', 'deposit_refunded') GROUP BY e.effective_on) d WHERE effective_on > ?1`,
		append([]any{b.LeaseID, day, known}, more...)...)
	if err == nil && list[0].Held != nil {
		b.DepositHeld = money.Min(b.DepositHeld, *list[0].Held)
	}
	return err
}

// least asks read for the balances of a day and of the last one on which anything can have
// happened, and takes what both have.
func least(day, today date.Date, read func(on date.Date) (*Balance, error)) (*Balance, error) {
	var out *Balance
	for _, on := range slices.Compact([]date.Date{day, maxDay(day, today.AddDays(1))}) {
		b, err := read(on)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = b
		}
		out.Owed, out.Prepaid, out.DepositHeld = money.Min(out.Owed, b.Owed), money.Min(out.Prepaid, b.Prepaid), money.Min(out.DepositHeld, b.DepositHeld)
	}
	return out, nil
}

// BalancesParams names the tenants whose balances are read.
type BalancesParams struct {
	PropertyID *id.Of[properties.Property] // nil is of all properties
	Day        date.Date
	Known      *time.Time // what was recorded by then; nil is now
}

// Balances reads what the tenants of a property, or of all, owe on a day, in one
// statement. Leases without any entry are left out. The order is by lease.
func (s *Accounts) Balances(ctx context.Context, db bun.IDB, p BalancesParams) ([]Balance, error) {
	if p.Day.IsZero() {
		return nil, errDay
	}
	var f check.Fields
	f.Moment("known", p.Known)
	if err := f.Err(); err != nil {
		return nil, err
	}
	if p.PropertyID == nil {
		return scan[Balance](ctx, db, owedSQL("TRUE")+balanceSQL+" ORDER BY p.lease_id", nil, p.Day, p.Known)
	}
	return scan[Balance](ctx, db, owedSQL(ofProperty)+balanceSQL+" ORDER BY p.lease_id", *p.PropertyID, p.Day, p.Known)
}

// OpenCharges reads the charges of a lease that are due on a day and unpaid, the oldest
// first, as known at a time; nil is now.
func (s *Accounts) OpenCharges(ctx context.Context, db bun.IDB, lease id.Of[Lease], day date.Date, known *time.Time) ([]OpenCharge, error) {
	return openCharges(ctx, db, ofLease, lease, day, known)
}

func openCharges(ctx context.Context, db bun.IDB, scope string, of any, day date.Date, known *time.Time) ([]OpenCharge, error) {
	if day.IsZero() {
		return nil, errDay
	}
	return scan[OpenCharge](ctx, db, owedSQL(scope)+` SELECT id AS charge_id, lease_id, kind, effective_on AS due_on, net AS amount, unpaid FROM d
		WHERE unpaid > 0 ORDER BY effective_on, lease_id, id`, of, day, known)
}

// errDay: a day is needed.
var errDay = fault.New(fault.Invalid, check.Required, "a value is required").On("day")

// scan reads rows of a statement.
func scan[T any](ctx context.Context, db bun.IDB, query string, args ...any) ([]T, error) {
	for i := range args { // nothing is recorded outside of the calendar
		if t, ok := args[i].(*time.Time); ok && t != nil {
			known := check.Clamp(*t)
			args[i] = &known
		}
	}
	rows := []T{}
	if err := store.Read(ctx, db, db.NewRaw(query, args...), &rows); err != nil {
		return nil, store.Err(err, constraints)
	}
	return rows, nil
}
