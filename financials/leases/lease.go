package leases

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of leases.
var (
	// ErrLeaseNotFound: there is no such lease.
	ErrLeaseNotFound = fault.New(fault.NotFound, "lease_not_found", "there is no such lease")
	// ErrLeaseExists: another lease has this id.
	ErrLeaseExists = fault.New(fault.Conflict, "lease_exists", "another lease has this id").On("id")
	// ErrLeaseOverlap: another lease has the unit on one of the days.
	ErrLeaseOverlap = fault.New(fault.Conflict, "lease_overlap", "another lease has the unit on these days").On("starts_on")
	// ErrLeaseCancelled: the lease was cancelled before it began.
	ErrLeaseCancelled = fault.New(fault.Illegal, "lease_cancelled", "the lease was cancelled")
	// ErrLeaseBegun: the lease has begun, so that it is ended and not cancelled.
	ErrLeaseBegun = fault.New(fault.Illegal, "lease_begun", "the lease has begun")
	// ErrLeaseMoved: the tenant has moved out.
	ErrLeaseMoved = fault.New(fault.Illegal, "lease_moved_out", "the tenant has moved out")
	// ErrTermDates: a term's days are not in their order.
	ErrTermDates = fault.New(fault.Invalid, fault.CodeInverted, "the days of the term are not in their order").On("starts_on")
	// ErrTerminated: the lease ends by a termination, which is to be withdrawn first.
	ErrTerminated = fault.New(fault.Illegal, "lease_terminated", "the lease ends by a termination, which is to be withdrawn first")
	// ErrTermRunning: the agreed term runs longer; ending it early is a termination.
	ErrTermRunning = fault.New(fault.Illegal, "lease_term_running", "the agreed term runs longer").On("leaves_on")
	// ErrTermNotFound: the lease has no such term.
	ErrTermNotFound = fault.New(fault.NotFound, "lease_term_not_found", "the lease has no such term").On("number")
	// ErrRenewalGap: a renewal starts where the term before it ends.
	ErrRenewalGap = fault.New(fault.Invalid, "lease_renewal_gap", "a renewal starts on the day after the term before it, or later where that goes on month to month").On("starts_on")
	// ErrNoTenant: nobody rents under the lease.
	ErrNoTenant = fault.New(fault.Invalid, "lease_without_tenant", "a lease has a tenant").On("parties")
	// ErrNoNotice: no notice was given.
	ErrNoNotice = fault.New(fault.Illegal, "lease_without_notice", "no notice was given")
)

// Kind says which kind of lease it is.
type Kind string

// The kinds of lease.
const (
	Residential Kind = "residential"
	Commercial  Kind = "commercial"
)

// What the events of leases are about.
const (
	aggregateLease    = "lease"
	aggregateProperty = "property"
)

// ErrRecorded: a row was superseded before it was recorded.
var ErrRecorded = fault.New(fault.Invalid, "lease_recorded_inconsistent", "a row is superseded after it was recorded").On("superseded_at")

// Valid reports whether k is one of the kinds.
func (k Kind) Valid() bool { return k == Residential || k == Commercial }

// Lease is one tenancy of a unit, with all of its renewals. What it says stands in its
// terms, parties and scheduled charges; see [Agreement].
type Lease struct {
	bun.BaseModel `bun:"table:financials.leases,alias:le" json:"-"`

	ID         id.Of[Lease]               `bun:"id,pk" json:"id"`
	PropertyID id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	UnitID     id.Of[properties.Unit]     `bun:"unit_id" json:"unit_id"`
	BookID     id.Of[ledger.Book]         `bun:"book_id" json:"book_id"`
	Kind       Kind                       `bun:"kind" json:"kind"`
	Reference  *string                    `bun:"reference" json:"reference"`
	Version    int64                      `bun:"version" json:"version"`
	CreatedAt  time.Time                  `bun:"created_at" json:"created_at"`
	UpdatedAt  time.Time                  `bun:"updated_at" json:"updated_at"`
}

// leases is the repository of Lease rows.
var leases = store.Repo[Lease]{
	NotFound:    ErrLeaseNotFound,
	Constraints: constraints,
	Sort: store.Sort[Lease]{
		Columns: []store.Column{{Name: "id", Type: "uuid"}},
		Key:     func(l *Lease) []string { return []string{l.ID.String()} },
	},
}

// Reason says why a term was recorded.
type Reason string

// The reasons.
const (
	ReasonSigned     Reason = "signed"
	ReasonRenewed    Reason = "renewed"
	ReasonNotice     Reason = "notice"
	ReasonMovedIn    Reason = "moved_in"
	ReasonMovedOut   Reason = "moved_out"
	ReasonTerminated Reason = "terminated"
	ReasonCorrected  Reason = "corrected"
)

