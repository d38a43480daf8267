package investments

import (
	"context"
	"encoding/hex"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// refreshBatch bounds how many portfolios are in memory at once.
const refreshBatch = 25_000

// RefreshPortfoliosParams says whose portfolios are brought up to which day.
type RefreshPortfoliosParams struct {
	InvestorIDs []id.Of[auth.User] // nil is all
	// DistributionID stands for the investors whose positions the distribution has
	// lines for, whatever has become of it; InvestorIDs is nil then.
	DistributionID *id.Of[Distribution]
	AsOf           date.Date
}

// RefreshPortfolios recomputes the portfolios of investors as of a day, from the
// history of their positions, and makes the missing ones. They are read and written
// set-wise, many at a time; nil is every investor who has a position.
//
// Movements count to the day given; what is held, and where, is taken as it is now.
// Promote and fees belong to no position and are left out.
//
// The current value of a position is the capital it still has in, which is
// contributions less capital returned by declared distributions, and its unrealized
// gains. The IRR is that of the pooled flows with the current value as the last one;
// it is undefined (nil) where the flows have no rate. The equity multiple is of the
// same flows. Cash-on-cash is the distributions of the last twelve months over what
// was invested.
//
// An investor has a portfolio of each currency, since amounts of two are never added.
//
// It locks the portfolios in the order of their investors. It returns field errors or
// [ErrDistributionNotFound].
func (s *Reports) RefreshPortfolios(ctx context.Context, db bun.IDB, p RefreshPortfoliosParams) error {
	var f check.Fields
	f.Given("as_of", p.AsOf)
	f.Check(p.DistributionID == nil || p.InvestorIDs == nil, "distribution_id", check.NotAllowed, "investors or a distribution, not both")
	if err := f.Err(); err != nil {
		return err
	}
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		switch {
		case p.InvestorIDs != nil:
			return s.refresh(ctx, tx, slices.Clone(p.InvestorIDs), false, true, p.AsOf, refreshBatch)
		case p.DistributionID != nil:
			return s.refreshTouched(ctx, tx, *p.DistributionID, p.AsOf)
		}
		all, err := investorsOf(ctx, tx, `SELECT DISTINCT investor_id FROM investments.property_investments WHERE deleted_at IS NULL AND status <> 'cancelled'
			UNION SELECT investor_id FROM investments.investor_portfolios`)
		if err != nil {
			return err
		}
		return s.refresh(ctx, tx, all, true, true, p.AsOf, refreshBatch)
	})
}

// refreshTouched refreshes whose positions a distribution has lines for.
func (s *core) refreshTouched(ctx context.Context, tx bun.IDB, v id.Of[Distribution], asOf date.Date) error {
	if _, err := distributions.Get(ctx, tx, v); err != nil {
		return err
	}
	touched, err := investorsOf(ctx, tx, `SELECT DISTINCT investor_id FROM investments.investor_distributions
		WHERE distribution_id = ? AND investment_id IS NOT NULL`, v)
	if err != nil {
		return err
	}
	return s.refresh(ctx, tx, touched, false, true, asOf, refreshBatch)
}

// paidTo are the investors whose payments of a set were just completed.
func (p paymentSet) paidTo(ctx context.Context, tx bun.IDB) ([]id.Of[auth.User], error) {
	p.status, p.withoutCash = PaymentStatusCompleted, false
	return investorsOf(ctx, tx, `SELECT DISTINCT dl.investor_id FROM investments.investor_distributions AS dl
		WHERE dl.investment_id IS NOT NULL AND ?`, p.where())
}

// refreshHolders brings the portfolios of everybody with capital in an offering
// up to date, those who left included.
func (s *core) refreshHolders(ctx context.Context, tx bun.IDB, o id.Of[Offering], asOf date.Date) error {
	holders, err := investorsOf(ctx, tx, `SELECT DISTINCT investor_id FROM investments.property_investments
		WHERE opportunity_id = ? AND status IN ('funded', 'exited') AND deleted_at IS NULL`, o)
	if err != nil {
		return err
	}
	return s.refresh(ctx, tx, holders, false, false, asOf, refreshBatch)
}

func investorsOf(ctx context.Context, tx bun.IDB, query string, args ...any) (out []id.Of[auth.User], err error) {
	err = store.Read(ctx, tx, tx.NewRaw(query, args...), &out)
	return out, store.Err(err, constraints)
}

// refresh does the work, for size investors after the other. When they are all
// there are, a part is a range of ids. Anew is from all movements; see [portfolioSums].
func (s *core) refresh(ctx context.Context, tx bun.IDB, investors []id.Of[auth.User], all, anew bool, asOf date.Date, size int) error {
	slices.SortFunc(investors, id.Of[auth.User].Compare)
	investors = slices.Compact(investors)
	for part := range slices.Chunk(investors, size) {
		w := whom{n: len(part), from: part[0], to: part[len(part)-1]}
		if !all {
			w = whomOf(part)
		}
		var sums []portfolioSum
		err := store.TogetherFew(ctx, tx, w.n, append(lockPortfolios(ctx, w),
			store.Into(&sums, func(tx bun.IDB) ([]portfolioSum, error) { return portfolioSums(ctx, tx, w, asOf, anew) }))...)
		if err != nil {
			return err
		}
		if err := s.writePortfolios(ctx, tx, sums, asOf); err != nil {
			return err
		}
	}
	return nil
}

