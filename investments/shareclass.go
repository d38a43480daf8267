package investments

import (
	"context"
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ClassCommon is the class of an offering that is created with no others; a
// commitment that names no class belongs to it. Once an offering has classes of
// its own, each commitment names one.
const ClassCommon = "common"

// The usual codes of further classes. The list is open: classes are data of each
// offering.
const (
	ClassPreferred = "preferred"
	ClassA         = "class_a"
	ClassB         = "class_b"
)

// ShareClass is a class of an offering's shares. Positions and subscriptions refer
// to it by code. Terms are the class's own terms in JSON.
type ShareClass struct {
	bun.BaseModel `bun:"table:investments.share_classes,alias:sc" json:"-"`

	ID         id.Of[ShareClass] `bun:"id,pk" json:"id"`
	OfferingID id.Of[Offering]   `bun:"opportunity_id" json:"offering_id"`
	Code       string            `bun:"code" json:"code"`
	Name       *string           `bun:"name" json:"name"`

	// What one unit costs; NULL where the class counts capital only.
	UnitPrice         *decimal.Decimal `bun:"unit_price" json:"unit_price"`
	MinimumInvestment *money.Amount    `bun:"minimum_investment" json:"minimum_investment"`
	Terms             json.RawMessage  `bun:"terms,type:jsonb,nullzero" json:"terms"`
	SortOrder         int              `bun:"sort_order" json:"sort_order"`
	Version           int64            `bun:"version" json:"version"`
	CreatedAt         time.Time        `bun:"created_at" json:"created_at"`
	UpdatedAt         time.Time        `bun:"updated_at" json:"updated_at"`
}

// The conditions of share classes.
var (
	// ErrShareClassNotFound: the offering has no such share class.
	ErrShareClassNotFound = fault.New(fault.NotFound, "share_class_not_found", "the offering has no such share class")
	// ErrShareClassRequired: the offering has classes, of which none was named.
	ErrShareClassRequired = fault.New(fault.Invalid, "share_class_required", "the offering has share classes; one is named").On("share_class")
	// ErrShareClassExists: the offering has a class of this code.
	ErrShareClassExists = fault.New(fault.Conflict, "share_class_exists", "the offering has a class of this code").On("code")
)

// shareClasses is the repository of ShareClass rows, newest first.
var shareClasses = store.Repo[ShareClass]{
	NotFound:    ErrShareClassNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *ShareClass) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// ShareClasses reads the classes of an offering in their order. There are few,
// so they are not paged.
func (s *Offerings) ShareClasses(ctx context.Context, db bun.IDB, v id.Of[Offering]) ([]ShareClass, error) {
	return shareClasses.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("sc.opportunity_id = ?", v).OrderExpr("sc.sort_order, sc.code")
	})
}
