package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// BalanceSheet is what an offering's entity owns, owes and is worth to its investors
// on a day, by its book: Assets = Liabilities + Equity + NetIncome. Lines are the
// accounts that have a balance, by code.
type BalanceSheet struct {
	OfferingID  id.Of[Offering] `json:"offering_id"`
	AsOf        date.Date       `json:"as_of"`
	Currency    string          `json:"currency"`
	Lines       []ledger.Totals `json:"lines"`
	Cash        money.Amount    `json:"cash"` // that can be distributed; reserves are beside it
	Assets      money.Amount    `json:"assets"`
	Liabilities money.Amount    `json:"liabilities"`
	Equity      money.Amount    `json:"equity"`
	NetIncome   money.Amount    `json:"net_income"` // since the start
}

// BalanceSheet reads the balance sheet of an offering's entity at the end of a day. It
// returns [ErrNoBook] or [ErrOfferingNotFound].
func (s *Capital) BalanceSheet(ctx context.Context, db bun.IDB, v id.Of[Offering], asOf date.Date) (*BalanceSheet, error) {
	if asOf.IsZero() {
		return nil, fault.New(fault.Invalid, check.Required, "a day is needed").On("as_of")
	}
	o, err := seeOffering(ctx, db, v)
	if err != nil {
		return nil, err
	}
	if o.BookID == nil {
		return nil, ErrNoBook
	}
	totals, err := s.ledger.TrialBalance(ctx, db, ledger.TrialBalanceParams{BookID: *o.BookID, Day: asOf})
	if err != nil {
		return nil, err
	}
	out := &BalanceSheet{OfferingID: v, AsOf: asOf, Currency: o.Currency, Lines: []ledger.Totals{}}
	for i := range totals {
		t := &totals[i]
		if t.Balance.IsZero() {
			continue
		}
		out.Lines = append(out.Lines, *t)
		if t.Account.Code == AccountCash {
			out.Cash = t.Balance
		}
		to, amount := &out.Equity, t.Balance
		switch t.Account.Type {
		case ledger.Asset:
			to = &out.Assets
		case ledger.Liability:
			to = &out.Liabilities
		case ledger.Income:
			to = &out.NetIncome
		case ledger.Expense:
			to, amount = &out.NetIncome, amount.Neg()
		}
		if *to, err = to.Add(amount); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// MarkCashCompleteParams says whether all cash of an offering's entity is in its book.
type MarkCashCompleteParams struct {
	OfferingID id.Of[Offering]
	Complete   bool
	ActorID    id.Of[auth.User]
}

// MarkCashComplete says that all cash of an offering's entity is in its book, or that
// it is not. Of a complete book cash below zero is a finding of Verify, of others a
// warning. Saying the same again changes nothing. It locks the offering. It returns
// [ErrOfferingNotFound].
func (s *Offerings) MarkCashComplete(ctx context.Context, db bun.IDB, p MarkCashCompleteParams) (*Offering, error) {
	var out *Offering
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		o, err := lockOffering(ctx, tx, p.OfferingID)
		if err != nil {
			return err
		}
		out = o
		if err := s.acts(ctx, tx, VerbMarkCashComplete, p.ActorID, about(o.ID)); err != nil {
			return err
		}
		if o.CashComplete == p.Complete {
			return nil
		}
		o.CashComplete, o.UpdatedAt = p.Complete, s.now()
		o.Version++
		if err := offerings.Update(ctx, tx, o, "cash_complete", "version"); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateOffering, o.ID, CashCompleteMarked{Complete: p.Complete}))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// CashCompleteMarked is the event of [Offerings.MarkCashComplete].
type CashCompleteMarked struct {
	Complete bool `json:"complete"`
}

// EventType names the event.
func (CashCompleteMarked) EventType() (string, int) { return "investments.cash_complete_marked", 1 }

// cashInvariants are about the entity's own cash.
func cashInvariants() []store.Invariant {
	return []store.Invariant{
		{Name: "the cash of a complete book is not below zero", Query: negativeCash + " AND o.cash_complete"},
		{Name: "what distributions cite is cash that came in for their offering, once", Query: `
			SELECT c.journal_id::text, format('cash %s of %s, cited %s', COALESCE(m.amount, 0), j.source_type, sum(c.amount))
			FROM investments.distribution_sources c JOIN investments.distributions d ON d.id = c.distribution_id AND d.status NOT IN ('cancelled', 'reversed')
			JOIN financials.journals j ON j.id = c.journal_id
			LEFT JOIN (SELECT p.journal_id, sum(p.amount) AS amount FROM financials.postings p JOIN financials.accounts a ON a.id = p.debit_account AND a.book_id = p.book_id AND a.code = '` + AccountCash + `' GROUP BY 1) m
				ON m.journal_id = j.id
			LEFT JOIN financials.journals r ON r.reverses_id = j.id AND r.book_id = j.book_id
			GROUP BY 1, j.id, j.source_type, m.amount, r.id
			HAVING sum(c.amount) > COALESCE(m.amount, 0) OR bool_or(j.source_id IS DISTINCT FROM d.opportunity_id) OR r.id IS NOT NULL`},
		worksheetInvariant(),
	}
}

// negativeCash finds the offerings whose cash is below zero.
const negativeCash = `SELECT o.id::text, format('cash %s', b.cash) FROM investments.opportunities o
	JOIN (SELECT a.book_id, sum(x.debits - x.credits) AS cash FROM financials.accounts a JOIN financials.account_balances x ON x.account_id = a.id AND x.book_id = a.book_id
		WHERE a.code = '` + AccountCash + `' GROUP BY 1) b ON b.book_id = o.book_id WHERE b.cash < 0`

// Warnings lists what need not be wrong: the rows are told by Verify as warnings.
func Warnings() []store.Invariant {
	return []store.Invariant{{Name: "the cash of a book is below zero, which not all cash is in", Query: negativeCash + " AND NOT o.cash_complete"}}
}
