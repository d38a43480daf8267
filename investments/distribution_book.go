package investments

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// bookDeclaration posts what a distribution gives to whom against what is
// payable to them, as its declaration journal, and stores its approval.
func (s *Distributions) bookDeclaration(ctx context.Context, tx bun.IDB, o *Offering, d *Distribution, b book, by id.Of[auth.User]) error {
	var entries, repaid, held, settled []ledger.Entry
	var parts []setOff
	err := store.Together(ctx, tx,
		store.Into(&entries, func(tx bun.IDB) ([]ledger.Entry, error) { return b.declaration(ctx, tx, d) }),
		store.Into(&repaid, func(tx bun.IDB) ([]ledger.Entry, error) { return b.repaid(ctx, tx, d) }),
		store.Into(&held, func(tx bun.IDB) ([]ledger.Entry, error) { return s.reserveEntries(ctx, tx, d, b) }),
		func(tx bun.IDB) (err error) {
			settled, parts, err = b.settleSetOffs(ctx, tx, d)
			return err
		})
	if err != nil {
		return err
	}
	at := s.booked(o.ID, b, *d.DeclarationJournalID, d.DistributionDate)
	behind, billed := passed{since: d.record()}, false
	err = s.postBeside(ctx, tx, b.about(d, ledger.PostParams{ID: at.journal, EffectiveDate: d.DistributionDate, Description: "distribution declared",
		CommandID: id.New[ledger.Command](), Actor: actor(by), Entries: slices.Concat(entries, repaid, held, settled)}), slices.Concat(
		at.declared(ctx, d), []store.Part{
			func(tx bun.IDB) error { return s.writeSetOffs(ctx, tx, d, at, parts) },
			store.Into(&billed, func(tx bun.IDB) (bool, error) { return d.markBilled(ctx, tx, at) }),
			func(tx bun.IDB) error {
				return distributions.Update(ctx, tx, d, "status", "approved_by", "approved_at", "declaration_journal_id", "version")
			},
		}, behind.reads(ctx, d))...)
	if err != nil {
		return err
	}
	if billed {
		if err := s.bill(ctx, tx, d, at); err != nil {
			return err
		}
	}
	return s.restateFrom(ctx, tx, o, b, at, behind, by)
}

// declaration is the postings of the lines of a distribution. It reads the few columns of
// them that matter, since there may be hundreds of thousands.
func (b book) declaration(ctx context.Context, tx bun.IDB, d *Distribution) ([]ledger.Entry, error) {
	owed := b.account(AccountRecovery)
	payable, withheld, clearing := b.account(AccountDistributionsPayable), b.account(AccountWithholdingPayable), b.account(AccountTransfers)
	var entries []ledger.Entry
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
	return entries, err
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
