package investments

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/approval"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrReversalDate: what undoes something is dated before it.
var ErrReversalDate = fault.New(fault.Invalid, "reversal_date_early", "the date is before what is undone").On("date")

// ReverseDistributionParams is an approved or paid distribution to undo.
type ReverseDistributionParams struct {
	IdempotencyKey string
	DistributionID id.Of[Distribution]
	Date           date.Date // the day the reversal counts from
	Reason         string
	ActorID        id.Of[auth.User]
}

// Reverse undoes a distribution, once, with mirror entries that
// name what they reverse, as somebody else has asked for by
// [Distributions.RequestReversal], with that date and reason. Where the
// [ApprovalPolicy] asks for several people to agree to the amount, each calls it,
// and until the last one has the distribution stays as it is. A [Policy] may let one
// person do it alone. Where cash has left already, what each investor was
// paid becomes a receivable from them in the offering's book, which
// [Distributions.Recoverables] lists and [Distributions.RecordRecovery] settles; what was
// never paid is just no longer payable. The transactions are reversed by
// transactions of negative amounts, and later distributions by terms are computed
// as if it had never been. Tax that was withheld is owed no more; what of it was
// remitted already is set off against the next remittances.
//
// Payments that are with the bank may arrive or not, so that nobody could say what
// to recover: they are confirmed or failed first ([ErrPaymentState]).
//
// It locks the offering and the distribution. A later distribution by terms
// rests on this one and is reversed first: [ErrDistributionOrder].
// What was set off is owed again. What was held back can be distributed again, unless it
// has been used: [ErrReserveShort]. Where something of what it billed has been paid
// back, set off or written off, it is [ErrBillSettled]: another true-up puts it right.
// It returns [ErrReversalDate] for a day before the distribution, or before a payment of it
// was made or came back, [ErrDistributionState] for one that was not booked or is
// reversed already, [ErrReversalNotRequested], [ErrApprovalChanged] where another
// date or reason was asked for, [ErrReversalSelfApproval], [ErrActorParty], and
// [ErrDistributionNotFound].
func (s *Distributions) Reverse(ctx context.Context, db bun.IDB, p ReverseDistributionParams) (*Distribution, error) {
	if err := s.reversalFields("distribution_id", p.DistributionID, p.Date, p.Reason, p.ActorID); err != nil {
		return nil, err
	}
	return store.RunOnce(ctx, db, store.Keyed[Distribution]{Scope: s.scope, Verb: "investments.reverse_distribution", Params: p, Kind: "distribution", Result: p.DistributionID}, distributions.Get,
		func(tx bun.IDB) (*Distribution, error) { return s.reverseDistribution(ctx, tx, p) })
}

func (s *Distributions) reverseDistribution(ctx context.Context, tx bun.IDB, p ReverseDistributionParams) (*Distribution, error) {
	o, d, err := s.lockDistribution(ctx, tx, p.DistributionID, VerbReverseDistribution, p.ActorID)
	if err != nil {
		return nil, err
	}
	if err := d.reversible(p.Date); err != nil {
		return nil, err
	}
	var r *approval.Request
	err = store.Together(ctx, tx,
		func(tx bun.IDB) error { return store.Replan(ctx, tx, store.CopyRows) }, // its lines may be many
		func(tx bun.IDB) error { return lastByTerms(ctx, tx, d) },
		func(tx bun.IDB) error { return d.settledBy(ctx, tx, p.Date) },
		func(tx bun.IDB) error { return reserveLasts(ctx, tx, *d.OfferingID, reserveChange{undoes: d.ID}) },
		store.Into(&r, func(tx bun.IDB) (*approval.Request, error) {
			return s.agree(ctx, tx, VerbReverseDistribution, distributionReversal(d, p.Date, p.Reason), p.ActorID)
		}))
	if err != nil {
		return nil, err
	}
	if waitsFor(r) {
		return d, s.hooks.Emit(ctx, tx, s.now(), distributionEvent(d.ID, ReversalAgreed{p.ActorID, r.Agreed(), r.Required}))
	}
	command := id.New[ledger.Command]()
	j, err := s.ledger.Reverse(ctx, tx, ledger.ReverseParams{JournalID: *d.DeclarationJournalID, EffectiveDate: p.Date,
		Description: "distribution reversed", SourceType: "distribution", SourceID: id.Cast[ledger.Source](d.ID), CommandID: command, Actor: actor(p.ActorID)})
	if err != nil {
		return nil, err
	}
	now := s.now()
	d.Status, d.StatusReason, d.ReversalJournalID, d.ReversedAt, d.UpdatedAt = DistributionStatusReversed, &p.Reason, &j.ID, &now, now
	d.Version++
	owed, err := s.recover(ctx, tx, o, d, p, j.ID, command)
	if err != nil {
		return nil, err
	}
	return d, s.hooks.Emit(ctx, tx, now, distributionEvent(d.ID, DistributionReversed{CommandID: command, JournalID: j.ID, Date: p.Date,
		Total: d.TotalAmount, Recoverable: owed}))
}

