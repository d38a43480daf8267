package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// settlement is payments that reached their payees on one day.
type settlement struct {
	paymentSet
	date      date.Date
	method    *PaymentMethod // nil, like reference, keeps what the line says
	reference *string
	command   id.Of[ledger.Command]
	actor     id.Of[auth.User]
}

// settle books what was payable to the lines against cash, writes the investors'
// transactions, and completes the lines and the positions' totals, all of it
// set-wise. Lines of which all was withheld move no cash. Every way of paying goes
// through here. It returns the cash that left, which is not before the day that
// the distribution counts from.
func (s *Distributions) settle(ctx context.Context, tx bun.IDB, d *Distribution, p settlement) (money.Amount, error) {
	if p.date.Before(d.DistributionDate) {
		if !p.withoutCash {
			return money.Zero, ErrPaymentDate.With("the distribution is of %s", d.DistributionDate)
		}
		p.date = d.DistributionDate // what was handed to the bank ahead of it had nothing to carry for these
	}
	if err := s.fresh(ctx, tx, d); err != nil {
		return money.Zero, err
	}
	o, b, err := s.bookOfDistribution(ctx, tx, d)
	if err != nil {
		return money.Zero, err
	}
	entries, total, err := p.entries(ctx, tx, b.account(AccountDistributionsPayable), b.account(AccountCash), b.account(AccountInKind))
	if err != nil {
		return money.Zero, err
	}
	j, err := s.bookLines(ctx, tx, b, d, ledger.PostParams{EffectiveDate: p.date, Description: "distribution paid", CommandID: p.command, Actor: actor(p.actor), Entries: entries})
	if err != nil {
		return money.Zero, err
	}
	if err := s.booked(o.ID, b, or(j), p.date).paid(ctx, tx, p.paymentSet); err != nil {
		return money.Zero, err
	}
	if err := s.writePaid(ctx, tx, d, p, j); err != nil {
		return money.Zero, err
	}
	if err := p.addToPositions(ctx, tx, 1); err != nil {
		return money.Zero, err
	}
	_, err = tx.NewRaw(`UPDATE investments.investor_distributions AS dl
		SET payment_status = 'completed', payment_date = ?, payment_method = COALESCE(?, dl.payment_method), payment_reference = COALESCE(?, dl.payment_reference),
			failure_reason = NULL, version = dl.version + 1
		WHERE ?`, p.date, p.method, p.reference, p.where()).Exec(ctx)
	return total, store.Err(err, constraints)
}

// writePaid writes the transactions of a settlement: each line's gross, divided
// into what its tiers returned of the capital and the rest, the tax withheld out of
// it, and what goes from debtors to lenders. A true-up may have taken back some of what a tier gave before.
func (s *Distributions) writePaid(ctx context.Context, tx bun.IDB, d *Distribution, p settlement, j *id.Of[ledger.Journal]) error {
	_, err := tx.NewRaw(`INSERT INTO investments.transactions (id, investor_id, account_id, investment_id, type, amount, currency, effective_date,
			reference_number, description, status, completed_at, distribution_line_id, journal_id, command_id, created_at)
		SELECT `+store.NewIDs("dl.id, part.n")+`, dl.investor_id, dl.account_id, dl.investment_id, part.type, part.amount, ?0, ?1::date,
			COALESCE(?2, dl.payment_reference), part.description, 'completed', ?3::timestamptz, dl.id, CASE WHEN dl.net_distribution <> 0 THEN ?4::uuid END, ?5::uuid, ?3::timestamptz
		FROM investments.investor_distributions AS dl
		LEFT JOIN LATERAL (`+movementOfLine+`) m ON TRUE
		CROSS JOIN LATERAL (VALUES (1, CASE dl.role WHEN 'fee' THEN 'fee' ELSE 'distribution' END, dl.distribution_amount - COALESCE(m.capital, 0),
				CASE dl.role WHEN 'fee' THEN 'fee of a distribution' WHEN 'promote' THEN 'promote' ELSE ?6 END),
			(2, 'return_of_capital', COALESCE(m.capital, 0), 'return of capital'), (3, 'withholding', dl.tax_withholding, 'tax withheld'),
			(4, CASE WHEN dl.redirected < 0 THEN 'loan_paid' ELSE 'loan_received' END, abs(dl.redirected),
				CASE WHEN dl.redirected < 0 THEN 'paid to a partner who lent' ELSE 'received from a partner who borrowed' END)) AS part (n, type, amount, description)
		WHERE ?7 AND part.amount <> 0`,
		d.Currency, p.date, p.reference, s.now(), j, p.command, d.describe(), p.where()).Exec(ctx)
	return store.Err(err, constraints)
}

// undo reverses the live transactions of completed lines by negative ones and
// takes them off the positions' totals. The lines stay for the caller to mark.
// journal is where the reversal was booked; nil is nowhere. at books what the
// history has of it.
func (s *Distributions) undo(ctx context.Context, tx bun.IDB, p paymentSet, at booking, journal *id.Of[ledger.Journal], command id.Of[ledger.Command]) error {
	if err := at.unpaid(ctx, tx, p); err != nil {
		return err
	}
	_, err := tx.NewRaw(`INSERT INTO investments.transactions (id, investor_id, account_id, investment_id, type, amount, currency, effective_date,
			reference_number, description, status, completed_at, subscription_id, distribution_line_id, journal_id, reverses_id, command_id, created_at)
		SELECT `+store.NewIDs("t.id")+`, t.investor_id, t.account_id, t.investment_id, t.type, -t.amount, t.currency, ?0::date,
			t.reference_number, COALESCE('undone: ' || t.description, 'undone'), 'completed', ?1::timestamptz, t.subscription_id, dl.id,
			CASE WHEN t.journal_id IS NOT NULL THEN ?2::uuid END, t.id, ?3::uuid, ?1::timestamptz
		FROM investments.investor_distributions AS dl
		CROSS JOIN LATERAL (SELECT t.* FROM investments.transactions t
			WHERE t.distribution_line_id = dl.id OFFSET 0) t
		WHERE ?4 AND t.status = 'completed' AND t.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM investments.transactions r WHERE r.reverses_id = t.id)`,
		at.date, s.now(), journal, command, p.where()).Exec(ctx)
	if err != nil {
		return store.Err(err, constraints)
	}
	return p.addToPositions(ctx, tx, -1)
}

// bookLines posts entries about a distribution; none is no journal, and nil.
func (s *Distributions) bookLines(ctx context.Context, tx bun.IDB, b book, d *Distribution, p ledger.PostParams) (*id.Of[ledger.Journal], error) {
	if len(p.Entries) == 0 {
		return nil, nil
	}
	p.BookID, p.SourceType, p.SourceID = b.id, "distribution", id.Cast[ledger.Source](d.ID)
	j, err := s.ledger.Post(ctx, tx, p)
	if err != nil {
		return nil, err
	}
	return &j.ID, nil
}
