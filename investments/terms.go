package investments

import (
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// TermsVersion is one version of the terms by which an offering distributes its
// cash, in force from EffectiveDate. It is never changed: new terms are a new
// version. TermsHash is the SHA-256 of their canonical form.
type TermsVersion struct {
	bun.BaseModel `bun:"table:investments.offering_terms,alias:ot" json:"-"`

	ID            id.Of[TermsVersion] `bun:"id,pk" json:"id"`
	OfferingID    id.Of[Offering]     `bun:"opportunity_id" json:"offering_id"`
	Version       int64               `bun:"version" json:"version"`
	EffectiveDate date.Date           `bun:"effective_date" json:"effective_date"`
	Terms         json.RawMessage     `bun:"terms,type:jsonb,nullzero" json:"terms"`

	// Of the canonical form of the terms.
	TermsHash []byte `bun:"terms_hash" json:"terms_hash"`

	// What was unusual in them, or worth knowing, as it was said when they were set.
	Findings  []waterfall.Finding `bun:"findings,type:jsonb,nullzero" json:"findings"`
	CreatedBy *id.Of[auth.User]   `bun:"created_by" json:"created_by"`
	CreatedAt time.Time           `bun:"created_at" json:"created_at"`
}

// The conditions of terms.
var (
	// ErrTermsNotFound: the offering has no such version of its terms.
	ErrTermsNotFound = fault.New(fault.NotFound, "terms_not_found", "the offering has no such terms")
	// ErrTermsExist: the offering has terms of this version.
	ErrTermsExist = fault.New(fault.Conflict, "terms_exist", "the offering has terms of this version").On("version")
)

// termsVersions is the repository of TermsVersion rows, newest first.
var termsVersions = store.Repo[TermsVersion]{
	NotFound:    ErrTermsNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *TermsVersion) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// Waterfall reads the terms as package waterfall takes them.
func (v *TermsVersion) Waterfall() (*waterfall.Terms, error) { return waterfall.ParseTerms(v.Terms) }

// Describe says in plain English what the terms were understood to mean, with what
// is unusual in them. Accounts and positions go by their ids.
func (v *TermsVersion) Describe() (string, error) {
	t, err := v.Waterfall()
	if err != nil {
		return "", err
	}
	return t.Describe()
}
