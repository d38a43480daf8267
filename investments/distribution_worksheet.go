package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of citing a worksheet.
var (
	// ErrWorksheet: the worksheet is of another property, of a later day, or in another
	// currency than the distribution.
	ErrWorksheet = fault.New(fault.Invalid, "distribution_worksheet_unsuitable", "the worksheet is of another property or currency, or of a later day").On("worksheet_id")
	// ErrWorksheetSuperseded: a later worksheet of the property is in force.
	ErrWorksheetSuperseded = fault.New(fault.Conflict, "worksheet_superseded", "a later worksheet of the property is in force").On("worksheet_id")
	// ErrWorksheetShort: the worksheet does not leave as much to distribute.
	ErrWorksheetShort = fault.New(fault.Conflict, "worksheet_short", "the worksheet does not leave as much to distribute").On("amount")
)

// cashOut is the cash that a distribution d takes out of its property: what its lines give
// and tiers hold back, less what reserves release and what is in kind.
const cashOut = `d.total_amount + (SELECT COALESCE(sum(rm.amount), 0) FROM investments.reserve_movements rm WHERE rm.distribution_id = d.id)
	- (SELECT COALESCE(sum(l.in_kind), 0) FROM investments.investor_distributions l WHERE l.distribution_id = d.id)`

// citeWorksheet reports a worksheet that does not allow the distribution. Where the draft
// is to be stored, the caller holds the locks of the offering and its property.
func (s *Distributions) citeWorksheet(ctx context.Context, tx bun.IDB, d *Draft, inKind money.Amount) error {
	x := &d.Distribution
	if x.WorksheetID == nil {
		return nil
	}
	w, err := s.cash.Worksheet(ctx, tx, *x.WorksheetID)
	if err != nil {
		return err
	}
	property, err := s.properties.Property(ctx, tx, x.PropertyID)
	if err != nil {
		return err
	}
	if w.PropertyID != property.ID || x.Currency != property.Currency || w.AsOfDate.After(x.DistributionDate) {
		return ErrWorksheet
	}
	use, err := s.useOf(ctx, tx, w)
	if err != nil {
		return err
	}
	if !use.InForce {
		return ErrWorksheetSuperseded
	}
	asks, err := x.TotalAmount.Sub(inKind)
	if err == nil && use.Left.Less(asks) {
		return ErrWorksheetShort.With("%s is left", use.Left)
	}
	return err
}

// takenOf is what distributions that stand have taken of a worksheet: those that cite it,
// and those that cite an earlier one and whose cash was still in the property at the end
// of its day, since they are of a later day or not paid yet.
func takenOf(ctx context.Context, tx bun.IDB, w *financials.Worksheet) (taken money.Amount, err error) {
	err = store.Read(ctx, tx, tx.NewRaw(`SELECT COALESCE(sum(`+cashOut+`), 0) FROM investments.distributions d
		WHERE d.property_id = ?0 AND d.worksheet_id IS NOT NULL AND d.status NOT IN ('cancelled', 'reversed')
			AND (d.worksheet_id = ?1 OR d.distribution_date > ?2::date OR d.status <> 'completed')`, w.PropertyID, w.ID, w.AsOfDate), &taken)
	return taken, store.Err(err, constraints)
}

// WorksheetUse is how far distributions that stand have used a worksheet.
type WorksheetUse struct {
	Distributable money.Amount `json:"distributable"`
	Taken         money.Amount `json:"taken"`
	Left          money.Amount `json:"left"`     // to declare; nothing where another is in force
	InForce       bool         `json:"in_force"` // none of a later day is, nor of its day prepared later
}

// useOf reads how far a worksheet is used.
func (s *core) useOf(ctx context.Context, tx bun.IDB, w *financials.Worksheet) (*WorksheetUse, error) {
	latest, err := s.cash.LatestWorksheet(ctx, tx, w.PropertyID)
	if err != nil {
		return nil, err
	}
	u := &WorksheetUse{Distributable: w.Distributable, InForce: latest.ID == w.ID}
	if u.Taken, err = takenOf(ctx, tx, w); err != nil || !u.InForce {
		return u, err
	}
	left, err := w.Distributable.Sub(u.Taken)
	u.Left = money.Max(left, money.Zero)
	return u, err
}

// WorksheetUse reads what distributions have taken of a worksheet, citing it or an earlier
// one whose cash was still there on its day, and what is left to declare. It returns
// financials.ErrWorksheetNotFound.
func (s *Capital) WorksheetUse(ctx context.Context, db bun.IDB, worksheet id.Of[financials.Worksheet]) (*WorksheetUse, error) {
	var out *WorksheetUse
	err := store.Snapshot(ctx, db, func(tx bun.IDB) error {
		if err := needsAll(ctx, tx, "what is left of a worksheet is not told from some of the distributions"); err != nil {
			return err
		}
		w, err := s.cash.Worksheet(ctx, tx, worksheet)
		if err != nil {
			return err
		}
		out, err = s.useOf(ctx, tx, w)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// worksheetInvariant is about what distributions cite worksheets for.
func worksheetInvariant() store.Invariant {
	return store.Invariant{Name: "distributions of a worksheet are of its property, not before its day, and within it", Query: `
		SELECT w.id::text, format('distributable %s, cited for %s', w.distributable, sum(` + cashOut + `))
		FROM financials.worksheets w JOIN investments.distributions d ON d.worksheet_id = w.id AND d.status NOT IN ('cancelled', 'reversed')
		LEFT JOIN investments.distribution_calculations c ON c.distribution_id = d.id
		GROUP BY w.id
		HAVING COALESCE(sum(` + cashOut + `), 0) > w.distributable OR bool_or(d.property_id <> w.property_id OR d.distribution_date < w.as_of_date
			OR c.inputs->>'worksheet_id' IS DISTINCT FROM w.id::text)`}
}
