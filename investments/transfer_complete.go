package investments

import (
	"context"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of completing a transfer.
var (
	// ErrTransferBehind: a distribution is of who held on the day of the transfer or
	// later, or an allocation or a movement of the positions' capital is dated after
	// it. What lies in the past is put
	// right by a correction, once allocations are reversed.
	ErrTransferBehind = fault.New(fault.Illegal, "transfer_behind", "a later distribution or movement stands against the date").On("effective_date")
	// ErrTransferDate: the position was not funded before the day of the
	// transfer; a day's transfers go before its contributions.
	ErrTransferDate = fault.New(fault.Invalid, "transfer_before_funding", "the position was not funded before that day").On("effective_date")
	// ErrTransferNothing: the fraction is less than a cent of the capital.
	ErrTransferNothing = fault.New(fault.Invalid, "transfer_of_nothing", "the fraction moves less than a cent").On("fraction")
	// ErrTransferOutstanding: the whole of a position cannot pass on while its
	// holder owes more of what they committed.
	ErrTransferOutstanding = fault.New(fault.Illegal, "transfer_outstanding", "a commitment of the position is still outstanding")
	// ErrBehindTransfer: a part of the position passed on at a later date; money
	// dated before would have changed what moved.
	ErrBehindTransfer = fault.New(fault.Illegal, "behind_transfer", "a part of the position was transferred at a later date").On("date")
)

// CompleteTransferParams is an approved transfer to carry out.
type CompleteTransferParams struct {
	IdempotencyKey string
	TransferID     id.Of[Transfer]
	ActorID        id.Of[auth.User]
}

// CompleteTransfer moves what an approved transfer names: round(fraction *
// balance) of the contributed and of the unreturned capital, and the fraction
// of the units, to the receiver's position of the class, which is made where
// there is none. The receiver takes over that part of the giver's capital account
// as it stands; what is recorded or undone behind the transfer later follows. It
// posts through the clearing account and writes two transactions, transfer_out and
// transfer_in. The giver's position is exited when all of it moved.
//
// It locks the offering, the transfer and both positions. It returns
// [ErrTransferStatus], [ErrTransferBehind], [ErrTransferDate],
// [ErrTransferNothing], [ErrTransferOutstanding], [ErrPositionNotFunded],
// [ErrTransferTerms], [ErrTransferSponsor], what the gate returns,
// [ledger.ErrPeriodClosed] or [ErrTransferNotFound]. The same key and request again
// return the transfer.
func (s *Positions) CompleteTransfer(ctx context.Context, db bun.IDB, p CompleteTransferParams) (*Transfer, error) {
	var f check.Fields
	f.Given("transfer_id", p.TransferID)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return store.RunOnce(ctx, db, store.Keyed[Transfer]{Scope: s.scope, Verb: "investments.complete_transfer", Params: p, Kind: "transfer", Result: p.TransferID}, transfers.Get, func(tx bun.IDB) (*Transfer, error) {
		return s.completeTransfer(ctx, tx, p)
	})
}

func (s *Positions) completeTransfer(ctx context.Context, tx bun.IDB, p CompleteTransferParams) (*Transfer, error) {
	known, err := transfers.Get(ctx, tx, p.TransferID) // unlocked, to learn the offering
	if err != nil {
		return nil, err
	}
	if known.OfferingID == nil {
		return nil, ErrNoBook
	}
	e, err := s.evidence(ctx, tx, EvidenceRequest{*known.OfferingID, known.ToInvestorID})
	if err != nil {
		return nil, err
	}
	o, err := lockOffering(ctx, tx, *known.OfferingID)
	if err != nil {
		return nil, err
	}
	t, err := transfers.Lock(ctx, tx, p.TransferID)
	if err != nil {
		return nil, err
	}
	if err := t.lockPeople(ctx, tx, p.ActorID); err != nil {
		return nil, err
	}
	if err := s.acts(ctx, tx, VerbCompleteTransfer, p.ActorID, ofTransfer(t)); err != nil {
		return nil, err
	}
	if t.Status != TransferStatusApproved {
		return nil, ErrTransferStatus.With("it is %s", t.Status)
	}
	from, err := positions.Lock(ctx, tx, t.FromPositionID)
	if err != nil {
		return nil, err
	}
	if err := t.starts(from); err != nil {
		return nil, err
	}
	if err := t.byTerms(ctx, tx, from); err != nil {
		return nil, err
	}
	to, err := s.receiver(ctx, tx, o, t, from, e)
	if err != nil {
		return nil, err
	}
	if err := t.timely(ctx, tx, from, to); err != nil {
		return nil, err
	}
	return t, s.move(ctx, tx, o, t, from, to, p.ActorID)
}

// receiver finds the position that receives, locked, or makes it.
func (s *Positions) receiver(ctx context.Context, tx bun.IDB, o *Offering, t *Transfer, from *Position, e Evidence) (*Position, error) {
	var account *Account // nil is the investor in person
	if t.ToAccountID != nil {
		var err error
		if account, err = usableAccount(ctx, tx, *t.ToAccountID, t.ToInvestorID); err != nil {
			return nil, err
		}
	}
	if t.ToInvestorID != from.InvestorID {
		if err := t.receivable(ctx, tx); err != nil {
			return nil, err
		}
		if err := s.gate(o, account, e); err != nil {
			return nil, err
		}
	}
	to, err := positionOf(ctx, tx, o.ID, t.ToInvestorID, t.ToAccountID, *t.ToShareClass)
	if fault.KindOf(err) != fault.NotFound {
		return to, err
	}
	now := s.now()
	to = &Position{
		ID: id.New[Position](), PropertyID: o.PropertyID, OfferingID: &o.ID, InvestorID: t.ToInvestorID, AccountID: t.ToAccountID,
		ShareClass: *t.ToShareClass, Currency: o.Currency, Status: PositionStatusPending, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	return to, positions.Insert(ctx, tx, to)
}

// positionOf finds and locks the live position of a holder in a class.
func positionOf(ctx context.Context, tx bun.IDB, o id.Of[Offering], investor id.Of[auth.User], account *id.Of[Account], class string) (*Position, error) {
	return positions.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("pi.opportunity_id = ?", o).Where("pi.investor_id = ?", investor).Where("pi.share_class = ?", class).
			Where("pi.status <> ?", PositionStatusCancelled).Where("pi.deleted_at IS NULL").For("NO KEY UPDATE")
		if account == nil {
			return q.Where("pi.account_id IS NULL")
		}
		return q.Where("pi.account_id = ?", *account)
	})
}

