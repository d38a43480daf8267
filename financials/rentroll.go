package financials

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of rent rolls.
var (
	// ErrRentRollNotFound: the unit is not on the rent roll of this day.
	ErrRentRollNotFound = fault.New(fault.NotFound, "rent_roll_not_found", "there is no such rent roll entry")
	// ErrRentRollClosed: the unit is on the rent roll of this day already.
	ErrRentRollClosed = fault.New(fault.Conflict, "rent_roll_closed", "the unit is on the rent roll of this day already").On("as_of")
	// ErrLeaseReversed: a lease ends before it starts.
	ErrLeaseReversed = fault.New(fault.Invalid, fault.CodeInverted, "the lease ends before it starts").On("lease_end")
	// ErrRentRollNotLet: a unit counts as occupied that has neither a rent nor a
	// lease.
	ErrRentRollNotLet = fault.New(fault.Invalid, "rent_roll_unit_not_let", "an occupied unit has a rent or a lease").On("status")
	// ErrRentRollOther: the roll in force rests on leases, and what is reported does
	// not restate it, or the other way round.
	ErrRentRollOther = fault.New(fault.Illegal, "rent_roll_other_basis", "the roll in force rests on something else").On("basis")
	// ErrRentRollUnbuilt: the rent roll is of a year before the property was built.
	ErrRentRollUnbuilt = fault.New(fault.Invalid, "rent_roll_before_construction", "the property was built later").On("as_of")
	// ErrRentRollUnit: a tenancy names a unit that the property does not have, or
	// names it twice.
	ErrRentRollUnit = fault.New(fault.Invalid, "rent_roll_unit_unknown", "the property has no such unit, or it is listed twice")
)

// RentRoll is all units of a property on a day.
type RentRoll struct {
	AsOf    date.Date       `json:"as_of"`
	Basis   RollBasis       `json:"basis"`   // what it rests on
	Version int64           `json:"version"` // 1, and one more with each restatement
	Entries []RentRollEntry `json:"entries"`
	Metrics RollMetrics     `json:"metrics"`
	// Unchanged reports that CloseRentRoll found the day closed by the same params.
	Unchanged bool `json:"unchanged"`
}

// RollBasis says what a rent roll, and every metric of it, rests on.
type RollBasis = properties.OccupancyBasis

// RentRollEntry is one unit on one day of the rent roll. Market rent and area are
// copied from the unit when the roll is closed, and all else from its lease or from
// what was reported, so that metrics of a past day never change with the unit. A
// restated roll supersedes the entries and keeps them. Rents are per month,
// areas square feet; a negative CurrentBalance is a prepayment.
type RentRollEntry struct {
	bun.BaseModel `bun:"table:financials.rent_roll,alias:rr" json:"-"`

	ID         id.Of[RentRollEntry]       `bun:"id,pk" json:"id"`
	PropertyID id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	UnitID     id.Of[properties.Unit]     `bun:"unit_id" json:"unit_id"`
	AsOfDate   date.Date                  `bun:"as_of_date" json:"as_of_date"`

	// Tenant
	TenantName *string    `bun:"tenant_name" json:"tenant_name"`
	LeaseStart *date.Date `bun:"lease_start" json:"lease_start"`
	LeaseEnd   *date.Date `bun:"lease_end" json:"lease_end"`

	// Rent
	MonthlyRent     *money.Amount `bun:"monthly_rent" json:"monthly_rent"`
	SecurityDeposit *money.Amount `bun:"security_deposit" json:"security_deposit"`

	// Payment status; a negative balance is a prepayment.
	CurrentBalance *money.Amount `bun:"current_balance" json:"current_balance"`
	DaysDelinquent int           `bun:"days_delinquent" json:"days_delinquent"`

	// What the metrics need, frozen with the row
	OccupancyStatus properties.OccupancyStatus `bun:"occupancy_status" json:"occupancy_status"`
	MarketRent      *money.Amount              `bun:"market_rent" json:"market_rent"`
	Sqft            *int                       `bun:"sqft" json:"sqft"`
	Billed          *money.Amount              `bun:"billed" json:"billed"`
	Collected       *money.Amount              `bun:"collected" json:"collected"`

	Basis        RollBasis  `bun:"basis" json:"basis"`
	Version      int64      `bun:"version" json:"version"`
	SupersededAt *time.Time `bun:"superseded_at" json:"superseded_at"` // nil is in force

	CreatedAt time.Time `bun:"created_at" json:"created_at"`
	UpdatedAt time.Time `bun:"updated_at" json:"updated_at"`
}

