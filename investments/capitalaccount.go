package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/capital"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// CapitalAccount is a position's capital account over a period, both days
// included, by its history:
//
//	closing = opening + contributions - refunds + income + unrealized change
//	        + realized gains - fees - distributions + distributions reversed
//	        + transfers in - transfers out + adjustments
//
// Distributions count gross of tax withheld, from the day they count from and not
// from their payment: one that is declared and not yet approved is not in the
// books, an approved one is, and a payment that fails changes nothing. What of
// them was paid is beside, so that tax totals, which go by payment, can be compared:
// DeclaredNotPaid is the one line of difference. A return of capital is a
// distribution like others and does not lessen contributions; what is left to
// return is in [PositionBalance]. A reversal counts from its own day: the
// distribution stays in the period it was in, and comes back in the period of the
// reversal.
//
// With a transfer the receiver takes over that part of the giver's account, so that
// an account that was left whole closes at zero. What is recorded or undone behind
// the transfer later comes to the receiver too; fractions of a cent add up in the order
// of recording.
type CapitalAccount struct {
	PositionID id.Of[Position] `json:"position_id"`
	From       date.Date       `json:"from"` // "no date" is from the start
	To         date.Date       `json:"to"`

	Opening          money.Amount `json:"opening"`
	Contributions    money.Amount `json:"contributions"`
	Refunds          money.Amount `json:"refunds"` // of contributions; not below zero
	Income           money.Amount `json:"income"`  // net, before Fees; a loss is below zero
	UnrealizedChange money.Amount `json:"unrealized_change"`
	RealizedGains    money.Amount `json:"realized_gains"` // of the exit; losses are below zero
	Fees             money.Amount `json:"fees"`
	Distributions    ByCharacter  `json:"distributions"`
	Reversed         ByCharacter  `json:"reversed"` // distributions of this or an earlier period that were undone
	TransfersIn      money.Amount `json:"transfers_in"`
	TransfersOut     money.Amount `json:"transfers_out"`
	Adjustments      money.Amount `json:"adjustments"`
	Closing          money.Amount `json:"closing"`

	Paid            money.Amount `json:"paid"`              // of distributions, in the period, gross, less what came back
	OpeningNotPaid  money.Amount `json:"opening_not_paid"`  // declared before the period and not paid by its start
	DeclaredNotPaid money.Amount `json:"declared_not_paid"` // by the end of the period
	Recovered       money.Amount `json:"recovered"`         // of what was owed back, in the period: paid back or set off
	WrittenOff      money.Amount `json:"written_off"`
}

// ByCharacter is distributions by their tax character. What a tier returned of
// capital is return of capital whatever the distribution's character.
type ByCharacter = history.ByCharacter

// Statement is the account in the form of package capital, whose contributions
// and distributions are never below zero: refunds are among what went out,
// reversed distributions among what came in, realized gains are income. It
// returns [money.ErrOutOfRange].
func (c *CapitalAccount) Statement() (capital.Statement, error) {
	out, err := c.Distributions.Total()
	if err != nil {
		return capital.Statement{}, err
	}
	back, err := c.Reversed.Total()
	if err != nil {
		return capital.Statement{}, err
	}
	income, err := c.Income.Add(c.Adjustments)
	if err != nil {
		return capital.Statement{}, err
	}
	a := capital.Activity{UnrealizedChange: c.UnrealizedChange, Fees: c.Fees}
	for _, x := range []struct {
		to   *money.Amount
		a, b money.Amount
	}{
		{&a.Contributions, c.Contributions, back}, {&a.Income, income, c.RealizedGains},
		{&a.Distributions, out, c.Refunds}, {&a.Transfers, c.TransfersIn, c.TransfersOut.Neg()},
	} {
		if *x.to, err = x.a.Add(x.b); err != nil {
			return capital.Statement{}, err
		}
	}
	return capital.RollForward(c.Opening, a)
}

