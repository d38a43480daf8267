package leases

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrChargeNotFound: there is no such charge.
var ErrChargeNotFound = fault.New(fault.NotFound, "lease_charge_not_found", "there is no such charge")

// ChargeKind says what a charge is for.
type ChargeKind string

// The kinds of charge. A concession lowers what is owed; all others raise it.
const (
	ChargeRent           ChargeKind = "rent"
	ChargeParking        ChargeKind = "parking"
	ChargePet            ChargeKind = "pet"
	ChargeStorage        ChargeKind = "storage"
	ChargeUtility        ChargeKind = "utility"
	ChargeLaundry        ChargeKind = "laundry"
	ChargeApplication    ChargeKind = "application"
	ChargeRecovery       ChargeKind = "recovery" // estimates of recovered costs, and what a year's reconciliation adds
	ChargePercentageRent ChargeKind = "percentage_rent"
	ChargeLateFee        ChargeKind = "late_fee"
	ChargeReturnedFee    ChargeKind = "returned_fee"
	ChargeDamage         ChargeKind = "damage"
	ChargeTermination    ChargeKind = "termination"
	ChargeOther          ChargeKind = "other"
	ChargeConcession     ChargeKind = "concession"

	// Nothing is charged for these: a write-off, and what tenants owed, had paid ahead or
	// deposited when their leases were imported.
	ChargeBadDebt ChargeKind = "bad_debt"
	ChargeOpening ChargeKind = "opening"
)

// Valid reports whether k is one of the kinds.
func (k ChargeKind) Valid() bool { return incomeOf[k] != "" }

// checkKind holds a kind that somebody asks for.
func checkKind(f *check.Fields, at string, k ChargeKind) {
	check.One(f, at, k)
	f.Check(k != ChargeBadDebt && k != ChargeOpening, at, check.NotAllowed, "a write-off and an import have verbs of their own")
}

// ScheduledCharge is what a lease charges a month from a day on, or once, as it was
// known. The rent of a lease is one line whose steps follow one another.
type ScheduledCharge struct {
	bun.BaseModel `bun:"table:financials.lease_charges,alias:lc" json:"-"`

	ID           id.Of[ScheduledCharge] `bun:"id,pk" json:"id"`
	LeaseID      id.Of[Lease]           `bun:"lease_id" json:"lease_id"`
	Kind         ChargeKind             `bun:"kind" json:"kind"`
	Amount       money.Amount           `bun:"amount" json:"amount"` // a month's, or once
	Once         bool                   `bun:"once" json:"once"`     // due on StartsOn, whole
	StartsOn     date.Date              `bun:"starts_on" json:"starts_on"`
	EndsOn       *date.Date             `bun:"ends_on" json:"ends_on"`
	Source       json.RawMessage        `bun:"source,type:jsonb,nullzero" json:"source"` // how an index step came to its amount
	TermNumber   *int                   `bun:"term_number" json:"term_number"`           // of the term whose termination it is the fee of
	RecordedBy   id.Of[auth.User]       `bun:"recorded_by" json:"recorded_by"`
	RecordedAt   time.Time              `bun:"recorded_at" json:"recorded_at"`
	SupersededAt *time.Time             `bun:"superseded_at" json:"superseded_at"`
}

// charges is the repository of ScheduledCharge rows.
var charges = store.Repo[ScheduledCharge]{NotFound: ErrChargeNotFound, Constraints: constraints}

// RentStep is a rent from a day on.
type RentStep struct {
	From   date.Date
	Amount money.Amount // a month's
}

// ChargeParams is a charge to schedule.
type ChargeParams struct {
	Kind   ChargeKind
	Amount money.Amount // a month's, or once
	Once   bool
	From   date.Date
	To     *date.Date // nil is the end of the lease; none of a charge that is made once
}

func (p *ChargeParams) validate(f *check.Fields, at string) {
	checkKind(f, at+"kind", p.Kind)
	f.NotNegative(at+"amount", p.Amount)
	f.Given(at+"from", p.From)
	f.Day(at+"to", p.To)
	f.Check(!p.Once || p.To == nil, at+"to", check.NotAllowed, "what is charged once has one day")
	f.Check(!p.Once || p.Amount.Sign() > 0, at+"amount", check.OutOfRange, "the amount is not above zero")
	if p.To != nil && p.To.Before(p.From) {
		f.AddErr(at[:max(len(at)-1, 0)], ErrTermDates.On("to"))
	}
}

// meets reports whether two charges could not stand beside each other in a schedule: both
// recurring and of one kind on one day, or made once and the same.
func (p *ChargeParams) meets(o *ChargeParams) bool {
	if p.Kind != o.Kind || p.Once != o.Once {
		return false
	}
	if p.Once {
		return p.From == o.From && p.Amount == o.Amount
	}
	return (p.To == nil || !p.To.Before(o.From)) && (o.To == nil || !o.To.Before(p.From))
}

