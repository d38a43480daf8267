package investments

import (
	"context"
	"encoding/json"
	"slices"
	"sort"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
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
	declared []Distribution    // by date, not cancelled or reversed
	adjusted map[id.Of[Distribution]][]waterfall.Adjustment
	digests  map[date.Date]digest // of the cash through a day
}

// party is who a line may be for: the holder of a position, or an account that
// the terms name.
type party struct {
	key      string          // under which the engine knows him
	position id.Of[Position] // zero for an account that the terms name
	investor id.Of[auth.User]
	account  id.Of[Account] // zero is the investor in person
	class    string
	sponsor  bool
}

// line is the empty line of a distribution for the party.
func (p *party) line(role Role) DistributionLine {
	l := DistributionLine{Role: role, InvestorID: p.investor}
	if !p.account.IsZero() {
		l.AccountID = &p.account
	}
	if !p.position.IsZero() {
		l.PositionID = &p.position
	}
	return l
}

// find returns the party of a key, nil when there is none.
func (h *past) find(key string) *party {
	i := sort.Search(len(h.parties), func(i int) bool { return h.parties[i].key >= key })
	if i == len(h.parties) || h.parties[i].key != key {
		return nil
	}
	return &h.parties[i]
}

// partners are the parties as the engine takes them.
func (h *past) partners() []waterfall.Partner {
	out := make([]waterfall.Partner, len(h.parties))
	for i := range h.parties {
		p := &h.parties[i]
		out[i] = waterfall.Partner{ID: p.key, Class: p.class, Sponsor: p.sponsor}
	}
	return out
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
	h := &past{offering: o, terms: map[id.Of[TermsVersion]]*waterfall.Terms{}}
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
	if err := h.loadParties(ctx, tx, named); err != nil {
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

// loadParties reads the few columns of positions that matter, since there may
// be hundreds of thousands, and the accounts that terms name.
func (h *past) loadParties(ctx context.Context, tx bun.IDB, named map[string]bool) error {
	rows, err := tx.QueryContext(ctx, `SELECT pi.id, pi.investor_id, pi.account_id, pi.share_class, COALESCE(ia.is_sponsor, FALSE)
		FROM investments.property_investments pi LEFT JOIN investments.investor_accounts ia ON ia.id = pi.account_id
		WHERE pi.opportunity_id = ? AND pi.status IN ('funded', 'exited') AND pi.deleted_at IS NULL ORDER BY pi.id`, h.offering.ID)
	if err != nil {
		return store.Err(err, constraints)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	classes := map[string]string{}      // each name once in memory
	for rows.Next() {
		var p party
		var account *id.Of[Account]
		if err := rows.Scan(&p.position, &p.investor, &account, &p.class, &p.sponsor); err != nil {
			return err
		}
		if account != nil {
			p.account = *account
		}
		if known, ok := classes[p.class]; ok {
			p.class = known
		} else {
			classes[p.class] = p.class
		}
		p.key = p.position.String()
		h.parties = append(h.parties, p)
	}
	if err := rows.Err(); err != nil {
		return store.Err(err, constraints)
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
		h.parties = append(h.parties, party{key: v, investor: a.InvestorID, account: a.ID, class: "promote"})
	}
	if len(named) > 0 {
		sort.Slice(h.parties, func(i, j int) bool { return h.parties[i].key < h.parties[j].key })
	}
	return nil
}

// contributions are what came into the positions of offering ?0 after day ?1,
// net of what went back: a refund undoes its subscription's contribution before
// it shared in anything, so it is taken off the days that the money came in, the
// last first.
const contributions = `WITH cash AS NOT MATERIALIZED (
		SELECT t.investment_id, t.subscription_id, t.effective_date, t.amount
		FROM investments.property_investments p JOIN investments.transactions t ON t.investment_id = p.id
		WHERE p.opportunity_id = ?0 AND p.status IN ('funded', 'exited') AND p.deleted_at IS NULL AND t.type = 'investment' AND t.status = 'completed'),
	back AS MATERIALIZED (
		SELECT id, refunded FROM investments.subscriptions WHERE opportunity_id = ?0 AND refunded > 0),
	refunded AS (
		SELECT c.investment_id, c.effective_date, c.amount - LEAST(c.amount, GREATEST(b.refunded - COALESCE(sum(c.amount) OVER (
				PARTITION BY c.subscription_id ORDER BY c.effective_date DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0), 0)) AS amount
		FROM (SELECT investment_id, subscription_id, effective_date, sum(amount) AS amount FROM cash GROUP BY 1, 2, 3) c JOIN back b ON b.id = c.subscription_id)
	SELECT investment_id, effective_date, sum(amount) AS amount FROM (
		SELECT investment_id, effective_date, amount FROM cash c
		WHERE effective_date > ?1::date AND NOT EXISTS (SELECT FROM back b WHERE b.id = c.subscription_id)
		UNION ALL SELECT * FROM refunded WHERE effective_date > ?1::date) net
	GROUP BY 1, 2 HAVING sum(amount) <> 0 ORDER BY 2, 1`

// loadMoves reads the contributions and transfers dated after a day.
func (h *past) loadMoves(ctx context.Context, tx bun.IDB, after date.Date) error {
	rows, err := tx.QueryContext(ctx, contributions, h.offering.ID, dayOr(after))
	if err != nil {
		return store.Err(err, constraints)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	for rows.Next() {
		var position id.Of[Position]
		e := waterfall.Event{Type: waterfall.EventContribution}
		if err := rows.Scan(&position, &e.Date, &e.Amount); err != nil {
			return err
		}
		if p := h.find(position.String()); p != nil {
			e.Partner = p.key // the text that is in memory already
		}
		h.moves = append(h.moves, e)
	}
	if err := rows.Err(); err != nil {
		return store.Err(err, constraints)
	}
	moved, err := movesBetween(ctx, tx, h.offering.ID, after)
	if err != nil {
		return err
	}
	for _, m := range moved {
		h.moves = append(h.moves, waterfall.Event{Date: m.Day, Type: waterfall.EventTransfer, From: m.From.String(), To: m.To.String(), Fraction: m.Fraction})
	}
	if len(moved) > 0 { // within a day transfers go before contributions
		slices.SortStableFunc(h.moves, func(a, b waterfall.Event) int {
			if c := a.Date.Compare(b.Date); c != 0 || a.Type == b.Type {
				return c
			}
			if a.Type == waterfall.EventTransfer {
				return -1
			}
			return 1
		})
	}
	return nil
}

// dayOr is a day for SQL, before all days when there is none.
func dayOr(d date.Date) string {
	if d.IsZero() {
		return "0001-01-01"
	}
	return d.String()
}

// moveBetween is a completed transfer.
type moveBetween struct {
	ID       id.Of[Transfer] `bun:"id" json:"id"`
	From     id.Of[Position] `bun:"from_investment_id" json:"from"`
	To       id.Of[Position] `bun:"to_investment_id" json:"to"`
	Day      date.Date       `bun:"effective_date" json:"day"`
	Fraction decimal.Decimal `bun:"fraction" json:"fraction"`
	Amount   money.Amount    `bun:"amount" json:"amount"`
}

func movesBetween(ctx context.Context, tx bun.IDB, o id.Of[Offering], after date.Date) (moved []moveBetween, err error) {
	err = tx.NewRaw(`SELECT id, from_investment_id, to_investment_id, effective_date, fraction, amount FROM investments.transfers
		WHERE opportunity_id = ? AND status = 'completed' AND effective_date > ?::date ORDER BY effective_date, completed_at, id`, o, dayOr(after)).Scan(ctx, &moved)
	return moved, store.Err(err, constraints)
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

// termsOn returns the terms in force on a day; before there were any they are
// the first ones.
func (h *past) termsOn(day date.Date) (*waterfall.Terms, error) {
	if len(h.versions) == 0 {
		return nil, ErrNoTerms
	}
	first := h.versions[0].EffectiveDate
	for i := range h.versions {
		if h.versions[i].EffectiveDate.Before(first) {
			first = h.versions[i].EffectiveDate
		}
	}
	if day.Before(first) {
		day = first
	}
	v, err := h.inForce(day)
	if err != nil {
		return nil, err
	}
	return h.terms[v.ID], nil
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

// event is a declared distribution as the engine takes it, with the
// adjustments that its trace kept.
func (h *past) event(d *Distribution) waterfall.Event {
	return waterfall.Event{Date: d.DistributionDate, Type: waterfall.EventDistribution, Kind: d.kind(), Amount: d.TotalAmount,
		Adjustments: h.adjusted[d.ID]}
}

// partner is the id under which the engine knows who a line is for.
func (l *DistributionLine) partner() string {
	switch {
	case l.PositionID != nil:
		return l.PositionID.String()
	case l.AccountID != nil:
		return l.AccountID.String()
	}
	return l.InvestorID.String()
}
