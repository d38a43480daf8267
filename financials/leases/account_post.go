package leases

import (
	"cmp"
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// PostChargesParams is a month whose scheduled charges are posted.
type PostChargesParams struct {
	PropertyID id.Of[properties.Property]
	Month      date.Date // any day of it
	ActorID    id.Of[auth.User]
}

// PostedCharges is what posting a month came to.
type PostedCharges struct {
	Month    date.Date    `json:"month"`   // its first day
	Leases   int          `json:"leases"`  // those with an entry
	Charges  int          `json:"charges"` // entries that raise what is owed
	Credits  int          `json:"credits"` // entries that lower it
	Charged  money.Amount `json:"charged"` // their sums
	Credited money.Amount `json:"credited"`
}

// ChargesPosted says that a month's scheduled charges were posted, or made good.
type ChargesPosted struct {
	Month    date.Date        `json:"month"`
	Leases   int              `json:"leases"`
	Charged  money.Amount     `json:"charged"`
	Credited money.Amount     `json:"credited"`
	PostedBy id.Of[auth.User] `json:"posted_by"`
}

// EventType names the event.
func (ChargesPosted) EventType() (string, int) { return "leases.charges_posted", 1 }

// PostCharges posts what the leases of a property charge for a month: rent by its steps
// and recurring charges, prorated for a part of the month as each lease says, and
// one-off charges of the month whole. What was posted for the month before is taken into
// account: posting again posts the difference, so that a lease that was corrected, ended
// or signed since is made good, and otherwise nothing.
//
// Charges are due on the lease's due day, or on the first day that they are for. It
// locks the property. It returns properties.ErrPropertyNotFound, ledger.ErrPeriodClosed
// where the books of the month are closed, or the field errors.
func (s *Accounts) PostCharges(ctx context.Context, db bun.IDB, p PostChargesParams) (*PostedCharges, error) {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.GivenWithin("month", p.Month, s.days())
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	out := &PostedCharges{Month: p.Month.StartOfMonth()}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if _, err := s.properties.LockProperty(ctx, tx, p.PropertyID); err != nil {
			return err
		}
		if err := s.acts(ctx, tx, VerbPostCharges, p.ActorID, matter{property: p.PropertyID}); err != nil {
			return err
		}
		list, err := s.difference(ctx, tx, p.PropertyID, out)
		if err != nil || len(list) == 0 {
			return err
		}
		if err := s.postDays(ctx, tx, p.PropertyID, p.ActorID, "Charges of "+out.Month.String()[:7], list); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateProperty, p.PropertyID, ChargesPosted{out.Month, out.Leases, out.Charged, out.Credited, p.ActorID}))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// postDays posts entries of a property, those of a day in one journal.
func (c *core) postDays(ctx context.Context, tx bun.IDB, property id.Of[properties.Property], actor id.Of[auth.User], about string, list []Entry) error {
	in, err := c.chartOfProperty(ctx, tx, property)
	if err != nil {
		return err
	}
	return c.postDaysIn(ctx, tx, in, property, actor, about, list)
}

// postDaysIn is postDays where the chart is read already.
func (c *core) postDaysIn(ctx context.Context, tx bun.IDB, in *chart, property id.Of[properties.Property], actor id.Of[auth.User], about string, list []Entry) error {
	slices.SortFunc(list, func(a, b Entry) int { return cmp.Or(a.EffectiveOn.Compare(b.EffectiveOn), a.ID.Compare(b.ID)) })
	var out []posting
	for first := 0; first < len(list); {
		last := first
		journal := id.New[ledger.Journal]()
		for ; last < len(list) && list[last].EffectiveOn == list[first].EffectiveOn; last++ {
			list[last].JournalID = journal
		}
		out = append(out, posting{journal: journal, on: list[first].EffectiveOn, about: about, kind: aggregateProperty,
			source: id.Cast[ledger.Source](property), actor: actor, entries: list[first:last]})
		first = last
	}
	return c.post(ctx, tx, in, out)
}

// dueKey is what a month charges a lease of one kind on one day.
type dueKey struct {
	lease id.Of[Lease]
	kind  ChargeKind
	on    date.Date
}

