package leases

import (
	"context"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// RollUnit is a unit on a day: of a lease, or as it was reported. Rents are a month's.
type RollUnit struct {
	UnitID     id.Of[properties.Unit]     `bun:"unit_id" json:"unit_id"`
	Number     string                     `bun:"number" json:"number"`
	Building   *string                    `bun:"building" json:"building"`
	Type       *properties.UnitType       `bun:"unit_type" json:"unit_type"`
	Bedrooms   *int                       `bun:"bedrooms" json:"bedrooms"`
	Sqft       *int                       `bun:"sqft" json:"sqft"`
	MarketRent *money.Amount              `bun:"market_rent" json:"market_rent"`
	Status     properties.OccupancyStatus `bun:"status" json:"status"`

	LeaseID     *id.Of[Lease] `bun:"lease_id" json:"lease_id"`
	TenantName  *string       `bun:"tenant_name" json:"tenant_name"` // personal data
	StartsOn    *date.Date    `bun:"starts_on" json:"starts_on"`
	EndsOn      *date.Date    `bun:"ends_on" json:"ends_on"` // nil is month to month
	LastDay     *date.Date    `bun:"last_day" json:"last_day"`
	MovedInOn   *date.Date    `bun:"moved_in_on" json:"moved_in_on"`
	NoticeOn    *date.Date    `bun:"notice_on" json:"notice_on"`
	Rent        *money.Amount `bun:"rent" json:"rent"`
	Concessions *money.Amount `bun:"concessions" json:"concessions"` // a month's

	// The lease that follows, where one is signed.
	NextLeaseID  *id.Of[Lease] `bun:"next_lease_id" json:"next_lease_id"`
	NextStartsOn *date.Date    `bun:"next_starts_on" json:"next_starts_on"`

	Balance        money.Amount  `bun:"balance" json:"balance"`
	DaysDelinquent int           `bun:"days_delinquent" json:"days_delinquent"`
	DepositHeld    *money.Amount `bun:"deposit_held" json:"deposit_held"`
	// Of all leases of the unit, whoever has left among them, in the month of the day until
	// the day.
	Billed    money.Amount `bun:"billed" json:"billed"`
	Collected money.Amount `bun:"collected" json:"collected"`
}

// RentRoll is the units of a property on a day, and what they come to.
type RentRoll struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
	Day        date.Date                  `json:"day"`
	// Basis says what the roll rests on: leases, or the last report on or before Day,
	// which is of ReportedOn; "" where there is neither, and nothing is known.
	Basis      financials.RollBasis `json:"basis"`
	ReportedOn *date.Date           `json:"reported_on"`
	Units      []RollUnit           `json:"units"`
	// Former is what tenants owe who have left.
	Former  []Balance              `json:"former"`
	Metrics financials.RollMetrics `json:"metrics"`
	Leasing Leasing                `json:"leasing"`
}

// Leasing are the figures of a roll that look ahead. Ratios are fractions, nil where
// nothing is known.
type Leasing struct {
	// Leased is the units that have a tenant without notice, or a lease that is to
	// begin, over all.
	LeasedUnits     int              `json:"leased_units"`
	LeasedOccupancy *decimal.Decimal `json:"leased_occupancy"`
	// EconomicOccupancy is the rent in place less concessions, over the market rent of
	// all units.
	EconomicOccupancy *decimal.Decimal `json:"economic_occupancy"`
	Notice            int              `json:"notice"`
	Vacant            int              `json:"vacant"` // under renovation too
	Preleased         int              `json:"preleased"`
	// Concessions is a month's.
	Concessions money.Amount `json:"concessions"`
}

// RentRollParams is the day of a rent roll.
type RentRollParams struct {
	PropertyID id.Of[properties.Property]
	Day        date.Date
	Known      *time.Time // what was recorded by then; nil is now
	// Rents leaves out names, balances and collections, which take most of the time.
	RentsOnly bool
}

