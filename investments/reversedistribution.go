package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// ErrReversalDate: what undoes something is dated before it.
var ErrReversalDate = fault.New(fault.Invalid, "reversal_date_early", "the date is before what is undone").On("date")

// ReverseDistributionParams is an approved or paid distribution to undo.
type ReverseDistributionParams struct {
	IdempotencyKey string
	DistributionID id.Of[Distribution]
	Date           date.Date // the day the reversal counts from
	Reason         string
	By             id.Of[auth.User]
}

// ReverseDistribution undoes a distribution, once, with mirror entries that
// name what they reverse. Where cash has left already, what each investor was
// paid becomes a receivable from him in the offering's book. The transactions
// are reversed by transactions of negative amounts, and later distributions by
// terms are computed as if it had never been.
//
// It locks the offering and the distribution. A later distribution by terms
// rests on this one and is reversed first: [ErrDistributionOrder]. It returns
// [ErrReversalDate], [ErrDistributionState] for one that was not booked or is reversed already,
// and [ErrDistributionNotFound].
func (s *Service) ReverseDistribution(ctx context.Context, db bun.IDB, p ReverseDistributionParams) (*Distribution, error) {
	var f fault.Fields
	f.Check(!p.DistributionID.IsZero(), "distribution_id", "required", "a distribution is needed")
	f.Check(!p.Date.IsZero(), "date", "required", "a date is needed")
	f.Check(p.Reason != "", "reason", "required", "a reversal has a reason")
	if err := f.Err(); err != nil {
		return nil, err
	}
	request := p
	request.IdempotencyKey = ""
	return onceOf(ctx, db, s.command("investments.reverse_distribution", p.IdempotencyKey), request, "distribution", p.DistributionID, distributions,
		func(tx bun.IDB) (*Distribution, error) { return s.reverseDistribution(ctx, tx, p) })
}

func (s *Service) reverseDistribution(ctx context.Context, tx bun.IDB, p ReverseDistributionParams) (*Distribution, error) {
	d, err := lockDistribution(ctx, tx, p.DistributionID)
	if err != nil {
		return nil, err
	}
	if d.DeclarationJournalID == nil || d.Status == DistributionReversed {
		return nil, ErrDistributionState.With("it is %s", d.Status)
	}
	if p.Date.Before(d.DistributionDate) {
		return nil, ErrReversalDate
	}
	if err := lastByTerms(ctx, tx, d); err != nil {
		return nil, err
	}
	j, err := s.ledger.Reverse(ctx, tx, *d.DeclarationJournalID, p.Date, ledger.PostParams{
		Description: "distribution reversed", SourceType: "distribution", SourceID: id.Cast[ledger.Source](d.ID), Actor: actor(p.By)})
	if err != nil {
		return nil, err
	}
	if err := s.recover(ctx, tx, d, p); err != nil {
		return nil, err
	}
	now := s.now()
	d.Status, d.StatusReason, d.ReversalJournalID, d.ReversedAt, d.UpdatedAt = DistributionReversed, &p.Reason, &j.ID, &now, now
	d.Version++
	return d, distributions.Update(ctx, tx, d, "status", "status_reason", "reversal_journal_id", "reversed_at", "version")
}

func actor(v id.Of[auth.User]) string {
	if v.IsZero() {
		return ""
	}
	return v.String()
}

// lockDistribution locks a distribution behind its offering, in the order that
// all verbs use.
func lockDistribution(ctx context.Context, tx bun.IDB, v id.Of[Distribution]) (*Distribution, error) {
	known, err := distributions.Get(ctx, tx, v) // unlocked, to learn the offering
	if err != nil {
		return nil, err
	}
	if known.OfferingID != nil {
		if _, err := lockOffering(ctx, tx, *known.OfferingID); err != nil {
			return nil, err
		}
	}
	return distributions.Lock(ctx, tx, v)
}

