package investments

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of computing by terms.
var (
	// ErrNoTerms: the offering has no terms in force on the date.
	ErrNoTerms = fault.New(fault.Illegal, "offering_without_terms", "the offering has no terms in force on this date")
	// ErrMethodMixed: an offering with terms distributes by them, and one
	// without pro rata, or else the terms would not know what was paid.
	ErrMethodMixed = fault.New(fault.Illegal, "distribution_method_mixed", "an offering distributes by its terms, or pro rata where it has none").On("calculation_method")
	// ErrDistributionOrder: a distribution on a later date has been declared.
	ErrDistributionOrder = fault.New(fault.Illegal, "distribution_out_of_order", "a distribution on a later date has been declared").On("distribution_date")
	// ErrHistoryChanged: with what is on record today, a past distribution
	// would have been split otherwise; it is reversed and declared anew first.
	ErrHistoryChanged = fault.New(fault.Conflict, "distribution_history_changed", "a past distribution would be split otherwise today; reverse it and declare it anew")
	// ErrUndistributed: the tiers leave cash that goes to nobody.
	ErrUndistributed = fault.New(fault.Invalid, "distribution_undistributed", "the terms leave a part of the amount to nobody").On("total_amount")
)

// past is an offering's history as its terms see it: partners by their ids
// (positions, and the accounts that the terms name), and events.
type past struct {
	offering *Offering
	terms    map[id.Of[TermsVersion]]*waterfall.Terms
	versions []TermsVersion
	holders  map[string]*Position
	payees   map[string]*Account
	partners []waterfall.Partner
	moves    []waterfall.Event // contributions and transfers
	declared []Distribution    // by date, not cancelled or reversed
	adjusted map[id.Of[Distribution]][]waterfall.Adjustment
}

// loadPast reads everything that the computation of a distribution rests on.
// The caller holds the offering's lock.
func loadPast(ctx context.Context, tx bun.IDB, o *Offering) (*past, error) {
	h := &past{offering: o, terms: map[id.Of[TermsVersion]]*waterfall.Terms{}, holders: map[string]*Position{}, payees: map[string]*Account{}}
	var err error
	if h.versions, err = termsOf(ctx, tx, o.ID); err != nil {
		return nil, err
	}
	named := map[string]bool{}
	for i := range h.versions {
		t, err := waterfall.ParseTerms(h.versions[i].Terms)
		if err != nil {
			return nil, err
		}
		h.terms[h.versions[i].ID] = t
		for _, v := range parties(t) {
			named[v] = true
		}
	}
	if err := h.loadPartners(ctx, tx, named); err != nil {
		return nil, err
	}
	if err := h.loadMoves(ctx, tx); err != nil {
		return nil, err
	}
	h.declared, err = distributions.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("di.opportunity_id = ?", o.ID).Where("di.status NOT IN ('cancelled', 'reversed')").
			OrderExpr("di.distribution_date, di.created_at, di.id")
	})
	if err != nil {
		return nil, err
	}
	return h, h.loadAdjustments(ctx, tx)
}

func (h *past) loadPartners(ctx context.Context, tx bun.IDB, named map[string]bool) error {
	var rows []struct {
		Position `bun:",extend"`
		Sponsor  bool `bun:"sponsor"`
	}
	err := tx.NewSelect().Model((*Position)(nil)).ColumnExpr("pi.*").ColumnExpr("COALESCE(ia.is_sponsor, FALSE) AS sponsor").
		Join("LEFT JOIN investments.investor_accounts AS ia ON ia.id = pi.account_id").
		Where("pi.opportunity_id = ?", h.offering.ID).Where("pi.status IN ('funded', 'exited')").Where("pi.deleted_at IS NULL").
		OrderExpr("pi.id").Scan(ctx, &rows)
	if err != nil {
		return store.Err(err, constraints)
	}
	for i := range rows {
		r := &rows[i]
		h.holders[r.ID.String()] = &r.Position
		h.partners = append(h.partners, waterfall.Partner{ID: r.ID.String(), Class: r.ShareClass, Sponsor: r.Sponsor})
	}
	for v := range named {
		account, err := id.Parse[Account](v)
		if err != nil {
			return ErrTermsParty
		}
		a, err := accounts.Get(ctx, tx, account)
		if err != nil {
			return err
		}
		h.payees[v] = a
		h.partners = append(h.partners, waterfall.Partner{ID: v, Class: "promote"})
	}
	return nil
}

