package investments

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrOfferingState: the offering's status does not allow the verb.
var ErrOfferingState = fault.New(fault.Illegal, "offering_state", "the offering's status does not allow it")

// ShareClassParams is a class of an offering to create. An offering that is created
// with none has the class "common".
type ShareClassParams struct {
	Code              string
	Name              string
	UnitPrice         *decimal.Decimal // nil counts capital only
	MinimumInvestment *money.Amount
}

// CreateOfferingParams is an offering to put on record as a draft.
type CreateOfferingParams struct {
	ID                id.Of[Offering] // zero makes a new one
	PropertyID        id.Of[properties.Property]
	Name              string
	Slug              string // names the offering in URLs; unique
	Description       string
	ExecutiveSummary  string
	OpenDate          *date.Date
	CloseDate         *date.Date
	MinimumInvestment *money.Amount
	MaximumInvestment *money.Amount // per investor, over all commitments
	MinimumRaise      *money.Amount
	TargetRaise       *money.Amount // a goal
	HardCap           *money.Amount // the limit; nil is none
	UnitsOffered      *decimal.Decimal
	Currency          string // of two decimals, by its ISO code, for good; "" is the property's
	Classes           []ShareClassParams
	ActorID           id.Of[auth.User]
}

func (p *CreateOfferingParams) validate() error {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.Required("name", p.Name, 255)
	f.Required("slug", p.Slug, 255)
	f.Given("actor_id", p.ActorID)
	for field, a := range map[string]*money.Amount{"minimum_investment": p.MinimumInvestment, "maximum_investment": p.MaximumInvestment,
		"minimum_raise": p.MinimumRaise, "target_raise": p.TargetRaise, "hard_cap": p.HardCap} {
		f.Amount(field, a)
	}
	if p.MinimumInvestment != nil && p.MaximumInvestment != nil && p.MaximumInvestment.Less(*p.MinimumInvestment) {
		f.AddErr("", ErrInvestmentRange)
	}
	if p.OpenDate != nil && p.CloseDate != nil && p.CloseDate.Before(*p.OpenDate) {
		f.AddErr("", ErrOfferingDates)
	}
	f.Number("units_offered", p.UnitsOffered, UnitDecimals, 0, maxUnits)
	f.Check(p.Currency == "" || properties.ValidCurrency(p.Currency), "currency", check.NotAllowed, "a currency is named by its ISO code and has two decimals")
	seen := map[string]bool{}
	for i, c := range p.Classes {
		at := "classes[" + strconv.Itoa(i) + "]."
		f.Check(c.Code != "" && !seen[c.Code], at+"code", check.Required, "each class has a code of its own")
		f.Check(c.Code == "" || waterfall.ValidName(c.Code) && c.Code != promoteClass, at+"code", check.BadName, waterfall.NameRule+", and not "+promoteClass)
		seen[c.Code] = true
		f.Number(at+"unit_price", c.UnitPrice, 10, 0, 10_000_000_000)
		f.Check(c.UnitPrice == nil || c.UnitPrice.Sign() > 0, at+"unit_price", check.OutOfRange, "a price is above zero")
	}
	return f.Err()
}

// Create puts an offering on record as a draft, with its share classes
// and a book for its money. A second call with the same ID and the same params is
// the first one's success. All field errors come back at once; [ErrSlugTaken],
// [ErrRaiseGoals] and a reference to an unknown property come from the
// database. Run again with the same id and params, it returns the offering as it
// is then.
func (s *Offerings) Create(ctx context.Context, db bun.IDB, p CreateOfferingParams) (*Offering, error) {
	if err := p.validate(); err != nil {
		return nil, err
	}
	now := s.now()
	o := &Offering{
		ID: p.ID.OrNew(), PropertyID: p.PropertyID, Name: p.Name, Slug: p.Slug, Description: optional(p.Description),
		ExecutiveSummary: optional(p.ExecutiveSummary), Status: OfferingStatusDraft, OpenDate: p.OpenDate, CloseDate: p.CloseDate,
		MinimumInvestment: p.MinimumInvestment, MaximumInvestment: p.MaximumInvestment, MinimumRaise: p.MinimumRaise,
		TargetRaise: p.TargetRaise, HardCap: p.HardCap, Currency: p.Currency, UnitsOffered: p.UnitsOffered,
		NextWaitlistNumber: 1, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	c := store.Creation[Offering]{Scope: s.scope, Verb: "investments." + string(VerbCreateOffering), Params: p, Chosen: p.ID, Kind: aggregateOffering, Rows: offerings}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Offering, error) {
		if err := s.acts(ctx, tx, VerbCreateOffering, p.ActorID, about(o.ID)); err != nil {
			return nil, err
		}
		return o, s.create(ctx, tx, o, p.Classes)
	})
}

