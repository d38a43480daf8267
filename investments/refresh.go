package investments

import (
	"context"

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

// RefreshPortfolios recomputes the portfolios of investors as of a day, from
// their positions and completed transactions, and makes the missing ones. All
// of them are read and written set-wise, whatever their number; nil is every
// investor who has a position.
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
func (s *Service) RefreshPortfolios(ctx context.Context, db bun.IDB, investors []id.Of[auth.User], asOf date.Date) error {
	if asOf.IsZero() {
		return fault.New(fault.Invalid, "required", "a day is needed").On("as_of")
	}
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		var whom *string // an array of ids; NULL is everybody
		if investors != nil {
			whom = ptr(store.TextArray(investors, func(v *id.Of[auth.User]) string { return v.String() }))
		}
		if err := lockPortfolios(ctx, tx, whom); err != nil {
			return err
		}
		sums, err := portfolioSums(ctx, tx, whom, asOf)
		if err != nil {
			return err
		}
		if err := addRates(ctx, tx, sums, whom, asOf); err != nil {
			return err
		}
		return s.writePortfolios(ctx, tx, sums)
	})
}

// portfolioSum is the row of one investor, on its way into the table.
type portfolioSum struct {
	InvestorID    id.Of[auth.User] `bun:"investor_id"`
	Properties    int              `bun:"properties"`
	Invested      money.Amount     `bun:"invested"`
	Value         money.Amount     `bun:"value"`
	Distributed   money.Amount     `bun:"distributed"`
	LastYear      money.Amount     `bun:"last_year"`
	ByState       string           `bun:"by_state"`
	ByCity        string           `bun:"by_city"`
	ByType        string           `bun:"by_type"`
	ByClass       string           `bun:"by_class"`
	irr, coc, mul *decimal.Decimal
}

// chosen narrows a query to the investors asked for, parameter ?0.
const chosen = ` (?0::uuid[] IS NULL OR investor_id = ANY (?0::uuid[])) `

func lockPortfolios(ctx context.Context, tx bun.IDB, whom *string) error {
	_, err := tx.NewRaw(`INSERT INTO investments.investor_portfolios (investor_id)
		SELECT DISTINCT investor_id FROM investments.property_investments
		WHERE`+chosen+`AND deleted_at IS NULL AND status <> 'cancelled' ORDER BY 1 ON CONFLICT (investor_id) DO NOTHING`, whom).Exec(ctx)
	if err != nil {
		return store.Err(err, constraints)
	}
	_, err = tx.NewRaw(`SELECT 1 FROM investments.investor_portfolios WHERE`+chosen+`ORDER BY investor_id FOR NO KEY UPDATE`, whom).Exec(ctx)
	return store.Err(err, constraints)
}

func portfolioSums(ctx context.Context, tx bun.IDB, whom *string, asOf date.Date) ([]portfolioSum, error) {
	var sums []portfolioSum
	err := tx.NewRaw(`WITH cash AS (
			SELECT t.investor_id, t.investment_id,
				COALESCE(sum(t.amount) FILTER (WHERE t.type = 'distribution'), 0) AS distributed,
				COALESCE(sum(t.amount) FILTER (WHERE t.type = 'distribution' AND t.effective_date > ?1::date - 365), 0) AS last_year,
				COALESCE(sum(t.amount) FILTER (WHERE t.type = 'return_of_capital'), 0) AS returned,
				COALESCE(sum((t.amount - (t.metadata->>'unreturned_capital')::numeric) * CASE t.type WHEN 'transfer_in' THEN 1 ELSE -1 END)
					FILTER (WHERE t.type IN ('transfer_in', 'transfer_out')), 0) AS moved -- returned capital that came and went with transfers
			FROM investments.transactions t
			WHERE`+chosen+`AND t.investment_id IS NOT NULL AND t.status = 'completed' AND t.effective_date <= ?1::date GROUP BY 1, 2),
		held AS (
			SELECT pi.investor_id, pi.property_id, pr.state, pr.city, COALESCE(pr.property_type, 'unknown') AS kind,
				COALESCE(pr.property_class, 'unknown') AS class, pi.investment_amount AS invested,
				CASE WHEN pi.status = 'funded' THEN GREATEST(pi.investment_amount - COALESCE(c.returned + c.moved, 0) + pi.unrealized_gains, 0) ELSE 0 END AS value
			FROM investments.property_investments pi
			JOIN properties.properties pr ON pr.id = pi.property_id
			LEFT JOIN cash c ON c.investor_id = pi.investor_id AND c.investment_id = pi.id
			WHERE (?0::uuid[] IS NULL OR pi.investor_id = ANY (?0::uuid[])) AND pi.deleted_at IS NULL AND pi.status IN ('funded', 'exited')),
		total AS (SELECT investor_id, count(DISTINCT property_id) AS properties, sum(invested) AS invested, sum(value) AS value FROM held GROUP BY 1),
		paid AS (SELECT investor_id, sum(distributed) + sum(returned) AS distributed, sum(last_year) AS last_year FROM cash GROUP BY 1),
		parts AS (
			SELECT h.investor_id, g.dim, g.key, round(sum(h.value) / t.value, 6) AS part
			FROM held h JOIN total t ON t.investor_id = h.investor_id AND t.value > 0
			CROSS JOIN LATERAL (VALUES ('state', h.state), ('city', h.city), ('type', h.kind), ('class', h.class)) AS g (dim, key)
			GROUP BY h.investor_id, g.dim, g.key, t.value),
		maps AS (SELECT investor_id, dim, jsonb_object_agg(key, part::text ORDER BY key) AS m FROM parts GROUP BY 1, 2)
		SELECT f.investor_id, COALESCE(t.properties, 0) AS properties, COALESCE(t.invested, 0) AS invested, COALESCE(t.value, 0) AS value,
			COALESCE(p.distributed, 0) AS distributed, COALESCE(p.last_year, 0) AS last_year,
			COALESCE((SELECT m FROM maps WHERE investor_id = f.investor_id AND dim = 'state'), '{}')::text AS by_state,
			COALESCE((SELECT m FROM maps WHERE investor_id = f.investor_id AND dim = 'city'), '{}')::text AS by_city,
			COALESCE((SELECT m FROM maps WHERE investor_id = f.investor_id AND dim = 'type'), '{}')::text AS by_type,
			COALESCE((SELECT m FROM maps WHERE investor_id = f.investor_id AND dim = 'class'), '{}')::text AS by_class
		FROM investments.investor_portfolios f
		LEFT JOIN total t ON t.investor_id = f.investor_id LEFT JOIN paid p ON p.investor_id = f.investor_id
		WHERE (?0::uuid[] IS NULL OR f.investor_id = ANY (?0::uuid[])) ORDER BY f.investor_id`, whom, asOf).Scan(ctx, &sums)
	return sums, store.Err(err, constraints)
}

