package financials

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// MeasurePerformanceParams says which period to measure. Value and equity come
// from outside of a property's statements; a ratio over one that is nil is
// undefined.
type MeasurePerformanceParams struct {
	PropertyID     id.Of[properties.Property]
	PeriodStart    date.Date
	PeriodEnd      date.Date
	PeriodType     PeriodType
	Value          *money.Amount // nil is the property's valuation, else its purchase price
	EquityInvested *money.Amount
}

// Measured is a period's metrics: what is stored, and everything that was
// computed on the way.
type Measured struct {
	Performance *Performance     `json:"performance"`
	Operating   OperatingMetrics `json:"operating"`
	Rent        *RollMetrics     `json:"rent"`       // nil when no rent roll was closed by the period's end
	RentBasis   RollBasis        `json:"rent_basis"` // what Rent rests on; "" where it is nil
}

// MeasurePerformance computes the metrics of a period from the accrual statements in
// force, which must cover each of its days once, and from the last rent roll
// closed by its end, and stores them; measuring again replaces them.
//
// It locks the property. It returns [ErrNoStatements], [ErrStatementGap] or
// [ErrStatementOverlap] when the statements do not make up the period,
// [ErrPeriodLength] for a month as a year, say, and
// [properties.ErrPropertyNotFound].
func (s *Service) MeasurePerformance(ctx context.Context, db bun.IDB, p MeasurePerformanceParams) (*Measured, error) {
	if err := p.validate(); err != nil {
		return nil, err
	}
	var out *Measured
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		prop, err := s.properties.LockProperty(ctx, tx, p.PropertyID)
		if err != nil {
			return err
		}
		if out, err = s.measure(ctx, tx, p, prop); err != nil {
			return err
		}
		return upsertPerformance(ctx, tx, out.Performance)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (p *MeasurePerformanceParams) validate() error {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.Given("period_start", p.PeriodStart)
	check.One(&f, "period_type", p.PeriodType)
	o := OperatingStatement{PeriodStart: p.PeriodStart, PeriodEnd: p.PeriodEnd}
	switch months := p.PeriodType.months(); {
	case p.PeriodEnd.Before(p.PeriodStart):
		f.AddErr("", ErrPeriodReversed)
	case months > 0 && o.WholeMonths() != months:
		f.AddErr("", ErrPeriodLength)
	}
	return f.Err()
}

func (s *Service) measure(ctx context.Context, tx bun.IDB, p MeasurePerformanceParams, prop *properties.Property) (*Measured, error) {
	stated, err := inForce(ctx, tx, p.PropertyID, p.PeriodStart, p.PeriodEnd, BasisAccrual)
	if err != nil {
		return nil, err
	}
	sum, err := cover(stated, p.PeriodStart, p.PeriodEnd)
	if err != nil {
		return nil, err
	}
	value := p.Value
	if value == nil {
		value = prop.CurrentValuation
	}
	if value == nil {
		value = prop.PurchasePrice
	}
	m, err := Metrics(MetricsInput{Statement: sum, Value: orZero(value), EquityInvested: orZero(p.EquityInvested)})
	if err != nil {
		return nil, err
	}
	roll, err := s.LatestRentRoll(ctx, tx, p.PropertyID, p.PeriodEnd, nil)
	if err != nil && !errors.Is(err, ErrRentRollNotFound) {
		return nil, err
	}
	out := &Measured{Operating: m}
	if roll != nil {
		out.Rent, out.RentBasis = &roll.Metrics, roll.Basis
	}
	now := s.now()
	out.Performance = &Performance{ID: id.New[Performance](), PropertyID: p.PropertyID, PeriodStart: p.PeriodStart,
		PeriodEnd: p.PeriodEnd, PeriodType: p.PeriodType, CreatedAt: now, UpdatedAt: now}
	var rent RollMetrics
	if roll != nil {
		rent = roll.Metrics
	}
	out.Performance.SetMetrics(m, rent)
	if roll == nil {
		out.Performance.RentCollected = nil
	}
	return out, nil
}

// cover adds up the statements that make up a period exactly.
func cover(stated []Statement, first, last date.Date) (OperatingStatement, error) {
	if len(stated) == 0 {
		return OperatingStatement{}, ErrNoStatements
	}
	parts := make([]OperatingStatement, len(stated))
	for i := range stated {
		var err error
		if parts[i], err = stated[i].Operating(); err != nil {
			return OperatingStatement{}, err
		}
		if parts[i].PeriodStart.Before(first) || parts[i].PeriodEnd.After(last) {
			return OperatingStatement{}, ErrStatementOverlap.With("%s to %s reaches beyond it", parts[i].PeriodStart, parts[i].PeriodEnd)
		}
	}
	sum, err := SumStatements(parts)
	if err == nil && (sum.PeriodStart != first || sum.PeriodEnd != last) {
		return OperatingStatement{}, ErrNoStatements.With("they cover %s to %s", sum.PeriodStart, sum.PeriodEnd)
	}
	return sum, err
}

func upsertPerformance(ctx context.Context, tx bun.IDB, row *Performance) error {
	q := tx.NewInsert().Model(row).On("CONFLICT (property_id, period_start, period_end, period_type) DO UPDATE")
	for _, col := range []string{"noi", "cap_rate", "cash_on_cash_return", "debt_service_coverage", "occupancy_rate",
		"average_rent", "rent_per_sqft", "rent_collected", "collection_rate", "delinquency_rate"} {
		q = q.Set("? = EXCLUDED.?", bun.Ident(col), bun.Ident(col))
	}
	// An existing row keeps its id and creation time.
	err := store.Read(ctx, tx, q.Returning("id, created_at, updated_at"), &row.ID, &row.CreatedAt, &row.UpdatedAt)
	return store.Err(err, constraints)
}
