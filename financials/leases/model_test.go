package leases_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/raced"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// histories is how many random histories are run: FREEHOLD_LEASES, or those of the gate.
func histories(t *testing.T) int {
	t.Helper()
	if s := os.Getenv("FREEHOLD_LEASES"); s != "" {
		n, err := strconv.Atoi(s)
		require.NoError(t, err)
		return n
	}
	return raced.Few(40, 300)
}

// street is how many histories share a property, a clock and the statements that read and
// post for all of them.
const street = 50

// A tenant's ledger against a second implementation that knows no SQL, over random
// charges, payments, returns, credits, steps, renewals and move-outs: balances, ages and
// days delinquent of any day, as known on any day. The histories of one property are read
// and posted together, as a host does it.
func TestLedger_againstModel(t *testing.T) {
	t.Parallel()
	db, n := pgtest.Clone(t), histories(t)
	t.Run("streets", func(t *testing.T) {
		for first := 0; first < n; first += street {
			t.Run(strconv.Itoa(first), func(t *testing.T) {
				t.Parallel()
				newStreet(newHouse(t, db, "2026-01-01", min(street, n-first)), first).run()
			})
		}
	})
	(&house{t: t, db: db}).holds()
}

// row is an entry as the model keeps it, in cents.
type row struct {
	id       id.Of[leases.Entry]
	what     string // charge, payment, credit, return
	kind     string // of a charge
	amount   int64
	on       date.Date
	period   date.Date // zero: not scheduled
	of       int       // the payment that came back
	said     map[int]int64
	reversed []cut // of a charge
	recorded time.Time
}

// cut is what was reversed of a charge, from its own day on.
type cut struct {
	cents    int64
	recorded time.Time
}

// step is a rent from a day on.
type step struct {
	from  date.Date
	cents int64
}

type history struct {
	*house
	rnd     *rand.Rand
	l       *leases.Lease
	seed    int
	start   date.Date
	end     date.Date // of the last term
	out     *date.Date
	dueDay  int
	steps   []step
	parking int64
	rows    []row
}

func newHistory(h *house, unit, seed int) *history {
	x := &history{house: h, rnd: rand.New(rand.NewPCG(uint64(seed), 14)), seed: seed}
	x.start = day("2026-01-01").AddDays(x.rnd.IntN(28))
	x.end = x.start.AddMonths(4 + x.rnd.IntN(6)).AddDays(-1)
	x.steps = []step{{x.start, 50_000 + x.rnd.Int64N(100_000)}}
	x.parking = x.rnd.Int64N(3) * 3_333
	x.dueDay = 1 + x.rnd.IntN(5)
	x.l = h.sign(unit, x.start.String(), x.end.String(), cents(x.steps[0].cents).String(), func(p *leases.SignLeaseParams) {
		if x.parking > 0 {
			p.Charges = []leases.ChargeParams{{Kind: leases.ChargeParking, Amount: cents(x.parking), From: x.start}}
		}
		p.Conditions.ReturnedFee = ptr(usd("30"))
		p.Conditions.DueDay = x.dueDay
	})
	return x
}

// neighbors are the histories of one property.
type neighbors struct {
	*house
	rnd  *rand.Rand
	list []*history
}

func newStreet(h *house, first int) *neighbors {
	n := &neighbors{house: h, rnd: rand.New(rand.NewPCG(uint64(first), 41))}
	for i := range h.units {
		n.list = append(n.list, newHistory(h, i, first+i))
	}
	return n
}

// run lets something happen to each tenant between two looks at all of them.
func (n *neighbors) run() {
	for round := range 12 {
		n.now = n.now.Add(time.Duration(1+n.rnd.IntN(20)) * 24 * time.Hour)
		for _, x := range n.list {
			x.act()
		}
		if round == 11 || n.rnd.IntN(3) > 0 {
			n.postAll()
		}
		n.compare(false)
		n.compare(true)
	}
}

func (x *history) act() {
	switch x.rnd.IntN(8) {
	case 0, 1, 2:
		x.receive()
	case 3:
		x.giveBack()
	case 4:
		x.credit()
	case 5:
		x.change()
	case 6:
		x.renew()
	}
}

func cents(n int64) money.Amount {
	a, err := money.FromCents(n)
	if err != nil {
		panic(err)
	}
	return a
}

func (x *history) day() date.Date { return date.Of(x.now) }

