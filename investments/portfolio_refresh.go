package investments

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/returns"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// refreshBatch bounds how many portfolios are in memory at once.
const refreshBatch = 10_000

// RefreshPortfoliosParams says whose portfolios are brought up to which day.
type RefreshPortfoliosParams struct {
	InvestorIDs []id.Of[auth.User] // nil is all
	AsOf        date.Date
}

// RefreshPortfolios recomputes the portfolios of investors as of a day, from
// their positions and completed transactions, and makes the missing ones. They
// are read and written set-wise, many at a time; nil is every investor who has a
// position.
//
// Cash counts to the day given; positions are taken as they are now, so that
// the day is today or one not long past. Promote and fees belong to no position
// and are left out.
//
// The current value of a position is the capital it still has in, which is
// contributions less capital returned, and its unrealized gains. The IRR is
// that of the pooled flows with the current value as the last one; it is
// undefined (nil) where the flows have no rate. Cash-on-cash is the
// distributions of the last twelve months over what was invested.
//
// It locks the portfolios in the order of their investors.
func (s *Reports) RefreshPortfolios(ctx context.Context, db bun.IDB, p RefreshPortfoliosParams) error {
	if p.AsOf.IsZero() {
		return fault.New(fault.Invalid, "required", "a day is needed").On("as_of")
	}
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		if p.InvestorIDs != nil {
			return s.refresh(ctx, tx, slices.Clone(p.InvestorIDs), false, p.AsOf, refreshBatch)
		}
		all, err := investorsOf(ctx, tx, `SELECT DISTINCT investor_id FROM investments.property_investments WHERE deleted_at IS NULL AND status <> 'cancelled'
			UNION SELECT investor_id FROM investments.investor_portfolios`)
		if err != nil {
			return err
		}
		return s.refresh(ctx, tx, all, true, p.AsOf, refreshBatch)
	})
}

// RefreshTouched is [Reports.RefreshPortfolios] for exactly the investors whose
// positions a distribution has lines for, whatever has become of it. It returns
// [ErrDistributionNotFound].
func (s *Reports) RefreshTouched(ctx context.Context, db bun.IDB, v id.Of[Distribution], asOf date.Date) error {
	if asOf.IsZero() {
		return fault.New(fault.Invalid, "required", "a day is needed").On("as_of")
	}
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		if _, err := distributions.Get(ctx, tx, v); err != nil {
			return err
		}
		touched, err := investorsOf(ctx, tx, `SELECT DISTINCT investor_id FROM investments.investor_distributions
			WHERE distribution_id = ? AND investment_id IS NOT NULL`, v)
		if err != nil {
			return err
		}
		return s.refresh(ctx, tx, touched, false, asOf, refreshBatch)
	})
}

// refreshPaid brings the portfolios of those up to date whose payments of a set
// were just completed.
func (s *core) refreshPaid(ctx context.Context, tx bun.IDB, p paymentSet, asOf date.Date) error {
	p.status, p.withoutCash = PaymentStatusCompleted, false
	touched, err := investorsOf(ctx, tx, `SELECT DISTINCT dl.investor_id FROM investments.investor_distributions AS dl
		WHERE dl.investment_id IS NOT NULL AND ?`, p.where())
	if err != nil {
		return err
	}
	return s.refresh(ctx, tx, touched, false, asOf, refreshBatch)
}

// refreshHolders brings the portfolios of everybody with capital in an offering
// up to date, those who left included.
func (s *core) refreshHolders(ctx context.Context, tx bun.IDB, o id.Of[Offering], asOf date.Date) error {
	holders, err := investorsOf(ctx, tx, `SELECT DISTINCT investor_id FROM investments.property_investments
		WHERE opportunity_id = ? AND status IN ('funded', 'exited') AND deleted_at IS NULL`, o)
	if err != nil {
		return err
	}
	return s.refresh(ctx, tx, holders, false, asOf, refreshBatch)
}

func investorsOf(ctx context.Context, tx bun.IDB, query string, args ...any) (out []id.Of[auth.User], err error) {
	err = tx.NewRaw(query, args...).Scan(ctx, &out)
	return out, store.Err(err, constraints)
}

