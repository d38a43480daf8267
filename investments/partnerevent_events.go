package investments

import (
	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// RateFixed says that an index has a value from a day on.
type RateFixed struct {
	EventID id.Of[PartnerEvent] `json:"event_id"`
	Index   string              `json:"index"`
	Date    date.Date           `json:"date"`
	Rate    decimal.Decimal     `json:"rate"`
}

// EventType names the event.
func (RateFixed) EventType() (string, int) { return "investments.rate_fixed", 1 }

// DefaultEntered says that a preferred return has its default rate from a day on, or
// no longer has it.
type DefaultEntered struct {
	EventID    id.Of[PartnerEvent] `json:"event_id"`
	Preference string              `json:"preference"`
	Date       date.Date           `json:"date"`
	Ends       bool                `json:"ends"`
}

// EventType names the event.
func (DefaultEntered) EventType() (string, int) { return "investments.default_entered", 1 }

// MemberLoanMade says that one partner lent money to another.
type MemberLoanMade struct {
	EventID   id.Of[PartnerEvent]   `json:"event_id"`
	LenderID  id.Of[Position]       `json:"lender_id"`
	DebtorID  id.Of[Position]       `json:"debtor_id"`
	Date      date.Date             `json:"date"`
	Amount    money.Amount          `json:"amount"`
	Rate      decimal.Decimal       `json:"rate"`
	JournalID id.Of[ledger.Journal] `json:"journal_id"`
}

// EventType names the event.
func (MemberLoanMade) EventType() (string, int) { return "investments.member_loan_made", 1 }

// PartnerDiluted says that a partner who did not fund a call lost percentage points.
type PartnerDiluted struct {
	EventID    id.Of[PartnerEvent]   `json:"event_id"`
	PositionID id.Of[Position]       `json:"position_id"`
	Date       date.Date             `json:"date"`
	Missing    money.Amount          `json:"missing"`
	Factor     decimal.Decimal       `json:"factor"`
	JournalID  id.Of[ledger.Journal] `json:"journal_id"`
}

// EventType names the event.
func (PartnerDiluted) EventType() (string, int) { return "investments.partner_diluted", 1 }

// SideLetterEntered says that a position has what its terms do not say.
type SideLetterEntered struct {
	EventID    id.Of[PartnerEvent] `json:"event_id"`
	PositionID id.Of[Position]     `json:"position_id"`
	Term       SideTerm            `json:"term"`
	Date       date.Date           `json:"date"`
	Rate       *decimal.Decimal    `json:"rate,omitempty"`
}

// EventType names the event.
func (SideLetterEntered) EventType() (string, int) { return "investments.side_letter_entered", 1 }

// PartnerEventWithdrawn says that an event between partners was entered by mistake.
type PartnerEventWithdrawn struct {
	EventID   id.Of[PartnerEvent]    `json:"event_id"`
	Kind      PartnerEventKind       `json:"kind"`
	Date      date.Date              `json:"date"`
	JournalID *id.Of[ledger.Journal] `json:"journal_id,omitempty"`
}

// EventType names the event.
func (PartnerEventWithdrawn) EventType() (string, int) {
	return "investments.partner_event_withdrawn", 1
}