// Valid reports whether r is one of the reasons.
func (r Reason) Valid() bool {
	switch r {
	case ReasonSigned, ReasonRenewed, ReasonNotice, ReasonMovedIn, ReasonMovedOut, ReasonTerminated, ReasonCorrected:
		return true
	}
	return false
}

// Term is one term of a lease, as it was known from RecordedAt until SupersededAt.
type Term struct {
	bun.BaseModel `bun:"table:financials.lease_terms,alias:lt" json:"-"`

	ID         id.Of[Term]                `bun:"id,pk" json:"id"`
	LeaseID    id.Of[Lease]               `bun:"lease_id" json:"lease_id"`
	PropertyID id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	UnitID     id.Of[properties.Unit]     `bun:"unit_id" json:"unit_id"`

	Number       int        `bun:"number" json:"number"` // 1, and one more with each renewal
	StartsOn     date.Date  `bun:"starts_on" json:"starts_on"`
	EndsOn       *date.Date `bun:"ends_on" json:"ends_on"`               // the agreed end; nil is month to month
	MonthToMonth bool       `bun:"month_to_month" json:"month_to_month"` // it goes on after EndsOn
	MovedInOn    *date.Date `bun:"moved_in_on" json:"moved_in_on"`       // nil is StartsOn
	NoticeOn     *date.Date `bun:"notice_on" json:"notice_on"`
	LeavesOn     *date.Date `bun:"leaves_on" json:"leaves_on"` // the last day that a notice or a termination names
	MovedOutOn   *date.Date `bun:"moved_out_on" json:"moved_out_on"`
	// LastDay is the last day of the term as far as it is known; nil is open.
	LastDay    *date.Date `bun:"last_day" json:"last_day"`
	Conditions Conditions `bun:"conditions,type:jsonb" json:"conditions"`

	Reason       Reason           `bun:"reason" json:"reason"`
	RecordedBy   id.Of[auth.User] `bun:"recorded_by" json:"recorded_by"`
	RecordedAt   time.Time        `bun:"recorded_at" json:"recorded_at"`
	SupersededAt *time.Time       `bun:"superseded_at" json:"superseded_at"`
}

var terms = store.Repo[Term]{NotFound: ErrTermNotFound, Constraints: constraints}

// Role says what a tenant is to a lease.
type Role string

// The roles.
const (
	RoleTenant    Role = "tenant"
	RoleGuarantor Role = "guarantor"
)

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return r == RoleTenant || r == RoleGuarantor }

// Party is a tenant or a guarantor of a lease, as it was known.
type Party struct {
	bun.BaseModel `bun:"table:financials.lease_parties,alias:lp" json:"-"`

	ID           id.Of[Party]     `bun:"id,pk" json:"id"`
	LeaseID      id.Of[Lease]     `bun:"lease_id" json:"lease_id"`
	TenantID     id.Of[Tenant]    `bun:"tenant_id" json:"tenant_id"`
	Role         Role             `bun:"role" json:"role"`
	StartsOn     *date.Date       `bun:"starts_on" json:"starts_on"` // nil is the start of the lease
	EndsOn       *date.Date       `bun:"ends_on" json:"ends_on"`     // nil is its end
	RecordedBy   id.Of[auth.User] `bun:"recorded_by" json:"recorded_by"`
	RecordedAt   time.Time        `bun:"recorded_at" json:"recorded_at"`
	SupersededAt *time.Time       `bun:"superseded_at" json:"superseded_at"`
}

var parties = store.Repo[Party]{NotFound: ErrTenantNotFound, Constraints: constraints}

// Agreement is what a lease says, as far as it was known at a time.
type Agreement struct {
	Lease   Lease             `json:"lease"`
	Terms   []Term            `json:"terms"` // by number; none of a cancelled lease
	Parties []Party           `json:"parties"`
	Charges []ScheduledCharge `json:"charges"` // by kind and day
}

// TermOn returns the term that a day falls into, or nil.
func (a *Agreement) TermOn(day date.Date) *Term {
	for i := range a.Terms {
		if a.Terms[i].covers(day) {
			return &a.Terms[i]
		}
	}
	return nil
}

// RentOn returns the month's rent on a day, zero where none is agreed.
func (a *Agreement) RentOn(day date.Date) money.Amount {
	for i := range a.Charges {
		if c := &a.Charges[i]; c.Kind == ChargeRent && !c.Once && !c.StartsOn.After(day) && (c.EndsOn == nil || !c.EndsOn.Before(day)) {
			return c.Amount
		}
	}
	return money.Amount{}
}

func (t *Term) covers(day date.Date) bool {
	return !t.StartsOn.After(day) && (t.LastDay == nil || !t.LastDay.Before(day))
}

