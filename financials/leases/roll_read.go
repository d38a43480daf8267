package leases

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Availability is what units of one type offer on a day.
type Availability struct {
	Type       properties.UnitType `json:"type"` // "" where units have none
	Bedrooms   *int                `json:"bedrooms"`
	Units      int                 `json:"units"`
	Occupied   int                 `json:"occupied"`
	Notice     int                 `json:"notice"` // occupied, and not let on
	Vacant     int                 `json:"vacant"` // and not let on; renovations among them
	Unknown    int                 `json:"unknown"`
	Available  int                 `json:"available"` // vacant or under notice, and not let on
	MarketRent *decimal.Decimal    `json:"market_rent"`
	Rent       *decimal.Decimal    `json:"rent"` // average of the occupied units
}

// Availability groups the units of a rent roll by type and bedrooms.
func (r *RentRoll) Availability() []Availability {
	type sums struct {
		a                Availability
		market, rent     decimal.Decimal
		priced, occupied int64
	}
	at := map[string]*sums{}
	for i := range r.Units {
		u := &r.Units[i]
		key, kind := "", properties.UnitType("")
		if u.Type != nil {
			kind = *u.Type
		}
		if key = string(kind); u.Bedrooms != nil {
			key += "/" + itoa(*u.Bedrooms)
		}
		s := at[key]
		if s == nil {
			s = &sums{a: Availability{Type: kind, Bedrooms: u.Bedrooms}}
			at[key] = s
		}
		s.a.Units++
		if u.MarketRent != nil {
			s.market, s.priced = s.market.Add(u.MarketRent.Decimal()), s.priced+1
		}
		next := u.begins()
		switch {
		case u.Status == properties.OccupancyUnknown:
			s.a.Unknown++
		case u.Status.Occupied():
			s.a.Occupied++
			s.rent, s.occupied = s.rent.Add(given(u.Rent).Decimal()), s.occupied+1
			if u.Status == properties.OccupancyNotice && !next {
				s.a.Notice++
			}
		case !next:
			s.a.Vacant++
		}
	}
	out := make([]Availability, 0, len(at))
	for _, s := range at {
		s.a.Available = s.a.Notice + s.a.Vacant
		if s.priced > 0 {
			m := s.market.DivRound(decimal.NewFromInt(s.priced), financials.RatioDecimals)
			s.a.MarketRent = &m
		}
		if s.occupied > 0 {
			m := s.rent.DivRound(decimal.NewFromInt(s.occupied), financials.RatioDecimals)
			s.a.Rent = &m
		}
		out = append(out, s.a)
	}
	slices.SortFunc(out, func(a, b Availability) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(beds(a.Bedrooms), beds(b.Bedrooms)))
	})
	return out
}

func beds(n *int) int {
	if n == nil {
		return -1
	}
	return *n
}

// Expiration is what expires in one month.
type Expiration struct {
	Month  date.Date        `bun:"month" json:"month"`
	Leases int              `bun:"leases" json:"leases"`
	Rent   money.Amount     `bun:"rent" json:"rent"`
	Share  *decimal.Decimal `bun:"-" json:"share"` // of the rent of all leases in place
}

// ExpirationsParams is the months whose expiring leases are counted.
type ExpirationsParams struct {
	PropertyID id.Of[properties.Property]
	Day        date.Date // of the leases in place
	Months     int       // from the month of Day on; 1 to 600
	Known      *time.Time
}