func (h *past) loadMoves(ctx context.Context, tx bun.IDB) error {
	var paid []struct {
		Position id.Of[Position] `bun:"investment_id"`
		Day      date.Date       `bun:"effective_date"`
		Amount   money.Amount    `bun:"amount"`
	}
	// A refund undoes its subscription's contribution before it shared in
	// anything, so it is taken off the day that the money came in.
	err := tx.NewRaw(`WITH cash AS (
			SELECT t.investment_id, t.subscription_id, t.effective_date, sum(t.amount) AS amount
			FROM investments.transactions t JOIN investments.property_investments p ON p.id = t.investment_id
			WHERE p.opportunity_id = ? AND p.status IN ('funded', 'exited') AND p.deleted_at IS NULL
				AND t.type = 'investment' AND t.status = 'completed' GROUP BY 1, 2, 3),
		back AS (
			SELECT subscription_id, sum(amount) AS amount FROM investments.transactions
			WHERE type = 'refund' AND status = 'completed' AND subscription_id IS NOT NULL GROUP BY 1),
		net AS (
			SELECT c.investment_id, c.effective_date, c.amount - LEAST(c.amount, GREATEST(COALESCE(b.amount, 0)
				- COALESCE(sum(c.amount) OVER (PARTITION BY c.subscription_id ORDER BY c.effective_date DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0), 0)) AS amount
			FROM cash c LEFT JOIN back b ON b.subscription_id = c.subscription_id)
		SELECT investment_id, effective_date, sum(amount) AS amount FROM net
		GROUP BY 1, 2 HAVING sum(amount) <> 0 ORDER BY 2, 1`, h.offering.ID).Scan(ctx, &paid)
	if err != nil {
		return store.Err(err, constraints)
	}
	for _, c := range paid {
		h.moves = append(h.moves, waterfall.Event{Date: c.Day, Type: waterfall.EventContribution, Partner: c.Position.String(), Amount: c.Amount})
	}
	var moved []struct {
		From     id.Of[Position] `bun:"from_investment_id"`
		To       id.Of[Position] `bun:"to_investment_id"`
		Day      date.Date       `bun:"effective_date"`
		Fraction decimal.Decimal `bun:"fraction"`
	}
	err = tx.NewRaw(`SELECT from_investment_id, to_investment_id, effective_date, fraction FROM investments.transfers
		WHERE opportunity_id = ? AND status = 'completed' ORDER BY effective_date, completed_at, id`, h.offering.ID).Scan(ctx, &moved)
	if err != nil {
		return store.Err(err, constraints)
	}
	for _, m := range moved {
		h.moves = append(h.moves, waterfall.Event{Date: m.Day, Type: waterfall.EventTransfer, From: m.From.String(), To: m.To.String(), Fraction: m.Fraction})
	}
	return nil
}

// inForce returns the version of the terms that governs a distribution dated
// on a day: the latest of those in force by then.
func (h *past) inForce(day date.Date) (*TermsVersion, error) {
	var found *TermsVersion
	for i := range h.versions {
		if !h.versions[i].EffectiveDate.After(day) {
			found = &h.versions[i]
		}
	}
	if found == nil {
		return nil, ErrNoTerms
	}
	return found, nil
}

// until runs the history up to a distribution dated on day: first everything
// declared so far, each under the terms it was declared under, then what else
// happened by that day. Between them each day accrues under the terms in force
// on it. It returns the state and the results of the declared ones.
func (h *past) until(day date.Date) (*waterfall.State, []*waterfall.Result, error) {
	if len(h.versions) == 0 {
		return nil, nil, ErrNoTerms
	}
	r := replay{past: h, terms: h.terms[h.versions[0].ID], moves: slices.Clone(h.moves)}
	for _, v := range h.versions {
		r.changes = append(r.changes, v.EffectiveDate)
	}
	slices.SortFunc(r.changes, date.Date.Compare)
	var err error
	if r.state, err = waterfall.Open(r.terms, h.partners); err != nil {
		return nil, nil, err
	}
	results := []*waterfall.Result{}
	for i := range h.declared {
		d := &h.declared[i]
		if d.TermsID == nil {
			return nil, nil, ErrMethodMixed
		}
		if err := r.change(d.DistributionDate); err != nil {
			return nil, nil, err
		}
		done, err := r.apply(h.governing(d), append(r.due(d.DistributionDate), h.event(d)))
		if err != nil {
			return nil, nil, err
		}
		results = append(results, done...)
	}
	if err := r.change(day); err != nil {
		return nil, nil, err
	}
	_, err = r.apply(r.terms, r.due(day))
	return r.state, results, err
}

// replay is a history on its way.
type replay struct {
	*past
	state   *waterfall.State
	terms   *waterfall.Terms
	moves   []waterfall.Event // not yet applied
	changes []date.Date       // not yet reached: when versions come into force
}

// due takes the moves dated on or before a day.
func (r *replay) due(by date.Date) (due []waterfall.Event) {
	r.moves = slices.DeleteFunc(r.moves, func(e waterfall.Event) bool {
		if e.Date.After(by) {
			return false
		}
		due = append(due, e)
		return true
	})
	return due
}

func (r *replay) apply(t *waterfall.Terms, events []waterfall.Event) (done []*waterfall.Result, err error) {
	r.state, done, err = waterfall.Apply(t, r.state, events)
	return done, err
}

