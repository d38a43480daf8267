package history

import (
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrPeriod: a period ends before it starts, or has no end.
var ErrPeriod = fault.New(fault.Invalid, fault.CodeInverted, "a period has a last day, not before its first").On("to")

// ByCharacter is distributions by tax character. What a tier returned of capital
// is return of capital whatever the label.
type ByCharacter struct {
	ReturnOfCapital money.Amount `json:"return_of_capital"`
	Dividend        money.Amount `json:"dividend"`
	Interest        money.Amount `json:"interest"`
	CapitalGain     money.Amount `json:"capital_gain"`
	Unclassified    money.Amount `json:"unclassified"` // the character is not known yet
}

// Total adds the characters up. It returns [money.ErrOutOfRange].
func (b ByCharacter) Total() (money.Amount, error) {
	return money.Sum(b.ReturnOfCapital, b.Dividend, b.Interest, b.CapitalGain, b.Unclassified)
}

// add counts a gross amount of which so much is capital.
func (b *ByCharacter) add(c Character, gross, capital money.Amount) (err error) {
	if c == ReturnOfCapital {
		capital = gross
	}
	rest, err := gross.Sub(capital)
	if err != nil {
		return err
	}
	to := &b.Unclassified
	switch c {
	case Dividend:
		to = &b.Dividend
	case Interest:
		to = &b.Interest
	case CapitalGain:
		to = &b.CapitalGain
	}
	if *to, err = to.Add(rest); err != nil {
		return err
	}
	b.ReturnOfCapital, err = b.ReturnOfCapital.Add(capital)
	return err
}

// Account is a capital account over a period, both days included, by the days of
// the books:
//
//	closing = opening + contributions - refunds + income + unrealized change
//	        + realized gains - fees - distributions + distributions reversed
//	        + transfers in - transfers out + adjustments
//
// Distributions count gross and on their date. What was paid of them, on the day
// that it was paid, is beside; DeclaredNotPaid is the difference to the end of the
// period, and OpeningNotPaid what it was before.
type Account struct {
	Opening          money.Amount
	Contributions    money.Amount
	Refunds          money.Amount
	Income           money.Amount
	UnrealizedChange money.Amount
	RealizedGains    money.Amount
	Fees             money.Amount
	Distributions    ByCharacter
	Reversed         ByCharacter
	TransfersIn      money.Amount
	TransfersOut     money.Amount
	Adjustments      money.Amount
	Closing          money.Amount

	Paid            money.Amount // in the period, gross, less what came back
	OpeningNotPaid  money.Amount // declared before the period and not paid by its start
	DeclaredNotPaid money.Amount // by the end of the period
	Recovered       money.Amount // of reversed payments, in the period
	WrittenOff      money.Amount
}

// RollForward is the capital account of movements over a period. A from that is
// "no date" is from the start. Movements after its end do not count, so that an
// account as of a past day is what it was then. It returns [ErrPeriod] or
// [money.ErrOutOfRange].
func RollForward(ms []Movement, from, to date.Date) (a Account, err error) {
	if to.IsZero() || to.Before(from) {
		return a, ErrPeriod
	}
	for i := range ms {
		m := &ms[i]
		if m.Date.After(to) {
			continue
		}
		if m.Date.Before(from) {
			err = a.before(m)
		} else {
			err = a.within(m)
		}
		if err != nil {
			return a, err
		}
	}
	return a, a.close()
}

// before counts a movement of an earlier period.
func (a *Account) before(m *Movement) (err error) {
	e := m.Effect()
	if a.Opening, err = a.Opening.Add(e.Account); err != nil {
		return err
	}
	switch m.Kind {
	case Distribution:
		a.OpeningNotPaid, err = a.OpeningNotPaid.Add(m.Amount)
	case Payment:
		a.OpeningNotPaid, err = a.OpeningNotPaid.Sub(m.Amount)
	}
	return err
}

// within counts a movement of the period.
func (a *Account) within(m *Movement) error {
	to, amount := &a.Adjustments, m.Effect().Account
	switch m.Kind {
	case Contribution:
		to = &a.Contributions
	case Refund:
		to, amount = &a.Refunds, amount.Neg()
	case Income:
		to = &a.Income
	case Unrealized:
		to = &a.UnrealizedChange
	case Realized:
		to = &a.RealizedGains
	case Fee:
		to, amount = &a.Fees, amount.Neg()
	case TransferIn:
		to = &a.TransfersIn
	case TransferOut:
		to, amount = &a.TransfersOut, amount.Neg()
	case Conversion:
		if to = &a.TransfersIn; amount.Sign() < 0 {
			to, amount = &a.TransfersOut, amount.Neg()
		}
	case Distribution:
		if m.Reverses.IsZero() {
			return a.Distributions.add(m.Character, m.Amount, m.Capital)
		}
		return a.Reversed.add(m.Character, m.Amount.Neg(), m.Capital.Neg())
	case Payment:
		to, amount = &a.Paid, m.Amount
	case Recovery:
		to, amount = &a.Recovered, m.Amount
	case WriteOff:
		to, amount = &a.WrittenOff, m.Amount
	}
	sum, err := to.Add(amount)
	*to = sum
	return err
}

// close works the closing figures out.
func (a *Account) close() error {
	out, err := a.Distributions.Total()
	if err != nil {
		return err
	}
	back, err := a.Reversed.Total()
	if err != nil {
		return err
	}
	if a.Closing, err = money.Sum(a.Opening, a.Contributions, a.Refunds.Neg(), a.Income, a.UnrealizedChange, a.RealizedGains, a.Fees.Neg(),
		out.Neg(), back, a.TransfersIn, a.TransfersOut.Neg(), a.Adjustments); err != nil {
		return err
	}
	a.DeclaredNotPaid, err = money.Sum(a.OpeningNotPaid, out, back.Neg(), a.Paid.Neg())
	return err
}
