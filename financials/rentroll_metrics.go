package financials

import (
	"math/big"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of rent roll metrics.
var (
	// ErrRollDate: a rent roll has no date.
	ErrRollDate = fault.New(fault.Invalid, fault.CodeRequired, "a rent roll is as of a date")
	// ErrRollAmount: a rent, an area or a collection is below zero.
	ErrRollAmount = fault.New(fault.Invalid, fault.CodeOutOfRange, "rents, areas, billings and collections are not below zero")
)

// RentInPlace reports whether a unit of that occupancy status pays rent:
// "occupied", or "notice", where the tenant has said when they leave. Vacant
// units and units under renovation do not, and stay in the denominator of the
// occupancy.
func RentInPlace[S ~string](status S) bool { return status == "occupied" || status == "notice" }

// RollUnit is one unit of a rent roll, as it stood on the roll's date.
type RollUnit struct {
	// Occupied says that rent is in place: see [RentInPlace].
	Occupied bool `json:"occupied"`
	// Unknown says that nobody knows whether it is.
	Unknown bool `json:"unknown"`
	// MarketRent is what the unit would rent for.
	MarketRent money.Amount `json:"market_rent"`
	// MonthlyRent is the rent of the lease; it counts only where Occupied.
	MonthlyRent money.Amount `json:"monthly_rent"`
	// SqFt is the area, nil or 0 where it is not known.
	SqFt *int `json:"sqft"`
	// LeaseEnd is the last day of the lease, nil for month to month.
	LeaseEnd *date.Date `json:"lease_end"`
	// CurrentBalance is what the tenant owes, below zero where they paid ahead.
	CurrentBalance money.Amount `json:"current_balance"`
	// DaysDelinquent is the age of the oldest overdue charge.
	DaysDelinquent int `json:"days_delinquent"`
	// Billed and Collected are the charges of the period and what came in.
	Billed    money.Amount `json:"billed"`
	Collected money.Amount `json:"collected"`
}

// RollMetrics are the figures of a rent roll. Ratios are fractions, nil where
// their denominator is zero.
type RollMetrics struct {
	TotalUnits    int `json:"total_units"`
	OccupiedUnits int `json:"occupied_units"`
	// UnknownUnits are those of which nobody knows whether they are let.
	UnknownUnits int `json:"unknown_units"`
	// PhysicalOccupancy is occupied over all units; nil where one is unknown.
	PhysicalOccupancy *decimal.Decimal `json:"physical_occupancy"`
	// InPlaceMonthlyRent is the rent of the occupied units.
	InPlaceMonthlyRent money.Amount `json:"in_place_monthly_rent"`
	// AverageRent is that over the occupied units.
	AverageRent *decimal.Decimal `json:"average_rent"`
	// RentPerSqFt is monthly rent over area, of the occupied units whose area is
	// known.
	RentPerSqFt *decimal.Decimal `json:"rent_per_sqft"`
	// GrossPotentialRentMarket is the market rent of all units.
	GrossPotentialRentMarket money.Amount `json:"gross_potential_rent_market"`
	// LossToLease is market less in-place rent of the occupied units, below zero
	// where leases are above the market.
	LossToLease money.Amount `json:"loss_to_lease"`
	// LossToLeasePct is that over the market rent of the occupied units.
	LossToLeasePct *decimal.Decimal `json:"loss_to_lease_pct"`
	// WALTYears is the average time left on the leases, weighted by rent, in
	// years of 365 days. Expired leases and month-to-month ones have none left
	// and keep their weight.
	WALTYears *decimal.Decimal `json:"walt_years"`
	// DelinquentAmount is the sum of the overdue balances; balances paid ahead
	// do not offset it.
	DelinquentAmount money.Amount `json:"delinquent_amount"`
	// DelinquencyRate is that over the in-place monthly rent.
	DelinquencyRate *decimal.Decimal `json:"delinquency_rate"`
	// Billed and Collected are the sums over all units, vacated ones included.
	Billed    money.Amount `json:"billed"`
	Collected money.Amount `json:"collected"`
	// CollectionRate is collected over billed.
	CollectionRate *decimal.Decimal `json:"collection_rate"`
}

// RentRollMetrics computes the figures of a rent roll as of a date. Bad units
// are [fault.Errors] on "units[i].field"; it returns [ErrRollDate], or
// [money.ErrOutOfRange] where a sum leaves the range.
func RentRollMetrics(asOf date.Date, units []RollUnit) (RollMetrics, error) {
	if err := checkRoll(asOf, units); err != nil {
		return RollMetrics{}, err
	}
	var s rollSums
	for i := range units {
		if err := s.add(asOf, &units[i]); err != nil {
			return RollMetrics{}, err
		}
	}
	m := s.m
	m.TotalUnits = len(units)
	occupied := decimal.NewFromInt(int64(m.OccupiedUnits))
	rent := m.InPlaceMonthlyRent.Decimal()
	if m.UnknownUnits == 0 {
		m.PhysicalOccupancy = ratio(occupied, decimal.NewFromInt(int64(m.TotalUnits)))
	}
	m.AverageRent = ratio(rent, occupied)
	m.RentPerSqFt = ratio(s.areaRent.Decimal(), decimal.NewFromInt(s.area))
	var err error
	if m.LossToLease, err = s.market.Sub(m.InPlaceMonthlyRent); err != nil {
		return RollMetrics{}, err
	}
	m.LossToLeasePct = ratio(m.LossToLease.Decimal(), s.market.Decimal())
	m.WALTYears = ratio(decimal.NewFromBigInt(&s.rentDays, -2), rent.Mul(decimal.NewFromInt(365)))
	m.DelinquencyRate = ratio(m.DelinquentAmount.Decimal(), rent)
	m.CollectionRate = ratio(m.Collected.Decimal(), m.Billed.Decimal())
	return m, nil
}

// rollSums are the running sums over units.
type rollSums struct {
	m        RollMetrics
	market   money.Amount // market rent of the occupied units
	areaRent money.Amount // rent of the occupied units with an area
	area     int64
	rentDays big.Int // cents of rent times days left
	product  big.Int
}

func (s *rollSums) add(asOf date.Date, u *RollUnit) (err error) {
	sum := func(to *money.Amount, a money.Amount) {
		if err == nil {
			*to, err = to.Add(a)
		}
	}
	sum(&s.m.GrossPotentialRentMarket, u.MarketRent)
	sum(&s.m.Billed, u.Billed)
	sum(&s.m.Collected, u.Collected)
	if u.CurrentBalance.Sign() > 0 && u.DaysDelinquent > 0 {
		sum(&s.m.DelinquentAmount, u.CurrentBalance)
	}
	if u.Unknown {
		s.m.UnknownUnits++
	}
	if !u.Occupied || u.Unknown {
		return err
	}
	s.m.OccupiedUnits++
	sum(&s.m.InPlaceMonthlyRent, u.MonthlyRent)
	sum(&s.market, u.MarketRent)
	if u.SqFt != nil && *u.SqFt > 0 {
		sum(&s.areaRent, u.MonthlyRent)
		s.area += int64(*u.SqFt)
	}
	if u.LeaseEnd != nil && u.LeaseEnd.After(asOf) {
		left := big.NewInt(int64(u.LeaseEnd.Sub(asOf)))
		s.rentDays.Add(&s.rentDays, s.product.Mul(left, big.NewInt(u.MonthlyRent.Cents())))
	}
	return err
}

// maxSqFt keeps sums of areas inside int64.
const maxSqFt = 1_000_000_000

func checkRoll(asOf date.Date, units []RollUnit) error {
	var f fault.Fields
	if asOf.IsZero() {
		f.AddErr("as_of", ErrRollDate)
	}
	for i := range units {
		u := &units[i]
		bad := ""
		switch {
		case u.MarketRent.Sign() < 0:
			bad = "market_rent"
		case u.MonthlyRent.Sign() < 0:
			bad = "monthly_rent"
		case u.Billed.Sign() < 0:
			bad = "billed"
		case u.Collected.Sign() < 0:
			bad = "collected"
		case u.SqFt != nil && (*u.SqFt < 0 || *u.SqFt > maxSqFt):
			bad = "sqft"
		}
		if bad != "" {
			f.AddErr("units["+strconv.Itoa(i)+"]."+bad, ErrRollAmount)
		}
	}
	return f.Err()
}