// ScheduleChargeParams sets what a lease charges from a day on.
type ScheduleChargeParams struct {
	LeaseID id.Of[Lease]
	Charge  ChargeParams // an amount of zero ends what was charged
	ActorID id.Of[auth.User]
}

// LeaseCharged says that the scheduled charges of a lease were changed.
type LeaseCharged struct {
	Kind   ChargeKind   `json:"kind"`
	Amount money.Amount `json:"amount"`
	From   date.Date    `json:"from"`
	Once   bool         `json:"once"`
}

// EventType names the event.
func (LeaseCharged) EventType() (string, int) { return "leases.lease_charged", 1 }

// ScheduleCharge sets what a lease charges for one kind from a day on, until a day or
// the end: a step of the rent, a concession, a recurring or a one-off charge. What was
// scheduled for the kind on these days before ends or gives way, and stays on record
// as what was known. A past day is a correction; [Accounts.PostCharges] then charges or
// credits the difference. The same schedule again changes nothing.
//
// It locks the property and the unit. It returns [ErrTermDates] for what recurs from a day
// before the lease begins, [ErrLeaseNotFound], [ErrLeaseCancelled] or the field errors.
func (s *Leases) ScheduleCharge(ctx context.Context, db bun.IDB, p ScheduleChargeParams) (*Agreement, error) {
	var f check.Fields
	p.Charge.validate(&f, "charge.")
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.amend(ctx, db, VerbScheduleCharge, p.LeaseID, p.ActorID, func(a *amendment) error {
		if !p.Charge.Once && p.Charge.From.Before(a.terms[0].StartsOn) { // a fee may be due before
			return ErrTermDates.On("charge.from")
		}
		if a.charge(p.Charge, nil) {
			a.tell(LeaseCharged{p.Charge.Kind, p.Charge.Amount, p.Charge.From, p.Charge.Once})
		}
		return nil
	})
}

// charge puts a charge into the schedule and reports whether that changes it.
func (a *amendment) charge(p ChargeParams, source json.RawMessage) bool {
	if a.scheduled(p) {
		return false
	}
	if !p.Once {
		a.clear(p.Kind, p.From, p.To)
	}
	if p.Amount.Sign() > 0 || p.Kind == ChargeRent {
		a.charges = append(a.charges, ScheduledCharge{ID: id.New[ScheduledCharge](), LeaseID: a.lease.ID, Kind: p.Kind, Amount: p.Amount, Once: p.Once,
			StartsOn: p.From, EndsOn: p.To, Source: source})
	}
	return true
}

// scheduled reports whether the schedule says so already.
func (a *amendment) scheduled(p ChargeParams) bool {
	for i := range a.charges {
		c := &a.charges[i]
		if c.Kind == p.Kind && c.Once == p.Once && c.StartsOn == p.From && same(c.EndsOn, p.To) && c.Amount == p.Amount {
			return true
		}
	}
	return false
}

func same(a, b *date.Date) bool { return a == b || a != nil && b != nil && *a == *b }

// clear takes the recurring charges of a kind off the days from first to last.
func (a *amendment) clear(kind ChargeKind, first date.Date, last *date.Date) {
	var out []ScheduledCharge
	for _, c := range a.charges {
		if c.Kind != kind || c.Once || c.EndsOn != nil && c.EndsOn.Before(first) || last != nil && c.StartsOn.After(*last) {
			out = append(out, c)
			continue
		}
		if c.StartsOn.Before(first) {
			before := c
			before.ID, before.EndsOn = id.New[ScheduledCharge](), first.AddDays(-1).Ptr()
			out = append(out, before)
		}
		if last != nil && (c.EndsOn == nil || c.EndsOn.After(*last)) {
			after := c
			after.ID, after.StartsOn = id.New[ScheduledCharge](), last.AddDays(1)
			out = append(out, after)
		}
	}
	a.charges = out
}

// steps puts the steps of a rent into the schedule, from the first of them on.
func (a *amendment) steps(list []RentStep) {
	list = slices.Clone(list)
	slices.SortFunc(list, func(x, y RentStep) int { return x.From.Compare(y.From) })
	if len(list) > 0 {
		a.clear(ChargeRent, list[0].From, nil)
	}
	for i, step := range list {
		p := ChargeParams{Kind: ChargeRent, Amount: step.Amount, From: step.From}
		if i+1 < len(list) {
			p.To = list[i+1].From.AddDays(-1).Ptr()
		}
		a.charge(p, nil)
	}
}

func validateSteps(f *check.Fields, list []RentStep, start date.Date) {
	f.Some("rent", len(list))
	seen := map[date.Date]bool{}
	for i, step := range list {
		at := "rent[" + itoa(i) + "]."
		f.Given(at+"from", step.From)
		f.NotNegative(at+"amount", step.Amount)
		f.Check(!seen[step.From], at+"from", check.Duplicate, "each day once")
		f.Check(!step.From.Before(start), at+"from", check.Disordered, "a step is not before the start of the term")
		seen[step.From] = true
	}
	f.Check(len(list) == 0 || seen[start], "rent", check.Required, "the rent begins with the term")
}
