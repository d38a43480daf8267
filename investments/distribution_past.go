package investments

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// past is an offering's history as its distributions see it: who is in it, under
// which terms, and what was declared. Contributions and transfers are read when
// they are needed ([past.loadMoves]).
type past struct {
	offering *Offering
	terms    map[id.Of[TermsVersion]]*waterfall.Terms
	versions []TermsVersion
	parties  []party           // by ascending key
	moves    []waterfall.Event // contributions and transfers, as the engine takes them
	declared []payout          // by date, not cancelled or reversed
	all      []payout          // with the draft; see withDraft
	draft    *payout           // that the history is brought to; nil is none
	events   []PartnerEvent    // between partners, and of rates, that were not withdrawn; by date
	extras   map[id.Of[Distribution]]extras
	reserved []ReserveMovement                         // that count, by tier and reserve
	repaid   []LoanPayment                             // on loans between partners so far, by what is on record today; see opening
	units    map[id.Of[Distribution]][]waterfall.Units // of those of the method preferred that share by them
	refunded []history.Movement                        // the receipts of commitments with refunds, net
	netted   bool                                      // refunded has been read
	done     []history.Move                            // see transfers
	listed   bool                                      // done has been read
	digests  map[date.Date]digest                      // of the cash through a day
	taken    map[date.Date]digest                      // see took
	chain    []link                                    // of the declared distributions, as far as it was asked for; see linked
	only     *id.Of[Position]                          // the one position that matters; nil is that all do
}

// loadPast reads everything that the computation of a distribution rests on.
// The caller holds the offering's lock.
func loadPast(ctx context.Context, tx bun.IDB, o *Offering) (*past, error) {
	h, err := openPast(ctx, tx, o)
	if err != nil {
		return nil, err
	}
	return h, h.loadMoves(ctx, tx, date.Date{})
}

// openPast is loadPast without the contributions and transfers.
func openPast(ctx context.Context, tx bun.IDB, o *Offering) (*past, error) {
	h := &past{offering: o}
	return h, h.open(ctx, tx)
}

// open reads all that the movements are not.
func (h *past) open(ctx context.Context, tx bun.IDB) error {
	o := h.offering
	h.terms = map[id.Of[TermsVersion]]*waterfall.Terms{}
	var positions, named []party
	err := store.Together(ctx, tx,
		func(tx bun.IDB) (err error) {
			named, err = h.loadTerms(ctx, tx)
			return err
		},
		store.Into(&positions, func(tx bun.IDB) ([]party, error) { return h.positionParties(ctx, tx) }),
		func(tx bun.IDB) error { return h.loadDeclared(ctx, tx) },
		func(tx bun.IDB) (err error) {
			h.events, err = standing(ctx, tx, o.ID, h.only)
			return err
		},
		func(tx bun.IDB) error { return h.loadExtras(ctx, tx) },
		func(tx bun.IDB) error {
			if h.only != nil { // it asks first whether there are any
				return nil
			}
			return h.loadReserves(ctx, tx)
		})
	if err != nil {
		return err
	}
	h.parties = append(positions, named...)
	if len(named) > 0 {
		slices.SortFunc(h.parties, func(a, b party) int { return cmp.Compare(a.key, b.key) })
	}
	h.side()
	h.placeReserves()
	return nil
}

// loadTerms reads the versions of the terms and who they name.
func (h *past) loadTerms(ctx context.Context, tx bun.IDB) (named []party, err error) {
	if h.versions, err = termsOf(ctx, tx, h.offering.ID); err != nil {
		return nil, err
	}
	all := map[string]bool{}
	for i := range h.versions {
		t, err := waterfall.ParseTerms(h.versions[i].Terms)
		if err != nil {
			return nil, err
		}
		h.terms[h.versions[i].ID] = t
		for _, v := range parties(t) {
			all[v] = true
		}
	}
	return h.namedParties(ctx, tx, all)
}

