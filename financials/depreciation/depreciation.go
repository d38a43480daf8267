package depreciation

import (
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of this package. Bad terms are reported field by field as
// [fault.Errors] with these codes.
var (
	// ErrBasis: the depreciable basis is below zero.
	ErrBasis = fault.New(fault.Invalid, fault.CodeOutOfRange, "a depreciable basis is not below zero")
	// ErrPlacedInService: there is no date, or the recovery period leaves the
	// calendar.
	ErrPlacedInService = fault.New(fault.Invalid, "depreciation_placed_in_service_invalid", "a date placed in service is needed and the recovery ends before the year 10000")
	// ErrLife: the recovery period is neither 27.5 nor 39 years.
	ErrLife = fault.New(fault.Invalid, fault.CodeNotAllowed, "a recovery period is 27.5 or 39 years")
	// ErrMethod: the method is neither table nor formula.
	ErrMethod = fault.New(fault.Invalid, fault.CodeNotAllowed, "a method is table or formula")
	// ErrDisposal: the disposal is before the date placed in service.
	ErrDisposal = fault.New(fault.Invalid, "depreciation_disposal_invalid", "a disposal is not before the property is placed in service")
)

// Life is a recovery period. It is the text of its number of years.
type Life string

// The recovery periods.
const (
	// Residential is rental property most of whose rent comes from dwellings.
	Residential Life = "27.5"
	// Nonresidential is other real property placed in service after May 12,
	// 1993.
	Nonresidential Life = "39"
)

// Valid reports whether l is one of the two.
func (l Life) Valid() bool { return l == Residential || l == Nonresidential }

// months returns the length of the recovery in months.
func (l Life) months() int {
	if l == Residential {
		return 330
	}
	return 468
}

// Method is how a year's share of the basis is found.
type Method string

// The methods.
const (
	// Table uses the percentages of IRS Publication 946.
	Table Method = "table"
	// Formula uses the exact straight line.
	Formula Method = "formula"
)

// Valid reports whether m is one of the two.
func (m Method) Valid() bool { return m == Table || m == Formula }

// Terms is a depreciable building.
type Terms struct {
	// Basis is the cost of the building and what was spent to buy it, without
	// the land.
	Basis money.Amount `json:"basis"`
	// PlacedInService is the day the building was ready to be let. Only its
	// month and year matter.
	PlacedInService date.Date `json:"placed_in_service"`
	// Life is the recovery period.
	Life Life `json:"life_years"`
	// Method is [Table] or [Formula].
	Method Method `json:"method"`
}

// Validate reports every bad field at once, as [fault.Errors].
func (t Terms) Validate() error {
	var f fault.Fields
	if t.Basis.Sign() < 0 {
		f.AddErr("basis", ErrBasis)
	}
	if t.PlacedInService.IsZero() || t.PlacedInService.Year() > 9950 {
		f.AddErr("placed_in_service", ErrPlacedInService)
	}
	if !t.Life.Valid() {
		f.AddErr("life_years", ErrLife)
	}
	if !t.Method.Valid() {
		f.AddErr("method", ErrMethod)
	}
	return f.Err()
}

// Year is the depreciation of one calendar year.
type Year struct {
	// Year is the calendar year.
	Year int `json:"year"`
	// HalfMonths is how many half months of the year are recovered: 24 in a
	// full year.
	HalfMonths int `json:"half_months"`
	// Depreciation is the year's deduction.
	Depreciation money.Amount `json:"depreciation"`
	// Accumulated is the depreciation to the end of the year.
	Accumulated money.Amount `json:"accumulated"`
	// Remaining is the basis not yet recovered, the adjusted basis of the
	// building.
	Remaining money.Amount `json:"remaining"`
}

// Schedule is every year of a recovery period.
type Schedule struct {
	Terms Terms  `json:"terms"`
	Years []Year `json:"years"`
}

// NewSchedule computes the depreciation of each year until the basis is used
// up: 28 or 29 years for [Residential], 40 for [Nonresidential]. Bad terms are
// [fault.Errors] that name each field.
func NewSchedule(t Terms) (Schedule, error) {
	if err := t.Validate(); err != nil {
		return Schedule{}, err
	}
	placed, basis := int(t.PlacedInService.Month()), t.Basis.Cents()
	s := Schedule{Terms: t}
	half := 25 - 2*placed // half months of the first year
	for done, end := 0, 2*t.Life.months(); done < end; half = 24 {
		half = min(half, end-done)
		s.Years = append(s.Years, Year{Year: t.PlacedInService.Year() + len(s.Years), HalfMonths: half})
		done += half
	}
	if err := s.fill(t.cumulative(basis, placed, s.Years)); err != nil {
		return Schedule{}, err
	}
	return s, nil
}

// cumulative returns the depreciation to the end of each year, in cents. The
// sizes fit: a basis has 50 bits, and what it is multiplied with 12.
func (t Terms) cumulative(basis int64, placed int, years []Year) []int64 {
	out := make([]int64, len(years))
	var done, half int64
	for i, y := range years {
		half += int64(y.HalfMonths)
		switch {
		case i == len(years)-1:
			done = basis
		case t.Method == Formula:
			done = roundQuo(basis*half, 2*int64(t.Life.months()))
		default:
			done = min(basis, done+roundQuo(basis*t.Life.percent(placed, i+1), 100_000))
		}
		out[i] = done
	}
	return out
}

// fill writes the amounts of the years from cumulative cents.
func (s *Schedule) fill(cumulative []int64) (err error) {
	var before money.Amount
	for i := range s.Years {
		y := &s.Years[i]
		if y.Accumulated, err = money.FromCents(cumulative[i]); err != nil {
			return err
		}
		if y.Depreciation, err = y.Accumulated.Sub(before); err != nil {
			return err
		}
		if y.Remaining, err = s.Terms.Basis.Sub(y.Accumulated); err != nil {
			return err
		}
		before = y.Accumulated
	}
	return nil
}

// roundQuo returns n/d rounded to the nearest, ties away from zero, for n >= 0
// and d > 0.
func roundQuo(n, d int64) int64 {
	q, r := n/d, n%d
	if r >= d-r {
		q++
	}
	return q
}

// In returns the depreciation of a calendar year, zero outside the recovery.
func (s Schedule) In(year int) money.Amount {
	if len(s.Years) > 0 {
		if i := year - s.Years[0].Year; i >= 0 && i < len(s.Years) {
			return s.Years[i].Depreciation
		}
	}
	return money.Amount{}
}

// Disposed returns the schedule up to a disposal. The month of the disposal
// counts as half a month, as the month placed in service does: a building sold
// in March has 2.5 months of that year's depreciation, the full year's share
// by either method. Property placed in service and disposed of in the same
// year is not depreciated at all (Treas. Reg. 1.168(d)-1(b)(3)(ii)). The last
// year's Remaining is the adjusted basis at the sale, and the years no
// longer add up to the basis. It returns [ErrDisposal].
func (s Schedule) Disposed(on date.Date) (Schedule, error) {
	placed := s.Terms.PlacedInService
	if on.IsZero() || on.Before(placed) {
		return Schedule{}, ErrDisposal
	}
	out := Schedule{Terms: s.Terms}
	for _, y := range s.Years {
		if y.Year > on.Year() {
			break
		}
		if y.Year == on.Year() {
			if err := s.truncate(&y, on, len(out.Years)); err != nil {
				return Schedule{}, err
			}
		}
		out.Years = append(out.Years, y)
	}
	return out, nil
}

// truncate cuts y, the i-th year, at the middle of the month of a disposal.
func (s Schedule) truncate(y *Year, on date.Date, i int) (err error) {
	used := 2*int(on.Month()) - 1
	if i == 0 {
		used = 0
	}
	if used >= y.HalfMonths {
		return nil // recovered before the disposal
	}
	before, err := y.Accumulated.Sub(y.Depreciation)
	if err != nil {
		return err
	}
	share := roundQuo(y.Depreciation.Cents()*int64(used), int64(y.HalfMonths))
	if y.Depreciation, err = money.FromCents(share); err != nil {
		return err
	}
	y.HalfMonths = used
	if y.Accumulated, err = before.Add(y.Depreciation); err != nil {
		return err
	}
	y.Remaining, err = s.Terms.Basis.Sub(y.Accumulated)
	return err
}
