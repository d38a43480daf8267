package properties

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of properties.
var (
	// ErrPropertyNotFound: there is no such property, or it is deleted.
	ErrPropertyNotFound = fault.New(fault.NotFound, "property_not_found", "there is no such property")
	// ErrPropertyExists: a property with this id was registered before.
	ErrPropertyExists = fault.New(fault.Conflict, "property_exists", "a property with this id exists")
	// ErrSlugTaken: another property has the slug.
	ErrSlugTaken = fault.New(fault.Conflict, "slug_taken", "another property has this slug").On("slug")
	// ErrStale: the version given is not the stored one; somebody else changed
	// the row meanwhile.
	ErrStale = store.ErrStale
	// ErrLaterValuation: the property carries the value of a later day.
	ErrLaterValuation = fault.New(fault.Illegal, "later_valuation", "the property has a later valuation")
	// ErrCoordinates: latitude, longitude and location are given in part.
	ErrCoordinates = fault.New(fault.Invalid, "coordinates_incomplete", "latitude, longitude and location belong together").On("latitude")
)

// PropertyType says what kind of building a property is. The list is open: the
// constants are the usual ones, and a host may store its own.
type PropertyType string

// The usual property types.
const (
	TypeMultiFamily      PropertyType = "multi_family"
	TypeApartmentComplex PropertyType = "apartment_complex"
	TypeMixedUse         PropertyType = "mixed_use"
)

// PropertySubtype refines the type by the shape of the building. The list is
// open.
type PropertySubtype string

// The usual property subtypes.
const (
	SubtypeGarden   PropertySubtype = "garden"
	SubtypeMidRise  PropertySubtype = "mid_rise"
	SubtypeHighRise PropertySubtype = "high_rise"
)

// Class grades a property by age, condition and place, A the best.
type Class string

// The classes.
const (
	ClassA Class = "A"
	ClassB Class = "B"
	ClassC Class = "C"
	ClassD Class = "D"
)

// Valid reports whether c is one of the classes.
func (c Class) Valid() bool {
	switch c {
	case ClassA, ClassB, ClassC, ClassD:
		return true
	}
	return false
}

// Status says where a property is in its life.
type Status string

// The statuses.
const (
	StatusProspect   Status = "prospect"
	StatusActive     Status = "active"
	StatusRenovating Status = "renovating"
	StatusSelling    Status = "selling"
	StatusSold       Status = "sold"
)

// Valid reports whether s is one of the statuses.
func (s Status) Valid() bool {
	switch s {
	case StatusProspect, StatusActive, StatusRenovating, StatusSelling, StatusSold:
		return true
	}
	return false
}

// AcquisitionStatus says how far the purchase of a property is.
type AcquisitionStatus string

// The acquisition statuses.
const (
	AcquisitionEvaluating    AcquisitionStatus = "evaluating"
	AcquisitionUnderContract AcquisitionStatus = "under_contract"
	AcquisitionOwned         AcquisitionStatus = "owned"
)

// Valid reports whether s is one of the acquisition statuses.
func (s AcquisitionStatus) Valid() bool {
	switch s {
	case AcquisitionEvaluating, AcquisitionUnderContract, AcquisitionOwned:
		return true
	}
	return false
}

