// Package capital rolls investors' capital accounts forward. It is pure: no
// database, no clock, no binary floating point.
//
// # Conventions
//
//	closing = opening + contributions + income + unrealized change
//	        - fees - distributions + transfers
//
// Income is net income before the fees that are listed beside it, and may be a
// loss. The unrealized change and the transfers have a sign: a transfer is
// what came in less what went out, and over all accounts of a deal transfers
// add up to zero. Contributions and distributions are not below zero; fees
// may be, when they are refunded. An absent amount is zero. A closing balance
// may be below zero: losses and distributions can exceed what was put in.
//
// Each period opens with the closing balance of the one before.
//
// # Allocation
//
// Income and fees of a period go by weight (units where every position has them,
// else contributed capital) times days held: [InterimClosing] takes an amount for
// every segment in which nobody's holding changes, [Proration] one amount by days.
// [LimitLoss] keeps a loss from taking an account below zero while others are
// above it. [PeriodFee] is a fee on committed or invested capital or on net asset
// value, rounded once; a [FeeAccount] carries what cash did not cover.
// [SubsequentClosing] computes what a later account pays to those who were there.
package capital

import (
	"strconv"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of this package.
var (
	// ErrSign: a contribution or a distribution is below zero.
	ErrSign = fault.New(fault.Invalid, fault.CodeOutOfRange, "contributions and distributions are not below zero")
	// ErrOrder: periods are missing a date, reversed, or overlap.
	ErrOrder = fault.New(fault.Invalid, "capital_periods_disordered", "periods follow one another without overlap")
)

// Activity is what changed a capital account in a period.
type Activity struct {
	Contributions money.Amount `json:"contributions"`
	// Income is net income before Fees; a loss is below zero.
	Income money.Amount `json:"income"`
	// UnrealizedChange is the change in value of what is held.
	UnrealizedChange money.Amount `json:"unrealized_change"`
	// Fees are what the sponsor or the fund charged, as a positive number.
	Fees money.Amount `json:"fees"`
	// Distributions are what was paid out, as a positive number, before tax
	// withheld.
	Distributions money.Amount `json:"distributions"`
	// Transfers is what came from other accounts less what went to them.
	Transfers money.Amount `json:"transfers"`
}

// Statement is a capital account over one period.
type Statement struct {
	Opening money.Amount `json:"opening"`
	Activity
	Closing money.Amount `json:"closing"`
}

// RollForward returns the statement of one period. It returns [ErrSign] on the
// field, or [money.ErrOutOfRange].
func RollForward(opening money.Amount, a Activity) (Statement, error) {
	var f fault.Fields
	if a.Contributions.Sign() < 0 {
		f.AddErr("contributions", ErrSign)
	}
	if a.Distributions.Sign() < 0 {
		f.AddErr("distributions", ErrSign)
	}
	if err := f.Err(); err != nil {
		return Statement{}, err
	}
	closing, err := money.Sum(opening, a.Contributions, a.Income, a.UnrealizedChange, a.Fees.Neg(),
		a.Distributions.Neg(), a.Transfers)
	if err != nil {
		return Statement{}, err
	}
	return Statement{Opening: opening, Activity: a, Closing: closing}, nil
}

// Period is the activity of one reporting period, both dates included.
type Period struct {
	Start date.Date `json:"period_start"`
	End   date.Date `json:"period_end"`
	Activity
}

// PeriodStatement is a statement with its period.
type PeriodStatement struct {
	Start date.Date `json:"period_start"`
	End   date.Date `json:"period_end"`
	Statement
}

// Roll chains periods: each opens with the closing balance of the one before.
// Periods are in order and do not overlap; days between them are days without
// activity. It returns [ErrOrder], [ErrSign] or [money.ErrOutOfRange], each
// naming "periods[i]".
func Roll(opening money.Amount, periods []Period) ([]PeriodStatement, error) {
	out := make([]PeriodStatement, 0, len(periods))
	for i, p := range periods {
		var f fault.Fields
		at := "periods[" + strconv.Itoa(i) + "]"
		if p.Start.IsZero() || p.End.Before(p.Start) || i > 0 && !p.Start.After(periods[i-1].End) {
			f.AddErr(at, ErrOrder)
			return nil, f.Err()
		}
		s, err := RollForward(opening, p.Activity)
		if err != nil {
			f.AddErr(at, err)
			return nil, f.Err()
		}
		out = append(out, PeriodStatement{p.Start, p.End, s})
		opening = s.Closing
	}
	return out, nil
}

// Total adds up statements of different accounts over one period: the deal's
// own roll-forward. It returns [money.ErrOutOfRange].
func Total(statements []Statement) (Statement, error) {
	var t Statement
	var err error
	add := func(to *money.Amount, a money.Amount) {
		if err == nil {
			*to, err = to.Add(a)
		}
	}
	for i := range statements {
		s := &statements[i]
		add(&t.Opening, s.Opening)
		add(&t.Contributions, s.Contributions)
		add(&t.Income, s.Income)
		add(&t.UnrealizedChange, s.UnrealizedChange)
		add(&t.Fees, s.Fees)
		add(&t.Distributions, s.Distributions)
		add(&t.Transfers, s.Transfers)
		add(&t.Closing, s.Closing)
	}
	if err != nil {
		return Statement{}, err
	}
	return t, nil
}
