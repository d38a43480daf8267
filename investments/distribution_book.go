package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// bookDeclaration posts what a distribution gives to whom against what is
// payable to them. It reads the few columns of the lines that matter, since there
// may be hundreds of thousands.
func (s *Distributions) bookDeclaration(ctx context.Context, tx bun.IDB, d *Distribution, by id.Of[auth.User]) (id.Of[ledger.Journal], error) {
	var none id.Of[ledger.Journal]
	o, b, err := s.bookOfDistribution(ctx, tx, d)
	if err != nil {
		return none, err
	}
	entries, err := b.declaration(ctx, tx, d)
	if err != nil {
		return none, err
	}
	held, err := s.reserveEntries(ctx, tx, d, b)
	if err != nil {
		return none, err
	}
	entries = append(entries, held...)
	more, parts, err := b.settleSetOffs(ctx, tx, d)
	if err != nil {
		return none, err
	}
	j, err := s.ledger.Post(ctx, tx, ledger.PostParams{
		BookID: b.id, EffectiveDate: d.DistributionDate, Description: "distribution declared", SourceType: "distribution",
		SourceID: id.Cast[ledger.Source](d.ID), CommandID: id.New[ledger.Command](), Actor: actor(by), Entries: append(entries, more...),
	})
	if err != nil {
		return none, err
	}
	at := s.booked(o.ID, b, j.ID, d.DistributionDate)
	if err := at.declared(ctx, tx, d); err != nil {
		return none, err
	}
	if err := s.writeSetOffs(ctx, tx, d, at, parts); err != nil {
		return none, err
	}
	if err := s.bill(ctx, tx, d, at); err != nil {
		return none, err
	}
	return j.ID, s.restateAfter(ctx, tx, o, b, at, d, by)
}

func (b book) declaration(ctx context.Context, tx bun.IDB, d *Distribution) ([]ledger.Entry, error) {
	var count int
	if err := tx.NewRaw(`SELECT count(*) FROM investments.investor_distributions WHERE distribution_id = ?`, d.ID).Scan(ctx, &count); err != nil {
		return nil, store.Err(err, constraints)
	}
	owed := b.account(AccountRecovery)
	payable, withheld, clearing := b.account(AccountDistributionsPayable), b.account(AccountWithholdingPayable), b.account(AccountTransfers)
	entries := make([]ledger.Entry, 0, count)
	err := store.NewQuery(tx, constraints, `SELECT role, investment_id, account_id, investor_id, net_distribution, tax_withholding, redirected
		FROM investments.investor_distributions WHERE distribution_id = ? ORDER BY id`, d.ID).Each(ctx, func(row store.Row) error {
		var l DistributionLine
		if err := row.Scan(&l.Role, &l.PositionID, &l.AccountID, &l.InvestorID, &l.NetDistribution, &l.TaxWithholding, &l.Redirected); err != nil {
			return err
		}
		debit := l.equity(b)
		if l.NetDistribution.Sign() < 0 { // billed
			entries = append(entries, l.entries(owed, debit, l.NetDistribution.Neg())...)
			return nil
		}
		own := l.NetDistribution // of it what the tiers give the payee
		switch l.Redirected.Sign() {
		case -1:
			entries = append(entries, l.entries(debit, clearing, l.Redirected.Neg())...)
		case 1:
			var err error
			if own, err = own.Sub(l.Redirected); err != nil {
				return err
			}
			entries = append(entries, l.entries(clearing, payable, l.Redirected)...)
		}
		entries = append(entries, l.entries(debit, payable, own)...)
		entries = append(entries, l.entries(debit, withheld, l.TaxWithholding)...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	repaid, err := b.repaid(ctx, tx, d)
	return append(entries, repaid...), err
}

// entries is the posting of one amount of a line, none when it is zero. Its
// subledger is the position, the account of a payee, or the payee in person.
func (l *DistributionLine) entries(debit, credit id.Of[ledger.Account], amount money.Amount) []ledger.Entry {
	if amount.IsZero() {
		return nil
	}
	e := ledger.Entry{Debit: debit, Credit: credit, Amount: amount}
	switch {
	case l.PositionID != nil:
		e.Subledger = id.Cast[ledger.Subledger](*l.PositionID)
	case l.AccountID != nil:
		e.Subledger = id.Cast[ledger.Subledger](*l.AccountID)
	default:
		e.Subledger = id.Cast[ledger.Subledger](l.InvestorID)
	}
	return []ledger.Entry{e}
}
