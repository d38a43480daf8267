package investments

import (
	"context"
	"slices"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of updating an offering.
var (
	// ErrHardCapCommitted: more than the new hard cap is committed already.
	ErrHardCapCommitted = fault.New(fault.Illegal, "hard_cap_below_committed", "more is committed already").On("hard_cap")
	// ErrStale: somebody else changed the offering since it was read.
	ErrStale = store.ErrStale
)

// UpdateOfferingParams changes the facts of an offering that are not nil, and
// empties the optional ones that Clear names.
type UpdateOfferingParams struct {
	ID id.Of[Offering]
	// Version is the version that the caller read; another one in the database
	// means that somebody else changed the offering meanwhile.
	Version int64

	Name              *string
	Slug              *string
	Description       *string
	ExecutiveSummary  *string
	OpenDate          *date.Date
	CloseDate         *date.Date
	MinimumInvestment *money.Amount
	MaximumInvestment *money.Amount
	MinimumRaise      *money.Amount
	TargetRaise       *money.Amount
	HardCap           *money.Amount
	UnitsOffered      *decimal.Decimal

	// Clear names columns to empty, such as "hard_cap".
	Clear   []string
	ActorID id.Of[auth.User]
}

// OfferingUpdated is the event of an offering whose facts were changed. Fields
// are the columns.
type OfferingUpdated struct {
	OfferingID id.Of[Offering] `json:"offering_id"`
	Version    int64           `json:"version"`
	Fields     []string        `json:"fields"`
}

// EventType names the event.
func (OfferingUpdated) EventType() (string, int) { return "investments.offering_updated", 1 }

// offeringField is a field that an update may touch: from which status on it is
// fixed, whether it changes, and how.
type offeringField struct {
	column   string
	until    OfferingStatus // the last status in which it may change
	optional bool
	given    bool
	set      func()
	clear    func()
}

func field[T any](column string, until OfferingStatus, to **T, v *T) offeringField {
	return offeringField{column, until, true, v != nil, func() { *to = ptr(*v) }, func() { *to = nil }}
}

func neededField(column string, to *string, v *string) offeringField {
	return offeringField{column, OfferingStatusFunded, false, v != nil, func() { *to = *v }, nil}
}

func (p *UpdateOfferingParams) fields(o *Offering) []offeringField {
	return []offeringField{
		neededField("name", &o.Name, p.Name),
		neededField("slug", &o.Slug, p.Slug),
		field("description", OfferingStatusFunded, &o.Description, p.Description),
		field("executive_summary", OfferingStatusFunded, &o.ExecutiveSummary, p.ExecutiveSummary),
		field("open_date", OfferingStatusDraft, &o.OpenDate, p.OpenDate),
		field("close_date", OfferingStatusOpen, &o.CloseDate, p.CloseDate),
		field("minimum_investment", OfferingStatusOpen, &o.MinimumInvestment, p.MinimumInvestment),
		field("maximum_investment", OfferingStatusOpen, &o.MaximumInvestment, p.MaximumInvestment),
		field("minimum_raise", OfferingStatusDraft, &o.MinimumRaise, p.MinimumRaise),
		field("target_raise", OfferingStatusOpen, &o.TargetRaise, p.TargetRaise),
		field("hard_cap", OfferingStatusOpen, &o.HardCap, p.HardCap),
		field("units_offered", OfferingStatusDraft, &o.UnitsOffered, p.UnitsOffered),
	}
}

// Update changes facts of an offering. In draft all of them may change;
// while it is open no longer what investors committed on (the smallest raise,
// the units, the day it opened); once it is closed only its texts; and when it
// is cancelled nothing. A new smallest or largest investment holds for
// commitments to come. A hard cap never goes below what is committed.
//
// It locks the offering. It returns [ErrOfferingNotFound], [ErrStale],
// [ErrSlugTaken], [ErrRaiseGoals], or all that is wrong at once:
// [ErrOfferingState] for each field that is fixed, [ErrHardCapCommitted],
// [ErrInvestmentRange], [ErrOfferingDates] or field errors. An update that
// changes nothing writes nothing.
func (s *Offerings) Update(ctx context.Context, db bun.IDB, p UpdateOfferingParams) (*Offering, error) {
	if p.ActorID.IsZero() {
		return nil, ErrActorRequired
	}
	var o *Offering
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if o, err = lockOffering(ctx, tx, p.ID); err != nil {
			return err
		}
		if err := s.acts(ctx, tx, VerbUpdateOffering, p.ActorID, about(p.ID)); err != nil {
			return err
		}
		if o.Version != p.Version {
			return ErrStale
		}
		columns, err := p.apply(o)
		if err != nil || len(columns) == 0 {
			return err
		}
		o.Version++
		if err := offerings.Update(ctx, tx, o, append(slices.Clone(columns), "version")...); err != nil {
			return err
		}
		if err := s.hooks.Emit(ctx, tx, s.now(), store.Event("offering", o.ID, OfferingUpdated{o.ID, o.Version, columns})); err != nil {
			return err
		}
		o, err = offerings.Get(ctx, tx, o.ID) // the database keeps updated_at
		return err
	})
	if err != nil {
		return nil, err
	}
	return o, nil
}

