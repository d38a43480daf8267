package investments

import (
	"bytes"
	"context"
	"slices"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// portfolioSum is the row of one investor, on its way into the table.
type portfolioSum struct {
	InvestorID  id.Of[auth.User]
	Currency    string
	Properties  int
	Invested    money.Amount
	Value       money.Amount
	Distributed money.Amount
	Movements   int64

	by            [4]string // allocations in JSON: by state, city, type, class
	irr, coc, mul *decimal.Decimal
	unique        bool

	held []heldPosition // by id

	// What was added up, to go on from, and by position the number of the last movement in
	// it, as JSON; before derive what the portfolio was left with, nil where it is begun anew.
	folded  []byte
	numbers []byte
}

// portfolioMovements is the condition on the movements that a portfolio sums, and counts.
const portfolioMovements = "cm.kind IN ('contribution', 'refund', 'distribution', 'payment', 'transfer_out', 'transfer_in', 'conversion', 'unrealized')"

// seenAll is the condition that nothing was recorded of a portfolio f since it was
// computed, whatever was under way at the time.
const seenAll = "f.movements = " + allMovements

// allMovements is how many movements there are of a portfolio f.
const allMovements = `(SELECT count(*) FROM investments.property_investments pi JOIN investments.capital_movements cm ON cm.position_id = pi.id
				WHERE pi.investor_id = f.investor_id AND pi.currency = f.currency AND pi.deleted_at IS NULL AND ` + portfolioMovements + `)`

// heldPosition is what a portfolio needs to know of a position.
type heldPosition struct {
	id   id.Of[Position]
	held bool      // it counts in the value
	by   [4]string // in JSON: state, city, type, class
}

// portfolioSums reads the positions and the history of investors in one pass each, and
// derives their figures. It goes on from what the portfolios keep of the movements that
// they were computed from before, up to an earlier day, unless it is to begin anew, with
// all of them: a payment of a long history reads what came since.
func portfolioSums(ctx context.Context, tx bun.IDB, w whom, asOf date.Date, anew bool) ([]portfolioSum, error) {
	var sums []portfolioSum
	var at *portfolioFold
	err := store.TogetherFew(ctx, tx, w.n,
		func(tx bun.IDB) (err error) {
			sums, err = portfolioHoldings(ctx, tx, w, asOf, anew)
			at = newFold(sums, asOf)
			return err
		},
		func(tx bun.IDB) error {
			// The positions are put in order before their movements are found, each by its key: for many
			// investors the server would read the movements of all.
			seen := "CASE WHEN " + goesOn + " AND f.folded_numbers->>pi.id::text ~ '^[0-9]{1,18}$' THEN (f.folded_numbers->>pi.id::text)::bigint ELSE 0 END"
			if anew {
				seen = "0"
			}
			return store.NewQuery(tx, constraints, `SELECT cm.position_id, cm.number, cm.kind, cm.effective_date, cm.counts_on, cm.transfer_id, cm.amount, cm.capital, cm.unrealized, cm.consideration
		FROM (SELECT pi.id, pi.investor_id, pi.currency, `+seen+` AS seen FROM investments.property_investments pi
				LEFT JOIN investments.investor_portfolios f ON f.investor_id = pi.investor_id AND f.currency = pi.currency
			WHERE ?1 AND pi.deleted_at IS NULL ORDER BY pi.investor_id, pi.currency, pi.id OFFSET 0) pi
		CROSS JOIN LATERAL (SELECT * FROM investments.capital_movements WHERE position_id = pi.id AND number > pi.seen OFFSET 0) cm
		WHERE `+portfolioMovements+`
		ORDER BY pi.investor_id, pi.currency, pi.id`, asOf, w.narrow("pi.investor_id")).Each(ctx, func(row store.Row) error { return at.read(row) }) // behind the holdings
		})
	if err != nil {
		return nil, err
	}
	if err := at.upTo(len(sums)); err != nil {
		return nil, err
	}
	return sums, begunAnew(ctx, tx, sums, at.lost, asOf)
}

// goesOn is the condition that a portfolio f keeps what is gone on from to a day, ?0.
const goesOn = "f.folded IS NOT NULL AND f.as_of <= ?0::date"

// portfolioHoldings reads the investors of portfolios and what they hold. A position
// whose money all went back counts on the days before it did.
func portfolioHoldings(ctx context.Context, tx bun.IDB, w whom, asOf date.Date, anew bool) ([]portfolioSum, error) {
	var sums []portfolioSum
	seen := map[id.Of[properties.Property]]bool{}
	on := goesOn
	if anew {
		on = "FALSE"
	}
	err := store.NewQuery(tx, constraints, `SELECT f.investor_id, f.currency, pi.id, pi.property_id, pi.investment_amount, pi.status <> 'exited' OR pi.actual_exit_date > ?0::date, pi.status IN ('funded', 'exited'),
			to_json(pr.state)::text, to_json(pr.city)::text, to_json(COALESCE(pr.property_type, 'unknown'))::text, to_json(COALESCE(pr.property_class, 'unknown'))::text,
			CASE WHEN `+on+` THEN f.folded END, CASE WHEN `+on+` THEN f.folded_numbers::text END, CASE WHEN `+on+` THEN f.movements ELSE 0 END
		FROM investments.investor_portfolios f
		LEFT JOIN (investments.property_investments pi JOIN properties.properties pr ON pr.id = pi.property_id)
			ON pi.investor_id = f.investor_id AND pi.currency = f.currency AND pi.deleted_at IS NULL
		WHERE ?1 ORDER BY f.investor_id, f.currency, pi.id`, asOf, w.narrow("f.investor_id")).Each(ctx, func(row store.Row) error {
		var who id.Of[auth.User]
		var currency string
		var position *id.Of[Position]
		var property *id.Of[properties.Property]
		var invested *money.Amount
		var held, counts *bool
		var by [4]*string
		var folded, numbers []byte
		var movements int64
		if err := row.Scan(&who, &currency, &position, &property, &invested, &held, &counts, &by[0], &by[1], &by[2], &by[3], &folded, &numbers, &movements); err != nil {
			return err
		}
		if n := len(sums); n == 0 || sums[n-1].InvestorID != who || sums[n-1].Currency != currency {
			sums = append(sums, portfolioSum{InvestorID: who, Currency: currency, by: [4]string{"{}", "{}", "{}", "{}"},
				folded: bytes.Clone(folded), numbers: bytes.Clone(numbers), Movements: movements})
		}
		if position == nil {
			return nil
		}
		r := &sums[len(sums)-1]
		if len(r.held) == 0 {
			clear(seen)
		}
		if *counts {
			var err error
			if r.Invested, err = r.Invested.Add(*invested); err != nil {
				return err
			}
			if !seen[*property] {
				seen[*property] = true
				r.Properties++
			}
		}
		r.held = append(r.held, heldPosition{id: *position, held: *held, by: [4]string{or(by[0]), or(by[1]), or(by[2]), or(by[3])}})
		return nil
	})
	return sums, err
}

// place finds a position among those of a portfolio.
func (r *portfolioSum) place(v id.Of[Position]) (int, bool) {
	return slices.BinarySearchFunc(r.held, v, func(h heldPosition, v id.Of[Position]) int { return h.id.Compare(v) })
}

// derive works out the figures of an investor from the history of their positions.
func (r *portfolioSum) derive(own *history.Sums, asOf date.Date) error {
	f, err := own.Figures(asOf, func(p id.Of[history.Position]) bool {
		i, ok := r.place(id.Cast[Position](p))
		return ok && r.held[i].held
	})
	if err != nil {
		return err
	}
	r.Value, r.Distributed = f.Value, f.Distributed
	if rate := f.Rate(asOf); rate != nil {
		r.irr, r.unique = &rate.IRR, rate.Unique
	}
	if r.mul, err = f.Multiple(); err != nil {
		return err
	}
	if r.mul = storable(r.mul); !r.Invested.IsZero() {
		yield, _ := f.LastYear.Ratio(r.Invested, 10)
		r.coc = storable(&yield)
	}
	r.allocate(f.Values)
	return nil
}

// allocate divides the value by state, city, type and class.
func (r *portfolioSum) allocate(values map[id.Of[history.Position]]money.Amount) {
	for dim := range r.by {
		var keys []string // few: a list does
		var sums []int64
		for i := range r.held {
			worth := values[id.Cast[history.Position](r.held[i].id)]
			if worth.IsZero() {
				continue
			}
			at := slices.Index(keys, r.held[i].by[dim])
			if at < 0 {
				at, keys, sums = len(keys), append(keys, r.held[i].by[dim]), append(sums, 0)
			}
			sums[at] += worth.Cents()
		}
		buf := bytes.NewBufferString("{")
		for i := range keys {
			if i > 0 {
				buf.WriteByte(',')
			}
			part := decimal.NewFromInt(sums[i]).DivRound(decimal.NewFromInt(r.Value.Cents()), 6)
			buf.WriteString(keys[i] + `:"` + part.StringFixed(6) + `"`)
		}
		buf.WriteByte('}')
		r.by[dim] = buf.String()
	}
}

// storable is a computed return as its column keeps it, nil where it does not
// fit.
func storable(d *decimal.Decimal) *decimal.Decimal {
	if d == nil || d.Round(10).Abs().GreaterThanOrEqual(decimal.New(1, 8)) {
		return nil
	}
	return ptr(d.Round(10))
}
