package leases

import (
	"cmp"
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// CorrectTermParams says what a term of a lease really was. What is nil stays.
type CorrectTermParams struct {
	LeaseID      id.Of[Lease]
	Number       int
	StartsOn     *date.Date
	EndsOn       *date.Date
	MonthToMonth *bool
	MovedInOn    *date.Date
	NoticeOn     *date.Date
	LeavesOn     *date.Date
	MovedOutOn   *date.Date
	Conditions   *Conditions
	// Clear names days to take out: "ends_on", "moved_in_on", "notice_on",
	// "leaves_on", "moved_out_on".
	Clear   []string
	ActorID id.Of[auth.User]
}

// LeaseCorrected says that a term of a lease was recorded wrong and what it is.
type LeaseCorrected struct {
	Number   int        `json:"number"`
	StartsOn date.Date  `json:"starts_on"`
	EndsOn   *date.Date `json:"ends_on,omitempty"`
}

// EventType names the event.
func (LeaseCorrected) EventType() (string, int) { return "leases.lease_corrected", 1 }

// CorrectTerm replaces what is recorded of a term; what was known before stays and is
// read as it was known ([Leases.Agreement], [Rolls.RentRoll]). Charges that were posted
// by the wrong days are made good by the next [Accounts.PostCharges]. A correction that
// changes nothing writes nothing.
//
// It locks the property and the unit. It returns [ErrTermNotFound], [ErrTermDates],
// [ErrLeaseOverlap], [ErrLeaseNotFound] or the field errors.
func (s *Leases) CorrectTerm(ctx context.Context, db bun.IDB, p CorrectTermParams) (*Agreement, error) {
	var f check.Fields
	f.Given("lease_id", p.LeaseID)
	f.Given("actor_id", p.ActorID)
	for _, d := range []struct {
		field string
		day   *date.Date
	}{{"starts_on", p.StartsOn}, {"ends_on", p.EndsOn}, {"moved_in_on", p.MovedInOn}, {"notice_on", p.NoticeOn}, {"leaves_on", p.LeavesOn}, {"moved_out_on", p.MovedOutOn}} {
		f.Day(d.field, d.day)
	}
	f.Within("starts_on", p.StartsOn, s.days())
	f.Happened("moved_in_on", p.MovedInOn, s.days())
	f.Happened("notice_on", p.NoticeOn, s.days())
	f.Happened("moved_out_on", p.MovedOutOn, s.days())
	for i, name := range p.Clear {
		f.Check(slices.Contains([]string{"ends_on", "moved_in_on", "notice_on", "leaves_on", "moved_out_on"}, name), "clear["+itoa(i)+"]", check.NotClearable, "not the name of a day that may be missing")
	}
	if p.Conditions != nil {
		f.AddErr("conditions", p.Conditions.validate())
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.amend(ctx, db, VerbCorrectTerm, p.LeaseID, p.ActorID, func(a *amendment) error { return a.correct(p) })
}

func (a *amendment) correct(p CorrectTermParams) error {
	i := slices.IndexFunc(a.terms, func(t Term) bool { return t.Number == p.Number })
	if i < 0 {
		return ErrTermNotFound
	}
	t := &a.terms[i]
	was := *t
	for _, d := range []struct {
		name string
		to   **date.Date
		day  *date.Date
	}{{"ends_on", &t.EndsOn, p.EndsOn}, {"moved_in_on", &t.MovedInOn, p.MovedInOn}, {"notice_on", &t.NoticeOn, p.NoticeOn},
		{"leaves_on", &t.LeavesOn, p.LeavesOn}, {"moved_out_on", &t.MovedOutOn, p.MovedOutOn}} {
		if slices.Contains(p.Clear, d.name) {
			*d.to = nil
		}
		if d.day != nil {
			*d.to = d.day
		}
	}
	a.moveFee(&was, t.LeavesOn)
	if p.StartsOn != nil {
		if t.Number == 1 { // the rent begins with the lease
			a.moveStart(t.StartsOn, *p.StartsOn)
		}
		t.StartsOn = *p.StartsOn
	}
	if p.MonthToMonth != nil {
		t.MonthToMonth = *p.MonthToMonth
	}
	t.MonthToMonth = t.MonthToMonth || t.EndsOn == nil
	if p.Conditions != nil {
		t.Conditions = *p.Conditions
	}
	a.tell(LeaseCorrected{t.Number, t.StartsOn, t.EndsOn})
	return nil
}

// moveStart lets what is charged from the start of the lease on begin with its new one.
func (a *amendment) moveStart(was, is date.Date) {
	for i := range a.charges {
		c := &a.charges[i]
		if c.StartsOn == was && !c.Once && (c.EndsOn == nil || !c.EndsOn.Before(is)) {
			c.ID, c.StartsOn = id.New[ScheduledCharge](), is
		}
	}
}

// moveFee lets the fee of a termination follow the day on which the tenants really left,
// and takes it out where they did not.
func (a *amendment) moveFee(was *Term, leaves *date.Date) {
	if same(was.LeavesOn, leaves) {
		return
	}
	var out []ScheduledCharge
	for _, c := range a.charges {
		if was.feeOf(&c) {
			if leaves == nil {
				continue
			}
			c.ID, c.StartsOn = id.New[ScheduledCharge](), *leaves
		}
		out = append(out, c)
	}
	a.charges = out
}

// ChangePartiesParams changes who is party to a lease.
type ChangePartiesParams struct {
	LeaseID id.Of[Lease]
	Add     []PartyParams
	Remove  []id.Of[Tenant] // parties until LastDay
	LastDay *date.Date      // of those removed; nil: they never were
	ActorID id.Of[auth.User]
}

// LeasePartiesChanged says that others are party to a lease.
type LeasePartiesChanged struct {
	Added   int `json:"added"`
	Removed int `json:"removed"`
}

// EventType names the event.
func (LeasePartiesChanged) EventType() (string, int) { return "leases.lease_parties_changed", 1 }

// ChangeParties adds tenants and guarantors to a lease and takes others off it. Who is
// there already is not added again. Nobody makes themselves a party. It returns
// [ErrActorParty], [ErrTenantNotFound], [ErrNoTenant] where nobody would rent any more,
// [ErrLeaseNotFound] or the field errors.
func (s *Leases) ChangeParties(ctx context.Context, db bun.IDB, p ChangePartiesParams) (*Agreement, error) {
	var f check.Fields
	f.Given("lease_id", p.LeaseID)
	f.Given("actor_id", p.ActorID)
	f.Day("last_day", p.LastDay)
	for i := range p.Add {
		validateParty(&f, "add["+itoa(i)+"].", &p.Add[i])
	}
	for i := range p.Remove {
		f.Given("remove["+itoa(i)+"]", p.Remove[i])
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.amendFor(ctx, db, VerbChangeParties, p.LeaseID, p.ActorID, p.Add, func(a *amendment) error { return a.changeParties(p) })
}

// adds reports whether a party is one of those added: so it is when the command runs again.
func (p *ChangePartiesParams) adds(x *Party) bool {
	return slices.ContainsFunc(p.Add, func(add PartyParams) bool { return add.is(x) })
}

// is reports whether the params are a party's.
func (p *PartyParams) is(x *Party) bool {
	return x.TenantID == p.TenantID && x.Role == cmp.Or(p.Role, RoleTenant) && same(x.StartsOn, p.From) && same(x.EndsOn, p.To)
}

func (a *amendment) changeParties(p ChangePartiesParams) error {
	added, removed := 0, 0
	var kept []Party
	for _, party := range a.parties {
		if !slices.Contains(p.Remove, party.TenantID) || p.adds(&party) || p.LastDay != nil && party.EndsOn != nil && !party.EndsOn.After(*p.LastDay) {
			kept = append(kept, party)
			continue
		}
		removed++
		if p.LastDay == nil {
			continue
		}
		if party.StartsOn != nil && p.LastDay.Before(*party.StartsOn) {
			return ErrTermDates.On("last_day")
		}
		party.ID, party.EndsOn = id.New[Party](), p.LastDay
		kept = append(kept, party)
	}
	a.parties = kept
	for i := range p.Add {
		add := &p.Add[i]
		if slices.ContainsFunc(a.parties, func(x Party) bool { return add.is(&x) }) {
			continue
		}
		if add.From != nil && add.From.Before(a.terms[0].StartsOn) {
			return ErrTermDates.On("add[" + itoa(i) + "].from")
		}
		if add.To != nil && add.To.Before(a.terms[0].StartsOn) {
			return ErrTermDates.On("add[" + itoa(i) + "].to")
		}
		a.party(add)
		added++
	}
	if !slices.ContainsFunc(a.parties, func(x Party) bool { return x.Role == RoleTenant }) {
		return ErrNoTenant
	}
	a.tell(LeasePartiesChanged{added, removed})
	return nil
}