// addRates computes what SQL cannot: the rates of the pooled flows.
func addRates(ctx context.Context, tx bun.IDB, sums []portfolioSum, whom *string, asOf date.Date) error {
	var flows []struct {
		InvestorID id.Of[auth.User] `bun:"investor_id"`
		Day        date.Date        `bun:"day"`
		Amount     money.Amount     `bun:"amount"`
	}
	err := tx.NewRaw(`SELECT investor_id, effective_date AS day,
			sum(CASE WHEN type IN ('investment', 'transfer_in') THEN -amount WHEN type IN ('distribution', 'return_of_capital', 'refund', 'transfer_out') THEN amount ELSE 0 END) AS amount
		FROM investments.transactions WHERE`+chosen+`AND investment_id IS NOT NULL AND status = 'completed' AND effective_date <= ?1::date
		GROUP BY 1, 2 ORDER BY 1, 2`, whom, asOf).Scan(ctx, &flows)
	if err != nil {
		return store.Err(err, constraints)
	}
	next := 0
	var vector []returns.Cash
	for i := range sums {
		r := &sums[i]
		vector = vector[:0]
		for ; next < len(flows) && flows[next].InvestorID.Compare(r.InvestorID) <= 0; next++ {
			if flows[next].InvestorID == r.InvestorID {
				vector = append(vector, returns.Cash{Date: flows[next].Day, Amount: flows[next].Amount})
			}
		}
		if !r.Value.IsZero() {
			vector = append(vector, returns.Cash{Date: asOf, Amount: r.Value})
		}
		if rate, err := returns.XIRR(vector); err == nil && rate.Unique {
			r.irr = storable(rate.Decimal())
		}
		if r.Invested.IsZero() {
			continue
		}
		gain, err := r.Distributed.Add(r.Value)
		if err != nil {
			return err
		}
		multiple, _ := gain.Ratio(r.Invested, 10)
		yield, _ := r.LastYear.Ratio(r.Invested, 10)
		r.mul, r.coc = storable(multiple), storable(yield)
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

func (s *Service) writePortfolios(ctx context.Context, tx bun.IDB, sums []portfolioSum) error {
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
	maps := func(of func(*portfolioSum) string) string {
		return column(func(r *portfolioSum) string { return store.ArrayText(of(r)) })
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
		column(func(r *portfolioSum) string { return decimal.NewFromInt(int64(r.Properties)).String() }),
		column(func(r *portfolioSum) string { return r.Invested.String() }),
		column(func(r *portfolioSum) string { return r.Value.String() }),
		column(func(r *portfolioSum) string { return r.Distributed.String() }),
		number(func(r *portfolioSum) *decimal.Decimal { return r.irr }),
		number(func(r *portfolioSum) *decimal.Decimal { return r.coc }),
		number(func(r *portfolioSum) *decimal.Decimal { return r.mul }),
		maps(func(r *portfolioSum) string { return r.ByState }), maps(func(r *portfolioSum) string { return r.ByCity }),
		maps(func(r *portfolioSum) string { return r.ByType }), maps(func(r *portfolioSum) string { return r.ByClass }),
		store.TimeKey(now))
	return store.Err(err, constraints)
}