// timely refuses a date that what has happened since contradicts. Within a day
// transfers go first, then contributions, then distributions; a correction may
// lie behind distributions, but what it moves is of the balance of its day, too.
func (t *Transfer) timely(ctx context.Context, tx bun.IDB, from, to *Position) error {
	if from.FundingDate == nil || !t.EffectiveDate.After(*from.FundingDate) {
		return ErrTransferDate
	}
	allocated, err := partOf(ctx, tx, from.ID, t.EffectiveDate)
	if err != nil {
		return err
	}
	var owed, paid, moved bool
	err = tx.NewRaw(`SELECT
		EXISTS (SELECT 1 FROM investments.subscriptions WHERE investment_id = ?0 AND status = 'open' AND received < amount),
		EXISTS (SELECT 1 FROM investments.distributions WHERE opportunity_id = ?2 AND status NOT IN ('cancelled', 'reversed') AND COALESCE(record_date, distribution_date) >= ?3),
		EXISTS (SELECT 1 FROM investments.transactions WHERE investment_id = ?0 AND effective_date >= ?3 AND status <> 'failed'
				AND (type = 'investment' OR type IN ('refund', 'transfer_in', 'transfer_out') AND effective_date > ?3))
			OR EXISTS (SELECT 1 FROM investments.transactions WHERE investment_id = ?1 AND effective_date > ?3 AND status <> 'failed' AND type = 'transfer_out')`,
		from.ID, to.ID, *t.OfferingID, t.EffectiveDate).Scan(ctx, &owed, &paid, &moved)
	switch {
	case err != nil:
		return store.Err(err, constraints)
	case owed && t.whole():
		return ErrTransferOutstanding
	case moved:
		return ErrTransferBehind.With("capital moved on %s or later", t.EffectiveDate)
	case allocated:
		return ErrTransferBehind.With("an allocation is dated %s or later", t.EffectiveDate)
	case paid && t.Kind != TransferCorrection:
		return ErrTransferBehind.With("a distribution is of who held on %s or later", t.EffectiveDate)
	}
	return t.takesTurn(ctx, tx)
}

