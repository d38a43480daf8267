package investments

import (
	"context"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// bookTransfer is the posting of what moves through the clearing account, since a posting
// is about one position, and both ends: the movements and the transactions.
// The capital account moves whole: what is neither contributed capital nor
// unrealized value of it is [AccountCarried].
func (s *Positions) bookTransfer(o *Offering, b book, x *passing, p portion, by id.Of[auth.User]) error {
	t, from, to := x.t, x.from, x.to
	rest, err := money.Sum(p.Account, p.Contributed.Neg(), p.Unrealized.Neg())
	if err != nil {
		return err
	}
	command := id.New[ledger.Command]()
	entries := b.passOn(AccountCapital, from.ID, to.ID, p.Contributed)
	entries = append(entries, b.passOn(AccountUnrealized, from.ID, to.ID, p.Unrealized)...)
	entries = append(entries, b.passOn(AccountCarried, from.ID, to.ID, rest)...)
	x.post = ledger.PostParams{
		ID: *t.JournalID, BookID: b.id, EffectiveDate: t.EffectiveDate, Description: string(t.Kind), SourceType: "transfer",
		SourceID: id.Cast[ledger.Source](t.ID), CommandID: command, Actor: actor(by), Adjusting: t.Kind == TransferCorrection, Entries: entries,
	}
	now := s.now()
	half := func(pos *Position, kind TransactionType) Transaction {
		return Transaction{
			ID: id.New[Transaction](), InvestorID: pos.InvestorID, AccountID: pos.AccountID, PositionID: &pos.ID, Type: kind,
			Amount: p.Contributed, Currency: o.Currency, EffectiveDate: t.EffectiveDate, Description: t.Reason, Status: TransactionStatusCompleted,
			CompletedAt: &now, JournalID: t.JournalID, CommandID: &command, CreatedAt: now,
		}.described()
	}
	x.ends = t.ends(s.booked(o.ID, b, *t.JournalID, t.EffectiveDate), from, to, p)
	x.halves = []Transaction{half(from, TransactionTransferOut), half(to, TransactionTransferIn)}
	return nil
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

// writePassed writes transfers that were carried out, and tells of each.
func (s *Positions) writePassed(ctx context.Context, tx bun.IDB, all []*passing, told []store.Telling) error {
	var fresh, held []Position
	var people []id.Of[auth.User]
	var both []id.Of[Position]
	var posts []ledger.PostParams
	var ends []Movement
	var halves []Transaction
	rows := make([]Transfer, len(all))
	for i, x := range all {
		if x.made {
			pending := *x.to
			pending.Status, pending.InvestmentAmount, pending.Units, pending.UnrealizedGains, pending.FundingDate = PositionStatusPending, money.Zero, nil, money.Zero, nil
			fresh = append(fresh, pending)
		}
		held = append(held, *x.from, *x.to)
		people = append(people, x.from.InvestorID, x.to.InvestorID)
		both = append(both, x.from.ID, x.to.ID)
		posts, ends, halves, rows[i] = append(posts, x.post), append(ends, x.ends...), append(halves, x.halves...), *x.t
		told[i].Events = []store.Emission{store.Event(aggregateTransfer, x.t.ID, TransferCompleted{Kind: x.t.Kind, OfferingID: x.t.OfferingID,
			FromPositionID: x.from.ID, ToPositionID: x.to.ID, Amount: *x.t.Amount, Units: x.t.Units, EffectiveDate: x.t.EffectiveDate, JournalID: x.t.JournalID})}
	}
	if len(all) > 1 { // what many rows are inserted by comes a round trip later than what needs them
		if err := positions.InsertAll(ctx, tx, fresh); err != nil {
			return err
		}
		fresh = nil
	}
	var gains map[id.Of[Position]]history.Gain
	came := func(tx bun.IDB) (err error) {
		gains, err = gainsOfPositions(ctx, tx, both)
		return err
	}
	writes := insertFew(ctx, movements, ends)
	if len(all) == 1 { // many movements are not there yet when all else is asked
		writes = append(writes, came)
	}
	// The triggers of the update lock portfolios; all at once and in order, so that
	// no payment of another offering that has one of them waits for the other.
	err := store.Together(ctx, tx, slices.Concat(insertFew(ctx, positions, fresh), lockPortfolios(ctx, whomOf(people)), []store.Part{
		func(tx bun.IDB) error { return storeHoldings(ctx, tx, held) },
		func(tx bun.IDB) error {
			_, err := s.ledger.PostBatch(ctx, tx, ledger.PostBatchParams{Journals: posts})
			return err
		},
	}, writes, insertFew(ctx, transactions, halves), []store.Part{func(tx bun.IDB) error { return storeCompleted(ctx, tx, rows) }})...)
	if err != nil {
		return err
	}
	return s.hooks.EmitEach(ctx, tx, s.now(), []store.Part{func(tx bun.IDB) error {
		if gains == nil {
			if err := came(tx); err != nil {
				return err
			}
		}
		return writeReturns(ctx, tx, gains)
	}}, told)
}

// insertFew are the parts that insert rows: a few of them each by itself, which needs no look at
// the table first.
func insertFew[T any](ctx context.Context, to store.Repo[T], rows []T) (parts []store.Part) {
	if len(rows) > 2 {
		return []store.Part{func(tx bun.IDB) error { return to.InsertAll(ctx, tx, rows) }}
	}
	for i := range rows {
		parts = append(parts, func(tx bun.IDB) error { return to.Insert(ctx, tx, &rows[i]) })
	}
	return parts
}

// storeCompleted writes what completing transfers has changed of them.
func storeCompleted(ctx context.Context, tx bun.IDB, rows []Transfer) error {
	column := func(of func(*Transfer) string) string { return store.TextArray(rows, of) }
	return store.Err(store.Exec(ctx, tx, `UPDATE investments.transfers t SET to_investment_id = r.receiver, amount = r.amount, units = r.units,
			journal_id = r.journal, status = r.status, completed_at = r.completed, version = r.version
		FROM unnest($1::uuid[], $2::uuid[], $3::numeric[], $4::numeric[], $5::uuid[], $6::text[], $7::timestamptz[], $8::bigint[])
			AS r (id, receiver, amount, units, journal, status, completed, version) WHERE t.id = r.id`,
		column(func(t *Transfer) string { return t.ID.String() }),
		column(func(t *Transfer) string { return t.ToPositionID.String() }),
		column(func(t *Transfer) string { return t.Amount.String() }),
		column(func(t *Transfer) string {
			if t.Units == nil {
				return ""
			}
			return t.Units.String()
		}),
		column(func(t *Transfer) string { return t.JournalID.String() }),
		column(func(t *Transfer) string { return string(t.Status) }),
		column(func(t *Transfer) string { return store.TimeKey(*t.CompletedAt) }),
		column(func(t *Transfer) string { return strconv.FormatInt(t.Version, 10) })), constraints)
}