// create writes an offering with its book and its classes.
func (s *Offerings) create(ctx context.Context, tx bun.IDB, o *Offering, classes []ShareClassParams) error {
	if err := o.inheritCurrency(ctx, tx); err != nil {
		return err
	}
	b, err := s.ledger.OpenBook(ctx, tx, ledger.OpenBookParams{Code: "offering-" + o.ID.String(), Name: o.Name, Currency: o.Currency, Accounts: offeringChart})
	if err != nil {
		return err
	}
	o.BookID = &b.ID
	if err := offerings.Insert(ctx, tx, o); err != nil {
		return err
	}
	for i, c := range classes {
		if err := s.putClass(ctx, tx, o.ID, i, c); err != nil {
			return err
		}
	}
	if len(classes) > 0 && !slices.ContainsFunc(classes, func(c ShareClassParams) bool { return c.Code == ClassCommon }) {
		// What the database made, and nobody asked for.
		if _, err := store.Write(ctx, tx, tx.NewRaw("DELETE FROM investments.share_classes WHERE opportunity_id = ? AND code = ?", o.ID, ClassCommon)); err != nil {
			return store.Err(err, constraints)
		}
	}
	return s.hooks.Emit(ctx, tx, o.CreatedAt, store.Event(aggregateOffering, o.ID, OfferingCreated{o.PropertyID, o.BookID, o.HardCap}))
}

// inheritCurrency gives an offering that names no currency its property's.
func (o *Offering) inheritCurrency(ctx context.Context, tx bun.IDB) error {
	if o.Currency != "" {
		return nil
	}
	err := store.Read(ctx, tx, tx.NewRaw("SELECT currency FROM properties.properties WHERE id = ?", o.PropertyID), &o.Currency)
	if errors.Is(err, sql.ErrNoRows) {
		return store.ErrReference.On("property_id")
	}
	return store.Err(err, constraints)
}

// putClass inserts a class, or completes the class "common" that the database
// made with the offering.
func (s *Offerings) putClass(ctx context.Context, tx bun.IDB, o id.Of[Offering], order int, p ShareClassParams) error {
	now := s.now()
	c := &ShareClass{ID: id.New[ShareClass](), OfferingID: o, Code: p.Code, Name: optional(p.Name), UnitPrice: p.UnitPrice,
		MinimumInvestment: p.MinimumInvestment, SortOrder: order, Version: 1, CreatedAt: now, UpdatedAt: now}
	_, err := store.Write(ctx, tx, tx.NewInsert().Model(c).On("CONFLICT (opportunity_id, code) DO UPDATE").
		Set("name = EXCLUDED.name").Set("unit_price = EXCLUDED.unit_price").
		Set("minimum_investment = EXCLUDED.minimum_investment").Set("sort_order = EXCLUDED.sort_order").
		Returning("NULL"))
	return store.Err(err, constraints)
}

// OpenOfferingParams is a draft to open.
type OpenOfferingParams struct {
	OfferingID id.Of[Offering]
	ActorID    id.Of[auth.User]
}

// Open lets a draft take commitments. Opening an open offering changes
// nothing; any other status is [ErrOfferingState].
func (s *Offerings) Open(ctx context.Context, db bun.IDB, p OpenOfferingParams) (*Offering, error) {
	return s.moveOffering(ctx, db, VerbOpenOffering, p.OfferingID, p.ActorID, OfferingStatusOpen, OfferingStatusDraft, func(o *Offering) store.Payload {
		return OfferingOpened{o.PropertyID, o.TargetRaise, o.HardCap}
	})
}

// CloseOfferingParams is an offering that takes no more commitments.
type CloseOfferingParams struct {
	OfferingID id.Of[Offering]
	ActorID    id.Of[auth.User]
}

// Close ends the taking of commitments. What is committed can still be
// funded. A draft or cancelled offering is [ErrOfferingState].
func (s *Offerings) Close(ctx context.Context, db bun.IDB, p CloseOfferingParams) (*Offering, error) {
	return s.moveOffering(ctx, db, VerbCloseOffering, p.OfferingID, p.ActorID, OfferingStatusClosed, OfferingStatusOpen, func(o *Offering) store.Payload {
		return OfferingClosed{o.CommittedAmount, o.AmountRaised}
	})
}

// moveOffering locks the offering, changes its status from one to another and
// writes the event of it.
func (s *Offerings) moveOffering(ctx context.Context, db bun.IDB, verb Verb, v id.Of[Offering], by id.Of[auth.User], to, from OfferingStatus,
	event func(*Offering) store.Payload) (*Offering, error) {
	if by.IsZero() {
		return nil, ErrActorRequired
	}
	var o *Offering
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if o, err = lockOffering(ctx, tx, v); err != nil {
			return err
		}
		if err := s.acts(ctx, tx, verb, by, about(v)); err != nil || o.Status == to {
			return err
		}
		if o.Status != from {
			return ErrOfferingState.With("it is %s", o.Status)
		}
		o.Status, o.UpdatedAt = to, s.now()
		o.Version++
		if err := offerings.Update(ctx, tx, o, "status", "version"); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, o.UpdatedAt, store.Event(aggregateOffering, o.ID, event(o)))
	})
	if err != nil {
		return nil, err
	}
	return o, nil
}