// apply writes the changes into o and returns the columns, or all that is wrong.
// It touches no database.
func (p *UpdateOfferingParams) apply(o *Offering) ([]string, error) {
	var f fault.Fields
	var columns, known []string
	order := []OfferingStatus{OfferingStatusDraft, OfferingStatusOpen, OfferingStatusClosed, OfferingStatusFunded}
	for _, c := range p.fields(o) {
		cleared := slices.Contains(p.Clear, c.column)
		if c.optional {
			known = append(known, c.column)
		}
		if !c.given && !cleared {
			continue
		}
		f.Check(!c.given || !cleared, c.column, check.NotClearable, "set and cleared at once")
		if at := slices.Index(order, o.Status); at < 0 || at > slices.Index(order, c.until) {
			f.AddErr("", ErrOfferingState.On(c.column).With("it is %s", o.Status))
			continue
		}
		columns = append(columns, c.column)
		switch {
		case c.given:
			c.set()
		case c.optional:
			c.clear()
		}
	}
	for _, name := range p.Clear {
		f.Check(slices.Contains(known, name), name, check.NotClearable, "the column cannot be emptied")
	}
	f.Check(o.Name != "", "name", check.Required, "a name is needed")
	f.Check(o.Slug != "", "slug", check.Required, "a slug is needed")
	f.AddErr("", o.ranges())
	if o.HardCap != nil && o.HardCap.Less(o.CommittedAmount) {
		f.AddErr("", ErrHardCapCommitted.With("%s", o.CommittedAmount))
	}
	return columns, f.Err()
}

// maxUnits is the first number of units too large for its column.
const maxUnits = 100_000_000_000_000

// ranges reports amounts below zero and limits that are upside down. It touches
// no database.
func (o *Offering) ranges() error {
	var f check.Fields
	for _, a := range []struct {
		field string
		v     *money.Amount
	}{{"minimum_investment", o.MinimumInvestment}, {"maximum_investment", o.MaximumInvestment},
		{"minimum_raise", o.MinimumRaise}, {"target_raise", o.TargetRaise}, {"hard_cap", o.HardCap}} {
		f.Amount(a.field, a.v)
	}
	f.Number("units_offered", o.UnitsOffered, UnitDecimals, 0, maxUnits)
	if o.MinimumInvestment != nil && o.MaximumInvestment != nil && o.MaximumInvestment.Less(*o.MinimumInvestment) {
		f.AddErr("", ErrInvestmentRange)
	}
	if o.OpenDate != nil && o.CloseDate != nil && o.CloseDate.Before(*o.OpenDate) {
		f.AddErr("", ErrOfferingDates)
	}
	return f.Err()
}