// refresh does the work, for size investors after the other. When they are all
// there are, a part is a range of ids.
func (s *core) refresh(ctx context.Context, tx bun.IDB, investors []id.Of[auth.User], all bool, asOf date.Date, size int) error {
	slices.SortFunc(investors, id.Of[auth.User].Compare)
	investors = slices.Compact(investors)
	for part := range slices.Chunk(investors, size) {
		w := whom{from: part[0], to: part[len(part)-1]}
		if !all {
			w = whomOf(part)
		}
		if err := lockPortfolios(ctx, tx, w); err != nil {
			return err
		}
		sums, err := portfolioSums(ctx, tx, w, asOf)
		if err != nil {
			return err
		}
		for i := range sums {
			if err := sums[i].derive(asOf); err != nil {
				return err
			}
		}
		if err := s.writePortfolios(ctx, tx, sums); err != nil {
			return err
		}
	}
	return nil
}

// whom is a part of the investors: a list, or all from one id to another.
type whom struct {
	from, to id.Of[auth.User]
	list     *string // an array of ids
}

// whomOf is a list of investors.
func whomOf(list []id.Of[auth.User]) whom {
	return whom{list: ptr(store.TextArray(list, func(v *id.Of[auth.User]) string { return v.String() }))}
}

// narrow is the condition on a column. It is one or the other, so that the plan
// is made for it: a few ids are looked up, many are scanned for.
func (w whom) narrow(column string) bun.Safe {
	if w.list != nil {
		return bun.Safe(column + " = ANY ('" + *w.list + "'::uuid[])") // ids, written by this package
	}
	return bun.Safe(column + " BETWEEN '" + w.from.String() + "' AND '" + w.to.String() + "'")
}

// portfolioSum is the row of one investor, on its way into the table.
type portfolioSum struct {
	InvestorID  id.Of[auth.User] `bun:"investor_id" json:"investor_id"`
	Properties  int              `bun:"properties" json:"properties"`
	Invested    money.Amount     `bun:"invested" json:"invested"`
	Value       money.Amount     `bun:"value" json:"value"`
	Distributed money.Amount     `bun:"distributed" json:"distributed"`
	LastYear    money.Amount     `bun:"last_year" json:"last_year"`
	Holdings    []byte           `bun:"holdings" json:"holdings"` // JSON: [state, city, type, class, cents] of each
	Flows       string           `bun:"flows" json:"flows"`       // "days since 1970, cents" by day

	by            [4]string // allocations in JSON: by state, city, type, class
	irr, coc, mul *decimal.Decimal
}

func lockPortfolios(ctx context.Context, tx bun.IDB, w whom) error {
	_, err := tx.NewRaw(`INSERT INTO investments.investor_portfolios (investor_id)
		SELECT DISTINCT pi.investor_id FROM investments.property_investments pi
		WHERE ? AND pi.deleted_at IS NULL AND pi.status <> 'cancelled'
			AND NOT EXISTS (SELECT FROM investments.investor_portfolios f WHERE f.investor_id = pi.investor_id)
		ORDER BY 1 ON CONFLICT (investor_id) DO NOTHING`, w.narrow("pi.investor_id")).Exec(ctx)
	if err != nil {
		return store.Err(err, constraints)
	}
	_, err = tx.NewRaw(`SELECT count(*) FROM (SELECT FROM investments.investor_portfolios f WHERE ? ORDER BY f.investor_id FOR NO KEY UPDATE) locked`,
		w.narrow("f.investor_id")).Exec(ctx)
	return store.Err(err, constraints)
}

