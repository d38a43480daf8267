package leases

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

func itoa(n int) string { return strconv.Itoa(n) }

// amendment is a lease on its way to what it will say. A verb changes the lists; what
// then differs from what was known is superseded and recorded anew. One without terms
// cancels the lease.
type amendment struct {
	lease   *Lease
	terms   []Term
	parties []Party
	charges []ScheduledCharge
	days    check.Days
	event   store.Payload
	reason  Reason
}

// tell names the event of the amendment.
func (a *amendment) tell(event store.Payload) { a.event = event }

// last is the last term.
func (a *amendment) last() *Term { return &a.terms[len(a.terms)-1] }

// amend runs a decision on a locked lease and records what it makes of it. It locks the
// property, the unit and the lease. A decision that changes nothing writes nothing.
func (s *Leases) amend(ctx context.Context, db bun.IDB, verb Verb, lease id.Of[Lease], actor id.Of[auth.User], decide func(*amendment) error) (*Agreement, error) {
	return s.amendFor(ctx, db, verb, lease, actor, nil, decide)
}

// amendFor is amend where others are to become parties.
func (s *Leases) amendFor(ctx context.Context, db bun.IDB, verb Verb, lease id.Of[Lease], actor id.Of[auth.User], joining []PartyParams,
	decide func(*amendment) error,
) (*Agreement, error) {
	var out *Agreement
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		l, err := leases.Get(ctx, tx, lease) // unlocked, to learn the unit
		if err != nil {
			return err
		}
		if _, err := s.properties.LockUnit(ctx, tx, l.UnitID); err != nil {
			return err
		}
		if l, err = leases.Lock(ctx, tx, lease); err != nil {
			return err
		}
		about := l.matter()
		about.tenants = joining
		if err := s.acts(ctx, tx, verb, actor, about); err != nil {
			return err
		}
		was, err := agreementOf(ctx, tx, l, nil)
		if err != nil {
			return err
		}
		if len(was.Terms) == 0 {
			return ErrLeaseCancelled
		}
		a := &amendment{lease: l, days: s.days(), reason: ReasonCorrected, terms: slices.Clone(was.Terms), parties: slices.Clone(was.Parties), charges: slices.Clone(was.Charges)}
		if err := decide(a); err != nil {
			return err
		}
		out, err = s.record(ctx, tx, a, was, actor)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// record writes an amendment of a lease: was is what was known before.
func (s *Leases) record(ctx context.Context, tx bun.IDB, a *amendment, was *Agreement, actor id.Of[auth.User]) (*Agreement, error) {
	if len(a.terms) > 0 {
		if err := a.settle(); err != nil {
			return nil, err
		}
		if _, err := s.free(ctx, tx, []*amendment{a}); err != nil {
			return nil, err
		}
	}
	w := writes{by: actor, at: s.now()}
	if !w.add(a, was) {
		return was, nil
	}
	if err := w.save(ctx, tx); err != nil {
		return nil, err
	}
	if len(was.Terms) > 0 { // else it was just made
		a.lease.Version++
		if err := leases.Save(ctx, tx, a.lease, &a.lease.UpdatedAt, "version"); err != nil {
			return nil, err
		}
	}
	if err := s.project(ctx, tx, a.lease.PropertyID, &a.lease.UnitID); err != nil {
		return nil, err
	}
	out, err := agreementOf(ctx, tx, a.lease, nil)
	if err != nil || a.event == nil {
		return out, err
	}
	return out, s.hooks.Emit(ctx, tx, w.at, store.Event(aggregateLease, a.lease.ID, a.event))
}

// settle checks the terms of an amendment and derives their last days.
func (a *amendment) settle() error {
	if err := ordered(a.terms); err != nil {
		return err
	}
	lastDays(a.terms)
	for i := range a.terms {
		if err := a.terms[i].Conditions.validate(); err != nil {
			return err
		}
	}
	return nil
}

// writes are the rows that amendments supersede and record.
type writes struct {
	by          id.Of[auth.User]
	at          time.Time
	terms       []Term
	parties     []Party
	charges     []ScheduledCharge
	goneTerms   []id.Of[Term]
	goneParties []id.Of[Party]
	goneCharges []id.Of[ScheduledCharge]
}

// add takes up what an amendment changes, and reports whether that is anything.
func (w *writes) add(a *amendment, was *Agreement) bool {
	before := w.rows()
	newTerms := a.changedTerms(was.Terms)
	newParties := fresh(a.parties, was.Parties, func(p *Party) id.Of[Party] { return p.ID })
	newCharges := fresh(a.charges, was.Charges, func(c *ScheduledCharge) id.Of[ScheduledCharge] { return c.ID })
	for i := range newTerms {
		t := &newTerms[i]
		t.LeaseID, t.PropertyID, t.UnitID, t.Reason, t.RecordedBy, t.RecordedAt, t.SupersededAt = a.lease.ID, a.lease.PropertyID, a.lease.UnitID, a.reason, w.by, w.at, nil
	}
	for i := range newParties {
		newParties[i].LeaseID, newParties[i].RecordedBy, newParties[i].RecordedAt = a.lease.ID, w.by, w.at
	}
	for i := range newCharges {
		newCharges[i].RecordedBy, newCharges[i].RecordedAt = w.by, w.at
	}
	w.terms, w.parties, w.charges = append(w.terms, newTerms...), append(w.parties, newParties...), append(w.charges, newCharges...)
	w.goneTerms = append(w.goneTerms, gone(a.terms, was.Terms, func(t *Term) id.Of[Term] { return t.ID })...)
	w.goneParties = append(w.goneParties, gone(a.parties, was.Parties, func(p *Party) id.Of[Party] { return p.ID })...)
	w.goneCharges = append(w.goneCharges, gone(a.charges, was.Charges, func(c *ScheduledCharge) id.Of[ScheduledCharge] { return c.ID })...)
	return w.rows() > before
}

func (w *writes) rows() int {
	return len(w.terms) + len(w.parties) + len(w.charges) + len(w.goneTerms) + len(w.goneParties) + len(w.goneCharges)
}

func (w *writes) save(ctx context.Context, tx bun.IDB) error {
	if err := supersede(ctx, tx, "financials.lease_terms", w.goneTerms, w.at); err != nil {
		return err
	}
	if err := supersede(ctx, tx, "financials.lease_parties", w.goneParties, w.at); err != nil {
		return err
	}
	if err := supersede(ctx, tx, "financials.lease_charges", w.goneCharges, w.at); err != nil {
		return err
	}
	if err := terms.InsertAll(ctx, tx, w.terms); err != nil {
		return err
	}
	if err := parties.InsertAll(ctx, tx, w.parties); err != nil {
		return err
	}
	return charges.InsertAll(ctx, tx, w.charges)
}

// changedTerms gives a term that differs from what was known an id of its own, and
// returns those.
func (a *amendment) changedTerms(was []Term) []Term {
	known := make(map[id.Of[Term]]string, len(was))
	for i := range was {
		known[was[i].ID] = was[i].facts()
	}
	var out []Term
	for i := range a.terms {
		t := &a.terms[i]
		if before, ok := known[t.ID]; ok && before == t.facts() {
			continue
		}
		t.ID = id.New[Term]()
		out = append(out, *t)
	}
	return out
}

// facts is what a term says, to compare.
func (t *Term) facts() string {
	f := *t
	f.ID, f.RecordedBy, f.RecordedAt, f.SupersededAt, f.Reason = id.Of[Term]{}, id.Of[auth.User]{}, time.Time{}, nil, ""
	b, _ := json.Marshal(f) // of plain values
	return string(b)
}

// fresh is the rows of list that were not known.
func fresh[T any](list, was []T, key func(*T) id.Of[T]) (out []T) {
	known := map[id.Of[T]]bool{}
	for i := range was {
		known[key(&was[i])] = true
	}
	for i := range list {
		if !known[key(&list[i])] {
			out = append(out, list[i])
		}
	}
	return out
}

// gone is the ids of what was known and is not in list.
func gone[T any](list, was []T, key func(*T) id.Of[T]) (out []id.Of[T]) {
	for _, row := range fresh(was, list, key) {
		out = append(out, key(&row))
	}
	return out
}

func supersede[T any](ctx context.Context, tx bun.IDB, table string, rows []id.Of[T], at time.Time) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := store.Write(ctx, tx, tx.NewRaw("UPDATE ? SET superseded_at = GREATEST(?, recorded_at) WHERE id IN (?) AND superseded_at IS NULL", bun.Ident(table), at, bun.List(rows)))
	return store.Err(err, constraints)
}

