package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/capital"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// CapitalAccount is a position's capital account over a period, both days
// included, by the ledger's postings on the accounts that are by position:
//
//	closing = opening + contributions - refunds + income + unrealized change
//	        + realized gains - fees - distributions + distributions reversed
//	        + transfers in - transfers out
//
// Distributions count gross of tax withheld, from the day they count from and not
// from their payment: one that is declared and not yet approved is not in the
// books, an approved one is, and a payment that fails changes nothing. A return of
// capital is a distribution like others and does not lessen contributions; what
// is left to return is in [PositionBalance]. A reversal counts from its own day:
// the distribution stays in the period it was in, and comes back in the period of
// the reversal.
//
// A transfer moves contributed capital and unrealized value; income, fees and
// distributions of the past stay with the giver. So an account that was left by
// transfer may close at another figure than zero.
type CapitalAccount struct {
	PositionID       id.Of[Position]
	From             date.Date // "no date" is from the start
	To               date.Date
	Opening          money.Amount
	Contributions    money.Amount
	Refunds          money.Amount // of contributions; not below zero
	Income           money.Amount // net, before Fees; a loss is below zero
	UnrealizedChange money.Amount
	RealizedGains    money.Amount // of the exit; losses are below zero
	Fees             money.Amount
	Distributions    ByCharacter
	Reversed         ByCharacter // distributions of this or an earlier period that were undone
	TransfersIn      money.Amount
	TransfersOut     money.Amount
	Closing          money.Amount
}

// ByCharacter is distributions by their tax character. What a tier returned of
// capital is return of capital whatever the distribution's character.
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
	a := capital.Activity{UnrealizedChange: c.UnrealizedChange, Fees: c.Fees}
	for _, x := range []struct {
		to   *money.Amount
		a, b money.Amount
	}{
		{&a.Contributions, c.Contributions, back}, {&a.Income, c.Income, c.RealizedGains},
		{&a.Distributions, out, c.Refunds}, {&a.Transfers, c.TransfersIn, c.TransfersOut.Neg()},
	} {
		if *x.to, err = x.a.Add(x.b); err != nil {
			return capital.Statement{}, err
		}
	}
	return capital.RollForward(c.Opening, a)
}

// capitalCodes are the accounts that a capital account consists of.
var capitalCodes = []string{AccountCapital, AccountDistributions, AccountIncome, AccountUnrealized, AccountRealized, AccountFees}

// CapitalAccount reads a position's capital account from one day to another. A
// from that is "no date" is from the start. It returns [ErrPositionNotFound],
// [ErrNoBook] or [ErrPeriodReversed].
func (s *Capital) CapitalAccount(ctx context.Context, db bun.IDB, v id.Of[Position], from, to date.Date) (*CapitalAccount, error) {
	pos, err := positions.Get(ctx, db, v)
	if err != nil {
		return nil, err
	}
	if pos.OfferingID == nil {
		return nil, ErrNoBook
	}
	rows, err := s.capitalAccounts(ctx, db, *pos.OfferingID, from, to, "SELECT ?::uuid AS id", v)
	if err != nil {
		return nil, err
	}
	return &rows[0], nil
}

// ErrPeriodReversed: a period ends before it starts, or has no end.
var ErrPeriodReversed = fault.New(fault.Invalid, "capital_period_reversed", "a period has a last day, not before its first").On("to")

// CapitalAccounts lists the capital accounts of all positions of an offering
// that were ever posted to, by id. Over all of them, each kind of movement adds
// up to what the book's accounts show. It returns [ErrOfferingNotFound],
// [ErrNoBook] or [ErrPeriodReversed].
func (s *Capital) CapitalAccounts(ctx context.Context, db bun.IDB, v id.Of[Offering], from, to date.Date, r page.Request) (page.Page[CapitalAccount], error) {
	var out page.Page[CapitalAccount]
	limit, err := r.Size()
	if err != nil {
		return out, err
	}
	var after id.Of[Position] // zero is before all
	if r.After != "" {
		parts, err := r.After.Decode(1)
		if err != nil {
			return out, err
		}
		if after, err = id.Parse[Position](parts[0]); err != nil {
			return out, page.ErrCursor
		}
	}
	// The balances of contributed capital name each position that was ever
	// posted to, in the order of ids.
	out.Items, err = s.capitalAccounts(ctx, db, v, from, to, `SELECT b.subledger_id AS id FROM financials.subledger_balances b
		WHERE b.account_id = (SELECT a.id FROM financials.accounts a JOIN investments.opportunities o ON o.book_id = a.book_id WHERE o.id = ? AND a.code = '3000')
			AND b.subledger_id > ?::uuid ORDER BY 1 LIMIT ?`, v, after.String(), limit+1)
	if err != nil {
		return out, err
	}
	if len(out.Items) > limit {
		out.Items = out.Items[:limit]
		out.Next = page.Encode(out.Items[limit-1].PositionID.String())
	}
	return out, nil
}