// takesTurn reports a transfer that comes after one distribution by terms, whose
// record date is before it, and not after another that lies between.
func (t *Transfer) takesTurn(ctx context.Context, tx bun.IDB) error {
	ahead, err := distributions.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Column("distribution_date", "record_date").Where("di.opportunity_id = ?", *t.OfferingID).Where("di.terms_id IS NOT NULL").
			Where("di.status NOT IN ('cancelled', 'reversed')").Where("di.distribution_date >= ?", t.EffectiveDate).OrderExpr("di.distribution_date, di.created_at, di.id")
	})
	if err != nil {
		return err
	}
	_, err = history.Place(t.EffectiveDate, payouts(ahead))
	return err
}

// beforeTransfers reports why money of a position cannot be dated on a day: the
// fraction that a later transfer moved is of the balance before it.
func beforeTransfers(ctx context.Context, tx bun.IDB, pos *Position, on date.Date) error {
	if !pos.Status.Counts() {
		return nil // nothing ever left it
	}
	var later bool
	err := tx.NewRaw(`SELECT EXISTS (SELECT 1 FROM investments.transfers WHERE from_investment_id = ? AND status = 'completed' AND effective_date > ?)`,
		pos.ID, on).Scan(ctx, &later)
	if err != nil {
		return store.Err(err, constraints)
	}
	if later {
		return ErrBehindTransfer
	}
	return nil
}

// move carries a transfer out between two locked positions.
func (s *Positions) move(ctx context.Context, tx bun.IDB, o *Offering, t *Transfer, from, to *Position, by id.Of[auth.User]) error {
	own, err := historyOf(ctx, tx, from.ID)
	if err != nil {
		return err
	}
	day, last, err := t.sameDay(ctx, tx)
	if err != nil {
		return err
	}
	p, err := t.portion(from, own, day)
	if err != nil {
		return err
	}
	if err := t.give(from, p); err != nil {
		return err
	}
	if *t.ToShareClass != from.ShareClass {
		class, err := classOf(ctx, tx, o.ID, *t.ToShareClass)
		if err != nil {
			return err
		}
		p.fresh = class.unitsFor(p.Contributed)
	}
	if err := t.take(to, p); err != nil {
		return err
	}
	// The triggers of each update lock a portfolio; both at once and in order, so that
	// no payment of another offering that has one of them waits for the other.
	if err := lockPortfolios(ctx, tx, whomOf([]id.Of[auth.User]{from.InvestorID, to.InvestorID})); err != nil {
		return err
	}
	for _, pos := range []*Position{from, to} {
		pos.UpdatedAt = s.now()
		if err := positions.Update(ctx, tx, pos, "investment_amount", "units", "unrealized_gains", "funding_date", "actual_exit_date", "status"); err != nil {
			return err
		}
	}
	now := s.now()
	completed := now
	if !completed.After(last) {
		completed = last.Add(time.Microsecond)
	}
	t.ToPositionID, t.Amount, t.Units = &to.ID, &p.Contributed, p.fresh
	t.Status, t.CompletedAt, t.UpdatedAt = TransferStatusCompleted, &completed, now
	t.Version++
	journal, err := s.bookTransfer(ctx, tx, o, t, from, to, p, by)
	if err != nil {
		return err
	}
	t.JournalID = &journal
	if err := transfers.Update(ctx, tx, t, "to_investment_id", "amount", "units", "journal_id", "status", "completed_at", "version"); err != nil {
		return err
	}
	if err := followReturns(ctx, tx, []id.Of[Position]{from.ID, to.ID}); err != nil {
		return err
	}
	return s.hooks.Emit(ctx, tx, now, store.Event(aggregateTransfer, t.ID, TransferCompleted{Kind: t.Kind, OfferingID: t.OfferingID,
		FromPositionID: from.ID, ToPositionID: to.ID, Amount: p.Contributed, Units: p.fresh, EffectiveDate: t.EffectiveDate, JournalID: &journal}))
}

