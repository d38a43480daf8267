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

// The conditions of paying a loan between partners back.
var (
	// ErrRepaidTooMuch: less is owed on the day.
	ErrRepaidTooMuch = fault.New(fault.Conflict, "loan_repaid_too_much", "more would be repaid than is owed on this day").On("amount")
	// ErrLoanRepaid: something of the loan was repaid; that is withdrawn first.
	ErrLoanRepaid = fault.New(fault.Illegal, "loan_has_repayments", "something of the loan was repaid; withdraw the repayments first")
)

// RepayLoanParams is what a debtor paid on a loan between partners.
type RepayLoanParams struct {
	IdempotencyKey string
	LoanID         id.Of[PartnerEvent]
	Date           date.Date
	Amount         money.Amount // interest and principal
	ActorID        id.Of[auth.User]
}

// RepayLoan records what a debtor paid its lender on a loan between partners besides
// the distributions. The money passes outside of the offering, whose book notes the
// interest as claimed and paid, and the rest as principal: the interest of the running
// period first, then capitalized interest, then principal. Distributions by terms
// that are dated on the day or later go on from there.
//
// It locks the offering. It returns [ErrRepaidTooMuch], [ErrPartnerEventMalformed]
// unless the event is a loan that stands, [ledger.ErrPeriodClosed],
// [ErrPartnerEventNotFound], or what the history says that cannot take it. The same
// key and request again return the first event.
func (s *Positions) RepayLoan(ctx context.Context, db bun.IDB, p RepayLoanParams) (*PartnerEvent, error) {
	var f check.Fields
	f.Given("loan_id", p.LoanID)
	f.GivenHappened("date", p.Date, check.NewDays(s.now(), 0))
	f.Above("amount", p.Amount)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	v := id.New[PartnerEvent]()
	return store.RunOnce(ctx, db, store.Keyed[PartnerEvent]{Scope: s.scope, Verb: "investments.repay_loan", Params: p, Kind: "partner_event", Result: v}, partnerEvents.Get,
		func(tx bun.IDB) (*PartnerEvent, error) { return s.repay(ctx, tx, v, p) })
}

func (s *Positions) repay(ctx context.Context, tx bun.IDB, v id.Of[PartnerEvent], p RepayLoanParams) (*PartnerEvent, error) {
	o, loan, err := lockUnderOffering(ctx, tx, p.LoanID, partnerEvents.Get)
	if err != nil {
		return nil, err
	}
	if loan.Kind != PartnerEventLoan || loan.WithdrawnAt != nil {
		return nil, ErrPartnerEventMalformed.On("loan_id")
	}
	if err := s.acts(ctx, tx, VerbRepayLoan, p.ActorID, of("investments.property_investments", *loan.LenderID, *loan.PositionID)); err != nil {
		return nil, err
	}
	interest, err := s.interestOf(ctx, tx, o, loan, p)
	if err != nil {
		return nil, err
	}
	b, err := s.bookOf(ctx, tx, o)
	if err != nil {
		return nil, err
	}
	e := s.newPartnerEvent(v, o.ID, PartnerEventRepayment, p.Date, p.ActorID)
	e.LoanID, e.LenderID, e.PositionID, e.Amount, e.InterestPaid = &loan.ID, loan.LenderID, loan.PositionID, &p.Amount, &interest
	var entries []ledger.Entry
	if !interest.IsZero() {
		entries = b.claim(*e.LenderID, *e.PositionID, interest)
	}
	entries = append(entries, b.claim(*e.PositionID, *e.LenderID, p.Amount)...)
	moves := []Movement{{PositionID: *e.PositionID, Kind: history.Repaid}, {PositionID: *e.LenderID, Kind: history.GotBack}}
	if err := s.bookEvent(ctx, tx, b, e, "loan between partners repaid", entries, moves); err != nil {
		return nil, err
	}
	if err := takes(ctx, tx, o, p.Date); err != nil {
		return nil, err
	}
	return e, s.hooks.Emit(ctx, tx, e.CreatedAt, store.Event(aggregateOffering, o.ID,
		MemberLoanRepaid{e.ID, loan.ID, p.Date, p.Amount, interest, *e.JournalID}))
}

// interestOf is what of a repayment is interest by what is on record for its day. All of
// the amount has to be owed then.
func (s *Positions) interestOf(ctx context.Context, tx bun.IDB, o *Offering, loan *PartnerEvent, p RepayLoanParams) (money.Amount, error) {
	state, _, err := stateOn(ctx, tx, o, p.Date)
	if err != nil {
		return money.Zero, err
	}
	all, err := state.LoansOn(p.Date)
	if err != nil {
		return money.Zero, err
	}
	name := loan.ID.String()
	for i := range all {
		if all[i].Name != name {
			continue
		}
		interest, principal := all[i].Pay(p.Amount)
		taken, err := interest.Add(principal)
		if err != nil {
			return money.Zero, err
		}
		if taken != p.Amount {
			return money.Zero, ErrRepaidTooMuch.With("%s is owed", taken)
		}
		return interest, nil
	}
	return money.Zero, ErrRepaidTooMuch.With("nothing is owed")
}

// MemberLoanRepaid says that a debtor paid on a loan between partners besides the
// distributions.
type MemberLoanRepaid struct {
	EventID   id.Of[PartnerEvent]   `json:"event_id"`
	LoanID    id.Of[PartnerEvent]   `json:"loan_id"`
	Date      date.Date             `json:"date"`
	Amount    money.Amount          `json:"amount"`
	Interest  money.Amount          `json:"interest"`
	JournalID id.Of[ledger.Journal] `json:"journal_id"`
}

// EventType names the event.
func (MemberLoanRepaid) EventType() (string, int) { return "investments.member_loan_repaid", 1 }