// lastByTerms reports a later distribution that rests on this one.
func lastByTerms(ctx context.Context, tx bun.IDB, d *Distribution) error {
	if d.TermsID == nil {
		return nil
	}
	later, err := tx.NewSelect().Model((*Distribution)(nil)).Where("opportunity_id = ?", *d.OfferingID).Where("terms_id IS NOT NULL").
		Where("status NOT IN ('cancelled', 'reversed')").
		Where("(distribution_date, created_at, id) > (?, ?, ?)", d.DistributionDate, d.CreatedAt, d.ID).Exists(ctx)
	if err != nil {
		return store.Err(err, constraints)
	}
	if later {
		return ErrDistributionOrder.With("reverse the later one first")
	}
	return nil
}

// recover turns what was paid into receivables, and takes it out of the
// investors' transactions and the positions' totals.
func (s *Service) recover(ctx context.Context, tx bun.IDB, d *Distribution, p ReverseDistributionParams) error {
	b, err := s.bookOfDistribution(ctx, tx, d)
	if err != nil {
		return err
	}
	lines, err := linesOf(ctx, tx, d.ID)
	if err != nil {
		return err
	}
	var entries []ledger.Entry
	for i := range lines {
		if l := &lines[i]; l.PaymentStatus == PaymentCompleted {
			entries = append(entries, l.entries(b.account(AccountRecovery), b.account(AccountDistributionsPayable), l.NetDistribution)...)
		}
	}
	var booked *id.Of[ledger.Journal]
	if len(entries) > 0 {
		j, err := s.ledger.Post(ctx, tx, ledger.PostParams{BookID: b.id, EffectiveDate: p.Date, Description: "to be recovered",
			SourceType: "distribution", SourceID: id.Cast[ledger.Source](d.ID), Actor: actor(p.By), Entries: entries})
		if err != nil {
			return err
		}
		booked = &j.ID
	}
	if err := s.undoTransactions(ctx, tx, p.Date, booked, "dl.distribution_id = ?", d.ID); err != nil {
		return err
	}
	_, err = tx.NewUpdate().Model((*DistributionLine)(nil)).Set("payment_status = ?", PaymentReversed).Set("version = version + 1").
		Where("distribution_id = ?", d.ID).Exec(ctx)
	return store.Err(err, constraints)
}

// undoTransactions reverses the completed transactions of lines that are not
// reversed yet, and takes their amounts off the positions' totals, one
// statement each. journal is where the reversal was booked.
func (s *Service) undoTransactions(ctx context.Context, tx bun.IDB, on date.Date, journal *id.Of[ledger.Journal], which string, arg any) error {
	paid, err := transactions.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Join("JOIN investments.investor_distributions AS dl ON dl.id = tx.distribution_line_id").Where(which, arg).
			Where("tx.status = ?", TransactionCompleted).Where("tx.reverses_id IS NULL").
			Where("NOT EXISTS (SELECT FROM investments.transactions r WHERE r.reverses_id = tx.id)").OrderExpr("tx.id")
	})
	if err != nil {
		return err
	}
	now, command := s.now(), id.New[ledger.Command]()
	undone := make([]Transaction, len(paid))
	for i := range paid {
		t := paid[i]
		t.ReversesID, t.ID, t.Amount, t.EffectiveDate, t.CompletedAt, t.CommandID, t.CreatedAt = ptr(t.ID), id.New[Transaction](), t.Amount.Neg(), on, &now, &command, now
		t.IdempotencyKey, t.JournalID = nil, journal
		undone[i] = t
	}
	if err := transactions.InsertAll(ctx, tx, undone); err != nil {
		return err
	}
	_, err = tx.NewRaw(`UPDATE investments.property_investments pi SET total_distributions = pi.total_distributions + t.amount
		FROM (SELECT investment_id, sum(amount) AS amount FROM investments.transactions
			WHERE command_id = ? AND investment_id IS NOT NULL AND type IN ('distribution', 'return_of_capital') GROUP BY 1) t
		WHERE pi.id = t.investment_id`, command).Exec(ctx)
	return store.Err(err, constraints)
}