// postAll posts the months until today, and the models what they should come to. The
// entries that the verb made are those that the models made.
func (n *neighbors) postAll() {
	for m := day("2026-01-01"); !m.After(date.Of(n.now)); m = m.AddMonths(1) {
		n.post(m.String())
		for _, x := range n.list {
			x.model(m, "rent")
			x.model(m, "parking")
		}
	}
	var all []leases.Entry
	require.NoError(n.t, n.db.NewSelect().Model(&all).Where("ln.property_id = ?", n.property).OrderExpr("ln.id").Scan(n.t.Context()))
	by := map[id.Of[leases.Lease]][]leases.Entry{}
	for _, e := range all {
		by[e.LeaseID] = append(by[e.LeaseID], e)
	}
	for _, x := range n.list {
		x.find(by[x.l.ID])
	}
}

// find gives the charges of the model the ids of the entries that are the same.
func (x *history) find(got []leases.Entry) {
	require.Len(x.t, got, x.count(), "history %d", x.seed)
	taken := map[id.Of[leases.Entry]]bool{}
	for i := range x.rows {
		taken[x.rows[i].id] = true
	}
	for i := range x.rows {
		r := &x.rows[i]
		if !r.id.IsZero() {
			continue
		}
		at := slices.IndexFunc(got, func(e leases.Entry) bool {
			return string(e.Kind) == r.what && e.EffectiveOn == r.on && e.Amount.Cents() == r.amount && e.ChargeKind != nil && string(*e.ChargeKind) == r.kind && !taken[e.ID]
		})
		require.GreaterOrEqual(x.t, at, 0, "history %d: %s %s of %s", x.seed, r.kind, cents(r.amount), r.on)
		r.id = got[at].ID
		taken[r.id] = true
	}
}

// count is the entries that the model has, reversals among them.
func (x *history) count() int {
	n := len(x.rows)
	for i := range x.rows {
		n += len(x.rows[i].reversed)
	}
	return n
}

// model brings what is charged for a month to what the lease says, day by day.
func (x *history) model(m date.Date, kind string) {
	var due date.Date
	var want int64
	last := x.end
	if x.out != nil {
		last = *x.out
	}
	first := true
	for d := m; !d.After(m.EndOfMonth()); { // runs of days of one price
		price := x.price(kind, d)
		if d.Before(x.start) || d.After(last) || price == 0 {
			d = d.AddDays(1)
			continue
		}
		from := d
		for ; !d.After(m.EndOfMonth()) && !d.After(last) && x.price(kind, d) == price && (d == from || !x.begins(kind, d)); d = d.AddDays(1) {
		}
		n := int64(d.Sub(from))
		month := int64(date.DaysIn(m.Year(), m.Month()))
		exact := new(big.Rat).SetFrac64(price*n, month)
		exact.Add(exact, big.NewRat(1, 2))
		want += new(big.Int).Quo(exact.Num(), exact.Denom()).Int64()
		if first {
			due = m.AddDays(x.dueDay - 1)
			if from.After(due) {
				due = from
			}
			first = false
		}
	}
	// Under other days nothing is due any more.
	have := int64(0)
	for i := range x.rows {
		r := &x.rows[i]
		if r.kind != kind || r.period != m {
			continue
		}
		if r.on != due || want == 0 {
			if left := r.net(x.now); left > 0 {
				r.reversed = append(r.reversed, cut{left, x.now})
			}
			continue
		}
		have += r.net(x.now)
	}
	switch {
	case want > have:
		x.rows = append(x.rows, row{what: "charge", kind: kind, amount: want - have, on: due, period: m, recorded: x.now})
	case want < have:
		over := have - want
		for i := len(x.rows) - 1; i >= 0 && over > 0; i-- {
			r := &x.rows[i]
			if r.kind != kind || r.period != m || r.on != due {
				continue
			}
			if n := min(over, r.net(x.now)); n > 0 {
				r.reversed, over = append(r.reversed, cut{n, x.now}), over-n
			}
		}
	}
}

func (x *history) price(kind string, d date.Date) int64 {
	if kind == "parking" {
		return x.parking
	}
	var out int64
	for _, s := range x.steps {
		if !s.from.After(d) {
			out = s.cents
		}
	}
	return out
}

func (x *history) begins(kind string, d date.Date) bool {
	return kind == "rent" && slices.ContainsFunc(x.steps, func(s step) bool { return s.from == d })
}