// Property is a real-estate asset. Rates are fractions, areas square feet,
// money the platform's currency.
//
// Latitude, Longitude and Location are one fact: [Property.SetCoordinates]
// writes all three. CurrentValuation and ValuationDate are written by
// [Service.Revalue], OccupancyRate by the verbs on units, and InvestmentOpen
// through InvestorCount are a rollup of the property's opportunities; each is
// a cache, never the authority.
type Property struct {
	bun.BaseModel `bun:"table:properties.properties,alias:p" json:"-"`

	ID   id.Of[Property] `bun:"id,pk" json:"id"`
	Name string          `bun:"property_name" json:"name"`
	Slug string          `bun:"slug" json:"slug"`
	Type *PropertyType   `bun:"property_type" json:"type"`

	AddressLine1 string           `bun:"address_line1" json:"address_line1"`
	AddressLine2 *string          `bun:"address_line2" json:"address_line2"`
	City         string           `bun:"city" json:"city"`
	State        string           `bun:"state" json:"state"`
	ZipCode      string           `bun:"zip_code" json:"zip_code"`
	Country      string           `bun:"country" json:"country"`
	Currency     string           `bun:"currency" json:"currency"`
	Latitude     *decimal.Decimal `bun:"latitude" json:"latitude"`
	Longitude    *decimal.Decimal `bun:"longitude" json:"longitude"`
	Location     *Point           `bun:"location" json:"location"`

	YearBuilt      *int             `bun:"year_built" json:"year_built"`
	LastRenovated  *int             `bun:"last_renovated" json:"last_renovated"`
	TotalUnits     int              `bun:"total_units" json:"total_units"`
	TotalBuildings int              `bun:"total_buildings" json:"total_buildings"`
	TotalSqft      *int             `bun:"total_sqft" json:"total_sqft"`
	LotSizeAcres   *decimal.Decimal `bun:"lot_size_acres" json:"lot_size_acres"`
	ParkingSpaces  *int             `bun:"parking_spaces" json:"parking_spaces"`
	Class          *Class           `bun:"property_class" json:"class"`
	Subtype        *PropertySubtype `bun:"property_subtype" json:"subtype"`

	PurchasePrice    *money.Amount    `bun:"purchase_price" json:"purchase_price"`
	PurchaseDate     *date.Date       `bun:"purchase_date" json:"purchase_date"`
	CurrentValuation *money.Amount    `bun:"current_valuation" json:"current_valuation"`
	ValuationDate    *date.Date       `bun:"valuation_date" json:"valuation_date"`
	TargetIRR        *decimal.Decimal `bun:"target_irr" json:"target_irr"`
	TargetCashOnCash *decimal.Decimal `bun:"target_cash_on_cash" json:"target_cash_on_cash"`

	Status            Status             `bun:"status" json:"status"`
	AcquisitionStatus *AcquisitionStatus `bun:"acquisition_status" json:"acquisition_status"`
	OccupancyRate     *decimal.Decimal   `bun:"occupancy_rate" json:"occupancy_rate"`

	ManagementCompany *string `bun:"management_company" json:"management_company"`
	ManagerName       *string `bun:"property_manager_name" json:"manager_name"`
	ManagerPhone      *string `bun:"property_manager_phone" json:"manager_phone"`
	ManagerEmail      *string `bun:"property_manager_email" json:"manager_email"`

	InvestmentOpen    bool          `bun:"investment_open" json:"investment_open"`
	MinimumInvestment *money.Amount `bun:"minimum_investment" json:"minimum_investment"`
	MaximumInvestment *money.Amount `bun:"maximum_investment" json:"maximum_investment"`
	TargetRaise       *money.Amount `bun:"target_raise" json:"target_raise"`
	AmountRaised      money.Amount  `bun:"amount_raised" json:"amount_raised"`
	InvestorCount     int           `bun:"investor_count" json:"investor_count"`

	Amenities         []string       `bun:"amenities,array" json:"amenities"`
	Features          map[string]any `bun:"features,type:jsonb,nullzero" json:"features"`
	UtilitiesIncluded []string       `bun:"utilities_included,array" json:"utilities_included"`
	PetPolicy         *string        `bun:"pet_policy" json:"pet_policy"`

	MarketName    *string `bun:"market_name" json:"market_name"`
	SubmarketName *string `bun:"submarket_name" json:"submarket_name"`
	WalkScore     *int    `bun:"walk_score" json:"walk_score"`
	TransitScore  *int    `bun:"transit_score" json:"transit_score"`
	BikeScore     *int    `bun:"bike_score" json:"bike_score"`

	Description      *string `bun:"description" json:"description"`
	InvestmentThesis *string `bun:"investment_thesis" json:"investment_thesis"`
	ExecutiveSummary *string `bun:"executive_summary" json:"executive_summary"`

	Version   int64      `bun:"version" json:"version"`
	CreatedAt time.Time  `bun:"created_at" json:"created_at"`
	UpdatedAt time.Time  `bun:"updated_at" json:"updated_at"`
	DeletedAt *time.Time `bun:"deleted_at" json:"deleted_at"`
}

// SetCoordinates writes latitude, longitude and location together; nil clears
// all three. It returns [ErrPoint] and leaves p as it was when c is no place.
func (p *Property) SetCoordinates(c *Coordinates) error {
	if c == nil {
		p.Latitude, p.Longitude, p.Location = nil, nil, nil
		return nil
	}
	pt, err := c.point()
	if err != nil {
		return err
	}
	p.Latitude, p.Longitude, p.Location = &c.Latitude, &c.Longitude, &pt
	return nil
}

// The aggregates that this package's events are about.
const (
	aggregateProperty = "property"
	aggregateUnit     = "unit"
)

// assets is the repository of Property rows, newest first.
var assets = store.Repo[Property]{
	NotFound:    ErrPropertyNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(p *Property) (time.Time, string) { return p.CreatedAt, p.ID.String() }),
}

// live narrows a query to one property that is not deleted.
func live(property id.Of[Property]) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("p.id = ?", property).Where("p.deleted_at IS NULL")
	}
}

// lockLive locks a property that is not deleted.
func lockLive(ctx context.Context, tx bun.IDB, property id.Of[Property]) (*Property, error) {
	return assets.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return live(property)(q).For("NO KEY UPDATE") })
}

// saveProperty writes columns of a locked property, counts its version up and
// brings the new version and time into p.
func saveProperty(ctx context.Context, tx bun.IDB, p *Property, columns ...string) error {
	p.Version++
	return assets.Save(ctx, tx, p, &p.UpdatedAt, append(columns, "version")...)
}

// rollUp recomputes a locked property's occupancy rate from its units, and
// raises its number of units to those on record. Both are caches: neither the
// version nor the history of the property takes notice of the rate.
func rollUp(ctx context.Context, tx bun.IDB, p *Property) error {
	err := store.Read(ctx, tx, tx.NewUpdate().Model(p).
		Set("occupancy_rate = r.rate, total_units = GREATEST(p.total_units, r.units)").
		TableExpr(`(SELECT count(*) AS units,
			CASE WHEN count(*) FILTER (WHERE occupancy_status = 'unknown') = 0
				THEN round(count(*) FILTER (WHERE occupancy_status IN ('occupied', 'notice'))::numeric / NULLIF(count(*), 0), 6) END AS rate
			FROM properties.units WHERE property_id = ?) AS r`, p.ID).
		Where("p.id = ?", p.ID).Where("r.units > 0").
		Returning("p.occupancy_rate, p.total_units, p.updated_at"), &p.OccupancyRate, &p.TotalUnits, &p.UpdatedAt)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // it has no units
	}
	return store.Err(err, constraints)
}