// lastDays sets the last day of each term, of which each begins where the one before
// it ends.
func lastDays(list []Term) {
	for i := range list {
		t := &list[i]
		switch {
		case i+1 < len(list):
			t.LastDay = list[i+1].StartsOn.AddDays(-1).Ptr()
		case t.MovedOutOn != nil:
			t.LastDay = t.MovedOutOn
		case t.LeavesOn != nil:
			t.LastDay = t.LeavesOn
		case t.MonthToMonth:
			t.LastDay = nil
		default:
			t.LastDay = t.EndsOn
		}
	}
}

// ordered reports terms whose days are not in their order.
func ordered(list []Term) error {
	for i := range list {
		t := &list[i]
		switch {
		case t.StartsOn.IsZero(), i > 0 && !t.StartsOn.After(list[i-1].StartsOn):
			return ErrTermDates
		case t.EndsOn != nil && t.EndsOn.Before(t.StartsOn):
			return ErrTermDates.On("ends_on")
		case t.LeavesOn != nil && t.LeavesOn.Before(t.StartsOn):
			return ErrTermDates.On("leaves_on")
		case t.MovedOutOn != nil && t.MovedOutOn.Before(t.StartsOn):
			return ErrTermDates.On("moved_out_on")
		case t.MovedInOn != nil && t.MovedInOn.Before(list[0].StartsOn):
			return ErrTermDates.On("moved_in_on")
		case t.NoticeOn != nil && t.NoticeOn.Before(list[0].StartsOn): // before it begins, a lease is cancelled
			return ErrTermDates.On("notice_on")
		case i+1 < len(list) && t.MovedOutOn != nil:
			return ErrTermDates.On("moved_out_on")
		}
	}
	return nil
}

// Agreement reads what a lease says, as it was known at a time; nil is now. It returns
// [ErrLeaseNotFound].
func (s *Leases) Agreement(ctx context.Context, db bun.IDB, lease id.Of[Lease], known *time.Time) (*Agreement, error) {
	l, err := leases.Get(ctx, db, lease)
	if err != nil {
		return nil, err
	}
	return agreementOf(ctx, db, l, known)
}

func agreementOf(ctx context.Context, db bun.IDB, l *Lease, known *time.Time) (*Agreement, error) {
	a := &Agreement{Lease: *l}
	var err error
	var args []any
	if known != nil {
		args = append(args, check.Clamp(*known))
	}
	narrow := func(alias, order string) func(*bun.SelectQuery) *bun.SelectQuery {
		return func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where(alias+".lease_id = ?", l.ID).Where(knownAs(alias, "?0", known), args...).OrderExpr(order)
		}
	}
	if a.Terms, err = terms.All(ctx, db, narrow("lt", "lt.number")); err != nil {
		return nil, err
	}
	if a.Parties, err = parties.All(ctx, db, narrow("lp", "lp.role DESC, lp.id")); err != nil {
		return nil, err
	}
	a.Charges, err = charges.All(ctx, db, narrow("lc", "lc.kind, lc.starts_on, lc.id"))
	return a, err
}

// LeaseFilter narrows a list of leases; the zero value takes all.
type LeaseFilter struct {
	PropertyID *id.Of[properties.Property]
	UnitID     *id.Of[properties.Unit]
	TenantID   *id.Of[Tenant] // party to it, now
	On         *date.Date     // in force on that day, as it is known now
}

// Lease reads a lease. It returns [ErrLeaseNotFound].
func (s *Leases) Lease(ctx context.Context, db bun.IDB, lease id.Of[Lease]) (*Lease, error) {
	return leases.Get(ctx, db, lease)
}

// Leases lists leases in the order of their ids, which is that of their signing; those
// that were cancelled too.
func (s *Leases) Leases(ctx context.Context, db bun.IDB, f LeaseFilter, r page.Request) (page.Page[Lease], error) {
	return leases.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.PropertyID != nil {
			q = q.Where("le.property_id = ?", *f.PropertyID)
		}
		if f.UnitID != nil {
			q = q.Where("le.unit_id = ?", *f.UnitID)
		}
		if f.TenantID != nil {
			q = q.Where("EXISTS (SELECT 1 FROM financials.lease_parties p WHERE p.lease_id = le.id AND p.tenant_id = ? AND p.superseded_at IS NULL)", *f.TenantID)
		}
		if f.On != nil {
			q = q.Where(`EXISTS (SELECT 1 FROM financials.lease_terms t WHERE t.lease_id = le.id AND t.superseded_at IS NULL AND t.starts_on <= ?0
				AND (t.last_day IS NULL OR t.last_day >= ?0))`, *f.On)
		}
		return q
	})
}