// net is what is left of a charge, as it was known at a time.
func (r *row) net(known time.Time) int64 {
	n := r.amount
	for _, c := range r.reversed {
		if !c.recorded.After(known) {
			n -= c.cents
		}
	}
	return n
}

func (x *history) receive() {
	amount := 10_000 + x.rnd.Int64N(150_000)
	r := row{what: "payment", amount: amount, on: x.day().AddDays(-x.rnd.IntN(10)), recorded: x.now, said: map[int]int64{}}
	var to []leases.ApplyParams
	if x.rnd.IntN(3) == 0 {
		for i := range x.rows {
			c := &x.rows[i]
			if c.what != "charge" || c.id.IsZero() || x.rnd.IntN(3) > 0 {
				continue
			}
			open := c.net(x.now) - x.saidTo(i)
			if n := min(open, amount); n > 0 {
				to, amount = append(to, leases.ApplyParams{ChargeID: c.id, Amount: cents(n)}), amount-n
				r.said[i] = n
			}
		}
	}
	r.id = x.pay(x.l, cents(r.amount).String(), r.on.String(), to...).ID
	x.rows = append(x.rows, r)
}

// saidTo is what payers said of a charge, whose payments did not come back.
func (x *history) saidTo(charge int) (n int64) {
	for i := range x.rows {
		if x.rows[i].what == "payment" && x.back(i) < 0 {
			n += x.rows[i].said[charge]
		}
	}
	return n
}

// back is the return of a payment, or -1.
func (x *history) back(payment int) int {
	return slices.IndexFunc(x.rows, func(r row) bool { return r.what == "return" && r.of == payment })
}

func (x *history) giveBack() {
	for i := range x.rows {
		if p := &x.rows[i]; p.what == "payment" && x.back(i) < 0 {
			on := maxOf(p.on, x.day().AddDays(-x.rnd.IntN(5)))
			e, err := x.Accounts.ReturnPayment(x.t.Context(), x.db, leases.ReturnPaymentParams{IdempotencyKey: key(), PaymentID: p.id, Date: on, ActorID: x.staff})
			require.NoError(x.t, err)
			x.rows = append(x.rows, row{id: e.ID, what: "return", amount: p.amount, on: on, of: i, recorded: x.now})
			fee := row{what: "charge", kind: "returned_fee", amount: 3_000, on: on, recorded: x.now}
			require.NoError(x.t, x.db.NewRaw("SELECT id FROM financials.lease_entries WHERE of_id = ? AND charge_kind = 'returned_fee'", p.id).Scan(x.t.Context(), &fee.id))
			x.rows = append(x.rows, fee)
			return
		}
	}
}

func maxOf(a, b date.Date) date.Date {
	if b.After(a) {
		return b
	}
	return a
}

func (x *history) credit() {
	n, on := 1+x.rnd.Int64N(20_000), x.day().AddDays(x.rnd.IntN(20)-10)
	e, err := x.Accounts.AddCredit(x.t.Context(), x.db, leases.AddCreditParams{IdempotencyKey: key(), LeaseID: x.l.ID, Kind: leases.ChargeConcession, Amount: cents(n), Date: on, ActorID: x.staff})
	require.NoError(x.t, err)
	x.rows = append(x.rows, row{id: e.ID, what: "credit", kind: "concession", amount: n, on: on, recorded: x.now})
}

// change steps the rent on a day before or after today, or lets the tenants move out.
func (x *history) change() {
	if x.out == nil && x.rnd.IntN(3) == 0 && !x.day().Before(x.start) {
		out := maxOf(x.start, x.day().AddDays(-x.rnd.IntN(15)))
		_, err := x.Leases.MoveOut(x.t.Context(), x.db, leases.MoveOutParams{LeaseID: x.l.ID, Date: out, ActorID: x.staff})
		require.NoError(x.t, err)
		x.out = &out
		return
	}
	s := step{maxOf(x.start, x.day().AddDays(x.rnd.IntN(60)-30)), 50_000 + x.rnd.Int64N(100_000)}
	_, err := x.Leases.ScheduleCharge(x.t.Context(), x.db, leases.ScheduleChargeParams{LeaseID: x.l.ID, ActorID: x.staff,
		Charge: leases.ChargeParams{Kind: leases.ChargeRent, Amount: cents(s.cents), From: s.from}})
	require.NoError(x.t, err)
	x.steps = append(slices.DeleteFunc(x.steps, func(o step) bool { return !o.from.Before(s.from) }), s)
}

