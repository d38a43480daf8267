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
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// RecordRecoveryParams is money of reversed or billed distributions that came back.
type RecordRecoveryParams struct {
	IdempotencyKey string
	OfferingID     id.Of[Offering]
	// Who paid it back: a position, or the account of a promote or fee. One of them.
	PositionID *id.Of[Position]
	AccountID  *id.Of[Account]
	// BorneBy is the sponsor's account that paid in the place of who owes it; nil is
	// that they paid themselves.
	BorneBy   *id.Of[Account]
	Amount    money.Amount
	Date      date.Date // the day it came in
	Reference string    // at the bank
	ActorID   id.Of[auth.User]
}

// ErrBearer: who pays in the place of somebody else is not a sponsor's account.
var ErrBearer = fault.New(fault.Invalid, "bearer_not_sponsor", "a debt is borne by an account of the sponsor").On("borne_by")

// Recovery is money that came back, and the lines that it settled, in whole or in
// part.
type Recovery struct {
	ID         id.Of[ledger.Command] `json:"id"`
	OfferingID id.Of[Offering]       `json:"offering_id"`
	Date       date.Date             `json:"date"`
	Amount     money.Amount          `json:"amount"`
	JournalID  id.Of[ledger.Journal] `json:"journal_id"`
	Lines      []RecoveredLine       `json:"lines"`
}

// RecoveredLine is what came back for one line of a reversed distribution.
type RecoveredLine struct {
	LineID         id.Of[DistributionLine] `json:"line_id"`
	DistributionID id.Of[Distribution]     `json:"distribution_id"`
	Amount         money.Amount            `json:"amount"`
}

// RecordRecovery records money that a payee paid back of what they owe
// ([Distributions.Recoverables]), in whole or in part: it books cash against it, the
// earliest debt first, of one day that of the distribution that was declared first. Where the sponsor bears it, it is the sponsor's transaction
// that tells of the cash. The investor's distributions were taken out of their transactions by the
// reversal; what comes back is an adjustment there, which counts in no return.
//
// It locks the offering. It returns [ErrOverRecovered] for more than they owe, [ErrBearer],
// [ErrReversalDate], [ledger.ErrPeriodClosed] or [ErrOfferingNotFound]. The same
// key and request again return the first recovery.
func (s *Distributions) RecordRecovery(ctx context.Context, db bun.IDB, p RecordRecoveryParams) (*Recovery, error) {
	var f check.Fields
	f.Given("offering_id", p.OfferingID)
	f.Check((p.PositionID == nil) != (p.AccountID == nil), "position_id", check.Required, "a position or an account is needed, not both")
	f.Above("amount", p.Amount)
	f.GivenWithin("date", p.Date, s.days())
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
	m.party, m.args = "EXISTS (SELECT 1 FROM investments.investor_accounts a WHERE a.id = ?1 AND ?0 IN (a.investor_id, a.joint_investor_id))", []any{*p.AccountID}
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
	owed, payer, err := owedBy(ctx, tx, o.ID, p.PositionID, p.AccountID)
	if err != nil {
		return err
	}
	parts, err := settleOwed(owed, p.Amount, p.Date)
	if err != nil {
		return err
	}
	bearer, err := sponsorAccount(ctx, tx, p.BorneBy)
	if err != nil {
		return err
	}
	j, err := s.ledger.Post(ctx, tx, ledger.PostParams{BookID: b.id, EffectiveDate: p.Date, Description: "recovered", CommandID: command, Actor: actor(p.ActorID),
		SourceType: "offering", SourceID: id.Cast[ledger.Source](o.ID),
		Entries: []ledger.Entry{{Debit: b.account(AccountCash), Credit: b.account(AccountRecovery), Amount: p.Amount, Subledger: payer}}})
	if err != nil {
		return err
	}
	why := "paid back of a distribution"
	if bearer != nil {
		why = "borne by the sponsor: paid back of a distribution"
	}
	settled := make([]settledDebt, len(parts))
	events := make([]store.Emission, len(parts))
	for i, part := range parts { // the parts are of the first debts, in their order
		settled[i] = settledDebt{debt: &owed[i], amount: part.Amount, kind: history.Recovery, by: bearer}
		events[i] = distributionEvent(part.DistributionID, RecoveryReceived{CommandID: command, LineID: part.LineID, Date: p.Date, Amount: part.Amount})
	}
	if err := s.settleDebts(ctx, tx, o.Currency, s.booked(o.ID, b, j.ID, p.Date), command, why, p.Reference, settled); err != nil {
		return err
	}
	return s.hooks.Emit(ctx, tx, s.now(), events...)
}

