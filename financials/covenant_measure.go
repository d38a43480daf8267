package financials

import (
	"context"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// CovenantsTested says what the covenants of a loan came to as of a day.
type CovenantsTested struct {
	AsOf     date.Date        `json:"as_of"`
	Tests    int              `json:"tests"`
	Breached int              `json:"breached"`
	ActorID  id.Of[auth.User] `json:"actor_id"`
}

// EventType names the event.
func (CovenantsTested) EventType() (string, int) { return "financials.covenants_tested", 1 }

// TestCovenantsParams is a loan and the day to test as of.
type TestCovenantsParams struct {
	LoanID  id.Of[Loan]
	AsOf    date.Date
	Value   *money.Amount // of the property; nil is the valuation that held on the day
	ActorID id.Of[auth.User]
}

// TestCovenants tests the covenants of a loan that hold on a day, and stores what they came
// to: the income and debt service of the twelve months that end with the last whole month by
// then, out of the accrual statements in force, what is owed on the loan at the end of the
// day, and the property's value: the latest by the day of the valuations that [Config].Value
// knows and the one that the property carries; a later one does not count. A ratio is judged before it is rounded. Testing again
// after statements or entries changed replaces a test that is met or breached; one that was
// cured or waived stays.
//
// It locks the property and the loan. It returns [ErrCovenantNotFound] where none holds on
// the day, [ErrCovenantIncome], [ErrCovenantValue], [ErrLoanNotFound] or the field errors.
func (s *Loans) TestCovenants(ctx context.Context, db bun.IDB, p TestCovenantsParams) ([]CovenantTest, error) {
	var f check.Fields
	f.Given("loan_id", p.LoanID)
	f.GivenHappened("as_of", p.AsOf, s.days())
	f.Amount("value", p.Value)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	var out []CovenantTest
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		l, h, err := s.lockLoan(ctx, tx, VerbTestCovenants, p.LoanID, p.ActorID)
		if err != nil {
			return err
		}
		m, err := s.measuresOf(ctx, tx, l, h, p)
		if err != nil {
			return err
		}
		list, err := covenantsOf(ctx, tx, l.ID)
		if err != nil {
			return err
		}
		changed := false
		for i := range list {
			if !list[i].holds(p.AsOf) {
				continue
			}
			t, wrote, err := s.test(ctx, tx, &list[i], m, p.AsOf)
			if err != nil {
				return err
			}
			out, changed = append(out, *t), changed || wrote
		}
		switch {
		case len(out) == 0:
			return ErrCovenantNotFound
		case !changed:
			return nil
		}
		told := CovenantsTested{AsOf: p.AsOf, Tests: len(out), ActorID: p.ActorID}
		for i := range out {
			if out[i].Status == CovenantBreached {
				told.Breached++
			}
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateLoan, l.ID, told))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// holds reports whether the covenant holds on a day.
func (c *Covenant) holds(day date.Date) bool {
	return !day.Before(c.StartsOn) && (c.EndsOn == nil || !day.After(*c.EndsOn))
}

// loanMeasures are the figures that covenants are made of.
type loanMeasures struct {
	totals  OperatingTotals // of twelve months
	balance money.Amount
	value   *money.Amount
}

// lastWhole is the last month that is over at the end of a day, by its first day.
func lastWhole(day date.Date) date.Date {
	if day == day.EndOfMonth() {
		return day.StartOfMonth()
	}
	return day.StartOfMonth().AddMonths(-1)
}

func (s *Loans) measuresOf(ctx context.Context, tx bun.IDB, l *Loan, h loanHistory, p TestCovenantsParams) (*loanMeasures, error) {
	month := lastWhole(p.AsOf)
	sums, err := summed(ctx, tx, []id.Of[properties.Property]{l.PropertyID}, []span{{StretchT12.first(month), month.EndOfMonth()}}, BasisAccrual)
	if err != nil {
		return nil, err
	}
	if sums[0].Statement == nil {
		return nil, ErrCovenantIncome
	}
	totals, err := sums[0].Statement.Totals()
	if err != nil {
		return nil, err
	}
	b, err := h.on(l.ID, p.AsOf)
	if err != nil {
		return nil, err
	}
	value := p.Value
	if value == nil {
		v, err := s.valueOn(ctx, tx, l.PropertyID, p.AsOf)
		if err != nil {
			return nil, err
		}
		value = v.Amount
	}
	return &loanMeasures{totals, b.Balance, value}, nil
}

// valueOn is what a property was worth at the end of a day: by its history of valuations
// where the host has one, or by what the property carries now, where that is of the day or
// before and of a later day than the other.
func (s *core) valueOn(ctx context.Context, db bun.IDB, property id.Of[properties.Property], day date.Date) (out Valued, err error) {
	prop, err := s.properties.Property(ctx, db, property)
	if err != nil {
		return out, err
	}
	return s.valueOf(ctx, db, prop, day)
}

// valueOf is valueOn where the property is read.
func (s *core) valueOf(ctx context.Context, db bun.IDB, prop *properties.Property, day date.Date) (out Valued, err error) {
	if s.value != nil {
		if out, err = s.value(ctx, db, prop.ID, day); err != nil {
			return out, err
		}
	}
	if on := prop.ValuationDate; on != nil && !on.After(day) && (out.Amount == nil || on.After(out.Date)) {
		return Valued{prop.CurrentValuation, *on}, nil
	}
	return out, nil
}

// judge is the ratio of a covenant and whether it is met; an undefined ratio meets it, a
// property without a value does not. It touches no database.
func (c *Covenant) judge(m *loanMeasures) (r *decimal.Decimal, met bool) {
	income := m.totals.NOI
	if c.MetricBasis == OnNCF {
		income = m.totals.NCF
	}
	num, den := income.Decimal(), m.totals.DebtService.Decimal()
	switch c.Kind {
	case CovenantDebtYield:
		den = m.balance.Decimal()
	case CovenantLTV:
		num, den = m.balance.Decimal(), orZero(m.value).Decimal()
	}
	limit := c.Threshold.Mul(den)
	switch {
	case c.Kind == CovenantLTV:
		met = num.LessThanOrEqual(limit)
	case den.Sign() <= 0:
		return nil, true
	default:
		met = num.GreaterThanOrEqual(limit)
	}
	return stored(ratio(num, den)), met
}

// test judges a covenant and stores it; it reports whether it wrote.
func (s *Loans) test(ctx context.Context, tx bun.IDB, c *Covenant, m *loanMeasures, day date.Date) (*CovenantTest, bool, error) {
	if c.Kind == CovenantLTV && m.value == nil {
		return nil, false, ErrCovenantValue
	}
	r, met := c.judge(m)
	t := CovenantTest{ID: id.New[CovenantTest](), CovenantID: c.ID, AsOfDate: day, Income: m.totals.NOI, DebtService: m.totals.DebtService, Balance: m.balance, PropertyValue: m.value,
		Ratio: r, Status: CovenantMet, Version: 1, CreatedAt: s.now(), UpdatedAt: s.now()}
	if c.MetricBasis == OnNCF {
		t.Income = m.totals.NCF
	}
	if !met {
		t.Status, t.CureBy = CovenantBreached, day.AddDays(c.CureDays).Ptr()
	}
	there, err := covenantTests.AllParams(ctx, tx, "ft.covenant_id = $1 AND ft.as_of_date = $2 FOR NO KEY UPDATE", c.ID, day.String())
	if err != nil {
		return nil, false, err
	}
	if len(there) == 0 {
		return &t, true, covenantTests.Insert(ctx, tx, &t)
	}
	old := &there[0]
	if old.Status == CovenantCured || old.Status == CovenantWaived || old.says(&t) {
		return old, false, nil
	}
	t.ID, t.CreatedAt, t.Version = old.ID, old.CreatedAt, old.Version+1
	err = covenantTests.UpdateVersion(ctx, tx, &t, old.Version, "income", "debt_service", "balance", "property_value", "ratio", "status", "cure_by")
	return &t, true, err
}

// says reports whether two tests are of the same figures.
func (t *CovenantTest) says(u *CovenantTest) bool {
	same := (t.Ratio == nil) == (u.Ratio == nil) && (t.Ratio == nil || t.Ratio.Equal(*u.Ratio))
	return same && t.Income == u.Income && t.DebtService == u.DebtService && t.Balance == u.Balance && orZero(t.PropertyValue) == orZero(u.PropertyValue) && t.Status == u.Status
}
