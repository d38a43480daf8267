package financials

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The limits of a read over many properties.
const (
	maxTrailingProperties = 10_000
	maxTrailing           = 120_000 // properties times months
)

// ErrStatementMonths: only a number of whole months makes a year.
var ErrStatementMonths = fault.New(fault.Invalid, "statement_months_partial", "only a statement of whole months can be annualized")

// Stretch names some months that end with a given one.
type Stretch string

// The stretches.
const (
	StretchMonth      Stretch = "month"        // that month
	StretchT3         Stretch = "t3"           // three months
	StretchT12        Stretch = "t12"          // twelve months
	StretchYearToDate Stretch = "year_to_date" // from January on
)

// Valid reports whether s is one of the stretches.
func (s Stretch) Valid() bool {
	switch s {
	case StretchMonth, StretchT3, StretchT12, StretchYearToDate:
		return true
	}
	return false
}

// first is the first day of the stretch that ends with a month.
func (s Stretch) first(month date.Date) date.Date {
	switch m := month.StartOfMonth(); s {
	case StretchT3:
		return m.AddMonths(-2)
	case StretchT12:
		return m.AddMonths(-11)
	case StretchYearToDate:
		return m.AddMonths(1 - int(m.Month()))
	default:
		return m
	}
}

// Annualized is what a year comes to at the pace of the statement: each line times twelve
// over the months, rounded to the cent, as a statement of the twelve months that end with
// it. It returns [ErrStatementMonths] where the period is not of whole months, or
// [money.ErrOutOfRange].
func (s OperatingStatement) Annualized() (OperatingStatement, error) {
	months := int64(s.WholeMonths())
	if months == 0 {
		return OperatingStatement{}, ErrStatementMonths
	}
	for _, amount := range s.lines() { // of the copy
		year, err := money.Round(times(*amount, 12).DivRound(decimal.NewFromInt(months), RatioDecimals))
		if err != nil {
			return OperatingStatement{}, err
		}
		*amount = year
	}
	s.PeriodStart = s.PeriodEnd.AddDays(1).AddMonths(-12)
	return s, nil
}

// TrailingStatement is the statements in force of a property over some months, added up.
type TrailingStatement struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
	Currency   string                     `json:"currency"`
	First      date.Date                  `json:"first"` // the first day
	Last       date.Date                  `json:"last"`  // the last day
	// Statement is nil where the statements do not cover each of the days once, so that no
	// part of a year passes for one.
	Statement *OperatingStatement `json:"statement"`
	Missing   int                 `json:"missing"` // days that no statement covers which lies within the months
}

// TrailingStatementsParams is a set of properties and the months to add up.
type TrailingStatementsParams struct {
	PropertyIDs []id.Of[properties.Property] // each once; at most 10,000
	Month       date.Date                    // any day of the last month
	Stretch     Stretch                      // "" is [StretchT12]
	// Series is for how many months up to that one a sum is wanted, such as each month's
	// trailing twelve; zero is 1, for the last month alone.
	Series int
	Basis  AccountingBasis // "" is accrual
}

// TrailingStatements adds the statements in force up, property by property in the order of
// the ids and for each month of the series: the trailing twelve months, three of them
// (whose [OperatingStatement.Annualized] is the year at that pace), the year to date or the
// month. It is one query, whatever the number of properties. A statement that reaches
// beyond the months counts as missing. It returns properties.ErrPropertyNotFound,
// [money.ErrOutOfRange] of a sum, or the field errors.
func (s *Service) TrailingStatements(ctx context.Context, db bun.IDB, p TrailingStatementsParams) ([]TrailingStatement, error) {
	var f check.Fields
	p.Basis = p.Basis.given(&f)
	p.Stretch, p.Series = cmp.Or(p.Stretch, StretchT12), cmp.Or(p.Series, 1)
	check.One(&f, "stretch", p.Stretch)
	f.Given("month", p.Month)
	f.Integer("series", &p.Series, 1, 1200)
	propertySet(&f, p.PropertyIDs)
	f.Check(len(p.PropertyIDs)*p.Series <= maxTrailing, "series", check.TooMany, "at most 120,000 sums")
	if err := f.Err(); err != nil {
		return nil, err
	}
	spans := make([]span, p.Series)
	for i := range spans {
		month := p.Month.StartOfMonth().AddMonths(i + 1 - p.Series)
		spans[i] = span{p.Stretch.first(month), month.EndOfMonth()}
	}
	return summed(ctx, db, p.PropertyIDs, spans, p.Basis)
}

// propertySet checks a list of properties.
func propertySet(f *check.Fields, list []id.Of[properties.Property]) {
	f.Some("property_ids", len(list))
	f.Check(len(list) <= maxTrailingProperties, "property_ids", check.TooMany, "at most 10,000 properties")
	seen := make(map[id.Of[properties.Property]]bool, len(list))
	for i, v := range list {
		f.Given("property_ids["+strconv.Itoa(i)+"]", v)
		f.Check(!seen[v], "property_ids["+strconv.Itoa(i)+"]", check.Duplicate, "each property once")
		seen[v] = true
	}
}

