package financials

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// IncomeStatement is what a property earned in one period, its last day
// included. A line that is nil counts as zero; deductions are positive numbers.
// A total that is present equals its parts, which the database checks. The
// statement in force has no SupersededAt; its correction carries the next version.
type IncomeStatement struct {
	bun.BaseModel `bun:"table:financials.property_income,alias:fi" json:"-"`

	ID              id.Of[IncomeStatement]     `bun:"id,pk" json:"id"`
	PropertyID      id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	PeriodStart     date.Date                  `bun:"period_start" json:"period_start"`
	PeriodEnd       date.Date                  `bun:"period_end" json:"period_end"`
	AccountingBasis AccountingBasis            `bun:"accounting_basis" json:"accounting_basis"`
	Source          StatementSource            `bun:"source" json:"source"`

	// Rental income
	GrossRentalIncome     *money.Amount `bun:"gross_rental_income" json:"gross_rental_income"`
	LossToLease           *money.Amount `bun:"loss_to_lease" json:"loss_to_lease"`
	VacancyLoss           *money.Amount `bun:"vacancy_loss" json:"vacancy_loss"`
	Concessions           *money.Amount `bun:"concessions" json:"concessions"`
	BadDebt               *money.Amount `bun:"bad_debt" json:"bad_debt"`
	EffectiveRentalIncome *money.Amount `bun:"effective_rental_income" json:"effective_rental_income"`

	// Other income
	ParkingIncome   *money.Amount `bun:"parking_income" json:"parking_income"`
	LaundryIncome   *money.Amount `bun:"laundry_income" json:"laundry_income"`
	PetIncome       *money.Amount `bun:"pet_income" json:"pet_income"`
	ApplicationFees *money.Amount `bun:"application_fees" json:"application_fees"`
	LateFees        *money.Amount `bun:"late_fees" json:"late_fees"`
	OtherIncome     *money.Amount `bun:"other_income" json:"other_income"`

	// Total, the effective gross income
	TotalIncome *money.Amount `bun:"total_income" json:"total_income"`

	// The statement in force has no superseded_at; its correction carries the next version.
	Version      int64      `bun:"version" json:"version"`
	SupersededAt *time.Time `bun:"superseded_at" json:"superseded_at"`
	CreatedAt    time.Time  `bun:"created_at" json:"created_at"`
	UpdatedAt    time.Time  `bun:"updated_at" json:"updated_at"`
}

// Lines returns the statement's lines, nil as zero.
func (s *IncomeStatement) Lines() IncomeLines {
	return IncomeLines{
		GrossRentalIncome: orZero(s.GrossRentalIncome), LossToLease: orZero(s.LossToLease),
		VacancyLoss: orZero(s.VacancyLoss), Concessions: orZero(s.Concessions), BadDebt: orZero(s.BadDebt),
		ParkingIncome: orZero(s.ParkingIncome), LaundryIncome: orZero(s.LaundryIncome), PetIncome: orZero(s.PetIncome),
		ApplicationFees: orZero(s.ApplicationFees), LateFees: orZero(s.LateFees), OtherIncome: orZero(s.OtherIncome),
	}
}

// SetLines writes all lines and the totals that follow from them. It returns
// [money.ErrOutOfRange] and changes nothing when a total leaves the range.
func (s *IncomeStatement) SetLines(l IncomeLines) error {
	effective, err := l.EffectiveRentalIncome()
	if err != nil {
		return err
	}
	total, err := l.Total()
	if err != nil {
		return err
	}
	s.GrossRentalIncome, s.LossToLease, s.VacancyLoss = &l.GrossRentalIncome, &l.LossToLease, &l.VacancyLoss
	s.Concessions, s.BadDebt, s.EffectiveRentalIncome = &l.Concessions, &l.BadDebt, &effective
	s.ParkingIncome, s.LaundryIncome, s.PetIncome = &l.ParkingIncome, &l.LaundryIncome, &l.PetIncome
	s.ApplicationFees, s.LateFees, s.OtherIncome, s.TotalIncome = &l.ApplicationFees, &l.LateFees, &l.OtherIncome, &total
	return nil
}

// orZero is a line of a statement as the conventions read it.
func orZero(a *money.Amount) money.Amount {
	if a == nil {
		return money.Zero
	}
	return *a
}