// portfolioSums reads the sums, holdings and flows of investors in one pass over
// their transactions. A transfer carries returned capital with it: what came
// counts as returned where it came, and no longer where it went.
func portfolioSums(ctx context.Context, tx bun.IDB, w whom, asOf date.Date) (sums []portfolioSum, err error) {
	err = tx.NewRaw(`WITH cash AS MATERIALIZED (
			SELECT t.investor_id, t.investment_id, t.effective_date AS day,
				sum(CASE WHEN t.type IN ('investment', 'transfer_in') THEN -t.amount
					WHEN t.type IN ('distribution', 'return_of_capital', 'refund', 'transfer_out') THEN t.amount ELSE 0 END) AS flow,
				COALESCE(sum(t.amount) FILTER (WHERE t.type = 'distribution'), 0) AS distributed,
				COALESCE(sum(t.amount) FILTER (WHERE t.type = 'return_of_capital'), 0) AS returned,
				COALESCE(sum((t.amount - (t.metadata->>'unreturned_capital')::numeric) * CASE t.type WHEN 'transfer_in' THEN 1 ELSE -1 END)
					FILTER (WHERE t.type IN ('transfer_in', 'transfer_out')), 0) AS moved
			FROM investments.transactions t
			WHERE ?1 AND t.investment_id IS NOT NULL AND t.status = 'completed' AND t.effective_date <= ?0::date GROUP BY 1, 2, 3),
		positions AS (SELECT investment_id, sum(returned + moved) AS back FROM cash GROUP BY 1),
		held AS (
			SELECT pi.investor_id, count(DISTINCT pi.property_id) AS properties, sum(pi.investment_amount) AS invested, sum(v.value) AS value,
				jsonb_agg(jsonb_build_array(pr.state, pr.city, COALESCE(pr.property_type, 'unknown'), COALESCE(pr.property_class, 'unknown'), (v.value * 100)::bigint))
					FILTER (WHERE v.value > 0) AS holdings
			FROM investments.property_investments pi
			JOIN properties.properties pr ON pr.id = pi.property_id
			LEFT JOIN positions c ON c.investment_id = pi.id
			CROSS JOIN LATERAL (SELECT CASE WHEN pi.status = 'funded'
				THEN GREATEST(pi.investment_amount - COALESCE(c.back, 0) + pi.unrealized_gains, 0) ELSE 0 END AS value) v
			WHERE ?2 AND pi.deleted_at IS NULL AND pi.status IN ('funded', 'exited') GROUP BY 1),
		paid AS (
			SELECT investor_id, sum(distributed + returned) AS distributed, COALESCE(sum(distributed) FILTER (WHERE day > ?0::date - 365), 0) AS last_year,
				string_agg((day - DATE '1970-01-01') || ' ' || (flow * 100)::bigint, ' ' ORDER BY day) AS flows
			FROM (SELECT investor_id, day, sum(distributed) AS distributed, sum(returned) AS returned, sum(flow) AS flow FROM cash GROUP BY 1, 2) d GROUP BY 1)
		SELECT f.investor_id, COALESCE(t.properties, 0) AS properties, COALESCE(t.invested, 0) AS invested, COALESCE(t.value, 0) AS value,
			COALESCE(p.distributed, 0) AS distributed, COALESCE(p.last_year, 0) AS last_year,
			COALESCE(t.holdings, '[]')::text AS holdings, COALESCE(p.flows, '') AS flows
		FROM investments.investor_portfolios f
		LEFT JOIN held t ON t.investor_id = f.investor_id LEFT JOIN paid p ON p.investor_id = f.investor_id
		WHERE ?3 ORDER BY f.investor_id`, asOf, w.narrow("t.investor_id"), w.narrow("pi.investor_id"), w.narrow("f.investor_id")).Scan(ctx, &sums)
	return sums, store.Err(err, constraints)
}

// derive computes what SQL cannot: the rates of the pooled flows, and the
// allocations.
func (r *portfolioSum) derive(asOf date.Date) error {
	flows, err := r.flows()
	if err != nil {
		return err
	}
	if !r.Value.IsZero() {
		flows = append(flows, returns.Cash{Date: asOf, Amount: r.Value})
	}
	if rate, err := returns.XIRR(flows); err == nil && rate.Unique {
		r.irr = storable(rate.Decimal())
	}
	if !r.Invested.IsZero() {
		gain, err := r.Distributed.Add(r.Value)
		if err != nil {
			return err
		}
		multiple, _ := gain.Ratio(r.Invested, 10)
		yield, _ := r.LastYear.Ratio(r.Invested, 10)
		r.mul, r.coc = storable(multiple), storable(yield)
	}
	return r.allocate()
}