// change brings the terms up to those in force on a day: what happened before a
// change, and what accrued to it, is under the old ones.
func (r *replay) change(by date.Date) error {
	for len(r.changes) > 0 && !r.changes[0].After(by) {
		on := r.changes[0]
		r.changes = r.changes[1:]
		if _, err := r.apply(r.terms, r.due(on.AddDays(-1))); err != nil {
			return err
		}
		if at := r.state.AsOf(); !at.IsZero() && at.Before(on) {
			var err error
			if r.state, err = waterfall.Accrue(r.terms, r.state, on); err != nil {
				return err
			}
		}
		v, err := r.inForce(on)
		if err != nil {
			return err
		}
		r.terms = r.past.terms[v.ID]
	}
	return nil
}

// governing is the terms a declared distribution was computed by. The method
// "preferred" is the preferred return of the terms and then one split.
func (h *past) governing(d *Distribution) *waterfall.Terms {
	t := h.terms[*d.TermsID]
	if d.CalculationMethod != nil && *d.CalculationMethod == MethodPreferred {
		return preferredOnly(t)
	}
	return t
}

// preferredOnly keeps the preferred returns of terms and shares what is left by
// contributed capital, without promote.
func preferredOnly(t *waterfall.Terms) *waterfall.Terms {
	none := decimal.Zero
	return &waterfall.Terms{Name: t.Name, DayCount: t.DayCount, PromoteRecipient: t.PromoteRecipient, PromoteSplit: t.PromoteSplit, Prefs: t.Prefs,
		Tiers: waterfall.Lists{Capital: []waterfall.Tier{
			{Name: "preferred return", Type: waterfall.TierPref}, {Name: "pro rata", Type: waterfall.TierSplit, Promote: &none}}}}
}

// event is a declared distribution as the engine takes it, with the
// adjustments that its trace kept.
func (h *past) event(d *Distribution) waterfall.Event {
	return waterfall.Event{Date: d.DistributionDate, Type: waterfall.EventDistribution, Kind: d.kind(), Amount: d.TotalAmount,
		Adjustments: h.adjusted[d.ID]}
}

func (d *Distribution) kind() waterfall.Kind {
	if d.DistributionType == nil {
		return waterfall.Operating
	}
	switch *d.DistributionType {
	case DistributionRefinance:
		return waterfall.Refinance
	case DistributionSaleProceeds:
		return waterfall.Sale
	}
	return waterfall.Operating
}

// unchanged proves that the declared distributions, computed again, come out as
// they are stored.
func (h *past) unchanged(ctx context.Context, tx bun.IDB, results []*waterfall.Result) error {
	var rows []struct {
		Distribution id.Of[Distribution] `bun:"distribution_id"`
		Partner      string              `bun:"partner"`
		Amount       money.Amount        `bun:"amount"`
	}
	err := tx.NewRaw(`SELECT l.distribution_id, COALESCE(l.investment_id, l.account_id, l.investor_id)::text AS partner, sum(l.distribution_amount) AS amount
		FROM investments.investor_distributions l JOIN investments.distributions d ON d.id = l.distribution_id
		WHERE d.opportunity_id = ? AND d.status NOT IN ('cancelled', 'reversed') GROUP BY 1, 2`, h.offering.ID).Scan(ctx, &rows)
	if err != nil {
		return store.Err(err, constraints)
	}
	type key struct {
		distribution id.Of[Distribution]
		partner      string
	}
	stored := make(map[key]money.Amount, len(rows))
	for _, r := range rows {
		stored[key{r.Distribution, r.Partner}] = r.Amount
	}
	for i, r := range results {
		for p, amount := range r.Totals() {
			if stored[key{h.declared[i].ID, p}] != amount {
				return ErrHistoryChanged.With("the one of %s", h.declared[i].DistributionDate)
			}
		}
	}
	return nil
}

// loadAdjustments reads the adjustments of the declared distributions from
// their traces.
func (h *past) loadAdjustments(ctx context.Context, tx bun.IDB) error {
	var rows []struct {
		Distribution id.Of[Distribution] `bun:"distribution_id"`
		Adjustments  string              `bun:"adjustments"`
	}
	err := tx.NewRaw(`SELECT c.distribution_id, (c.trace->'adjustments')::text AS adjustments
		FROM investments.distribution_calculations c JOIN investments.distributions d ON d.id = c.distribution_id
		WHERE d.opportunity_id = ? AND d.status NOT IN ('cancelled', 'reversed') AND c.trace->'adjustments' IS NOT NULL`, h.offering.ID).Scan(ctx, &rows)
	if err != nil {
		return store.Err(err, constraints)
	}
	h.adjusted = make(map[id.Of[Distribution]][]waterfall.Adjustment, len(rows))
	for _, r := range rows {
		var list []waterfall.Adjustment
		if err := json.Unmarshal([]byte(r.Adjustments), &list); err != nil {
			return err
		}
		h.adjusted[r.Distribution] = list
	}
	return nil
}

// partner is the id under which the engine knows who a line is for.
func (l *DistributionLine) partner() string {
	if l.PositionID != nil {
		return l.PositionID.String()
	}
	if l.AccountID != nil {
		return l.AccountID.String()
	}
	return l.InvestorID.String()
}