func (x *history) renew() {
	if x.out != nil {
		return
	}
	s := step{x.end.AddDays(1), 50_000 + x.rnd.Int64N(100_000)}
	x.end = s.from.AddMonths(3 + x.rnd.IntN(9)).AddDays(-1)
	_, err := x.Leases.RenewLease(x.t.Context(), x.db, leases.RenewLeaseParams{LeaseID: x.l.ID, StartsOn: s.from, EndsOn: x.end.Ptr(),
		Rent: []leases.RentStep{{From: s.from, Amount: cents(s.cents)}}, ActorID: x.staff})
	require.NoError(x.t, err)
	x.steps = append(slices.DeleteFunc(x.steps, func(o step) bool { return !o.from.Before(s.from) }), s)
}

// compare reads the balances of all in one statement, and computes them.
func (n *neighbors) compare(past bool) {
	p := leases.BalancesParams{PropertyID: &n.property, Day: date.Of(n.now).AddDays(n.rnd.IntN(120) - 90)}
	known := n.now
	if past {
		known = known.Add(-time.Duration(n.rnd.IntN(40)*24) * time.Hour)
		p.Known = &known
	}
	list, err := n.Accounts.Balances(n.t.Context(), n.db, p)
	require.NoError(n.t, err)
	by := map[id.Of[leases.Lease]]leases.Balance{}
	for _, b := range list {
		by[b.LeaseID] = b
	}
	for _, x := range n.list {
		got := by[x.l.ID]
		require.Equal(n.t, x.owed(p.Day, known), fmt.Sprint(got.Balance, " ", got.Owed, " ", got.Prepaid, " ", got.Upcoming, " ", got.Days0to30, " ", got.Days31to60, " ", got.Days61to90, " ", got.Over90,
			" ", got.OldestDue, " ", got.DaysDelinquent), "history %d on %s as known %s", x.seed, p.Day, known)
	}
}

// owed pays the charges one by one.
func (x *history) owed(on date.Date, known time.Time) string {
	type open struct {
		due   date.Date
		class int
		n     int
		left  int64
	}
	var list []open
	var pool, early, upcoming int64
	left := map[int]int64{}
	for i := range x.rows {
		if r := &x.rows[i]; r.what == "charge" && !r.recorded.After(known) {
			left[i] = r.net(known)
			if r.on.After(on) {
				upcoming += left[i]
			}
		}
	}
	for i := range x.rows {
		r := &x.rows[i]
		if r.recorded.After(known) || r.on.After(on) || r.what != "payment" && r.what != "credit" {
			continue
		}
		if b := x.back(i); r.what == "payment" && b >= 0 && !x.rows[b].recorded.After(known) && !x.rows[b].on.After(on) {
			continue
		}
		pool += r.amount
		for c, n := range r.said {
			n = min(n, left[c])
			left[c], pool = left[c]-n, pool-n
			if x.rows[c].on.After(on) {
				early += n
			}
		}
	}
	for i, n := range left {
		if c := &x.rows[i]; !c.on.After(on) {
			class := 1
			if c.kind == "rent" {
				class = 0
			}
			list = append(list, open{c.on, class, i, n})
		}
	}
	slices.SortFunc(list, func(a, b open) int {
		return cmpOr(a.due.Compare(b.due), a.class-b.class, a.n-b.n)
	})
	var owed int64
	var ages [4]int64
	oldest := "<nil>"
	late := 0
	for _, c := range list {
		paid := min(c.left, pool)
		pool -= paid
		rest := c.left - paid
		if rest == 0 {
			continue
		}
		owed += rest
		age := on.Sub(c.due)
		if oldest == "<nil>" {
			oldest, late = c.due.String(), age
		}
		switch {
		case age <= 30:
			ages[0] += rest
		case age <= 60:
			ages[1] += rest
		case age <= 90:
			ages[2] += rest
		default:
			ages[3] += rest
		}
	}
	ahead := pool + early
	return fmt.Sprint(cents(owed-ahead), " ", cents(owed), " ", cents(ahead), " ", cents(upcoming), " ", cents(ages[0]), " ", cents(ages[1]), " ", cents(ages[2]), " ", cents(ages[3]), " ", oldest, " ", late)
}

func cmpOr(list ...int) int {
	for _, n := range list {
		if n != 0 {
			return n
		}
	}
	return 0
}