// RentRoll reads the rent roll of any day: of the past from what was recorded, of the
// future from what is signed. It is as it was known at a time; market rents, areas and
// renovations are those that were on record at the end of the day, or at first where the
// unit came on record later. Without leases it is the last one that was reported
// on or before the day, and without that every unit is unknown.
//
// It returns properties.ErrPropertyNotFound or the field errors.
func (s *Rolls) RentRoll(ctx context.Context, db bun.IDB, p RentRollParams) (*RentRoll, error) {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.Given("day", p.Day)
	f.Moment("known", p.Known)
	if err := f.Err(); err != nil {
		return nil, err
	}
	if _, err := s.properties.Property(ctx, db, p.PropertyID); err != nil {
		return nil, err
	}
	return s.rollOf(ctx, db, p)
}

func (s *Rolls) rollOf(ctx context.Context, db bun.IDB, p RentRollParams) (*RentRoll, error) {
	has, err := hasLeases(ctx, db, p.PropertyID, p.Known)
	if err != nil {
		return nil, err
	}
	out := &RentRoll{PropertyID: p.PropertyID, Day: p.Day}
	if has {
		out.Basis = properties.BasisLeases
		err = s.fromLeases(ctx, db, p, out)
	} else {
		err = s.fromReport(ctx, db, p, out)
	}
	if err == nil {
		err = out.measure()
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// rollSQL is the units of property ?0 on day ?1 as known at ?2, which the conditions of
// the rows name by their aliases. past takes the units as they were on record at ?3.
func rollSQL(known *time.Time, names, past bool) string {
	as := func(alias string) string { return knownAs(alias, "?2", known) }
	name := "NULL::text"
	if names {
		name = `(SELECT string_agg(tn.name, ', ' ORDER BY lp.id) FROM financials.lease_parties lp JOIN financials.tenants tn ON tn.id = lp.tenant_id
			WHERE lp.lease_id = t.lease_id AND lp.role = 'tenant' AND ` + as("lp") + ` AND (lp.starts_on IS NULL OR lp.starts_on <= ?1) AND (lp.ends_on IS NULL OR lp.ends_on >= ?1))`
	}
	was, then := func(column string) string { return "u." + column }, ""
	if past {
		was = func(column string) string { return "CASE WHEN h.found THEN h." + column + " ELSE u." + column + " END" }
		then = `
	LEFT JOIN LATERAL (SELECT TRUE AS found, uh.sqft, uh.market_rent, uh.renovation_status FROM properties.units_history uh
		WHERE uh.id = u.id AND uh.valid_to > ?3 ORDER BY uh.valid_from LIMIT 1) h ON TRUE`
	}
	return `SELECT u.id AS unit_id, u.unit_number AS number, u.building_number AS building, u.unit_type, u.bedrooms, ` + was("sqft") + ` AS sqft, ` + was("market_rent") + ` AS market_rent,
		CASE WHEN t.id IS NULL OR f.moved_in_on > ?1 THEN CASE WHEN ` + was("renovation_status") + ` = 'in_progress' THEN 'renovation' ELSE 'vacant' END
			WHEN t.notice_on <= ?1 THEN 'notice' ELSE 'occupied' END AS status,
		t.lease_id, ` + name + ` AS tenant_name, t.starts_on, t.ends_on, t.last_day, COALESCE(f.moved_in_on, f.starts_on) AS moved_in_on,
		CASE WHEN t.notice_on <= ?1 THEN t.notice_on END AS notice_on, r.rent, r.concessions, nx.lease_id AS next_lease_id, nx.starts_on AS next_starts_on
	FROM properties.units u` + then + `
	LEFT JOIN financials.lease_terms t ON t.unit_id = u.id AND t.property_id = ?0 AND ` + as("t") + ` AND t.starts_on <= ?1 AND (t.last_day IS NULL OR t.last_day >= ?1)
	LEFT JOIN financials.lease_terms f ON f.lease_id = t.lease_id AND f.property_id = ?0 AND f.number = 1 AND ` + as("f") + `
	LEFT JOIN LATERAL (SELECT max(c.amount) FILTER (WHERE c.kind = 'rent') AS rent, sum(c.amount) FILTER (WHERE c.kind = 'concession') AS concessions
		FROM financials.lease_charges c WHERE c.lease_id = t.lease_id AND c.kind IN ('rent', 'concession') AND NOT c.once AND ` + as("c") + `
		AND c.starts_on <= ?1 AND (c.ends_on IS NULL OR c.ends_on >= ?1)) r ON TRUE
	LEFT JOIN LATERAL (SELECT n.lease_id, n.starts_on FROM financials.lease_terms n WHERE n.unit_id = u.id AND n.number = 1 AND ` + as("n") + ` AND n.starts_on > ?1
		AND n.lease_id IS DISTINCT FROM t.lease_id ORDER BY n.starts_on LIMIT 1) nx ON TRUE
	WHERE u.property_id = ?0 ORDER BY u.unit_number, u.id`
}

func (s *Rolls) fromLeases(ctx context.Context, db bun.IDB, p RentRollParams, out *RentRoll) (err error) {
	then, past := s.recorded(p)
	if out.Units, err = scan[RollUnit](ctx, db, rollSQL(p.Known, !p.RentsOnly, past), p.PropertyID, p.Day, p.Known, then); err != nil || p.RentsOnly {
		return err
	}
	balances, err := scan[Balance](ctx, db, owedSQL(ofProperty)+balanceSQL+" ORDER BY p.lease_id", p.PropertyID, p.Day, p.Known)
	if err != nil {
		return err
	}
	month, err := unitCollections(ctx, db, p)
	if err != nil {
		return err
	}
	at := make(map[id.Of[Lease]]int, len(out.Units))
	for i := range out.Units {
		if l := out.Units[i].LeaseID; l != nil {
			at[*l] = i
		}
	}
	for _, b := range balances {
		i, here := at[b.LeaseID]
		if !here {
			if !b.Balance.IsZero() || !b.DepositHeld.IsZero() {
				out.Former = append(out.Former, b)
			}
			continue
		}
		u := &out.Units[i]
		u.Balance, u.DaysDelinquent, u.DepositHeld = b.Balance, b.DaysDelinquent, &b.DepositHeld
	}
	for i := range out.Units {
		c := month[out.Units[i].UnitID]
		out.Units[i].Billed, out.Units[i].Collected = c.Billed, c.Collected
	}
	return nil
}

// recorded is the time at which units are read as they were on record: the end of the
// day, or the time of what is known where that is earlier. past is whether it is over.
func (s *Rolls) recorded(p RentRollParams) (at time.Time, past bool) {
	at = p.Day.AddDays(1).Time(time.UTC).Add(-time.Microsecond)
	if p.Known != nil && p.Known.Before(at) {
		at = check.Clamp(*p.Known)
	}
	return at, p.Known != nil || p.Day.Before(s.days().Today)
}

// fromReport takes the last reported roll on or before the day, as it was known.
func (s *Rolls) fromReport(ctx context.Context, db bun.IDB, p RentRollParams, out *RentRoll) error {
	for u, err := range s.properties.AllUnits(ctx, db, p.PropertyID, properties.UnitFilter{}) {
		if err != nil {
			return err
		}
		out.Units = append(out.Units, RollUnit{UnitID: u.ID, Number: u.Number, Building: u.Building, Type: u.Type, Bedrooms: u.Bedrooms, Sqft: u.Sqft,
			MarketRent: u.MarketRent, Status: properties.OccupancyUnknown})
	}
	roll, err := s.rolls.LatestRentRoll(ctx, db, p.PropertyID, p.Day, p.Known)
	if fault.CodeOf(err) == financials.ErrRentRollNotFound.Code {
		return nil
	}
	if err != nil {
		return err
	}
	out.Basis, out.ReportedOn = roll.Basis, &roll.AsOf
	told := make(map[id.Of[properties.Unit]]*financials.RentRollEntry, len(roll.Entries))
	for i := range roll.Entries {
		told[roll.Entries[i].UnitID] = &roll.Entries[i]
	}
	for i := range out.Units {
		u := &out.Units[i]
		e := told[u.UnitID]
		if e == nil {
			continue
		}
		u.Status, u.StartsOn, u.EndsOn, u.Rent, u.MarketRent, u.Sqft = e.OccupancyStatus, e.LeaseStart, e.LeaseEnd, e.MonthlyRent, e.MarketRent, e.Sqft
		u.DaysDelinquent, u.DepositHeld, u.Balance, u.Billed, u.Collected = e.DaysDelinquent, e.SecurityDeposit, given(e.CurrentBalance), given(e.Billed), given(e.Collected)
		if !p.RentsOnly {
			u.TenantName = e.TenantName
		}
	}
	return nil
}

func given(a *money.Amount) money.Amount {
	if a == nil {
		return money.Amount{}
	}
	return *a
}

// figures is the unit as rent roll metrics read it.
func (u *RollUnit) figures() financials.RollUnit {
	return financials.RollUnit{Occupied: u.Status.Occupied(), Unknown: u.Status == properties.OccupancyUnknown, MarketRent: given(u.MarketRent), MonthlyRent: given(u.Rent),
		SqFt: u.Sqft, LeaseEnd: u.EndsOn, CurrentBalance: u.Balance, DaysDelinquent: u.DaysDelinquent, Billed: u.Billed, Collected: max0(u.Collected)}
}

// begins reports whether a lease of the unit is signed under which nobody lives there yet.
func (u *RollUnit) begins() bool {
	return u.NextLeaseID != nil || u.LeaseID != nil && !u.Status.Occupied()
}

// add counts a unit.
func (l *Leasing) add(u *RollUnit) (err error) {
	switch u.Status {
	case properties.OccupancyNotice:
		l.Notice++
	case properties.OccupancyVacant, properties.OccupancyRenovation:
		l.Vacant++
	}
	if u.begins() {
		l.Preleased++
	}
	if u.Status == properties.OccupancyOccupied || u.begins() {
		l.LeasedUnits++
	}
	if u.Status.Occupied() {
		l.Concessions, err = l.Concessions.Add(given(u.Concessions))
	}
	return err
}

// measure computes the figures of a roll.
func (r *RentRoll) measure() error {
	units := make([]financials.RollUnit, len(r.Units))
	var l Leasing
	for i := range r.Units {
		units[i] = r.Units[i].figures()
		if err := l.add(&r.Units[i]); err != nil {
			return err
		}
	}
	m, err := financials.RentRollMetrics(r.Day, units)
	if err != nil {
		return err
	}
	for i := range r.Former { // what former tenants owe is owed too
		if b := &r.Former[i]; b.DaysDelinquent > 0 && b.Balance.Sign() > 0 {
			if m.DelinquentAmount, err = m.DelinquentAmount.Add(b.Balance); err != nil {
				return err
			}
		}
	}
	if rent := m.InPlaceMonthlyRent; rent.Sign() > 0 {
		m.DelinquencyRate = quotient(m.DelinquentAmount, rent)
	}
	r.Metrics = m
	if m.UnknownUnits == 0 && m.TotalUnits > 0 {
		leased := decimal.NewFromInt(int64(l.LeasedUnits)).DivRound(decimal.NewFromInt(int64(m.TotalUnits)), financials.RatioDecimals)
		l.LeasedOccupancy = &leased
		net, err := m.InPlaceMonthlyRent.Sub(l.Concessions)
		if err != nil {
			return err
		}
		l.EconomicOccupancy = quotient(net, m.GrossPotentialRentMarket)
	}
	r.Leasing = l
	return nil
}

func max0(a money.Amount) money.Amount { return money.Max(a, money.Amount{}) }

func quotient(a, b money.Amount) *decimal.Decimal {
	q, ok := a.Ratio(b, financials.RatioDecimals)
	if !ok {
		return nil
	}
	return &q
}
