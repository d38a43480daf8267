package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
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
// through here. It runs behind, what the caller asks of the lines then, with it, and
// returns what left, which is not before the day that the distribution counts from.
func (s *Distributions) settle(ctx context.Context, tx bun.IDB, o *Offering, d *Distribution, p settlement, behind ...store.Part) (payments, error) {
	if p.date.Before(d.DistributionDate) {
		if !p.withoutCash {
			return payments{}, ErrPaymentDate.With("the distribution is of %s", d.DistributionDate)
		}
		p.date = d.DistributionDate // what was handed to the bank ahead of it had nothing to carry for these
	}
	var b book
	var paid payments
	err := store.Together(ctx, tx,
		func(tx bun.IDB) error { return s.fresh(ctx, tx, o, d) },
		store.Into(&b, func(tx bun.IDB) (book, error) { return s.bookOfDistribution(ctx, tx, o) }),
		store.Into(&paid, func(tx bun.IDB) (payments, error) { return p.payments(ctx, tx) }))
	if err != nil {
		return paid, err
	}
	entries, err := paid.entries(b.account(AccountDistributionsPayable), b.account(AccountCash), b.account(AccountInKind))
	if err != nil {
		return paid, err
	}
	var j *id.Of[ledger.Journal] // nil is that nothing is posted
	if len(entries) > 0 {
		j = ptr(id.New[ledger.Journal]())
	}
	return paid, s.postBeside(ctx, tx, b.about(d, ledger.PostParams{ID: or(j), EffectiveDate: p.date, Description: "distribution paid", CommandID: p.command,
		Actor: actor(p.actor), Entries: entries}), append([]store.Part{
		func(tx bun.IDB) error { return s.booked(o.ID, b, or(j), p.date).paid(ctx, tx, p.paymentSet) },
		func(tx bun.IDB) error { return s.writePaid(ctx, tx, d, p, j) },
		func(tx bun.IDB) error { return p.addToPositions(ctx, tx, 1) },
		func(tx bun.IDB) error {
			_, err := store.Write(ctx, tx, tx.NewRaw(`UPDATE investments.investor_distributions AS dl
				SET payment_status = 'completed', payment_date = ?, payment_method = COALESCE(?, dl.payment_method), payment_reference = COALESCE(?, dl.payment_reference),
					failure_reason = NULL, version = dl.version + 1
				WHERE ?`, p.date, p.method, p.reference, p.where()))
			return store.Err(err, constraints)
		},
	}, behind...)...)
}

// writePaid writes the transactions of a settlement: each line's gross, divided
// into what its tiers returned of the capital and the rest, the tax withheld out of
// it, and what goes from debtors to lenders. A true-up may have taken back some of what a tier gave before.
func (s *Distributions) writePaid(ctx context.Context, tx bun.IDB, d *Distribution, p settlement, j *id.Of[ledger.Journal]) error {
	_, err := store.Write(ctx, tx, tx.NewRaw(`INSERT INTO investments.transactions (id, investor_id, account_id, investment_id, type, amount, currency, effective_date,
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
		d.Currency, p.date, p.reference, s.now(), j, p.command, d.describe(), p.where()))
	return store.Err(err, constraints)
}

// undo is the parts that reverse the live transactions of completed lines by negative
// ones and take them off the positions' totals. The lines stay for the caller to mark.
// journal is where the reversal was booked; nil is nowhere. at books what the
// history has of it.
func (s *Distributions) undo(ctx context.Context, p paymentSet, at booking, journal *id.Of[ledger.Journal], command id.Of[ledger.Command]) []store.Part {
	return []store.Part{
		func(tx bun.IDB) error { return at.unpaid(ctx, tx, p) },
		func(tx bun.IDB) error {
			_, err := store.Write(ctx, tx, tx.NewRaw(`INSERT INTO investments.transactions (id, investor_id, account_id, investment_id, type, amount, currency, effective_date,
					reference_number, description, status, completed_at, subscription_id, distribution_line_id, journal_id, reverses_id, command_id, created_at)
				SELECT `+store.NewIDs("t.id")+`, t.investor_id, t.account_id, t.investment_id, t.type, -t.amount, t.currency, ?0::date,
					t.reference_number, COALESCE('undone: ' || t.description, 'undone'), 'completed', ?1::timestamptz, t.subscription_id, dl.id,
					CASE WHEN t.journal_id IS NOT NULL THEN ?2::uuid END, t.id, ?3::uuid, ?1::timestamptz
				FROM investments.investor_distributions AS dl
				CROSS JOIN LATERAL (SELECT t.* FROM investments.transactions t
					WHERE t.distribution_line_id = dl.id OFFSET 0) t
				WHERE ?4 AND t.status = 'completed' AND t.reverses_id IS NULL AND (SELECT r.id FROM investments.transactions r WHERE r.reverses_id = t.id) IS NULL`,
				at.date, s.now(), journal, command, p.where()))
			return store.Err(err, constraints)
		},
		func(tx bun.IDB) error { return p.addToPositions(ctx, tx, -1) },
	}
}

// about is a posting about a distribution.
func (b book) about(d *Distribution, p ledger.PostParams) ledger.PostParams {
	p.BookID, p.SourceType, p.SourceID = b.id, "distribution", id.Cast[ledger.Source](d.ID)
	return p
}

// postBeside posts a journal, none without entries, and behind it runs the parts that
// refer to it: in one round trip, or after it where its entries are many, which go by COPY.
func (c *core) postBeside(ctx context.Context, tx bun.IDB, p ledger.PostParams, behind ...store.Part) error {
	post := func(tx bun.IDB) error {
		if len(p.Entries) == 0 {
			return nil
		}
		_, err := c.ledger.Post(ctx, tx, p)
		return err
	}
	if len(p.Entries) < store.CopyRows {
		return store.Together(ctx, tx, append([]store.Part{post}, behind...)...)
	}
	if err := store.Replan(ctx, tx, len(p.Entries)); err != nil {
		return err
	}
	if err := post(tx); err != nil {
		return err
	}
	return store.Together(ctx, tx, behind...)
}