// capitalSum is the row of one position.
type capitalSum struct {
	ID            id.Of[Position] `bun:"id" json:"id"`
	Opening       money.Amount    `bun:"opening" json:"opening"`
	Contributions money.Amount    `bun:"contributions" json:"contributions"`
	Refunds       money.Amount    `bun:"refunds" json:"refunds"`
	Income        money.Amount    `bun:"income" json:"income"`
	Unrealized    money.Amount    `bun:"unrealized" json:"unrealized"`
	Realized      money.Amount    `bun:"realized" json:"realized"`
	Fees          money.Amount    `bun:"fees" json:"fees"`
	In            money.Amount    `bun:"came" json:"in"`
	Out           money.Amount    `bun:"went" json:"out"`
	Paid          paidOut         `bun:"embed:paid_" json:"paid"`
	Undone        paidOut         `bun:"embed:undone_" json:"undone"`
}

type paidOut struct {
	Capital      money.Amount `bun:"capital" json:"capital"`
	Dividend     money.Amount `bun:"dividend" json:"dividend"`
	Interest     money.Amount `bun:"interest" json:"interest"`
	Gain         money.Amount `bun:"gain" json:"gain"`
	Unclassified money.Amount `bun:"unclassified" json:"unclassified"`
}

func (p paidOut) byCharacter() ByCharacter {
	return ByCharacter{ReturnOfCapital: p.Capital, Dividend: p.Dividend, Interest: p.Interest, CapitalGain: p.Gain, Unclassified: p.Unclassified}
}

// capitalAccounts sums up the postings of the positions that a query names, in
// one statement.
func (s *Capital) capitalAccounts(ctx context.Context, db bun.IDB, v id.Of[Offering], from, to date.Date, which string, args ...any) ([]CapitalAccount, error) {
	if to.IsZero() || !from.IsZero() && to.Before(from) {
		return nil, ErrPeriodReversed
	}
	o, err := offerings.Get(ctx, db, v)
	if err != nil {
		return nil, err
	}
	if o.BookID == nil {
		return nil, ErrNoBook
	}
	var first *date.Date // NULL is from the start
	if !from.IsZero() {
		first = &from
	}
	var rows []capitalSum
	err = db.NewRaw(capitalQuery, bun.SafeQuery(which, args...), *o.BookID, bun.List(capitalCodes), first, to).Scan(ctx, &rows)
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	out := make([]CapitalAccount, len(rows))
	for i := range rows {
		r := &rows[i]
		out[i] = CapitalAccount{PositionID: r.ID, From: from, To: to, Opening: r.Opening, Contributions: r.Contributions, Refunds: r.Refunds,
			Income: r.Income, UnrealizedChange: r.Unrealized, RealizedGains: r.Realized, Fees: r.Fees,
			Distributions: r.Paid.byCharacter(), Reversed: r.Undone.byCharacter(), TransfersIn: r.In, TransfersOut: r.Out}
		st, err := out[i].Statement()
		if err != nil {
			return nil, err
		}
		out[i].Closing = st.Closing
	}
	return out, nil
}