// settledBy reports cash of d that moved after a day or may still move, and bills of it
// that have been settled.
func (d *Distribution) settledBy(ctx context.Context, tx bun.IDB, on date.Date) error {
	return store.Together(ctx, tx,
		func(tx bun.IDB) error {
			moved, err := lastMoved(ctx, tx, d.ID, nil)
			if err == nil && moved != nil && on.Before(*moved) {
				err = ErrReversalDate.With("cash moved on %s", *moved)
			}
			return err
		},
		func(tx bun.IDB) error {
			stands, err := progressOf(ctx, tx, d.ID)
			if err == nil && stands.Sent > 0 {
				err = ErrPaymentState.With("%d payments are with the bank", stands.Sent)
			}
			return err
		},
		func(tx bun.IDB) error { return billsUnsettled(ctx, tx, d) })
}

// reversible reports why d cannot be undone from a day on. It touches no database.
func (d *Distribution) reversible(on date.Date) error {
	switch {
	case d.DeclarationJournalID == nil || d.Status == DistributionStatusReversed:
		return ErrDistributionState.With("it is %s", d.Status)
	case on.Before(d.DistributionDate):
		return ErrReversalDate
	}
	return nil
}

func actor(v id.Of[auth.User]) string {
	return v.String()
}

// lockDistribution locks a distribution behind its offering, in the order that
// all verbs use, and checks behind the locks that somebody may do the verb.
func (s *Distributions) lockDistribution(ctx context.Context, tx bun.IDB, v id.Of[Distribution], verb Verb, by id.Of[auth.User]) (*Offering, *Distribution, error) {
	return lockUnderDistribution(ctx, tx, v, func(tx bun.IDB) error { return s.acts(ctx, tx, verb, by, s.ofDistribution(v)) })
}

// lockUnderDistribution locks a distribution behind its offering, nil where it has none, and
// runs parts behind the locks.
func lockUnderDistribution(ctx context.Context, tx bun.IDB, v id.Of[Distribution], behind ...store.Part) (o *Offering, d *Distribution, err error) {
	err = store.Together(ctx, tx, append([]store.Part{offeringOf(ctx, &o, v),
		func(tx bun.IDB) (err error) {
			if d, err = distributions.Lock(ctx, tx, v); err == nil && o == nil && d.OfferingID != nil {
				err = ErrOfferingNotFound
			}
			return err
		}}, behind...)...)
	return o, d, err
}

// lastByTerms reports a later distribution that rests on this one.
func lastByTerms(ctx context.Context, tx bun.IDB, d *Distribution) error {
	if d.TermsID == nil {
		return nil
	}
	later, err := store.Exists(ctx, tx, tx.NewSelect().Model((*Distribution)(nil)).Where("opportunity_id = ?", *d.OfferingID).Where("terms_id IS NOT NULL").
		Where("status NOT IN ('cancelled', 'reversed')").
		Where("(distribution_date, created_at, id) > (?, ?, ?)", d.DistributionDate, d.CreatedAt, d.ID))
	if err != nil {
		return store.Err(err, constraints)
	}
	if later {
		return ErrDistributionOrder.With("reverse the later one first")
	}
	return nil
}

