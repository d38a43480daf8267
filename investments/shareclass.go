package investments

import (
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

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
	bun.BaseModel `bun:"table:investments.share_classes,alias:sc"`

	ID         id.Of[ShareClass] `bun:"id,pk"`
	OfferingID id.Of[Offering]   `bun:"opportunity_id"`
	Code       string            `bun:"code"`
	Name       *string           `bun:"name"`

	// What one unit costs; NULL where the class counts capital only.
	UnitPrice         *decimal.Decimal `bun:"unit_price"`
	MinimumInvestment *money.Amount    `bun:"minimum_investment"`
	Terms             json.RawMessage  `bun:"terms,type:jsonb,nullzero"`
	SortOrder         int              `bun:"sort_order"`
	Version           int64            `bun:"version"`
	CreatedAt         time.Time        `bun:"created_at"`
	UpdatedAt         time.Time        `bun:"updated_at"`
}
