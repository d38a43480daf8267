package waterfall

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// MemberLoan is money that one partner lent another, as for a call that the other did
// not fund. What the tiers give the debtor is paid to the lender until the loan is
// repaid, the interest of the running period first, then capitalized interest, then
// principal; in the tiers it counts as received by the debtor.
type MemberLoan struct {
	Name        string          `json:"name,omitempty"` // what the event called it
	Date        date.Date       `json:"date"`
	Lender      string          `json:"lender"`
	Debtor      string          `json:"debtor"`
	Rate        decimal.Decimal `json:"rate"`
	Compounding Compounding     `json:"compounding"`
	DayCount    date.DayCount   `json:"day_count"`
	Principal   money.Amount    `json:"principal"`
	Capitalized Exact           `json:"capitalized"`
	Accrued     Exact           `json:"accrued"`
	AsOf        date.Date       `json:"as_of"`
}

// LoanPayment is what a distribution paid on a loan between partners.
type LoanPayment struct {
	Name      string       `json:"name,omitempty"`
	Lender    string       `json:"lender"`
	Debtor    string       `json:"debtor"`
	Interest  money.Amount `json:"interest"`
	Principal money.Amount `json:"principal"`
}

// loan is a member loan on its way.
type loan struct {
	name           string
	day            date.Date
	lender, debtor string
	pref           prefPlan
	principal      int64
	c, a           wide.Int
	asOf           date.Date
}

// lend books a loan between partners.
func (e *engine) lend(ev *Event) error {
	s := e.s
	r, ok := int64(0), ev.Rate != nil
	if ok {
		r, ok = fixedRate(*ev.Rate)
	}
	count := ev.DayCount
	if count == "" {
		count = date.Act365F
	}
	compound := ev.Compounding
	if compound == "" {
		compound = CompoundNone
	}
	switch {
	case s.roster.index(ev.From) < 0:
		return ErrUnknownPartner.On("from")
	case s.roster.index(ev.To) < 0:
		return ErrUnknownPartner.On("to")
	case ev.From == ev.To:
		return ErrEvent.With("lender and debtor are two partners").On("to")
	case ev.Amount.Sign() <= 0:
		return ErrEvent.With("a loan is above zero").On("amount")
	case !ok || r < 0 || r > maxRate:
		return ErrEvent.With("a loan has a rate from 0 to 10 with at most 10 decimals").On("rate")
	case ev.Name != "" && !ValidName(ev.Name):
		return ErrEvent.With("the name is no name").On("name")
	case !count.Valid():
		return ErrEvent.With("the day count is unknown").On("day_count")
	case !compound.Valid() || compound == CompoundDaily && count != date.Act365F && count != date.Act360:
		return ErrEvent.With("the compounding is unknown, or daily without actual days").On("compounding")
	}
	if err := e.beside(ev.Date); err != nil {
		return err
	}
	l := newLoan(ev.Date, ev.From, ev.To, r, compound, count, ev.Amount.Cents())
	l.name = ev.Name
	s.loans = append(slices.Clone(s.loans), l)
	return nil
}

func newLoan(day date.Date, lender, debtor string, rate int64, compound Compounding, count date.DayCount, x int64) loan {
	p := prefPlan{rate: rate, compound: compound, dayCount: count, den: denominator(count), anchored: count == date.Thirty360US}
	p.divDen = wide.NewDivisor(uint64(p.den))
	return loan{day: day, lender: lender, debtor: debtor, pref: p, principal: x, asOf: day}
}

// accrueLoan brings a loan to a date.
func (e *engine) accrueLoan(l *loan, to date.Date) error {
	if !l.asOf.Before(to) {
		return nil
	}
	ac := e.accruer(&l.pref, l.pref.rate, l.day, l.asOf, to)
	l.asOf = to
	if !ac.run(l.principal, &l.c, &l.a) {
		return ErrTooLarge.With("a loan between partners")
	}
	return nil
}

// pay takes at most x cents off a loan and returns the interest and principal paid.
func (l *loan) pay(x int64) (interest, principal int64) {
	due, _ := l.c.MulInt64(l.pref.den)
	interest = min(x, roundParts(due.Add(l.a), l.pref.den))
	left, _ := partsPerCent.MulInt64(interest)
	left = lower(&l.a, left, l.pref.den)
	left = lower(&l.c, left, 1)
	if !left.IsZero() { // a fraction of a cent too much is made up by later interest
		left, _ = left.MulInt64(l.pref.den)
		l.a = l.a.Sub(left)
	}
	principal = min(x-interest, l.principal)
	l.principal -= principal
	return interest, principal
}