// span is some days, both included.
type span struct{ first, last date.Date }

// sumsSQL adds the statements within each span up, by property. What lies across the ends
// of a span is not in it, and so shows in the days.
var sumsSQL = `WITH w AS (SELECT * FROM unnest($2::date[], $3::date[]) WITH ORDINALITY AS w (first, last, n)),
	p AS (SELECT * FROM unnest($1::uuid[]) WITH ORDINALITY AS p (id, n)),
	i AS (SELECT s.property_id, w.n, ` + sumsOf("s", statementLines[:incomeLines]) + ` AS lines FROM w
		JOIN financials.property_income s ON s.period_start >= w.first AND s.period_end <= w.last
		WHERE s.property_id = ANY ($1::uuid[]) AND s.superseded_at IS NULL AND s.accounting_basis = $4 GROUP BY s.property_id, w.n),
	e AS (SELECT s.property_id, w.n, ` + sumsOf("s", statementLines[incomeLines:]) + ` AS lines FROM w
		JOIN financials.property_expenses s ON s.period_start >= w.first AND s.period_end <= w.last
		WHERE s.property_id = ANY ($1::uuid[]) AND s.superseded_at IS NULL AND s.accounting_basis = $4 GROUP BY s.property_id, w.n),
	c AS (SELECT t.property_id, w.n, sum(t.period_end - t.period_start + 1) AS days FROM w JOIN (
			SELECT property_id, period_start, period_end FROM financials.property_income
			WHERE property_id = ANY ($1::uuid[]) AND superseded_at IS NULL AND accounting_basis = $4
			UNION SELECT property_id, period_start, period_end FROM financials.property_expenses
			WHERE property_id = ANY ($1::uuid[]) AND superseded_at IS NULL AND accounting_basis = $4
		) t ON t.period_start >= w.first AND t.period_end <= w.last GROUP BY t.property_id, w.n)
	SELECT p.id AS property_id, COALESCE(r.currency, '') AS currency, w.n - 1 AS span, COALESCE(c.days, 0) AS days,
		COALESCE(i.lines, '') AS income, COALESCE(e.lines, '') AS expenses
	FROM p CROSS JOIN w LEFT JOIN properties.properties r ON r.id = p.id
		LEFT JOIN c ON c.property_id = p.id AND c.n = w.n LEFT JOIN i ON i.property_id = p.id AND i.n = w.n
		LEFT JOIN e ON e.property_id = p.id AND e.n = w.n
	ORDER BY p.n, w.n`

// incomeLines is how many of the lines of a statement are columns of property_income.
const incomeLines = 11

// sumsOf is the sums of the columns of lines as one text, in their order.
func sumsOf(alias string, lines []StatementLine) string {
	sums := make([]string, len(lines))
	for i, l := range lines {
		sums[i] = "COALESCE(sum(" + alias + "." + string(l) + "), 0)"
	}
	return "concat_ws(',', " + strings.Join(sums, ", ") + ")"
}

// summed reads the sums of all spans for each property.
func summed(ctx context.Context, db bun.IDB, list []id.Of[properties.Property], spans []span, basis AccountingBasis) ([]TrailingStatement, error) {
	rows, err := store.Rows[struct {
		PropertyID id.Of[properties.Property] `bun:"property_id"`
		Currency   string                     `bun:"currency"`
		Span       int                        `bun:"span"`
		Days       int                        `bun:"days"`
		Income     string                     `bun:"income"`
		Expenses   string                     `bun:"expenses"`
	}](ctx, db, sumsSQL, store.TextArray(list, func(v *id.Of[properties.Property]) string { return v.String() }),
		store.TextArray(spans, func(v *span) string { return v.first.String() }), store.TextArray(spans, func(v *span) string { return v.last.String() }), string(basis))
	if err != nil {
		return nil, err
	}
	out := make([]TrailingStatement, len(rows))
	for i, r := range rows {
		if r.Currency == "" {
			return nil, properties.ErrPropertyNotFound.On("property_ids[" + strconv.Itoa(i/len(spans)) + "]")
		}
		at := spans[r.Span]
		out[i] = TrailingStatement{PropertyID: r.PropertyID, Currency: r.Currency, First: at.first, Last: at.last, Missing: max(0, at.last.Sub(at.first)+1-r.Days)}
		if r.Days != at.last.Sub(at.first)+1 {
			continue
		}
		o := OperatingStatement{PeriodStart: at.first, PeriodEnd: at.last}
		to := o.lines()
		if err := fill(to[:incomeLines], r.Income); err != nil {
			return nil, err
		}
		if err := fill(to[incomeLines:], r.Expenses); err != nil {
			return nil, err
		}
		out[i].Statement = &o
	}
	return out, nil
}

// fill reads the sums of lines; a text that is empty is zeros.
func fill(to []*money.Amount, text string) (err error) {
	for i := 0; text != "" && i < len(to); i++ {
		var one string
		one, text, _ = strings.Cut(text, ",")
		if *to[i], err = money.Parse(one); err != nil {
			return err
		}
	}
	return nil
}