// rentRoll is the repository of RentRollEntry rows, by day and unit.
var rentRoll = store.Repo[RentRollEntry]{
	NotFound:    ErrRentRollNotFound,
	Constraints: constraints,
	Sort: store.Sort[RentRollEntry]{
		Columns: []store.Column{{Name: "as_of_date", Type: "date"}, {Name: "id", Type: "uuid"}},
		Key:     func(e *RentRollEntry) []string { return []string{e.AsOfDate.String(), e.ID.String()} },
	},
}

// RollUnit returns the entry as rent roll metrics read it, nil as zero.
func (e *RentRollEntry) RollUnit() RollUnit {
	return RollUnit{
		Occupied: RentInPlace(e.OccupancyStatus), Unknown: e.OccupancyStatus == properties.OccupancyUnknown, MarketRent: orZero(e.MarketRent), MonthlyRent: orZero(e.MonthlyRent),
		SqFt: e.Sqft, LeaseEnd: e.LeaseEnd, CurrentBalance: orZero(e.CurrentBalance), DaysDelinquent: e.DaysDelinquent,
		Billed: orZero(e.Billed), Collected: orZero(e.Collected),
	}
}

func rollUnits(entries []RentRollEntry) []RollUnit {
	units := make([]RollUnit, len(entries))
	for i := range entries {
		units[i] = entries[i].RollUnit()
	}
	return units
}

// RentRollOn reads the rent roll in force of a day, with its metrics. It returns
// [ErrRentRollNotFound] when none was closed.
func (s *Service) RentRollOn(ctx context.Context, db bun.IDB, property id.Of[properties.Property], asOf date.Date) (*RentRoll, error) {
	return rollOf(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("rr.property_id = ?", property).Where("rr.as_of_date = ?", asOf).Where("rr.superseded_at IS NULL")
	})
}

// RentRollVersion reads one version of the rent roll of a day, also one that was
// restated since. It returns [ErrRentRollNotFound].
func (s *Service) RentRollVersion(ctx context.Context, db bun.IDB, property id.Of[properties.Property], asOf date.Date, version int64) (*RentRoll, error) {
	return rollOf(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("rr.property_id = ?", property).Where("rr.as_of_date = ?", asOf).Where("rr.version = ?", version)
	})
}

// rollOf reads one version of a rent roll.
func rollOf(ctx context.Context, db bun.IDB, narrow func(*bun.SelectQuery) *bun.SelectQuery) (*RentRoll, error) {
	entries, err := rentRoll.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery { return narrow(q).OrderExpr("rr.id") })
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, ErrRentRollNotFound
	}
	return newRoll(entries)
}

// newRoll is the roll that entries make up, of which there are some.
func newRoll(entries []RentRollEntry) (*RentRoll, error) {
	asOf := entries[0].AsOfDate
	m, err := RentRollMetrics(asOf, rollUnits(entries))
	if err != nil {
		return nil, err
	}
	return &RentRoll{AsOf: asOf, Basis: entries[0].Basis, Version: entries[0].Version, Entries: entries, Metrics: m}, nil
}

// LatestRentRoll reads the last rent roll closed on or before a day, as it was known at a
// time; nil is now. It returns [ErrRentRollNotFound] when there was none.
func (s *Service) LatestRentRoll(ctx context.Context, db bun.IDB, property id.Of[properties.Property], until date.Date, known *time.Time) (*RentRoll, error) {
	last, err := rentRoll.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("rr.property_id = ?", property).Where("rr.as_of_date <= ?", until)
		if known == nil {
			q = q.Where("rr.superseded_at IS NULL")
		} else {
			q = q.Where("rr.created_at <= ?0 AND (rr.superseded_at IS NULL OR rr.superseded_at > ?0)", check.Clamp(*known))
		}
		return q.OrderExpr("rr.as_of_date DESC")
	})
	if err != nil {
		return nil, err
	}
	return s.RentRollVersion(ctx, db, property, last.AsOfDate, last.Version)
}

// RentRollClosed says that the rent roll of a day is on record, first or restated.
type RentRollClosed struct {
	AsOf    date.Date `json:"as_of"`
	Units   int       `json:"units"`
	Basis   RollBasis `json:"basis"`
	Version int64     `json:"version"`
}

// EventType names the event.
func (RentRollClosed) EventType() (string, int) { return "financials.rent_roll_closed", 1 }