// difference is the entries that bring what is posted for a month to what the leases
// say.
func (s *Accounts) difference(ctx context.Context, tx bun.IDB, property id.Of[properties.Property], out *PostedCharges) ([]Entry, error) {
	want, order, err := expected(ctx, tx, property, out.Month)
	if err != nil {
		return nil, err
	}
	posted, err := scan[struct {
		LeaseID id.Of[Lease] `bun:"lease_id"`
		Kind    ChargeKind   `bun:"charge_kind"`
		On      date.Date    `bun:"effective_on"`
		Amount  money.Amount `bun:"amount"`
	}](ctx, tx, `SELECT lease_id, charge_kind, effective_on, sum(CASE kind WHEN 'reversal' THEN -amount ELSE amount END) AS amount
		FROM financials.lease_entries WHERE property_id = ? AND period = ? GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, property, out.Month)
	if err != nil {
		return nil, err
	}
	have := make(map[dueKey]money.Amount, len(posted))
	for _, r := range posted {
		k := dueKey{r.LeaseID, r.Kind, r.On}
		have[k] = r.Amount
		if _, ok := want[k]; !ok && !r.Amount.IsZero() {
			order = append(order, k)
		}
	}
	var there map[dueKey][]standing // read where something goes back
	var list []Entry
	touched := map[id.Of[Lease]]bool{}
	for _, k := range order {
		more := want[k].Cents() - have[k].Cents()
		if more == 0 {
			continue
		}
		if more < 0 && there == nil {
			if there, err = standingOf(ctx, tx, property, out.Month); err != nil {
				return nil, err
			}
		}
		made, err := s.bring(property, k, out.Month, more, there[k])
		if err != nil {
			return nil, err
		}
		list, touched[k.lease] = append(list, made...), true
		if err := out.add(k.kind, more, len(made)); err != nil {
			return nil, err
		}
	}
	out.Leases = len(touched)
	return list, nil
}

func (out *PostedCharges) add(kind ChargeKind, more int64, n int) (err error) {
	if kind == ChargeConcession {
		more = -more
	}
	amount, err := money.FromCents(more)
	if err != nil {
		return err
	}
	if more > 0 {
		out.Charges += n
		out.Charged, err = out.Charged.Add(amount)
	} else {
		out.Credits += n
		out.Credited, err = out.Credited.Add(amount.Neg())
	}
	return err
}

// standing is what is not reversed of an entry.
type standing struct {
	ID      id.Of[Entry] `bun:"id"`
	LeaseID id.Of[Lease] `bun:"lease_id"`
	Kind    ChargeKind   `bun:"charge_kind"`
	On      date.Date    `bun:"effective_on"`
	Amount  money.Amount `bun:"amount"`
}

// standingOf reads what stands of a property's entries for a month, the latest first.
func standingOf(ctx context.Context, tx bun.IDB, property id.Of[properties.Property], month date.Date) (map[dueKey][]standing, error) {
	list, err := scan[standing](ctx, tx, `SELECT e.id, e.lease_id, e.charge_kind, e.effective_on, e.amount - COALESCE(sum(r.amount), 0) AS amount
		FROM financials.lease_entries e LEFT JOIN financials.lease_entries r ON r.of_id = e.id AND r.kind = 'reversal'
		WHERE e.property_id = ? AND e.period = ? AND e.kind IN ('charge', 'credit') GROUP BY e.id HAVING e.amount > COALESCE(sum(r.amount), 0) ORDER BY e.id DESC`, property, month)
	if err != nil {
		return nil, err
	}
	out := map[dueKey][]standing{}
	for _, e := range list {
		k := dueKey{e.LeaseID, e.Kind, e.On}
		out[k] = append(out[k], e)
	}
	return out, nil
}

// bring is the entries that change what is posted under a key by so many cents: one that
// adds, or reversals of those that stand there.
func (s *Accounts) bring(property id.Of[properties.Property], k dueKey, month date.Date, more int64, there []standing) ([]Entry, error) {
	l := &Lease{ID: k.lease, PropertyID: property}
	if more > 0 {
		amount, err := money.FromCents(more)
		if err != nil {
			return nil, err
		}
		kind := EntryCharge
		if k.kind == ChargeConcession {
			kind = EntryCredit
		}
		e := s.charged(l, kind, k.kind, amount, k.on, "")
		e.Period = &month
		return []Entry{e}, nil
	}
	var out []Entry
	for i := range there {
		cents := min(-more, there[i].Amount.Cents())
		if cents == 0 {
			break
		}
		amount, err := money.FromCents(cents)
		if err != nil {
			return nil, err
		}
		e := s.charged(l, EntryReversal, k.kind, amount, k.on, "")
		e.Period, e.OfID, e.ofCredit = &month, &there[i].ID, k.kind == ChargeConcession
		out = append(out, e)
		more += cents
	}
	return out, nil
}
