package investments

import (
	"context"
	"iter"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// PositionStatus says where a position is in its life.
type PositionStatus string

// The position statuses.
const (
	PositionStatusPending   PositionStatus = "pending"
	PositionStatusCommitted PositionStatus = "committed"
	PositionStatusFunded    PositionStatus = "funded"
	PositionStatusExited    PositionStatus = "exited"
	PositionStatusCancelled PositionStatus = "cancelled"
)

// The conditions of positions.
var (
	// ErrPositionNotFound: there is no such position, or it is deleted.
	ErrPositionNotFound = fault.New(fault.NotFound, "position_not_found", "there is no such position")
	// ErrPositionExists: the holder has a position of this class.
	ErrPositionExists = fault.New(fault.Conflict, "position_exists", "the holder has a position of this class already")
	// ErrExitDate: a position ends before it was funded.
	ErrExitDate = fault.New(fault.Invalid, fault.CodeInverted, "the position ends before it was funded").On("actual_exit_date")
)

// positions is the repository of Position rows, newest first.
var positions = store.Repo[Position]{
	NotFound:    ErrPositionNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *Position) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// Valid reports whether p is one of the position statuses.
func (p PositionStatus) Valid() bool {
	switch p {
	case PositionStatusPending, PositionStatusCommitted, PositionStatusFunded, PositionStatusExited, PositionStatusCancelled:
		return true
	}
	return false
}

// Counts reports whether a position of the status counts as cash raised and
// invested: once it is funded, and after its exit too.
func (p PositionStatus) Counts() bool { return p == PositionStatusFunded || p == PositionStatusExited }

// K1Document is a tax document (Schedule K-1) of a position.
type K1Document struct {
	TaxYear  int        `json:"tax_year"`
	URL      string     `json:"url"`
	IssuedOn *date.Date `json:"issued_on,omitempty"`
}

// Position is what an investor or one of their accounts holds in an offering, or in a
// property directly where OfferingID is nil: table investments.property_investments,
// which is also the view investments.investments.
//
// InvestmentAmount is the amount committed while the position is pending or
// committed, and the capital contributed so far once it is funded; transfers move
// it, returns of capital don't reduce it; it stays after the exit of the offering.
// OwnershipPercentage is a fraction, derived and never the basis of an allocation;
// it is nil unless [Positions.RefreshOwnership] ran after the last change of holdings.
//
// TotalDistributions to UnrealizedGains are caches. RealizedGains and
// UnrealizedGains are what the ledger holds for the position. TotalReturns is known
// once it left with its offering ([Capital.ExitOffering]): what it was paid less
// what it put in.
type Position struct {
	bun.BaseModel `bun:"table:investments.property_investments,alias:pi" json:"-"`

	ID         id.Of[Position]            `bun:"id,pk" json:"id"`
	PropertyID id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	OfferingID *id.Of[Offering]           `bun:"opportunity_id" json:"offering_id"`
	InvestorID id.Of[auth.User]           `bun:"investor_id" json:"investor_id"`

	// NULL is the investor in person.
	AccountID *id.Of[Account] `bun:"account_id" json:"account_id"`

	// Pending or committed: the amount committed. Funded or exited: the capital contributed so far,
	// moved by transfers and never reduced by returns of capital.
	InvestmentAmount money.Amount `bun:"investment_amount" json:"investment_amount"`

	// Derived from units, else from capital; for display, never the basis of an allocation.
	OwnershipPercentage *decimal.Decimal `bun:"ownership_percentage" json:"ownership_percentage"`
	ShareClass          string           `bun:"share_class" json:"share_class"`
	Units               *decimal.Decimal `bun:"units" json:"units"`
	Currency            string           `bun:"currency" json:"currency"`

	// Investment dates
	CommitmentDate   *date.Date     `bun:"commitment_date" json:"commitment_date"`
	FundingDate      *date.Date     `bun:"funding_date" json:"funding_date"`
	ExpectedExitDate *date.Date     `bun:"expected_exit_date" json:"expected_exit_date"`
	ActualExitDate   *date.Date     `bun:"actual_exit_date" json:"actual_exit_date"`
	Status           PositionStatus `bun:"status" json:"status"`

	// Returns: caches of the ledger
	TotalDistributions money.Amount `bun:"total_distributions" json:"total_distributions"`
	TotalReturns       money.Amount `bun:"total_returns" json:"total_returns"`
	RealizedGains      money.Amount `bun:"realized_gains" json:"realized_gains"`
	UnrealizedGains    money.Amount `bun:"unrealized_gains" json:"unrealized_gains"`

	// Documents
	SubscriptionAgreementURL *string      `bun:"subscription_agreement_url" json:"subscription_agreement_url"`
	OperatingAgreementURL    *string      `bun:"operating_agreement_url" json:"operating_agreement_url"`
	K1Documents              []K1Document `bun:"k1_documents,type:jsonb,nullzero" json:"k1_documents"`
	Version                  int64        `bun:"version" json:"version"`
	CreatedAt                time.Time    `bun:"created_at" json:"created_at"`
	UpdatedAt                time.Time    `bun:"updated_at" json:"updated_at"`
	DeletedAt                *time.Time   `bun:"deleted_at" json:"deleted_at"`
}

// Position reads a position. It returns [ErrPositionNotFound].
func (s *Positions) Position(ctx context.Context, db bun.IDB, v id.Of[Position]) (*Position, error) {
	return positions.Get(ctx, db, v)
}

// PositionFilter narrows a list of positions; the zero value is all that are
// not deleted.
type PositionFilter struct {
	OfferingID *id.Of[Offering]
	InvestorID *id.Of[auth.User]
	Status     PositionStatus // "" is any
}

// Positions lists positions, the newest first.
func (s *Positions) Positions(ctx context.Context, db bun.IDB, f PositionFilter, r page.Request) (page.Page[Position], error) {
	return positions.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("pi.deleted_at IS NULL")
		if f.OfferingID != nil { // with the property, which it determines, an index has the order
			q = q.Where("pi.opportunity_id = ?", *f.OfferingID).
				Where("pi.property_id = (SELECT property_id FROM investments.opportunities WHERE id = ?)", *f.OfferingID)
		}
		if f.InvestorID != nil {
			q = q.Where("pi.investor_id = ?", *f.InvestorID)
		}
		if f.Status != "" {
			q = q.Where("pi.status = ?", f.Status)
		}
		return q
	})
}

// AllPositions walks all pages of [Positions.Positions].
func (s *Positions) AllPositions(ctx context.Context, db bun.IDB, f PositionFilter) iter.Seq2[Position, error] {
	return page.All(ctx, func(ctx context.Context, r page.Request) (page.Page[Position], error) {
		return s.Positions(ctx, db, f, r)
	})
}