// flows reads the pooled flows.
func (r *portfolioSum) flows() ([]returns.Cash, error) {
	words := strings.Fields(r.Flows)
	out := make([]returns.Cash, 0, len(words)/2+1)
	for i := 0; i+1 < len(words); i += 2 {
		day, err := strconv.Atoi(words[i])
		if err != nil {
			return nil, err
		}
		on, err := date.FromUnixDays(day)
		if err != nil {
			return nil, err
		}
		cents, err := strconv.ParseInt(words[i+1], 10, 64)
		if err != nil {
			return nil, err
		}
		amount, err := money.FromCents(cents)
		if err != nil {
			return nil, err
		}
		out = append(out, returns.Cash{Date: on, Amount: amount})
	}
	return out, nil
}

// allocate divides the value by state, city, type and class.
func (r *portfolioSum) allocate() error {
	r.by = [4]string{"{}", "{}", "{}", "{}"}
	var held [][5]json.RawMessage
	if err := json.Unmarshal(r.Holdings, &held); err != nil || len(held) == 0 {
		return err
	}
	for dim := range r.by {
		var keys []json.RawMessage // few: a list does
		var sums []int64
		for i := range held {
			cents, err := strconv.ParseInt(string(held[i][4]), 10, 64)
			if err != nil {
				return err
			}
			at := slices.IndexFunc(keys, func(k json.RawMessage) bool { return bytes.Equal(k, held[i][dim]) })
			if at < 0 {
				at, keys, sums = len(keys), append(keys, held[i][dim]), append(sums, 0)
			}
			sums[at] += cents
		}
		buf := []byte{'{'}
		for i := range keys {
			if i > 0 {
				buf = append(buf, ',')
			}
			part := decimal.NewFromInt(sums[i]).DivRound(decimal.NewFromInt(r.Value.Cents()), 6)
			buf = append(append(append(append(buf, keys[i]...), ':', '"'), part.StringFixed(6)...), '"')
		}
		r.by[dim] = string(append(buf, '}'))
	}
	return nil
}

// storable is a computed return as its column keeps it, nil where it does not
// fit.
func storable(d decimal.Decimal) *decimal.Decimal {
	if d = d.Round(10); d.Abs().GreaterThanOrEqual(decimal.New(1, 8)) {
		return nil
	}
	return &d
}

func (s *core) writePortfolios(ctx context.Context, tx bun.IDB, sums []portfolioSum) error {
	if len(sums) == 0 {
		return nil
	}
	column := func(value func(*portfolioSum) string) string { return store.TextArray(sums, value) }
	number := func(of func(*portfolioSum) *decimal.Decimal) string {
		return column(func(r *portfolioSum) string {
			if v := of(r); v != nil {
				return v.String()
			}
			return ""
		})
	}
	maps := func(dim int) string {
		return column(func(r *portfolioSum) string { return store.ArrayText(r.by[dim]) })
	}
	now := s.now()
	err := store.Exec(ctx, tx, `UPDATE investments.investor_portfolios f
		SET total_properties = r.properties, total_invested = r.invested, current_value = r.value, total_distributions = r.distributed,
			weighted_avg_irr = r.irr, weighted_avg_cash_on_cash = r.coc, total_equity_multiple = r.multiple,
			allocation_by_state = r.by_state, allocation_by_city = r.by_city,
			allocation_by_property_type = r.by_type, allocation_by_property_class = r.by_class, last_calculated_at = $13::timestamptz
		FROM unnest($1::uuid[], $2::int[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[], $7::numeric[], $8::numeric[],
			$9::jsonb[], $10::jsonb[], $11::jsonb[], $12::jsonb[])
			AS r (investor_id, properties, invested, value, distributed, irr, coc, multiple, by_state, by_city, by_type, by_class)
		WHERE f.investor_id = r.investor_id`,
		column(func(r *portfolioSum) string { return r.InvestorID.String() }),
		column(func(r *portfolioSum) string { return strconv.Itoa(r.Properties) }),
		column(func(r *portfolioSum) string { return r.Invested.String() }),
		column(func(r *portfolioSum) string { return r.Value.String() }),
		column(func(r *portfolioSum) string { return r.Distributed.String() }),
		number(func(r *portfolioSum) *decimal.Decimal { return r.irr }),
		number(func(r *portfolioSum) *decimal.Decimal { return r.coc }),
		number(func(r *portfolioSum) *decimal.Decimal { return r.mul }),
		maps(0), maps(1), maps(2), maps(3),
		store.TimeKey(now))
	return store.Err(err, constraints)
}