// capitalQuery takes the query of positions, the book, the codes, and the two
// days. A movement is a posting as its position sees it, an increase above zero;
// one against transfers clearing is part of a transfer on every account.
const capitalQuery = `WITH who AS (?0),
	acc AS (SELECT id, code FROM financials.accounts WHERE book_id = ?1 AND code IN (?2)),
	clearing AS (SELECT id FROM financials.accounts WHERE book_id = ?1 AND code = '3900'),
	moves AS (
		SELECT who.id, p.effective_date < ?3::date IS TRUE AS before, p.journal_id, a.code, side.amount, side.other IN (SELECT id FROM clearing) AS transfer
		FROM who
		CROSS JOIN LATERAL (SELECT * FROM financials.postings -- a page reads its positions, not the book
			WHERE subledger_id = who.id AND effective_date <= ?4::date OFFSET 0) p
		CROSS JOIN LATERAL (VALUES (p.credit_account, p.debit_account, p.amount), (p.debit_account, p.credit_account, -p.amount)) AS side (account, other, amount)
		JOIN acc a ON a.id = side.account),
	sums AS (
		SELECT id, sum(amount) FILTER (WHERE before) AS opening,
			sum(amount) FILTER (WHERE NOT before AND code = '3000' AND NOT transfer AND amount > 0) AS contributions,
			-sum(amount) FILTER (WHERE NOT before AND code = '3000' AND NOT transfer AND amount < 0) AS refunds,
			sum(amount) FILTER (WHERE NOT before AND code = '3300' AND NOT transfer) AS income,
			sum(amount) FILTER (WHERE NOT before AND code = '3310' AND NOT transfer) AS unrealized,
			sum(amount) FILTER (WHERE NOT before AND code = '3320' AND NOT transfer) AS realized,
			-sum(amount) FILTER (WHERE NOT before AND code = '3330' AND NOT transfer) AS fees,
			sum(amount) FILTER (WHERE NOT before AND transfer AND amount > 0) AS came,
			-sum(amount) FILTER (WHERE NOT before AND transfer AND amount < 0) AS went
		FROM moves GROUP BY 1),
	paid AS (
		SELECT m.id, j.source_id, m.amount < 0 AS out, abs(sum(m.amount)) AS gross
		FROM moves m JOIN financials.journals j ON j.id = m.journal_id
		WHERE NOT m.before AND m.code = '3100' AND NOT m.transfer GROUP BY 1, 2, 3),
	lines AS (
		SELECT p.id, p.out, p.gross, d.type, CASE WHEN d.type = 'return_of_capital' THEN p.gross ELSE LEAST(p.gross, COALESCE(t.amount, 0)) END AS capital
		FROM paid p LEFT JOIN investments.distributions d ON d.id = p.source_id
		LEFT JOIN investments.investor_distributions l ON l.distribution_id = d.id AND l.investment_id = p.id
		LEFT JOIN LATERAL (SELECT sum(amount) AS amount FROM investments.distribution_tiers WHERE line_id = l.id AND kind = 'return_of_capital') t ON TRUE),
	kinds AS (
		SELECT id, out, sum(capital) AS capital,
			sum(gross - capital) FILTER (WHERE type = 'dividend') AS dividend,
			sum(gross - capital) FILTER (WHERE type = 'interest') AS interest,
			sum(gross - capital) FILTER (WHERE type = 'capital_gain') AS gain,
			sum(gross - capital) FILTER (WHERE type IS NULL OR type NOT IN ('dividend', 'interest', 'capital_gain')) AS unclassified
		FROM lines GROUP BY 1, 2)
	SELECT who.id, COALESCE(s.opening, 0) AS opening, COALESCE(s.contributions, 0) AS contributions, COALESCE(s.refunds, 0) AS refunds,
		COALESCE(s.income, 0) AS income, COALESCE(s.unrealized, 0) AS unrealized, COALESCE(s.realized, 0) AS realized, COALESCE(s.fees, 0) AS fees,
		COALESCE(s.came, 0) AS came, COALESCE(s.went, 0) AS went,
		COALESCE(p.capital, 0) AS paid_capital, COALESCE(p.dividend, 0) AS paid_dividend, COALESCE(p.interest, 0) AS paid_interest,
		COALESCE(p.gain, 0) AS paid_gain, COALESCE(p.unclassified, 0) AS paid_unclassified,
		COALESCE(u.capital, 0) AS undone_capital, COALESCE(u.dividend, 0) AS undone_dividend, COALESCE(u.interest, 0) AS undone_interest,
		COALESCE(u.gain, 0) AS undone_gain, COALESCE(u.unclassified, 0) AS undone_unclassified
	FROM who LEFT JOIN sums s ON s.id = who.id
	LEFT JOIN kinds p ON p.id = who.id AND p.out LEFT JOIN kinds u ON u.id = who.id AND NOT u.out
	ORDER BY who.id`
