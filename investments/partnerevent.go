package investments

import (
	"context"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// PartnerEventKind says what happened between partners, or to a rate.
type PartnerEventKind string

// The kinds.
const (
	PartnerEventRate     PartnerEventKind = "rate"     // an index was fixed
	PartnerEventDefault  PartnerEventKind = "default"  // a preference got its default rate, or lost it
	PartnerEventLoan     PartnerEventKind = "loan"     // a partner lent money to another
	PartnerEventDilution PartnerEventKind = "dilution" // a partner who did not fund a call lost percentage points
	// PartnerEventRepayment is what a debtor paid on a loan besides the distributions.
	PartnerEventRepayment PartnerEventKind = "repayment"
	// PartnerEventSideLetter is what a side letter gives one position.
	PartnerEventSideLetter PartnerEventKind = "side_letter"
)

// Valid reports whether k is one of the kinds.
func (k PartnerEventKind) Valid() bool {
	switch k {
	case PartnerEventRate, PartnerEventDefault, PartnerEventLoan, PartnerEventDilution, PartnerEventRepayment, PartnerEventSideLetter:
		return true
	}
	return false
}

// PartnerEvent is what happened between the partners of an offering, and what its
// terms' rates rest on: table investments.partner_events. Distributions by terms
// dated later follow it. A row never changes; one that was entered by mistake is
// withdrawn, and then never was.
type PartnerEvent struct {
	bun.BaseModel `bun:"table:investments.partner_events,alias:pe" json:"-"`

	ID            id.Of[PartnerEvent] `bun:"id,pk" json:"id"`
	OfferingID    id.Of[Offering]     `bun:"opportunity_id" json:"offering_id"`
	Kind          PartnerEventKind    `bun:"kind" json:"kind"`
	EffectiveDate date.Date           `bun:"effective_date" json:"effective_date"`

	// Name is the index of a fixing, the preference of a default, which Ends may end, or
	// the [SideTerm] of a side letter. Rate is of a fixing, a loan or a side letter.
	Name *string          `bun:"name" json:"name"`
	Ends bool             `bun:"ends" json:"ends"`
	Rate *decimal.Decimal `bun:"rate" json:"rate"`

	// LenderID lends to PositionID, who repays; a dilution has its position only. Amount is
	// what was lent or repaid, or is missing from the call.
	LenderID    *id.Of[Position]       `bun:"lender_id" json:"lender_id"`
	PositionID  *id.Of[Position]       `bun:"position_id" json:"position_id"`
	Amount      *money.Amount          `bun:"amount" json:"amount"`
	Compounding *waterfall.Compounding `bun:"compounding" json:"compounding"`
	DayCount    *date.DayCount         `bun:"day_count" json:"day_count"`

	// LoanID is the loan that was repaid, and InterestPaid what of the amount is interest, by
	// what was on record for the day when it was entered.
	LoanID       *id.Of[PartnerEvent] `bun:"loan_id" json:"loan_id"`
	InterestPaid *money.Amount        `bun:"interest_paid" json:"interest_paid"`

	// Factor is how many times the missing money costs; PromoteAccountID is whose share
	// of promote falls in the same ratio.
	Factor           *decimal.Decimal `bun:"factor" json:"factor"`
	PromoteAccountID *id.Of[Account]  `bun:"promote_account_id" json:"promote_account_id"`

	// Where it is booked; fixings and defaults move nothing.
	BookID    *id.Of[ledger.Book]    `bun:"book_id" json:"book_id"`
	JournalID *id.Of[ledger.Journal] `bun:"journal_id" json:"journal_id"`
	CreatedBy id.Of[auth.User]       `bun:"created_by" json:"created_by"`
	CreatedAt time.Time              `bun:"created_at" json:"created_at"`

	// Of one that was entered by mistake.
	WithdrawnBy         *id.Of[auth.User]      `bun:"withdrawn_by" json:"withdrawn_by"`
	WithdrawnAt         *time.Time             `bun:"withdrawn_at" json:"withdrawn_at"`
	WithdrawalReason    *string                `bun:"withdrawal_reason" json:"withdrawal_reason"`
	WithdrawalJournalID *id.Of[ledger.Journal] `bun:"withdrawal_journal_id" json:"withdrawal_journal_id"`
}

// The conditions of events between partners.
var (
	// ErrPartnerEventNotFound: there is no such event.
	ErrPartnerEventNotFound = fault.New(fault.NotFound, "partner_event_not_found", "there is no such event between partners")
	// ErrPartnerEventExists: the index has another fixing of the day, or the preference
	// another default.
	ErrPartnerEventExists = fault.New(fault.Conflict, "partner_event_exists", "there is one of this name and day already; withdraw it first")
	// ErrPartnerEventMalformed: an event has not the parts of its kind.
	ErrPartnerEventMalformed = fault.New(fault.Invalid, "partner_event_malformed", "the event has not the parts of its kind")
	// ErrPartnerEventWithdrawn: the event was withdrawn before.
	ErrPartnerEventWithdrawn = fault.New(fault.Illegal, "partner_event_withdrawn", "the event has been withdrawn")
	// ErrRateName: no terms of the offering have a rate of this name.
	ErrRateName = fault.New(fault.Invalid, "rate_not_in_terms", "no terms of the offering have such an index, or a preference of this name with a default rate").On("name")
	// ErrPartners: the positions are not two of one offering that hold capital.
	ErrPartners = fault.New(fault.Invalid, "partners_unsuitable", "lender and debtor are two funded positions of one offering").On("debtor_id")
)

// partnerEvents is the repository of PartnerEvent rows, newest first.
var partnerEvents = store.Repo[PartnerEvent]{
	NotFound:    ErrPartnerEventNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *PartnerEvent) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// PartnerEvents reads the events between the partners of an offering and the
// fixings of its rates, by date, those that were withdrawn too. There are few, so
// they are not paged.
func (s *Positions) PartnerEvents(ctx context.Context, db bun.IDB, v id.Of[Offering]) ([]PartnerEvent, error) {
	return partnerEvents.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("pe.opportunity_id = ?", v).OrderExpr("pe.effective_date, pe.created_at, pe.id")
	})
}

