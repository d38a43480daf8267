package renovations

import (
	"context"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of units under renovation.
var (
	// ErrUnitRenovationNotFound: there is no such work in a unit.
	ErrUnitRenovationNotFound = fault.New(fault.NotFound, "unit_renovation_not_found", "there is no such work in a unit")
	// ErrUnitRenovationStatus: the work in the unit is not in the state that the verb needs.
	ErrUnitRenovationStatus = fault.New(fault.Illegal, "unit_renovation_status", "the status of the work in the unit does not allow this")
	// ErrUnitElsewhere: the unit belongs to another property than the project.
	ErrUnitElsewhere = fault.New(fault.Invalid, "unit_elsewhere", "the unit is not part of the project's property").On("unit_id")
	// ErrUnitDates: the work in a unit ended before it started.
	ErrUnitDates = fault.New(fault.Invalid, fault.CodeInverted, "the work ended before it started").On("end_date")
)

// UnitRenovationStatus says how far the work in one unit is.
type UnitRenovationStatus string

// The unit renovation statuses, in their order.
const (
	UnitPending    UnitRenovationStatus = "pending"
	UnitInProgress UnitRenovationStatus = "in_progress"
	UnitCompleted  UnitRenovationStatus = "completed"
	UnitCancelled  UnitRenovationStatus = "cancelled" // given up
)

// Valid reports whether s is one of the unit renovation statuses.
func (s UnitRenovationStatus) Valid() bool {
	switch s {
	case UnitPending, UnitInProgress, UnitCompleted, UnitCancelled:
		return true
	}
	return false
}

// UnitRenovation is the part of a project that happens in one unit. Rents are
// a month's.
type UnitRenovation struct {
	bun.BaseModel `bun:"table:renovations.unit_renovations,alias:ur" json:"-"`

	ID                 id.Of[UnitRenovation]  `bun:"id,pk" json:"id"`
	ProjectID          id.Of[Project]         `bun:"project_id" json:"project_id"`
	UnitID             id.Of[properties.Unit] `bun:"unit_id" json:"unit_id"`
	Scope              []string               `bun:"renovation_scope,array" json:"scope"`
	Start              *date.Date             `bun:"start_date" json:"start"`
	End                *date.Date             `bun:"end_date" json:"end"`
	DaysVacant         *int                   `bun:"days_vacant" json:"days_vacant"`
	BudgetedCost       *money.Amount          `bun:"budgeted_cost" json:"budgeted_cost"`
	ActualCost         *money.Amount          `bun:"actual_cost" json:"actual_cost"`
	PreRenovationRent  *money.Amount          `bun:"pre_renovation_rent" json:"pre_renovation_rent"`
	PostRenovationRent *money.Amount          `bun:"post_renovation_rent" json:"post_renovation_rent"`
	Status             UnitRenovationStatus   `bun:"status" json:"status"`
	CreatedAt          time.Time              `bun:"created_at" json:"created_at"`
	UpdatedAt          time.Time              `bun:"updated_at" json:"updated_at"`
}

// unitRenovations is the repository of UnitRenovation rows, newest first.
var unitRenovations = store.Repo[UnitRenovation]{
	NotFound:    ErrUnitRenovationNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(u *UnitRenovation) (time.Time, string) { return u.CreatedAt, u.ID.String() }),
}

// UnitRenovations lists the units of a project, a page at a time.
func (s *Service) UnitRenovations(ctx context.Context, db bun.IDB, project id.Of[Project], r page.Request) (page.Page[UnitRenovation], error) {
	return unitRenovations.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("ur.project_id = ?", project) })
}

// UnitRenovation reads the work in one unit. It returns [ErrUnitRenovationNotFound].
func (s *Service) UnitRenovation(ctx context.Context, db bun.IDB, work id.Of[UnitRenovation]) (*UnitRenovation, error) {
	return unitRenovations.Get(ctx, db, work)
}

// open reports whether the work in the unit has not come to its end.
func (u *UnitRenovation) open() bool { return u.Status == UnitPending || u.Status == UnitInProgress }

// RentIncrease is by how much a month's rent is higher after the work than before it, or
// nil where either is unknown.
func (u *UnitRenovation) RentIncrease() *money.Amount {
	if u.PreRenovationRent == nil || u.PostRenovationRent == nil {
		return nil
	}
	more, err := u.PostRenovationRent.Sub(*u.PreRenovationRent)
	if err != nil {
		return nil // no two amounts that the database holds
	}
	return &more
}

// ReturnOnCost is a year's increase of the rent over the actual cost, as a fraction with
// six decimals, or nil where either is unknown or the cost is zero.
func (u *UnitRenovation) ReturnOnCost() *decimal.Decimal {
	more := u.RentIncrease()
	if more == nil || u.ActualCost == nil {
		return nil
	}
	year, err := more.Mul(12)
	if err != nil {
		return nil
	}
	return ratio(year, *u.ActualCost)
}