// redirect pays what debtors get to their lenders, the oldest loan first.
func (u *run) redirect() error {
	s := u.s
	if len(s.loans) == 0 {
		return nil
	}
	s.loans = slices.Clone(s.loans)
	u.r.redirected = make([]int64, len(u.r.totals))
	for k := range s.loans {
		l := &s.loans[k]
		if err := u.accrueLoan(l, s.asOf); err != nil {
			return err
		}
		debtor, lender := s.roster.index(l.debtor), s.roster.index(l.lender)
		interest, principal := l.pay(max(0, u.r.Paid(debtor).Cents()))
		if interest+principal == 0 {
			continue
		}
		u.r.redirected[debtor] -= interest + principal
		u.r.redirected[lender] += interest + principal
		u.r.Trace.Loans = append(u.r.Trace.Loans, LoanPayment{l.name, l.lender, l.debtor, cents(interest), cents(principal)})
	}
	s.loans = slices.DeleteFunc(s.loans, loan.ended)
	return nil
}

// ended reports a loan that is repaid to the cent.
func (l loan) ended() bool {
	due, _ := l.c.MulInt64(l.pref.den)
	return l.principal == 0 && roundParts(due.Add(l.a), l.pref.den) == 0
}

// repay books what a debtor paid on a loan besides the distributions, in the same
// order. A loan that is not there has ended; what is beyond what is owed stays
// between the two.
func (e *engine) repay(ev *Event) error {
	s := e.s
	switch {
	case !ValidName(ev.Name):
		return ErrEvent.With("a repayment names its loan").On("name")
	case ev.Amount.Sign() <= 0:
		return ErrEvent.With("a repayment is above zero").On("amount")
	}
	if err := e.beside(ev.Date); err != nil {
		return err
	}
	k := slices.IndexFunc(s.loans, func(l loan) bool { return l.name == ev.Name })
	if k < 0 {
		return nil
	}
	s.loans = slices.Clone(s.loans)
	if err := e.accrueLoan(&s.loans[k], ev.Date); err != nil {
		return err
	}
	if s.loans[k].pay(ev.Amount.Cents()); s.loans[k].ended() {
		s.loans = slices.Delete(s.loans, k, k+1)
	}
	return nil
}

// Pay returns the interest and the principal of a payment of at most x on a loan as it
// stands: the running period's interest first, then capitalized interest, then
// principal.
func (m *MemberLoan) Pay(x money.Amount) (interest, principal money.Amount) {
	count := denominator(m.DayCount)
	l := loan{pref: prefPlan{den: count}, principal: m.Principal.Cents()}
	if x.Sign() <= 0 || !m.Capitalized.into(&l.c, 1) || !m.Accrued.into(&l.a, count) {
		return money.Zero, money.Zero
	}
	i, p := l.pay(x.Cents())
	return cents(i), cents(p)
}

// Loans returns the loans between partners that are not repaid, the oldest first. Each
// stands as of the date it was last paid on.
func (s *State) Loans() []MemberLoan {
	var out []MemberLoan
	for i := range s.loans {
		l := &s.loans[i]
		out = append(out, MemberLoan{Name: l.name, Date: l.day, Lender: l.lender, Debtor: l.debtor, Rate: decimal.New(l.pref.rate, -rateDecimals),
			Compounding: l.pref.compound, DayCount: l.pref.dayCount, Principal: cents(l.principal), Capitalized: exact(l.c, 1),
			Accrued: exact(l.a, l.pref.den), AsOf: l.asOf})
	}
	return out
}

// LoansOn is [State.Loans] with the interest to a day, which is not before the
// state's. It returns [ErrTooLarge].
func (s *State) LoansOn(day date.Date) ([]MemberLoan, error) {
	c := State{loans: slices.Clone(s.loans)}
	e := &engine{s: &c}
	for i := range c.loans {
		if err := e.accrueLoan(&c.loans[i], day); err != nil {
			return nil, err
		}
	}
	return c.Loans(), nil
}

// restoreLoans reads what Loans writes, and reports whether it is possible.
func (s *State) restoreLoans(rows []MemberLoan) bool {
	for _, m := range rows {
		r, ok := fixedRate(m.Rate)
		if !ok || r < 0 || r > maxRate || !m.Compounding.Valid() || !m.DayCount.Valid() || m.Principal.Sign() < 0 ||
			m.Compounding == CompoundDaily && m.DayCount != date.Act365F && m.DayCount != date.Act360 ||
			s.roster.index(m.Lender) < 0 || s.roster.index(m.Debtor) < 0 || m.Lender == m.Debtor || m.Date.IsZero() || m.AsOf.Before(m.Date) || m.AsOf.After(s.asOf) {
			return false
		}
		if m.Name != "" && !ValidName(m.Name) {
			return false
		}
		l := newLoan(m.Date, m.Lender, m.Debtor, r, m.Compounding, m.DayCount, m.Principal.Cents())
		l.name = m.Name
		if l.asOf = m.AsOf; !m.Capitalized.into(&l.c, 1) || !m.Accrued.into(&l.a, l.pref.den) {
			return false
		}
		s.loans = append(s.loans, l)
	}
	return true
}