// standing reads the events of an offering that were not withdrawn, by date; of side letters
// those of one position, where it alone matters.
func standing(ctx context.Context, db bun.IDB, v id.Of[Offering], only *id.Of[Position]) ([]PartnerEvent, error) {
	return partnerEvents.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		if only != nil {
			q = q.Where("(pe.kind <> 'side_letter' OR pe.position_id = ?)", *only)
		}
		return q.Where("pe.opportunity_id = ?", v).Where("pe.withdrawn_at IS NULL").OrderExpr("pe.effective_date, pe.created_at, pe.id")
	})
}

// dates reports whether the event only holds from its day on, whatever the order of
// the others.
func (e *PartnerEvent) dates() bool {
	return e.Kind == PartnerEventRate || e.Kind == PartnerEventDefault
}

// event is e as the engine takes it.
func (e *PartnerEvent) event() waterfall.Event {
	out := waterfall.Event{Date: e.EffectiveDate, Amount: or(e.Amount)}
	switch e.Kind {
	case PartnerEventRate:
		out.Type, out.Name, out.Rate = waterfall.EventRate, or(e.Name), e.Rate
	case PartnerEventDefault:
		out.Type, out.Name, out.Ends = waterfall.EventDefault, or(e.Name), e.Ends
	case PartnerEventLoan:
		out.Type, out.Name, out.From, out.To, out.Rate = waterfall.EventLoan, e.ID.String(), e.LenderID.String(), e.PositionID.String(), e.Rate
		out.Compounding, out.DayCount = or(e.Compounding), or(e.DayCount)
	case PartnerEventRepayment:
		out.Type, out.Name = waterfall.EventRepayment, e.LoanID.String()
	case PartnerEventDilution:
		out.Type, out.Partner, out.Factor = waterfall.EventDilution, e.PositionID.String(), e.Factor
		if e.PromoteAccountID != nil {
			out.Promote = e.PromoteAccountID.String()
		}
	}
	return out
}

// newPartnerEvent is the part that all events have.
func (c *core) newPartnerEvent(v id.Of[PartnerEvent], o id.Of[Offering], kind PartnerEventKind, day date.Date, actor id.Of[auth.User]) *PartnerEvent {
	return &PartnerEvent{ID: v, OfferingID: o, Kind: kind, EffectiveDate: day, CreatedBy: actor, CreatedAt: c.now()}
}

// takes reports why the history of an offering could not go on with what was just
// written, up to a day or its last distribution.
func takes(ctx context.Context, tx bun.IDB, o *Offering, day date.Date) error {
	h, err := loadPast(ctx, tx, o)
	if err != nil {
		return err
	}
	if len(h.parties) == 0 { // nobody has put capital in yet
		return nil
	}
	if n := len(h.declared); n > 0 && h.declared[n-1].date.After(day) {
		day = h.declared[n-1].date
	}
	_, _, err = h.until(day)
	return err
}