// owedBy reads what a position, or an account beside the positions, owes, and the
// subledger that it is booked under.
func owedBy(ctx context.Context, tx bun.IDB, o id.Of[Offering], position *id.Of[Position], account *id.Of[Account]) ([]Recoverable, id.Of[ledger.Subledger], error) {
	var owed []Recoverable
	payer := id.Of[ledger.Subledger]{}
	if position != nil {
		payer = id.Cast[ledger.Subledger](*position)
	} else {
		payer = id.Cast[ledger.Subledger](*account)
	}
	err := store.Read(ctx, tx, recoverables(tx, o, func(q *bun.SelectQuery) *bun.SelectQuery {
		if position != nil {
			return q.Where("dl.investment_id = ?", *position)
		}
		return q.Where("dl.investment_id IS NULL").Where("dl.account_id = ?", *account)
	}).OrderExpr(debtOrder), &owed)
	return owed, payer, store.Err(err, constraints)
}

// sponsorAccount reads the account that bears a debt.
func sponsorAccount(ctx context.Context, tx bun.IDB, v *id.Of[Account]) (*Account, error) {
	if v == nil {
		return nil, nil //nolint:nilnil // nobody else bears it
	}
	a, err := accounts.Get(ctx, tx, *v)
	if err != nil {
		return nil, err
	}
	if !a.IsSponsor {
		return nil, ErrBearer
	}
	return a, nil
}

// settledDebt is a part of a debt that is owed no more.
type settledDebt struct {
	debt   *Recoverable
	amount money.Amount
	kind   history.Kind // recovery or write_off
	by     *Account     // who paid in the debtor's place
}

// settleDebts writes the movements and the transactions of parts of debts that a
// journal settled. A transaction tells of a debt, whether cash moved or not; it counts
// in no return.
func (s *core) settleDebts(ctx context.Context, tx bun.IDB, currency string, at booking, command id.Of[ledger.Command], why, reference string, parts []settledDebt) error {
	now := s.now()
	told := make([]Transaction, len(parts))
	var moved []Movement
	for i := range parts {
		x := &parts[i]
		t := Transaction{ID: id.New[Transaction](), InvestorID: x.debt.InvestorID, AccountID: x.debt.AccountID, PositionID: x.debt.PositionID,
			Type: TransactionAdjustment, Amount: x.amount, Currency: currency, EffectiveDate: at.date, ReferenceNumber: optional(reference),
			Description: &why, Status: TransactionStatusCompleted, CompletedAt: &now, DistributionLineID: &x.debt.LineID, JournalID: &at.journal,
			CommandID: &command, CreatedAt: now}
		if x.by != nil {
			t.InvestorID, t.AccountID, t.PositionID = x.by.InvestorID, &x.by.ID, nil
		}
		told[i] = t
		if x.debt.PositionID != nil {
			m := at.movement(*x.debt.PositionID, x.kind, x.amount)
			m.LineID = &x.debt.LineID
			moved = append(moved, m)
		}
	}
	if err := movements.InsertAll(ctx, tx, moved); err != nil {
		return err
	}
	return transactions.InsertAll(ctx, tx, told)
}

// recovered reads what a command recorded.
func recovered(ctx context.Context, tx bun.IDB, command id.Of[ledger.Command], p RecordRecoveryParams) (*Recovery, error) {
	out := &Recovery{ID: command, OfferingID: p.OfferingID, Date: p.Date, Amount: p.Amount}
	var rows []struct {
		RecoveredLine
		Journal id.Of[ledger.Journal]
	}
	err := store.Read(ctx, tx, tx.NewRaw(`SELECT t.distribution_line_id AS line_id, dl.distribution_id, t.amount, t.journal_id AS journal
		FROM investments.transactions t JOIN investments.investor_distributions dl ON dl.id = t.distribution_line_id
		WHERE t.command_id = ? ORDER BY t.id`, command), &rows)
	for _, r := range rows {
		out.JournalID = r.Journal
		out.Lines = append(out.Lines, r.RecoveredLine)
	}
	return out, store.Err(err, constraints)
}
