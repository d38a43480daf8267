package analytics

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of funnels.
var (
	// ErrFunnelExists: the user has a funnel for this offering.
	ErrFunnelExists = fault.New(fault.Conflict, "funnel_exists", "the user has a funnel for this offering").On("offering_id")
	// ErrDropOff: where a user dropped off and when belong together.
	ErrDropOff = fault.New(fault.Invalid, "funnel_drop_off_incomplete", "where a user dropped off and when belong together").On("drop_off_stage")
	// ErrFunnelNotFound: the user has no funnel for this offering.
	ErrFunnelNotFound = fault.New(fault.NotFound, "funnel_not_found", "the user has no funnel for this offering")
	// ErrFunnelFunded: the user has funded the offering and cannot drop off.
	ErrFunnelFunded = fault.New(fault.Illegal, "funnel_funded", "the user has funded the offering")
)

// Source says where a user came from.
type Source string

// The sources.
const (
	SourceEmail    Source = "email"
	SourcePlatform Source = "platform"
	SourceReferral Source = "referral"
)

// Valid reports whether s is one of the sources.
func (s Source) Valid() bool {
	switch s {
	case SourceEmail, SourcePlatform, SourceReferral:
		return true
	}
	return false
}

// Stage is a stage of the funnel. The list is open.
type Stage string

// The stages, in order.
const (
	StageViewed            Stage = "viewed"
	StageClickedDetails    Stage = "clicked_details"
	StageDownloadedDocs    Stage = "downloaded_docs"
	StageExpressedInterest Stage = "expressed_interest"
	StageCommitted         Stage = "committed"
	StageFunded            Stage = "funded"
)

// Funnel is how far one user came with one offering, and where they dropped off.
type Funnel struct {
	bun.BaseModel `bun:"table:analytics.investment_funnel,alias:fu" json:"-"`

	ID         id.Of[Funnel]               `bun:"id,pk" json:"id"`
	UserID     id.Of[auth.User]            `bun:"user_id" json:"user_id"`
	OfferingID id.Of[investments.Offering] `bun:"opportunity_id" json:"offering_id"`

	// Stages
	ViewedAt            *time.Time `bun:"viewed_at" json:"viewed_at"`
	ClickedDetailsAt    *time.Time `bun:"clicked_details_at" json:"clicked_details_at"`
	DownloadedDocsAt    *time.Time `bun:"downloaded_docs_at" json:"downloaded_docs_at"`
	ExpressedInterestAt *time.Time `bun:"expressed_interest_at" json:"expressed_interest_at"`
	CommittedAt         *time.Time `bun:"committed_at" json:"committed_at"`
	FundedAt            *time.Time `bun:"funded_at" json:"funded_at"`

	// Where the user dropped off
	DropOffStage *Stage     `bun:"drop_off_stage" json:"drop_off_stage"`
	DropOffAt    *time.Time `bun:"drop_off_at" json:"drop_off_at"`
	Source       *Source    `bun:"source" json:"source"`
	CreatedAt    time.Time  `bun:"created_at" json:"created_at"`
	UpdatedAt    time.Time  `bun:"updated_at" json:"updated_at"`
}