// Expirations counts the leases in place on a day by the month in which their agreed term
// ends, with their rent on that day. A renewal that is signed takes its place; leases
// that go on month to month expire in none. It rests on leases.
func (s *Rolls) Expirations(ctx context.Context, db bun.IDB, p ExpirationsParams) ([]Expiration, error) {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.Given("day", p.Day)
	f.Integer("months", &p.Months, 1, 600)
	f.Moment("known", p.Known)
	if err := f.Err(); err != nil {
		return nil, err
	}
	units, err := scan[struct {
		EndsOn *date.Date    `bun:"ends_on"`
		Rent   *money.Amount `bun:"rent"`
	}](ctx, db, `SELECT (SELECT CASE WHEN bool_or(n.ends_on IS NULL) THEN NULL ELSE max(n.ends_on) END FROM financials.lease_terms n WHERE n.lease_id = x.lease_id AND n.starts_on >= x.starts_on AND `+
		knownAs("n", "?2", p.Known)+`) AS ends_on, x.rent FROM (`+rollSQL(p.Known, false, false)+`) x WHERE x.lease_id IS NOT NULL`, p.PropertyID, p.Day, p.Known)
	if err != nil {
		return nil, err
	}
	first := p.Day.StartOfMonth()
	out := make([]Expiration, p.Months)
	for i := range out {
		out[i].Month = first.AddMonths(i)
	}
	var total money.Amount
	for _, u := range units {
		if total, err = total.Add(given(u.Rent)); err != nil {
			return nil, err
		}
		if u.EndsOn == nil || u.EndsOn.Before(first) {
			continue
		}
		n := (u.EndsOn.Year()-first.Year())*12 + int(u.EndsOn.Month()) - int(first.Month())
		if n >= p.Months {
			continue
		}
		out[n].Leases++
		if out[n].Rent, err = out[n].Rent.Add(given(u.Rent)); err != nil {
			return nil, err
		}
	}
	for i := range out {
		out[i].Share = quotient(out[i].Rent, total)
	}
	return out, nil
}

// Collection is what a tenant was billed and paid in a period.
type Collection struct {
	LeaseID   id.Of[Lease] `bun:"lease_id" json:"lease_id"`
	Billed    money.Amount `bun:"billed" json:"billed"`       // charges due less reversals and concessions
	Collected money.Amount `bun:"collected" json:"collected"` // payments less returns
}

// CollectionsParams is a period whose collections are read.
type CollectionsParams struct {
	PropertyID id.Of[properties.Property]
	From       date.Date
	Through    date.Date
	Known      *time.Time
}

// Collections reads what each tenant of a property was billed and paid in a period.
func (s *Rolls) Collections(ctx context.Context, db bun.IDB, p CollectionsParams) ([]Collection, error) {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.Given("from", p.From)
	f.Given("through", p.Through)
	f.Moment("known", p.Known)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return scan[Collection](ctx, db, collectionsSQL, p.PropertyID, p.From, p.Known, p.Through)
}

const collectionsSQL = `SELECT n.lease_id, GREATEST(0, COALESCE(sum(` + billedSQL + `) FILTER (WHERE n.charge_kind NOT IN ('opening', 'bad_debt')), 0)) AS billed,
			COALESCE(sum(CASE n.kind WHEN 'payment' THEN n.amount WHEN 'return' THEN -n.amount END), 0) AS collected
		FROM financials.lease_entries n LEFT JOIN financials.lease_entries o ON o.id = n.of_id
		WHERE n.property_id = ?0 AND n.effective_on BETWEEN ?1 AND ?3 AND (?2::timestamptz IS NULL OR n.recorded_at <= ?2)
		GROUP BY n.lease_id ORDER BY n.lease_id`

// unitCollections is what the leases of each unit were billed and paid in the month of a
// roll: also of those who have left in it, or have paid since.
func unitCollections(ctx context.Context, db bun.IDB, p RentRollParams) (map[id.Of[properties.Unit]]Collection, error) {
	rows, err := scan[struct {
		UnitID    id.Of[properties.Unit] `bun:"unit_id"`
		Billed    money.Amount           `bun:"billed"`
		Collected money.Amount           `bun:"collected"`
	}](ctx, db, `SELECT l.unit_id, sum(c.billed) AS billed, sum(c.collected) AS collected FROM (`+collectionsSQL+`) c
		JOIN financials.leases l ON l.id = c.lease_id GROUP BY l.unit_id`, p.PropertyID, p.Day.StartOfMonth(), p.Known, p.Day)
	if err != nil {
		return nil, err
	}
	out := make(map[id.Of[properties.Unit]]Collection, len(rows))
	for _, r := range rows {
		out[r.UnitID] = Collection{Billed: r.Billed, Collected: r.Collected}
	}
	return out, nil
}