// sameDay reads the transfers of the offering that were completed with the day of t,
// and when the last of them was. Their order decides what each took along; it is that
// of the offering's lock, and hosts' clocks do not agree: whoever comes later is
// completed later, if by a microsecond.
func (t *Transfer) sameDay(ctx context.Context, tx bun.IDB) (map[id.Of[history.Transfer]]bool, time.Time, error) {
	var rows []struct {
		ID          id.Of[history.Transfer] `bun:"id"`
		CompletedAt time.Time               `bun:"completed_at"`
	}
	err := tx.NewRaw(`SELECT id, completed_at FROM investments.transfers WHERE opportunity_id = ? AND status = 'completed' AND effective_date = ? ORDER BY completed_at`,
		*t.OfferingID, t.EffectiveDate).Scan(ctx, &rows)
	out, last := map[id.Of[history.Transfer]]bool{}, time.Time{}
	for _, r := range rows {
		out[r.ID], last = true, r.CompletedAt
	}
	return out, last.UTC(), store.Err(err, constraints)
}

// bookTransfer posts what moves through the clearing account, since a posting is
// about one position, and writes both ends: the movements and the transactions.
// The capital account moves whole: what is neither contributed capital nor
// unrealized value of it is [AccountCarried].
func (s *Positions) bookTransfer(ctx context.Context, tx bun.IDB, o *Offering, t *Transfer, from, to *Position, p portion, by id.Of[auth.User]) (id.Of[ledger.Journal], error) {
	var none id.Of[ledger.Journal]
	b, err := s.bookOf(ctx, tx, o)
	if err != nil {
		return none, err
	}
	rest, err := money.Sum(p.Account, p.Contributed.Neg(), p.Unrealized.Neg())
	if err != nil {
		return none, err
	}
	command := id.New[ledger.Command]()
	entries := b.passOn(AccountCapital, from.ID, to.ID, p.Contributed)
	entries = append(entries, b.passOn(AccountUnrealized, from.ID, to.ID, p.Unrealized)...)
	entries = append(entries, b.passOn(AccountCarried, from.ID, to.ID, rest)...)
	j, err := s.ledger.Post(ctx, tx, ledger.PostParams{
		BookID: b.id, EffectiveDate: t.EffectiveDate, Description: string(t.Kind), SourceType: "transfer",
		SourceID: id.Cast[ledger.Source](t.ID), CommandID: command, Actor: actor(by), Adjusting: t.Kind == TransferCorrection, Entries: entries,
	})
	if err != nil {
		return none, err
	}
	if err := movements.InsertAll(ctx, tx, t.ends(s.booked(o.ID, b, j.ID, t.EffectiveDate), from, to, p)); err != nil {
		return none, err
	}
	now := s.now()
	half := func(pos *Position, kind TransactionType) Transaction {
		return Transaction{
			ID: id.New[Transaction](), InvestorID: pos.InvestorID, AccountID: pos.AccountID, PositionID: &pos.ID, Type: kind,
			Amount: p.Contributed, Currency: o.Currency, EffectiveDate: t.EffectiveDate, Description: t.Reason, Status: TransactionStatusCompleted,
			CompletedAt: &now, JournalID: &j.ID, CommandID: &command, CreatedAt: now,
		}.described()
	}
	return j.ID, transactions.InsertAll(ctx, tx, []Transaction{half(from, TransactionTransferOut), half(to, TransactionTransferIn)})
}

// ends are the movements of a transfer, or of a conversion: then what leaves a
// class is below zero.
func (t *Transfer) ends(at booking, from, to *Position, p portion) []Movement {
	end := func(pos *Position, kind history.Kind, units *decimal.Decimal) Movement {
		m := at.movement(pos.ID, kind, p.Contributed)
		m.TransferID, m.Capital, m.Carrying, m.Unrealized, m.Consideration, m.Units = &t.ID, p.Unreturned, p.Account, p.Unrealized, t.flow(&p), units
		return m
	}
	if from.ShareClass == to.ShareClass {
		return []Movement{end(from, history.TransferOut, p.units), end(to, history.TransferIn, p.fresh)}
	}
	left := end(from, history.Conversion, p.units)
	left.Amount, left.Capital, left.Carrying, left.Unrealized, left.Consideration = left.Amount.Neg(), left.Capital.Neg(), left.Carrying.Neg(), left.Unrealized.Neg(), left.Consideration.Neg()
	if p.units != nil {
		left.Units = ptr(p.units.Neg())
	}
	return []Movement{left, end(to, history.Conversion, p.fresh)}
}
