package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// RecordRecoveryParams is money of reversed distributions that came back.
type RecordRecoveryParams struct {
	IdempotencyKey string
	OfferingID     id.Of[Offering]
	// Who paid it back: a position, or the account of a promote or fee. One of them.
	PositionID *id.Of[Position]
	AccountID  *id.Of[Account]
	Amount     money.Amount
	Date       date.Date // the day it came in
	Reference  string    // at the bank
	ActorID    id.Of[auth.User]
}

// Recovery is money that came back, and the lines that it settled, in whole or in
// part.
type Recovery struct {
	ID         id.Of[ledger.Command]
	OfferingID id.Of[Offering]
	Date       date.Date
	Amount     money.Amount
	JournalID  id.Of[ledger.Journal]
	Lines      []RecoveredLine
}

// RecoveredLine is what came back for one line of a reversed distribution.
type RecoveredLine struct {
	LineID         id.Of[DistributionLine]
	DistributionID id.Of[Distribution]
	Amount         money.Amount
}

// RecordRecovery records money that a payee of reversed distributions paid back,
// in whole or in part: it books cash against what he owes, the earliest reversal
// first. The investor's distributions were taken out of his transactions by the
// reversal; what comes back is an adjustment there, which counts in no return.
//
// It locks the offering. It returns [ErrOverRecovered] for more than he owes,
// [ErrReversalDate], [ledger.ErrPeriodClosed] or [ErrOfferingNotFound]. The same
// key and request again return the first recovery.
func (s *Distributions) RecordRecovery(ctx context.Context, db bun.IDB, p RecordRecoveryParams) (*Recovery, error) {
	var f check.Fields
	f.Given("offering_id", p.OfferingID)
	f.Check((p.PositionID == nil) != (p.AccountID == nil), "investment_id", check.Required, "a position or an account is needed, not both")
	f.Above("amount", p.Amount)
	f.Given("date", p.Date)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	command := id.New[ledger.Command]()
	read := func(ctx context.Context, tx bun.IDB, first id.Of[ledger.Command]) (*Recovery, error) {
		return recovered(ctx, tx, first, p)
	}
	return store.RunOnce(ctx, db, store.Keyed[ledger.Command]{Scope: s.scope, Verb: "investments.record_recovery", Params: p, Kind: "recovery", Result: command},
		read, func(tx bun.IDB) (*Recovery, error) {
			if err := s.recordRecovery(ctx, tx, command, p); err != nil {
				return nil, err
			}
			return read(ctx, tx, command)
		})
}

// payer is the matter of who pays it back.
func (p *RecordRecoveryParams) payer() matter {
	if p.PositionID != nil {
		return of("investments.property_investments", *p.PositionID)
	}
	m := about(*p.AccountID)
	m.party, m.args = "EXISTS (SELECT FROM investments.investor_accounts a WHERE a.id = ?1 AND ?0 IN (a.investor_id, a.joint_investor_id))", []any{*p.AccountID}
	return m
}

func (s *Distributions) recordRecovery(ctx context.Context, tx bun.IDB, command id.Of[ledger.Command], p RecordRecoveryParams) error {
	o, err := lockOffering(ctx, tx, p.OfferingID)
	if err != nil {
		return err
	}
	if err := s.acts(ctx, tx, VerbRecordRecovery, p.ActorID, p.payer()); err != nil {
		return err
	}
	b, err := s.bookOf(ctx, tx, o)
	if err != nil {
		return err
	}
	var owed []Recoverable
	q, payer := recoverables(tx, o.ID).OrderExpr("d.reversed_at, dl.id"), id.Of[ledger.Subledger]{}
	if p.PositionID != nil {
		q, payer = q.Where("dl.investment_id = ?", *p.PositionID), id.Cast[ledger.Subledger](*p.PositionID)
	} else {
		q, payer = q.Where("dl.investment_id IS NULL").Where("dl.account_id = ?", *p.AccountID), id.Cast[ledger.Subledger](*p.AccountID)
	}
	if err := q.Scan(ctx, &owed); err != nil {
		return store.Err(err, constraints)
	}
	parts, err := settleOwed(owed, p.Amount, p.Date)
	if err != nil {
		return err
	}
	j, err := s.ledger.Post(ctx, tx, ledger.PostParams{BookID: b.id, EffectiveDate: p.Date, Description: "recovered", CommandID: command, Actor: actor(p.ActorID),
		SourceType: "offering", SourceID: id.Cast[ledger.Source](o.ID),
		Entries: []ledger.Entry{{Debit: b.account(AccountCash), Credit: b.account(AccountRecovery), Amount: p.Amount, Subledger: payer}}})
	if err != nil {
		return err
	}
	now := s.now()
	back, events := make([]Transaction, len(parts)), make([]store.Emission, len(parts))
	var moved []Movement
	for i, part := range parts {
		l := owed[i] // the parts are of the first lines owed for, in their order
		back[i] = Transaction{ID: id.New[Transaction](), InvestorID: l.InvestorID, AccountID: l.AccountID, PositionID: l.PositionID,
			Type: TransactionAdjustment, Amount: part.Amount, Currency: o.Currency, EffectiveDate: p.Date, ReferenceNumber: optional(p.Reference),
			Description: ptr("paid back of a reversed distribution"), Status: TransactionStatusCompleted, CompletedAt: &now,
			DistributionLineID: &l.LineID, JournalID: &j.ID, CommandID: &command, CreatedAt: now}
		if l.PositionID != nil {
			m := s.booked(o.ID, b, j.ID, p.Date).movement(*l.PositionID, history.Recovery, part.Amount)
			m.LineID = &l.LineID
			moved = append(moved, m)
		}
		events[i] = distributionEvent(l.DistributionID, RecoveryReceived{CommandID: command, LineID: l.LineID, Date: p.Date, Amount: part.Amount})
	}
	if err := movements.InsertAll(ctx, tx, moved); err != nil {
		return err
	}
	if err := transactions.InsertAll(ctx, tx, back); err != nil {
		return err
	}
	return s.hooks.Emit(ctx, tx, now, events...)
}

// recovered reads what a command recorded.
func recovered(ctx context.Context, tx bun.IDB, command id.Of[ledger.Command], p RecordRecoveryParams) (*Recovery, error) {
	out := &Recovery{ID: command, OfferingID: p.OfferingID, Date: p.Date, Amount: p.Amount}
	var rows []struct {
		RecoveredLine
		Journal id.Of[ledger.Journal]
	}
	err := tx.NewRaw(`SELECT t.distribution_line_id AS line_id, dl.distribution_id, t.amount, t.journal_id AS journal
		FROM investments.transactions t JOIN investments.investor_distributions dl ON dl.id = t.distribution_line_id
		WHERE t.command_id = ? ORDER BY t.id`, command).Scan(ctx, &rows)
	for _, r := range rows {
		out.JournalID = r.Journal
		out.Lines = append(out.Lines, r.RecoveredLine)
	}
	return out, store.Err(err, constraints)
}
