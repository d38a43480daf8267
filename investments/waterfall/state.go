package waterfall

import (
	"maps"
	"math/big"
	"slices"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// State is where a deal stands after its events so far: every account's
// balances, and what catch-ups and hurdles need to know of the past. States
// are immutable; the functions that move a deal on return a new one. [Open]
// makes the first; [State.Header] with the accounts, or JSON, stores one exactly
// and [Restore] brings it back. The zero State is of no use.
type State struct {
	asOf       date.Date
	loans      []loan              // between partners, the oldest first
	cuts       map[string]*big.Rat // of recipients of promote
	phase      uint8               // of the last event
	looked     bool                // the last sale has been distributed
	rank       date.Date           // of the last event, where it lies before asOf: its record date
	dayCount   date.DayCount
	roster     *roster
	acc        accounts
	flows      [][]flow          // by cohort, ascending dates
	profit     [treatments]int64 // payments to investors that are no return of capital
	promote    int64             // promote paid
	paid       int64             // everything paid to anyone
	capital    int64             // everything contributed
	reserves   map[string]int64  // held back and not released; see reserve.go
	hurdles    []investorHurdle
	inv        *investorFlows
	floors     map[string]*floor        // of hurdles by class whose surplus lapses
	fees       map[feeKey]int64         // carried shortfalls of fees
	lotClasses []string                 // classes whose contributions are kept apart, sorted
	cols       []column                 // what only some terms need
	counts     map[string]date.DayCount // of classes with a day count of their own
	named      map[string]Compounding   // the same of preferences kept apart
	fixings    datedValues              // of indices
	defaults   datedValues              // of preferences: whether they are in default
	compound   []Compounding            // by class: how the unpaid pref accrued so far
}

// accounts are the balances, one slice a kind, in the order of the roster.
type accounts struct {
	contributed []int64
	unreturned  []int64
	distributed []int64
	c           []wide.Int // capitalized unpaid pref, in parts of [partsPerCent]
	a           []wide.Int // current unpaid pref, in parts den times as fine
}

// flow is what a cohort paid in and got on one date.
type flow struct {
	day     int32
	in, out int64
}

// investorHurdle is the balance per account of one hurdle that is tested
// investor by investor: the future value of its flows as of its anchor day.
type investorHurdle struct {
	irr     int64
	lapses  bool       // what is paid beyond it is forgotten
	balance []wide.Int // parts of [partsPerCent]
	anchor  []int32
}

// investorFlows are the flows per account that a multiple is tested on, investor
// by investor. They are exact parts of a cent because transfers move fractions.
type investorFlows struct{ in, out []wide.Int }

// Exact balances are whole numbers of parts of a cent: 10^54 of them to the
// cent for capitalized pref, and den times as many for accrued pref, where den
// is the denominator of the day count.
const partDecimals = 54

var partsPerCent = wide.Pow10(partDecimals)

// Open returns the state of a deal before its first event. Terms that will govern
// it later may be given, so that it keeps what their hurdles need from the start.
func Open(t *Terms, partners []Partner, later ...*Terms) (*State, error) {
	if t == nil {
		return nil, ErrTermsMalformed.With("no terms")
	}
	if err := t.Validate(); err != nil {
		return nil, err
	}
	r, err := newRoster(partners)
	if err != nil {
		return nil, err
	}
	s := emptyState(t.normal(), r)
	s.needsOf(t.normal())
	for _, l := range later {
		if err := l.Validate(); err != nil {
			return nil, err
		}
		s.needsOf(l.normal())
	}
	if _, err := compile(t, s); err != nil {
		return nil, err
	}
	return s, nil
}

// emptyState is a state without balances; the terms are normal.
func emptyState(t *Terms, r *roster) *State {
	n := len(r.ids)
	s := &State{dayCount: t.DayCount, roster: r, compound: make([]Compounding, len(r.classes)),
		flows: make([][]flow, len(r.classes)*treatments),
		acc: accounts{contributed: make([]int64, n), unreturned: make([]int64, n), distributed: make([]int64, n),
			c: make([]wide.Int, n), a: make([]wide.Int, n)}}
	return s
}

// needsOf makes room for the balances of all tiers of normal terms.
func (s *State) needsOf(t *Terms) {
	if t.DayCount == date.Thirty360US {
		s.need(columnSince, 0)
	}
	s.needPrefs(t)
	if t.Run == RunPartner {
		s.need(columnProfit, 0)
		s.need(columnPromote, 0)
	}
	for _, list := range [][]Tier{t.Tiers.Capital, t.Tiers.Operating} {
		for i := range list {
			s.needLots(&list[i])
			s.needs(t, &list[i], len(s.roster.ids))
			if l, ok := t.level(&list[i]); ok {
				s.needLevel(l)
			}
		}
	}
}

// needs makes room for the balances of a tier that is tested by investor.
func (s *State) needs(terms *Terms, t *Tier, n int) {
	if t.Type != TierHurdle {
		return
	}
	lapses := t.Surplus == SurplusLapses
	if t.By == ByClass && !s.namesAccounts(t.Of) {
		if lapses && (t.IRR != nil || t.Multiple != nil) {
			s.needFloors(terms, t)
		}
		return
	}
	if t.Multiple != nil && lapses {
		s.need(floorColumn(rateOf(t.Multiple)), 1)
	}
	if t.IRR != nil && s.hurdle(rateOf(t.IRR), lapses) < 0 {
		s.hurdles = append(s.hurdles, investorHurdle{irr: rateOf(t.IRR), lapses: lapses, balance: make([]wide.Int, n), anchor: make([]int32, n)})
	}
	if t.Multiple != nil && s.inv == nil {
		s.inv = &investorFlows{in: make([]wide.Int, n), out: make([]wide.Int, n)}
	}
}

// hurdle returns the position of the balances for a rate, or -1.
func (s *State) hurdle(irr int64, lapses bool) int {
	return slices.IndexFunc(s.hurdles, func(h investorHurdle) bool { return h.irr == irr && h.lapses == lapses })
}

// namesAccounts reports whether a list of classes and accounts has an account that
// is not the name of a class, too.
func (s *State) namesAccounts(list []string) bool {
	return slices.ContainsFunc(list, func(v string) bool { return s.roster.classIndex(v) < 0 && s.roster.index(v) >= 0 })
}

// text names the balances of a hurdle.
func (h *investorHurdle) text() string {
	if h.lapses {
		return rateText(h.irr) + " lapses"
	}
	return rateText(h.irr)
}

// clone returns a copy that may be changed.
func (s *State) clone() *State {
	c := *s
	c.acc = accounts{slices.Clone(s.acc.contributed), slices.Clone(s.acc.unreturned), slices.Clone(s.acc.distributed),
		slices.Clone(s.acc.c), slices.Clone(s.acc.a)}
	c.flows = slices.Clone(s.flows)
	for i := range c.flows {
		c.flows[i] = slices.Clone(c.flows[i])
	}
	c.fees, c.floors, c.reserves = maps.Clone(s.fees), cloneFloors(s.floors), maps.Clone(s.reserves)
	c.cols, c.loans = cloneColumns(s.cols), slices.Clone(s.loans)
	c.compound = slices.Clone(s.compound)
	c.hurdles = slices.Clone(s.hurdles)
	for i := range c.hurdles {
		c.hurdles[i].balance = slices.Clone(c.hurdles[i].balance)
		c.hurdles[i].anchor = slices.Clone(c.hurdles[i].anchor)
	}
	if s.inv != nil {
		c.inv = &investorFlows{slices.Clone(s.inv.in), slices.Clone(s.inv.out)}
	}
	return &c
}

// AsOf returns the date of the last event, "no date" before the first.
func (s *State) AsOf() date.Date { return s.asOf }

// Len returns the number of accounts.
func (s *State) Len() int {
	if s.roster == nil {
		return 0
	}
	return len(s.roster.ids)
}

// ID returns the id of the account at a position; positions run in ascending
// order of ids.
func (s *State) ID(i int) string { return s.roster.ids[i] }

// Index returns the position of an account, and false when there is none.
func (s *State) Index(id string) (int, bool) {
	if s.roster == nil {
		return -1, false
	}
	i := s.roster.index(id)
	return i, i >= 0
}

// PromotePaid returns all promote paid so far.
func (s *State) PromotePaid() money.Amount { return cents(s.promote) }

// Contributed returns all capital contributed so far.
func (s *State) Contributed() money.Amount { return cents(s.capital) }

// Distributed returns everything paid to anyone so far.
func (s *State) Distributed() money.Amount { return cents(s.paid) }

// Account returns the balances at a position from 0 to Len-1.
func (s *State) Account(i int) Account {
	a := Account{Partner: s.roster.partner(i),
		Contributed: cents(s.acc.contributed[i]), Unreturned: cents(s.acc.unreturned[i]), Distributed: cents(s.acc.distributed[i]),
		Capitalized: exact(s.acc.c[i], 1), Accrued: exact(s.acc.a[i], s.den(i))}
	for _, h := range s.hurdles {
		a.Hurdles = append(a.Hurdles, HurdleBalance{IRR: h.text(), Balance: exact(h.balance[i], 1), AsOf: dayOf(h.anchor[i])})
	}
	for _, k := range s.columnOrder() {
		a.Columns = append(a.Columns, s.cols[k].text(i))
	}
	if s.inv != nil {
		a.HurdleFlows = &HurdleFlows{In: exact(s.inv.in[i], 1), Out: exact(s.inv.out[i], 1)}
	}
	return a
}

// Find returns the balances of an account by id, or [ErrUnknownPartner].
func (s *State) Find(id string) (Account, error) {
	i, ok := s.Index(id)
	if !ok {
		return Account{}, ErrUnknownPartner
	}
	return s.Account(i), nil
}

// Same reports whether account i is that of a partner as given: of the same class and
// kind, with the same part in promote and the same preferred rate.
func (s *State) Same(i int, p Partner) bool {
	r, rate := s.roster, noRate
	if r.rate != nil {
		rate = r.rate[i]
	}
	want := noRate
	if p.PrefRate != nil {
		want = rateOf(p.PrefRate)
	}
	return r.ids[i] == p.ID && r.classes[r.class[i]] == p.Class && r.treat[i] == treatmentOf(&p) && rate == want
}

// With returns the state with more partners, who have no balances yet.
func (s *State) With(more ...Partner) (*State, error) {
	if len(more) == 0 {
		return s, nil
	}
	all := make([]Partner, 0, s.Len()+len(more))
	for i := range s.Len() {
		all = append(all, s.roster.partner(i))
	}
	r, err := newRoster(append(all, more...))
	if err != nil {
		return nil, err
	}
	return s.moveTo(r), nil
}

// moveTo puts the balances into their places in a larger roster.
func (s *State) moveTo(r *roster) *State {
	n := len(r.ids)
	c := *s
	c.roster = r
	c.acc = accounts{make([]int64, n), make([]int64, n), make([]int64, n), make([]wide.Int, n), make([]wide.Int, n)}
	c.flows = make([][]flow, len(r.classes)*treatments)
	c.compound = make([]Compounding, len(r.classes))
	for k, class := range s.roster.classes {
		to := r.classIndex(class)
		c.compound[to] = s.compound[k]
		for j := range treatments {
			c.flows[to*treatments+j] = slices.Clone(s.flows[k*treatments+j])
		}
	}
	c.hurdles = make([]investorHurdle, len(s.hurdles))
	for k, h := range s.hurdles {
		c.hurdles[k] = investorHurdle{irr: h.irr, lapses: h.lapses, balance: make([]wide.Int, n), anchor: make([]int32, n)}
	}
	if s.inv != nil {
		c.inv = &investorFlows{make([]wide.Int, n), make([]wide.Int, n)}
	}
	c.cols = slices.Clone(s.cols)
	for k := range c.cols {
		c.cols[k].v = make([]wide.Int, n)
	}
	for i, id := range s.roster.ids {
		j := r.index(id)
		c.acc.contributed[j], c.acc.unreturned[j], c.acc.distributed[j] = s.acc.contributed[i], s.acc.unreturned[i], s.acc.distributed[i]
		c.acc.c[j], c.acc.a[j] = s.acc.c[i], s.acc.a[i]
		for k := range s.hurdles {
			c.hurdles[k].balance[j], c.hurdles[k].anchor[j] = s.hurdles[k].balance[i], s.hurdles[k].anchor[i]
		}
		for k := range s.cols {
			c.cols[k].v[j] = s.cols[k].v[i]
		}
		if s.inv != nil {
			c.inv.in[j], c.inv.out[j] = s.inv.in[i], s.inv.out[i]
		}
	}
	return &c
}

// den returns the denominator of an account's accrued pref.
func (s *State) den(i int) int64 {
	if len(s.counts) > 0 {
		if c, ok := s.counts[s.roster.classes[s.roster.class[i]]]; ok {
			return denominator(c)
		}
	}
	return denominator(s.dayCount)
}

// denominator returns the denominator of every year fraction of a day count.
func denominator(c date.DayCount) int64 {
	_, den, _ := c.Fraction(epoch, epoch)
	return den
}

var epoch = date.Must(2000, 1, 1)

// cents converts a balance that the engine has kept within the range of money;
// a need beyond the range, which no cash can meet, becomes the largest amount.
func cents(n int64) money.Amount {
	a, _ := money.FromCents(max(-money.MaxCents, min(n, money.MaxCents)))
	return a
}

// dayOf converts a stored day number, 0 being no date.
func dayOf(n int32) date.Date {
	d, err := date.FromDays(int(n))
	if err != nil {
		return date.Date{}
	}
	return d
}