// loadMoves reads the contributions and transfers dated after a day, all of them after none,
// and the units that distributions after it are shared by.
func (h *past) loadMoves(ctx context.Context, tx bun.IDB, after date.Date) error {
	all := h.withDraft()
	if !after.IsZero() {
		all = all[len(h.declared):] // what came before them is in the state that is gone on from
	}
	if err := h.loadUnits(ctx, tx, all); err != nil {
		return err
	}
	if err := h.loadRefunded(ctx, tx); err != nil {
		return err
	}
	err := store.NewQuery(tx, constraints, `SELECT cm.position_id, cm.counts_on, sum(cm.amount) FROM investments.capital_movements cm
		WHERE cm.opportunity_id = ? AND cm.kind = 'contribution' AND cm.counts_on > ?::date AND ?
			AND NOT EXISTS (SELECT 1 FROM investments.capital_movements r WHERE r.opportunity_id = cm.opportunity_id AND r.kind = 'refund' AND r.subscription_id = cm.subscription_id)
		GROUP BY 1, 2 ORDER BY 2, 1`, h.offering.ID, dayOr(after), h.onlyOf("cm.position_id")).Each(ctx, func(row store.Row) error {
		var position id.Of[Position]
		e := waterfall.Event{Type: waterfall.EventContribution}
		if err := row.Scan(&position, &e.Date, &e.Amount); err != nil {
			return err
		}
		h.add(e, position)
		return nil
	})
	if err != nil {
		return err
	}
	for i := range h.refunded {
		if m := &h.refunded[i]; m.Date.After(after) {
			h.add(waterfall.Event{Type: waterfall.EventContribution, Date: m.Date, Amount: m.Amount}, id.Cast[Position](m.Position))
		}
	}
	moved, err := h.transfers(ctx, tx)
	if err != nil {
		return err
	}
	for i := range moved {
		if m := &moved[i]; m.Day.After(after) {
			h.moves = append(h.moves, waterfall.Event{Date: m.Day, Type: waterfall.EventTransfer, From: m.From.String(), To: m.To.String(), Fraction: m.Fraction})
		}
	}
	h.moves = append(h.moves, h.between(after)...)
	turn := map[waterfall.EventType]int{waterfall.EventTransfer: 1, waterfall.EventContribution: 2, waterfall.EventDilution: 3} // within a day
	slices.SortStableFunc(h.moves, func(a, b waterfall.Event) int {
		return cmp.Or(a.Date.Compare(b.Date), turn[a.Type]-turn[b.Type])
	})
	return nil
}

// transfers are the completed transfers of the offering, read once. The one position
// that matters has no part in any.
func (h *past) transfers(ctx context.Context, tx bun.IDB) ([]history.Move, error) {
	if h.listed || h.only != nil {
		return h.done, nil
	}
	var err error
	h.done, err = completedMoves(ctx, tx, h.offering.ID)
	h.listed = err == nil
	return h.done, err
}

// add adds a contribution of a party.
func (h *past) add(e waterfall.Event, position id.Of[Position]) {
	if p := h.find(position.String()); p != nil { // nil is that all of it went back
		e.Partner = p.key // the text that is in memory already
		h.moves = append(h.moves, e)
	}
}

// loadUnits reads the units that distributions of the method preferred are shared
// by: what was held at the end of their record dates, where every position has
// units.
func (h *past) loadUnits(ctx context.Context, tx bun.IDB, all []payout) error {
	for i := range all {
		d := &all[i]
		if d.method != MethodPreferred || h.units[d.id] != nil {
			continue
		}
		held, err := h.holdings(ctx, tx, d.record)
		if err != nil {
			return err
		}
		list := make([]waterfall.Units, len(held))
		for k := range held {
			if held[k].Units == nil {
				list = nil
				break
			}
			list[k] = waterfall.Units{Account: held[k].ID.String(), Units: *held[k].Units}
		}
		if len(list) > 0 {
			if h.units == nil {
				h.units = map[id.Of[Distribution]][]waterfall.Units{}
			}
			h.units[d.id] = list
		}
	}
	return nil
}

// loadRefunded reads what is left of receipts of commitments with refunds.
func (h *past) loadRefunded(ctx context.Context, tx bun.IDB) error {
	if h.netted {
		return nil
	}
	// They are found by their commitments alone, of which an array is made first: otherwise the
	// server may look through all movements of the offering.
	ms, err := loadHistory(ctx, tx, `WHERE ?1 AND cm.subscription_id = ANY (ARRAY(
		SELECT subscription_id FROM investments.capital_movements WHERE opportunity_id = ?0 AND kind = 'refund')) ORDER BY cm.number`, h.offering.ID, h.onlyOf("cm.position_id"))
	if err != nil {
		return err
	}
	h.refunded, err = history.Net(ms)
	h.netted = err == nil
	return err
}

// onlyOf is the condition that a column is the one position that matters. It is in the
// statement only then, so that the plan is made for it.
func (h *past) onlyOf(column string) schema.QueryAppender {
	if h.only == nil {
		return bun.Safe("TRUE")
	}
	return bun.SafeQuery(column+" = ?", *h.only)
}

// dayOr is a day for SQL, before all days when there is none.
func dayOr(d date.Date) string {
	if d.IsZero() {
		return "0001-01-01"
	}
	return d.String()
}

// loadExtras reads what the declared distributions adjusted and advanced, and which of
// them was of the last sale.
func (h *past) loadExtras(ctx context.Context, tx bun.IDB) error {
	h.extras = map[id.Of[Distribution]]extras{}
	return store.NewQuery(tx, constraints, `SELECT c.distribution_id, c.extras::text
		FROM investments.distribution_calculations c JOIN investments.distributions d ON d.id = c.distribution_id
		WHERE d.opportunity_id = ? AND d.status NOT IN ('cancelled', 'reversed') AND c.extras IS NOT NULL`, h.offering.ID).Each(ctx, func(row store.Row) error {
		var v id.Of[Distribution]
		var body string
		if err := row.Scan(&v, &body); err != nil {
			return err
		}
		var x extras
		if err := json.Unmarshal([]byte(body), &x); err != nil {
			return err
		}
		h.extras[v] = x
		return nil
	})
}
