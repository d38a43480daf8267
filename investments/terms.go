package investments

import (
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// TermsVersion is one version of the terms by which an offering distributes its
// cash, in force from EffectiveDate. It is never changed: new terms are a new
// version. TermsHash is the SHA-256 of their canonical form.
type TermsVersion struct {
	bun.BaseModel `bun:"table:investments.offering_terms,alias:ot"`

	ID            id.Of[TermsVersion] `bun:"id,pk"`
	OfferingID    id.Of[Offering]     `bun:"opportunity_id"`
	Version       int64               `bun:"version"`
	EffectiveDate date.Date           `bun:"effective_date"`
	Terms         json.RawMessage     `bun:"terms,type:jsonb,nullzero"`

	// Of the canonical form of the terms.
	TermsHash []byte            `bun:"terms_hash"`
	CreatedBy *id.Of[auth.User] `bun:"created_by"`
	CreatedAt time.Time         `bun:"created_at"`
}