// free reports another lease that has a unit, whose lock the caller holds, on one of the
// days of an amendment, and which amendment that is.
func (c *core) free(ctx context.Context, tx bun.IDB, list []*amendment) (int, error) {
	text := func(value func(*amendment) string) string {
		return store.TextArray(list, func(a **amendment) string { return value(*a) })
	}
	taken, err := store.Rows[struct {
		N int `bun:"n"`
	}](ctx, tx, `SELECT x.n::int AS n FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::date[]) WITH ORDINALITY x (unit, lease, first, last, n)
		WHERE EXISTS (SELECT 1 FROM financials.lease_terms t WHERE t.unit_id = x.unit AND t.lease_id <> x.lease AND t.superseded_at IS NULL
			AND (x.last IS NULL OR t.starts_on <= x.last) AND (t.last_day IS NULL OR t.last_day >= x.first)) ORDER BY x.n LIMIT 1`,
		text(func(a *amendment) string { return a.lease.UnitID.String() }), text(func(a *amendment) string { return a.lease.ID.String() }),
		text(func(a *amendment) string { return a.terms[0].StartsOn.String() }),
		text(func(a *amendment) string {
			if a.last().LastDay == nil {
				return ""
			}
			return a.last().LastDay.String()
		}))
	if err != nil || len(taken) == 0 {
		return 0, err
	}
	return taken[0].N - 1, ErrLeaseOverlap
}
