package waterfall

import (
	"fmt"
	"strings"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// Schedule is the preferred return of one account, period by period.
type Schedule struct {
	Account  string        `json:"account"`
	Rate     string        `json:"rate"`
	DayCount date.DayCount `json:"day_count"`
	Rows     []ScheduleRow `json:"rows"`
}

// ScheduleRow is the time between two dates on which something happened or a
// compounding boundary lay, and what happened on the second of them. A row of
// zero days records events before anything could accrue.
type ScheduleRow struct {
	From date.Date `json:"from"`
	To   date.Date `json:"to"`
	// Days are those of the day count; Fraction is the part of a year.
	Days     int    `json:"days"`
	Fraction string `json:"fraction"`
	// Base is what earned: unreturned capital and capitalized return.
	Base Exact `json:"base"`
	// Accrued is what the period earned.
	Accrued Exact `json:"accrued"`
	// Compounded is what became part of the base at the end of the period.
	Compounded Exact `json:"compounded"`
	// Contributed, Returned and Paid happened on To: capital in, capital back,
	// preferred return paid.
	Contributed money.Amount `json:"contributed"`
	Returned    money.Amount `json:"returned"`
	Paid        money.Amount `json:"paid"`
	// Transferred says that a transfer changed the balances on To.
	Transferred bool `json:"transferred,omitempty"`
	// Capital and Unpaid stand after that.
	Capital money.Amount `json:"capital"`
	Unpaid  Exact        `json:"unpaid"`
}

// PrefSchedule replays a history and writes down one account's preferred
// return, on to a date if it is later than the last event; give "no date" to
// stop at the last event. It returns [ErrUnknownPartner] and what [Replay]
// returns.
func PrefSchedule(t *Terms, partners []Partner, events []Event, account string, through date.Date) (*Schedule, error) {
	s, err := Open(t, partners)
	if err != nil {
		return nil, err
	}
	at := s.roster.index(account)
	if at < 0 {
		return nil, ErrUnknownPartner
	}
	e, err := newEngine(t, s)
	if err != nil {
		return nil, err
	}
	w := &watcher{at: at}
	e.watch = w
	s = e.s
	if _, err := e.all(events); err != nil {
		return nil, err
	}
	if through.After(s.asOf) {
		if err := e.advance(through, 0); err != nil {
			return nil, err
		}
	}
	rate := e.p.prefs[s.roster.class[at]].rate
	if own := s.roster.rate; own != nil && own[at] != noRate {
		rate = own[at]
	}
	return &Schedule{Account: account, Rate: rateText(rate), DayCount: e.p.prefs[s.roster.class[at]].dayCount, Rows: w.rows}, nil
}

// watcher records what happens to one account's preferred return.
type watcher struct {
	at   int
	rows []ScheduleRow
}

// accrue runs the account's accrual segment by segment, with a row for each.
func (w *watcher) accrue(e *engine, ac *accruer, u int64, c, a *wide.Int) bool {
	p := &e.p.prefs[e.s.roster.class[w.at]]
	den := p.den
	unpaid := func() wide.Int {
		p, _ := c.MulInt64(den)
		return p.Add(*a)
	}
	for k := range ac.segs {
		one := *ac
		one.segs = ac.segs[k : k+1]
		seg := &ac.segs[k]
		row := ScheduleRow{From: seg.from, To: seg.to, Days: p.dayCount.Days(seg.from, seg.to),
			Fraction: fmt.Sprintf("%d/%d", seg.num, den), Base: exact(base(u, *c), 1)}
		before := unpaid()
		wasC := *c
		if !one.run(u, c, a) {
			return false
		}
		row.Accrued = exact(unpaid().Sub(before), den)
		if ac.compound != CompoundNone {
			row.Compounded = exact(c.Sub(wasC), 1)
		}
		row.Capital, row.Unpaid = cents(e.s.acc.unreturned[w.at]), exact(unpaid(), den)
		w.rows = append(w.rows, row)
	}
	return true
}

// watchLots accrues an account whose contributions are kept apart, with one row for
// the stretch where the account is watched.
func (e *engine) watchLots(ac *accruer, i int) bool {
	before := e.s.unpaid(i, e.s.den(i))
	if !e.accrueLots(ac, i) {
		return false
	}
	if w := e.watch; w != nil && w.at == i && len(ac.segs) > 0 {
		from, to, den := ac.segs[0].from, ac.segs[len(ac.segs)-1].to, e.s.den(i)
		p := &e.p.prefs[e.s.roster.class[i]]
		now := e.s.unpaid(i, den)
		w.rows = append(w.rows, ScheduleRow{From: from, To: to, Days: p.dayCount.Days(from, to), Fraction: fmt.Sprintf("%d/%d", p.fraction(date.Date{}, from, to), den),
			Base: exact(base(e.s.acc.unreturned[i], wide.Int{}), 1), Accrued: exact(now.Sub(before), den), Capital: cents(e.s.acc.unreturned[i]), Unpaid: exact(now, den)})
	}
	return true
}

// row returns the row that ends on the state's date.
func (w *watcher) row(e *engine) *ScheduleRow {
	if n := len(w.rows); n == 0 || w.rows[n-1].To != e.s.asOf {
		w.rows = append(w.rows, ScheduleRow{From: e.s.asOf, To: e.s.asOf, Fraction: fmt.Sprintf("0/%d", e.s.den(w.at))})
	}
	return &w.rows[len(w.rows)-1]
}

// note lets f write into the row of the state's date, and then the balances
// that the event left.
func (w *watcher) note(e *engine, f func(*ScheduleRow)) {
	r := w.row(e)
	f(r)
	r.Capital = cents(e.s.acc.unreturned[w.at])
	r.Unpaid = exact(e.s.unpaid(w.at, e.s.den(w.at)), e.s.den(w.at))
}

func (w *watcher) contributed(e *engine, i int, x int64) {
	if i == w.at {
		w.note(e, func(r *ScheduleRow) { r.Contributed = cents(r.Contributed.Cents() + x) })
	}
}

// earned records what late capital had earned when it was booked.
func (w *watcher) earned(e *engine, c, a wide.Int) {
	den := e.s.den(w.at)
	c, _ = c.MulInt64(den)
	w.note(e, func(r *ScheduleRow) {
		var before wide.Int
		if r.Accrued.into(&before, den) {
			r.Accrued = exact(before.Add(c).Add(a), den)
		}
	})
}

func (w *watcher) moved(e *engine, from, to int) {
	if from == w.at || to == w.at {
		w.note(e, func(r *ScheduleRow) { r.Transferred = true })
	}
}

// paid records preferred return paid to members.
func (w *watcher) paid(e *engine, members []int32, parts []int64) {
	if x := w.find(members, parts); x != 0 {
		w.note(e, func(r *ScheduleRow) { r.Paid = cents(r.Paid.Cents() + x) })
	}
}

// returned records capital returned to members.
func (w *watcher) returned(e *engine, members []int32, parts []int64) {
	if x := w.find(members, parts); x != 0 {
		w.note(e, func(r *ScheduleRow) { r.Returned = cents(r.Returned.Cents() + x) })
	}
}

func (w *watcher) find(members []int32, parts []int64) int64 {
	for k, i := range members {
		if int(i) == w.at {
			return parts[k]
		}
	}
	return 0
}

// Table renders the schedule as an aligned text table. Exact figures are shown
// with six decimals.
func (s *Schedule) Table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Preferred return of %s at %s a year, %s\n\n", s.Account, percentText(s.Rate), s.DayCount)
	g := grid{{"from", "to", "days", "year", "base", "accrued", "compounded", "contributed", "returned", "paid", "capital", "unpaid"}}
	for i := range s.Rows {
		r := &s.Rows[i]
		g = append(g, []string{r.From.String(), r.To.String(), fmt.Sprint(r.Days), r.Fraction, six(r.Base),
			six(r.Accrued), six(r.Compounded), dash(r.Contributed), dash(r.Returned), dash(r.Paid),
			r.Capital.Format(), six(r.Unpaid)})
	}
	g.write(&b)
	return b.String()
}

// six writes an exact figure with six decimals, so that columns line up.
func six(e Exact) string {
	return group(e.Decimal(6).StringFixed(6))
}