// CapitalAccountParams is a position and a period, both days included.
type CapitalAccountParams struct {
	PositionID id.Of[Position]
	From       date.Date // "no date" is from the start
	To         date.Date
}

// CapitalAccount reads a position's capital account over a period. It returns
// [ErrPositionNotFound], [ErrNoBook] or [ErrPeriodReversed].
func (s *Capital) CapitalAccount(ctx context.Context, db bun.IDB, p CapitalAccountParams) (*CapitalAccount, error) {
	pos, err := positions.Get(ctx, db, p.PositionID)
	if err != nil {
		return nil, err
	}
	if pos.OfferingID == nil {
		return nil, ErrNoBook
	}
	ms, err := historyOf(ctx, db, p.PositionID)
	if err != nil {
		return nil, err
	}
	return accountOf(p.PositionID, ms, p.From, p.To)
}

// ErrPeriodReversed: a period ends before it starts, or has no end.
var ErrPeriodReversed = history.ErrPeriod

// CapitalAccountsParams is an offering and a period, both days included.
type CapitalAccountsParams struct {
	OfferingID id.Of[Offering]
	From       date.Date // "no date" is from the start
	To         date.Date
}

// CapitalAccounts lists the capital accounts of all positions of an offering
// that were ever posted to, by id. Over all of them, each kind of movement adds
// up to what the book's accounts show. It returns [ErrOfferingNotFound],
// [ErrNoBook] or [ErrPeriodReversed].
func (s *Capital) CapitalAccounts(ctx context.Context, db bun.IDB, p CapitalAccountsParams, r page.Request) (page.Page[CapitalAccount], error) {
	var out page.Page[CapitalAccount]
	limit, after, err := store.AfterID[Position](r)
	if err != nil {
		return out, err
	}
	if p.To.IsZero() || p.To.Before(p.From) {
		return out, ErrPeriodReversed
	}
	if _, err := (&Offerings{s.core}).Offering(ctx, db, p.OfferingID); err != nil {
		return out, err
	}
	ms, err := loadHistory(ctx, db, `WHERE cm.position_id IN (SELECT p.id FROM investments.property_investments p
			WHERE p.opportunity_id = ? AND p.id > ?::uuid AND EXISTS (SELECT 1 FROM investments.capital_movements m WHERE m.position_id = p.id) ORDER BY p.id LIMIT ?)
		ORDER BY cm.position_id, cm.number`, p.OfferingID, after.String(), limit+1)
	if err != nil {
		return out, err
	}
	var rows []CapitalAccount
	for len(ms) > 0 {
		n := 1
		for n < len(ms) && ms[n].Position == ms[0].Position {
			n++
		}
		a, err := accountOf(id.Cast[Position](ms[0].Position), ms[:n], p.From, p.To)
		if err != nil {
			return out, err
		}
		rows, ms = append(rows, *a), ms[n:]
	}
	return store.Cut(rows, limit, func(a *CapitalAccount) page.Cursor { return store.IDCursor(a.PositionID) }), nil
}

// accountOf is the account of one position, from its movements.
func accountOf(v id.Of[Position], own []history.Movement, from, to date.Date) (*CapitalAccount, error) {
	a, err := history.RollForward(own, from, to)
	if err != nil {
		return nil, err
	}
	return &CapitalAccount{PositionID: v, From: from, To: to, Opening: a.Opening, Contributions: a.Contributions, Refunds: a.Refunds, Income: a.Income,
		UnrealizedChange: a.UnrealizedChange, RealizedGains: a.RealizedGains, Fees: a.Fees, Distributions: a.Distributions, Reversed: a.Reversed,
		TransfersIn: a.TransfersIn, TransfersOut: a.TransfersOut, Adjustments: a.Adjustments, Closing: a.Closing, Paid: a.Paid,
		OpeningNotPaid: a.OpeningNotPaid, DeclaredNotPaid: a.DeclaredNotPaid, Recovered: a.Recovered, WrittenOff: a.WrittenOff}, nil
}