// recover turns what was paid of a distribution whose declaration is reversed into
// receivables, and takes it out of the investors' transactions and the positions' totals.
// Afterwards the lines that were paid are the reversed ones with a date of payment. It
// returns what is to be recovered.
func (s *Distributions) recover(ctx context.Context, tx bun.IDB, o *Offering, d *Distribution, p ReverseDistributionParams, reversal id.Of[ledger.Journal], command id.Of[ledger.Command]) (money.Amount, error) {
	var b book
	var paid payments
	billed, completed := paymentSet{distribution: d.ID, status: PaymentStatusBilled}, paymentSet{distribution: d.ID, status: PaymentStatusCompleted}
	err := store.Together(ctx, tx,
		store.Into(&b, func(tx bun.IDB) (book, error) { return s.bookOfDistribution(ctx, tx, o) }),
		store.Into(&paid, func(tx bun.IDB) (payments, error) { return completed.payments(ctx, tx) }))
	if err != nil {
		return money.Zero, err
	}
	payable := b.account(AccountDistributionsPayable)
	entries, err := paid.entries(b.account(AccountRecovery), payable, payable)
	if err != nil {
		return money.Zero, err
	}
	at := s.booked(o.ID, b, reversal, p.Date)
	again, journal := at, (*id.Of[ledger.Journal])(nil)
	if len(entries) > 0 {
		journal = ptr(id.New[ledger.Journal]())
		again.journal = *journal
	}
	behind := passed{since: d.record()}
	err = s.postBeside(ctx, tx, b.about(d, ledger.PostParams{ID: or(journal), EffectiveDate: p.Date, Description: "to be recovered", CommandID: command,
		Actor: actor(p.ActorID), Entries: entries}), slices.Concat(
		s.undo(ctx, billed, at, &at.journal, command),
		s.undo(ctx, completed, again, journal, command),
		[]store.Part{
			func(tx bun.IDB) error {
				_, err := store.Write(ctx, tx, tx.NewRaw(`UPDATE investments.investor_distributions
					SET payment_status = 'reversed', payment_date = CASE WHEN payment_status = 'completed' THEN payment_date END, version = version + 1
					WHERE distribution_id = ?`, d.ID))
				return store.Err(err, constraints)
			},
			func(tx bun.IDB) error {
				return at.reverse(ctx, tx, "m.kind IN ('distribution', 'recovery', 'loan_paid', 'loan_received') AND m.journal_id = ?", *d.DeclarationJournalID)
			},
			func(tx bun.IDB) error { return s.owedAgain(ctx, tx, d, at, command) },
			func(tx bun.IDB) error {
				return distributions.Update(ctx, tx, d, "status", "status_reason", "reversal_journal_id", "reversed_at", "version")
			},
		}, behind.reads(ctx, d))...)
	if err != nil {
		return money.Zero, err
	}
	return paid.total, s.restateFrom(ctx, tx, o, b, at, behind, p.ActorID)
}

// ErrBillSettled: something of what the distribution billed has been settled.
var ErrBillSettled = fault.New(fault.Illegal, "bill_settled", "something of what the distribution billed has been paid back, set off or written off")

// billsUnsettled reports debts that a distribution billed and that are settled, if
// only in part.
func billsUnsettled(ctx context.Context, tx bun.IDB, d *Distribution) error {
	var settled money.Amount
	err := store.Read(ctx, tx, tx.NewRaw(`SELECT COALESCE(sum(t.amount), 0) FROM investments.investor_distributions l JOIN investments.transactions t ON t.distribution_line_id = l.id
		WHERE l.distribution_id = ? AND l.payment_status = 'billed' AND t.type = 'adjustment' AND t.status = 'completed'`, d.ID), &settled)
	if err != nil {
		return store.Err(err, constraints)
	}
	if !settled.IsZero() {
		return ErrBillSettled
	}
	return nil
}

// owedAgain undoes the transactions of what the distribution set off against debts.
func (s *Distributions) owedAgain(ctx context.Context, tx bun.IDB, d *Distribution, at booking, command id.Of[ledger.Command]) error {
	_, err := store.Write(ctx, tx, tx.NewRaw(`INSERT INTO investments.transactions (id, investor_id, account_id, investment_id, type, amount, currency, effective_date,
			description, status, completed_at, distribution_line_id, journal_id, reverses_id, command_id, created_at)
		SELECT `+store.NewIDs("t.id")+`, t.investor_id, t.account_id, t.investment_id, t.type, -t.amount, t.currency, ?0::date,
			'undone: ' || t.description, 'completed', ?1::timestamptz, t.distribution_line_id, ?2::uuid, t.id, ?3::uuid, ?1::timestamptz
		FROM investments.transactions t WHERE t.journal_id = ?4 AND t.type = 'adjustment' AND t.reverses_id IS NULL`,
		at.date, s.now(), at.journal, command, *d.DeclarationJournalID))
	return store.Err(err, constraints)
}
