package waterfall

import (
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// headerVersion is the version of the stored form.
const headerVersion = 3

// Header is what a state knows besides its accounts. A header and the accounts,
// each a row of its own if need be, hold a state exactly: [Restore].
type Header struct {
	Version int       `json:"version"`
	AsOf    date.Date `json:"as_of"`
	Phase   uint8     `json:"phase"` // of the last event: 1 transfer, 2 contribution, 3 distribution
	// Rank is the record date of the last event, where it lies before AsOf.
	Rank date.Date `json:"rank,omitzero"`
	// Looked is that the last sale has been distributed, and tiers have looked back.
	Looked   bool          `json:"looked,omitempty"`
	DayCount date.DayCount `json:"day_count"`
	Classes  []ClassHeader `json:"classes"`
	// Profit is what investors got that is no return of capital: those who bear
	// promote, the sponsor's, those with promote waived, loans.
	Profit      [treatments]money.Amount `json:"profit"`
	Promote     money.Amount             `json:"promote"`
	Contributed money.Amount             `json:"contributed"`
	Distributed money.Amount             `json:"distributed"`
	// Reserves are what reserves hold, by name; "" is the one without.
	Reserves map[string]money.Amount `json:"reserves,omitempty"`
	// HurdleRates and HurdleMultiple say which balances the accounts keep for
	// hurdles tested by investor.
	HurdleRates    []string `json:"hurdle_rates,omitempty"`
	HurdleMultiple bool     `json:"hurdle_multiple,omitempty"`
	// Floors are what hurdles by class have forgotten.
	Floors []Floor `json:"floors,omitempty"`
	// FeesOwed are the shortfalls of fees that are carried.
	FeesOwed []FeeOwed `json:"fees_owed,omitempty"`
	// Prefs are the compoundings of preferences kept apart, Fixings the values of
	// indices, Defaults when preferences got and lost their default rate.
	Prefs    map[string]Compounding `json:"prefs,omitempty"`
	Fixings  []Fixing               `json:"fixings,omitempty"`
	Defaults []Default              `json:"defaults,omitempty"`
	// Lots are the classes whose contributions are kept apart.
	Lots []string `json:"lots,omitempty"`
	// Loans are those between partners, Cuts what dilutions left of shares of promote.
	Loans []MemberLoan `json:"loans,omitempty"`
	Cuts  []PromoteCut `json:"cuts,omitempty"`
	// DayCounts are those of classes that do not have the deal's.
	DayCounts map[string]date.DayCount `json:"day_counts,omitempty"`
	// Columns are the balances that only some terms need.
	Columns []ColumnHeader `json:"columns,omitempty"`
}

// ClassHeader is one class of a header.
type ClassHeader struct {
	Class string `json:"class"`
	// Compounding is how the unpaid preferred return accrued last; empty before
	// there was capital.
	Compounding Compounding `json:"compounding,omitempty"`
	// Charged, Sponsor, Waived and Loan are the flows by treatment, dates ascending.
	Charged []Flow `json:"charged,omitempty"`
	Sponsor []Flow `json:"sponsor,omitempty"`
	Waived  []Flow `json:"waived,omitempty"`
	Loan    []Flow `json:"loan,omitempty"`
}

// Flow is what accounts of a class paid in and got on one date.
type Flow struct {
	Date date.Date    `json:"date"`
	In   money.Amount `json:"in"`
	Out  money.Amount `json:"out"`
}

// Header returns the state without its accounts.
func (s *State) Header() Header {
	h := Header{Version: headerVersion, AsOf: s.asOf, Phase: s.phase, Rank: s.rank, Looked: s.looked, DayCount: s.dayCount,
		Promote: cents(s.promote), Contributed: cents(s.capital), Distributed: cents(s.paid), Reserves: s.headerReserves(),
		HurdleMultiple: s.inv != nil, DayCounts: maps.Clone(s.counts), FeesOwed: s.FeesOwed(), Floors: s.floorRows(), Lots: s.lotClasses, Loans: s.Loans(), Cuts: s.cutRows()}
	h.Prefs = maps.Clone(s.named)
	h.Fixings, h.Defaults = s.fixingRows()
	for i, p := range s.profit {
		h.Profit[i] = cents(p)
	}
	if s.roster == nil {
		return h
	}
	for k, class := range s.roster.classes {
		f := s.flows[k*treatments:]
		h.Classes = append(h.Classes, ClassHeader{class, s.compound[k],
			flowRows(f[treatCharged]), flowRows(f[treatSponsor]), flowRows(f[treatWaived]), flowRows(f[treatLoan])})
	}
	for _, x := range s.hurdles {
		h.HurdleRates = append(h.HurdleRates, x.text())
	}
	for _, k := range s.columnOrder() {
		h.Columns = append(h.Columns, ColumnHeader{s.cols[k].name, s.cols[k].per})
	}
	return h
}

func flowRows(fs []flow) []Flow {
	var out []Flow
	for _, f := range fs {
		out = append(out, Flow{dayOf(f.day), cents(f.in), cents(f.out)})
	}
	return out
}

// Restore builds the state that a header and its accounts were taken from. The
// accounts may come in any order. Whatever does not add up is
// [ErrStateMalformed].
func Restore(h Header, accounts []Account) (*State, error) {
	partners := make([]Partner, len(accounts))
	for i := range accounts {
		partners[i] = accounts[i].Partner
	}
	r, err := newRoster(partners)
	if err != nil {
		return nil, err
	}
	s, err := h.state(r)
	if err != nil {
		return nil, err
	}
	for i := range accounts {
		if err := s.restore(&accounts[i]); err != nil {
			return nil, err
		}
	}
	return s, s.check()
}

// state makes a state with everything but the accounts' balances.
func (h *Header) state(r *roster) (*State, error) {
	if h.Version != headerVersion {
		return nil, ErrStateMalformed.With("version %d instead of %d", h.Version, headerVersion)
	}
	if !h.DayCount.Valid() || h.Phase > 3 {
		return nil, ErrStateMalformed.With("no such day count or phase")
	}
	s := emptyState(&Terms{DayCount: h.DayCount}, r)
	if !h.Rank.IsZero() && !h.Rank.Before(h.AsOf) {
		return nil, ErrStateMalformed.With("a record date")
	}
	s.asOf, s.phase, s.rank, s.looked = h.AsOf, h.Phase, h.Rank, h.Looked
	for class, c := range h.DayCounts {
		if !ValidName(class) || !c.Valid() {
			return nil, ErrStateMalformed.With("a class's day count")
		}
	}
	if len(h.DayCounts) > 0 {
		s.counts = maps.Clone(h.DayCounts)
	}
	s.promote, s.capital, s.paid = h.Promote.Cents(), h.Contributed.Cents(), h.Distributed.Cents()
	if !s.restoreReserves(h) {
		return nil, ErrStateMalformed.With("a reserve")
	}
	for i, p := range h.Profit {
		s.profit[i] = p.Cents()
	}
	for i := range h.Classes {
		c := &h.Classes[i]
		k := r.classIndex(c.Class)
		if k < 0 {
			return nil, ErrStateMalformed.With("a class without accounts")
		}
		if c.Compounding != "" && !c.Compounding.Valid() {
			return nil, ErrStateMalformed.With("a class's compounding")
		}
		s.compound[k] = c.Compounding
		for j, rows := range [treatments][]Flow{c.Charged, c.Sponsor, c.Waived, c.Loan} {
			for _, f := range rows {
				s.flows[k*treatments+j] = append(s.flows[k*treatments+j], flow{int32(f.Date.Days()), f.In.Cents(), f.Out.Cents()})
			}
		}
	}
	n := len(r.ids)
	for _, text := range h.HurdleRates {
		text, lapses := strings.CutSuffix(text, " lapses")
		d, err := decimal.NewFromString(text)
		rate, ok := fixedRate(d)
		if err != nil || !ok || rate < 0 || rate > maxRate || s.hurdle(rate, lapses) >= 0 {
			return nil, ErrStateMalformed.With("a hurdle's rate")
		}
		s.hurdles = append(s.hurdles, investorHurdle{irr: rate, lapses: lapses, balance: make([]wide.Int, n), anchor: make([]int32, n)})
	}
	for name, c := range h.Prefs {
		if !ValidName(name) || !c.Valid() {
			return nil, ErrStateMalformed.With("a preference")
		}
	}
	if s.named = maps.Clone(h.Prefs); !s.restoreFixings(h.Fixings, h.Defaults) {
		return nil, ErrStateMalformed.With("a fixing or default")
	}
	for k, class := range h.Lots {
		if !ValidName(class) || k > 0 && h.Lots[k-1] >= class {
			return nil, ErrStateMalformed.With("a class of lots")
		}
	}
	s.lotClasses = h.Lots
	if !s.restoreLoans(h.Loans) || !s.restoreCuts(h.Cuts) {
		return nil, ErrStateMalformed.With("a loan between partners or a share of promote")
	}
	if !s.restoreFloors(h.Floors) {
		return nil, ErrStateMalformed.With("the floor of a hurdle")
	}
	for _, x := range h.FeesOwed {
		key := feeKey{x.Tier, x.Payee}
		if !ValidName(x.Tier) || !ValidName(x.Payee) || x.Amount.Sign() <= 0 || s.fees[key] != 0 {
			return nil, ErrStateMalformed.With("a fee that is owed")
		}
		s.owe(key, x.Amount.Cents())
	}
	for _, c := range h.Columns {
		if !c.valid() || s.column(c.Name) >= 0 || len(s.cols) == maxColumns {
			return nil, ErrStateMalformed.With("a column of balances")
		}
		s.need(c.Name, c.Per)
	}
	if h.HurdleMultiple {
		s.inv = &investorFlows{in: make([]wide.Int, n), out: make([]wide.Int, n)}
	}
	return s, nil
}

// restore puts one account's balances into place.
func (s *State) restore(a *Account) error {
	i := s.roster.index(a.ID)
	s.acc.contributed[i], s.acc.unreturned[i], s.acc.distributed[i] = a.Contributed.Cents(), a.Unreturned.Cents(), a.Distributed.Cents()
	if !a.Capitalized.into(&s.acc.c[i], 1) || !a.Accrued.into(&s.acc.a[i], s.den(i)) {
		return ErrStateMalformed.With("a preferred return does not fit the day count")
	}
	if len(a.Hurdles) != len(s.hurdles) || (a.HurdleFlows != nil) != (s.inv != nil) {
		return ErrStateMalformed.With("an account's hurdle balances differ from the header's")
	}
	for k := range s.hurdles {
		h, x := &s.hurdles[k], &a.Hurdles[k]
		if x.IRR != h.text() || !x.Balance.into(&h.balance[i], 1) || x.AsOf.After(s.asOf) {
			return ErrStateMalformed.With("a hurdle balance")
		}
		h.anchor[i] = int32(x.AsOf.Days())
	}
	order := s.columnOrder()
	if len(a.Columns) != len(order) {
		return ErrStateMalformed.With("an account's columns differ from the header's")
	}
	for n, k := range order {
		if !s.cols[k].read(i, a.Columns[n]) {
			return ErrStateMalformed.With("a value of a column")
		}
	}
	if s.inv != nil && (!a.HurdleFlows.In.into(&s.inv.in[i], 1) || !a.HurdleFlows.Out.into(&s.inv.out[i], 1)) {
		return ErrStateMalformed.With("a hurdle flow")
	}
	return nil
}

// into writes the value in parts of 1/(den*10^54) cents, and reports whether it
// is a whole number of them and within the range of a balance.
func (e Exact) into(to *wide.Int, den int64) bool {
	n, from := e.n, max(e.den, 1)
	if from != den && !n.IsZero() {
		b := n.Big()
		b.Mul(b, big.NewInt(den))
		r := new(big.Int)
		if b.QuoRem(b, big.NewInt(from), r); r.Sign() != 0 {
			return false
		}
		var ok bool
		if n, ok = wide.FromBig(b); !ok {
			return false
		}
	}
	*to = n
	return fits(n, limitLimb(den))
}

// check proves that the parts of a restored state agree with each other.
func (s *State) check() error {
	contributed, distributed, in, err := s.sums()
	if err != nil {
		return err
	}
	if contributed != s.capital || in != s.capital || distributed != s.paid || s.promote < 0 || s.promote > s.paid {
		return ErrStateMalformed.With("the accounts do not add up to the header")
	}
	return nil
}

// sums are what the accounts contributed and got, and what went into the flows. It reports
// what no account and no flow can be.
func (s *State) sums() (contributed, distributed, in int64, err error) {
	for i := range s.acc.contributed {
		c, u := s.acc.contributed[i], s.acc.unreturned[i]
		if c < 0 || u < 0 || u > c || s.acc.distributed[i] < 0 {
			return 0, 0, 0, ErrStateMalformed.With("an account with impossible capital")
		}
		contributed, distributed = contributed+c, distributed+s.acc.distributed[i]
		if contributed > money.MaxCents || distributed > money.MaxCents {
			return 0, 0, 0, ErrStateMalformed.With("more than money can be")
		}
	}
	for _, fs := range s.flows {
		var last int32
		for _, f := range fs {
			if f.day <= last || int(f.day) > s.asOf.Days() || f.in < 0 {
				return 0, 0, 0, ErrStateMalformed.With("flows out of order")
			}
			last, in = f.day, in+f.in
			if in > money.MaxCents || in < 0 {
				return 0, 0, 0, ErrStateMalformed.With("more than money can be")
			}
		}
	}
	return contributed, distributed, in, nil
}

// stored is the JSON form of a state.
type stored struct {
	Header   Header    `json:"header"`
	Accounts []Account `json:"accounts"`
}

// MarshalJSON writes header and accounts, exactly.
func (s *State) MarshalJSON() ([]byte, error) {
	out := stored{Header: s.Header(), Accounts: make([]Account, s.Len())}
	for i := range out.Accounts {
		out.Accounts[i] = s.Account(i)
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes, as [Restore] does.
func (s *State) UnmarshalJSON(b []byte) error {
	var in stored
	if err := json.Unmarshal(b, &in); err != nil {
		return ErrStateMalformed.Because(err)
	}
	r, err := Restore(in.Header, in.Accounts)
	if err != nil {
		return err
	}
	*s = *r
	return nil
}

// Flows returns what the investors of some classes, or of all, paid in and got,
// by date: the flows that their return is computed from.
func (s *State) Flows(classes ...string) []Flow {
	sum := map[int32]flow{}
	for k, fs := range s.flows {
		if len(classes) > 0 && !slices.Contains(classes, s.roster.classes[k/treatments]) {
			continue
		}
		for _, f := range fs {
			t := sum[f.day]
			sum[f.day] = flow{f.day, t.in + f.in, t.out + f.out}
		}
	}
	var out []flow
	for _, f := range sum {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b flow) int { return int(a.day - b.day) })
	return flowRows(out)
}
