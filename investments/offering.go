package investments

import (
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// OfferingStatus says where an offering is in its life.
type OfferingStatus string

// The offering statuses.
const (
	OfferingStatusDraft     OfferingStatus = "draft"
	OfferingStatusOpen      OfferingStatus = "open"   // takes commitments
	OfferingStatusClosed    OfferingStatus = "closed" // takes no more, still funding
	OfferingStatusFunded    OfferingStatus = "funded" // the raise is complete
	OfferingStatusCancelled OfferingStatus = "cancelled"
)

// The conditions of offerings.
var (
	// ErrOfferingNotFound: there is no such offering, or it is deleted.
	ErrOfferingNotFound = fault.New(fault.NotFound, "offering_not_found", "there is no such offering")
	// ErrSlugTaken: another offering has the slug.
	ErrSlugTaken = fault.New(fault.Conflict, "offering_slug_taken", "another offering has this slug").On("slug")
	// ErrOversubscribed: the commitment exceeds what the hard cap leaves.
	ErrOversubscribed = fault.New(fault.Conflict, "offering_oversubscribed", "the commitment exceeds what is left").On("amount")
	// ErrInvestmentRange: the smallest investment is above the largest.
	ErrInvestmentRange = fault.New(fault.Invalid, fault.CodeInverted, "the smallest investment is above the largest").On("maximum_investment")
	// ErrOfferingDates: the offering closes before it opens.
	ErrOfferingDates = fault.New(fault.Invalid, fault.CodeInverted, "the offering closes before it opens").On("close_date")
	// ErrRaiseGoals: the smallest raise, the goal and the cap do not ascend.
	ErrRaiseGoals = fault.New(fault.Invalid, "raise_goals_inconsistent", "the smallest raise, the goal and the hard cap ascend").On("hard_cap")
	// ErrOfferingProperty: there is no such offering of this property.
	ErrOfferingProperty = fault.New(fault.Invalid, "offering_property_mismatch", "the property has no such offering").On("offering_id")
)

// offerings is the repository of Offering rows, newest first.
var offerings = store.Repo[Offering]{
	NotFound:    ErrOfferingNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *Offering) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// Valid reports whether o is one of the offering statuses.
func (o OfferingStatus) Valid() bool {
	switch o {
	case OfferingStatusDraft, OfferingStatusOpen, OfferingStatusClosed, OfferingStatusFunded, OfferingStatusCancelled:
		return true
	}
	return false
}

// Offering is what investors may commit to: table investments.opportunities.
// TargetRaise is a goal, HardCap the limit that commitments never exceed.
//
// CommittedAmount, AmountRaised and InvestorCount are caches. The first is kept by
// the verbs on subscriptions; the other two by a trigger on positions, as the
// capital and the number of investors of those that are funded or exited.
type Offering struct {
	bun.BaseModel `bun:"table:investments.opportunities,alias:o" json:"-"`

	ID               id.Of[Offering]            `bun:"id,pk" json:"id"`
	PropertyID       id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	Name             string                     `bun:"name" json:"name"`
	Slug             string                     `bun:"slug" json:"slug"`
	Description      *string                    `bun:"description" json:"description"`
	ExecutiveSummary *string                    `bun:"executive_summary" json:"executive_summary"`
	Status           OfferingStatus             `bun:"status" json:"status"`
	OpenDate         *date.Date                 `bun:"open_date" json:"open_date"`
	CloseDate        *date.Date                 `bun:"close_date" json:"close_date"`

	// Terms of the raise. target_raise is a goal; hard_cap is the limit.
	MinimumInvestment *money.Amount    `bun:"minimum_investment" json:"minimum_investment"`
	MaximumInvestment *money.Amount    `bun:"maximum_investment" json:"maximum_investment"`
	MinimumRaise      *money.Amount    `bun:"minimum_raise" json:"minimum_raise"`
	TargetRaise       *money.Amount    `bun:"target_raise" json:"target_raise"`
	HardCap           *money.Amount    `bun:"hard_cap" json:"hard_cap"`
	Currency          string           `bun:"currency" json:"currency"`
	UnitsOffered      *decimal.Decimal `bun:"units_offered" json:"units_offered"`

	// Caches: open and funded subscriptions; cash received; investors with a funded position.
	CommittedAmount money.Amount `bun:"committed_amount" json:"committed_amount"`
	AmountRaised    money.Amount `bun:"amount_raised" json:"amount_raised"`
	InvestorCount   int          `bun:"investor_count" json:"investor_count"`

	// Drawn under the row's lock, so that waitlists have neither gaps nor ties.
	NextWaitlistNumber int `bun:"next_waitlist_number" json:"next_waitlist_number"`

	// The last day whose capital a distribution by terms was computed from, and how often
	// capital of such days came, went or changed its class afterwards, or side letters did.
	DistributedThrough *date.Date `bun:"distributed_through" json:"distributed_through"`
	LateChanges        int64      `bun:"late_changes" json:"late_changes"`

	// The ledger's book that the offering's money is posted to.
	BookID *id.Of[ledger.Book] `bun:"book_id" json:"book_id"`
	// Whether all cash of the entity is in the book; see [Offerings.MarkCashComplete].
	CashComplete bool `bun:"cash_complete" json:"cash_complete"`

	Version   int64      `bun:"version" json:"version"`
	CreatedAt time.Time  `bun:"created_at" json:"created_at"`
	UpdatedAt time.Time  `bun:"updated_at" json:"updated_at"`
	DeletedAt *time.Time `bun:"deleted_at" json:"deleted_at"`
}