// whom is a part of the investors: a list, or all from one id to another.
type whom struct {
	n        int // how many
	from, to id.Of[auth.User]
	list     *string // an array of ids
}

// whomOf is a list of investors.
func whomOf(list []id.Of[auth.User]) whom {
	return whom{n: len(list), list: ptr(store.TextArray(list, func(v *id.Of[auth.User]) string { return v.String() }))}
}

// narrow is the condition on a column. It is one or the other, so that the plan
// is made for it: a few ids are looked up, many are scanned for.
func (w whom) narrow(column string) bun.Safe {
	if w.list != nil {
		return bun.Safe(column + " = ANY ('" + *w.list + "'::uuid[])") // ids, written by this package
	}
	return bun.Safe(column + " BETWEEN '" + w.from.String() + "' AND '" + w.to.String() + "'")
}

// lockPortfolios is the parts that make the missing portfolios of investors and lock all of
// them, in the order of the investors.
func lockPortfolios(ctx context.Context, w whom) []store.Part {
	return []store.Part{
		func(tx bun.IDB) error {
			_, err := store.Write(ctx, tx, tx.NewRaw(`INSERT INTO investments.investor_portfolios (investor_id, currency)
				SELECT DISTINCT pi.investor_id, pi.currency FROM investments.property_investments pi
				WHERE ? AND pi.deleted_at IS NULL AND pi.status <> 'cancelled'
					AND (SELECT f.id FROM investments.investor_portfolios f WHERE f.investor_id = pi.investor_id AND f.currency = pi.currency) IS NULL
				ORDER BY 1, 2 ON CONFLICT (investor_id, currency) DO NOTHING`, w.narrow("pi.investor_id")))
			return store.Err(err, constraints)
		},
		func(tx bun.IDB) error {
			_, err := store.Write(ctx, tx, tx.NewRaw(`SELECT count(*) FROM (SELECT 1 FROM investments.investor_portfolios f WHERE ? ORDER BY f.investor_id, f.currency FOR NO KEY UPDATE) locked`,
				w.narrow("f.investor_id")))
			return store.Err(err, constraints)
		},
	}
}

func (s *core) writePortfolios(ctx context.Context, tx bun.IDB, sums []portfolioSum, asOf date.Date) error {
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
			weighted_avg_irr = r.irr, irr_unique = r.irr_unique, weighted_avg_cash_on_cash = r.coc, total_equity_multiple = r.multiple,
			allocation_by_state = r.by_state, allocation_by_city = r.by_city,
			allocation_by_property_type = r.by_type, allocation_by_property_class = r.by_class, last_calculated_at = $14::timestamptz, as_of = $15::date, movements = r.movements,
			folded = r.folded, folded_numbers = r.numbers
		FROM unnest($1::uuid[], $2::int[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[], $7::numeric[], $8::numeric[],
			$9::jsonb[], $10::jsonb[], $11::jsonb[], $12::jsonb[], $13::boolean[], $16::text[], $17::bigint[], $18::bytea[], $19::jsonb[])
			AS r (investor_id, properties, invested, value, distributed, irr, coc, multiple, by_state, by_city, by_type, by_class, irr_unique, currency, movements, folded, numbers)
		WHERE f.investor_id = r.investor_id AND f.currency = r.currency`,
		column(func(r *portfolioSum) string { return r.InvestorID.String() }),
		column(func(r *portfolioSum) string { return strconv.Itoa(r.Properties) }),
		column(func(r *portfolioSum) string { return r.Invested.String() }),
		column(func(r *portfolioSum) string { return r.Value.String() }),
		column(func(r *portfolioSum) string { return r.Distributed.String() }),
		number(func(r *portfolioSum) *decimal.Decimal { return r.irr }),
		number(func(r *portfolioSum) *decimal.Decimal { return r.coc }),
		number(func(r *portfolioSum) *decimal.Decimal { return r.mul }),
		maps(0), maps(1), maps(2), maps(3),
		column(func(r *portfolioSum) string {
			if r.irr == nil {
				return ""
			}
			return strconv.FormatBool(r.unique)
		}),
		store.TimeKey(now), asOf.String(), column(func(r *portfolioSum) string { return r.Currency }),
		column(func(r *portfolioSum) string { return strconv.FormatInt(r.Movements, 10) }),
		column(func(r *portfolioSum) string { return store.ArrayText(`\x` + hex.EncodeToString(r.folded)) }),
		column(func(r *portfolioSum) string { return store.ArrayText(string(r.numbers)) }))
	return store.Err(err, constraints)
}
