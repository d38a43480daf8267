package deal

import (
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/tabular"
)

var rentRollColumns = []tabular.Column{
	{Name: "unit", Also: []string{"unit_number", "unit_no", "apt"}, Required: true},
	{Name: "building", Also: []string{"bldg"}},
	{Name: "floor"},
	{Name: "type", Also: []string{"unit_type", "floor_plan"}},
	{Name: "beds", Also: []string{"bedrooms", "br"}},
	{Name: "baths", Also: []string{"bathrooms", "ba"}},
	{Name: "sqft", Adds: true, Also: []string{"square_feet", "area", "sf"}},
	{Name: "status", Also: []string{"occupancy", "occupancy_status", "unit_status"}, Required: true},
	{Name: "tenant", Also: []string{"resident", "tenant_name", "resident_name"}},
	{Name: "lease_start", Also: []string{"lease_from", "lease_begin"}},
	{Name: "lease_end", Also: []string{"lease_to", "lease_expiration"}},
	{Name: "move_in", Past: true, Also: []string{"move_in_date"}},
	{Name: "market_rent", Adds: true, Also: []string{"market"}, Required: true},
	{Name: "rent", Adds: true, Also: []string{"monthly_rent", "contract_rent", "actual_rent", "current_rent"}, Required: true},
	{Name: "deposit", Adds: true, Also: []string{"security_deposit", "deposit_on_hand"}},
	{Name: "balance", Adds: true, Also: []string{"current_balance", "balance_due"}},
	{Name: "days_late", Also: []string{"days_delinquent", "days_past_due"}},
	{Name: "billed", Adds: true, Also: []string{"billed_this_month", "charges"}},
	{Name: "collected", Adds: true, Also: []string{"collected_this_month", "receipts", "payments"}},
	{Name: "renovated"},
}

var statusWords = map[string]properties.OccupancyStatus{
	"occupied": properties.OccupancyOccupied, "current": properties.OccupancyOccupied, "leased": properties.OccupancyOccupied,
	"notice": properties.OccupancyNotice, "onnotice": properties.OccupancyNotice, "noticetovacate": properties.OccupancyNotice, "ntv": properties.OccupancyNotice,
	"vacant": properties.OccupancyVacant, "vacantready": properties.OccupancyVacant, "vacantunrented": properties.OccupancyVacant,
	"renovation": properties.OccupancyRenovation, "inrenovation": properties.OccupancyRenovation, "down": properties.OccupancyRenovation, "offline": properties.OccupancyRenovation,
}

func (d *Deal) readRentRoll(f *tabular.File) {
	t := f.Table(rentRollColumns)
	seen := map[[2]string]bool{}
	for _, r := range t.Rows {
		u := Unit{
			Number: r.NeedText("unit"), Building: r.Text("building"), Floor: r.Count("floor"), Type: r.Text("type"),
			Bedrooms: r.Count("beds"), Bathrooms: r.Number("baths"), Sqft: r.Count("sqft"),
			Status:     tabular.NeedChoice(r, "status", statusWords, "occupied, notice, vacant, renovation"),
			Tenant:     r.Text("tenant"),
			LeaseStart: r.Date("lease_start"), LeaseEnd: r.Date("lease_end"), MoveIn: r.Date("move_in"),
			MarketRent: r.Amount("market_rent"), Rent: r.Amount("rent"),
			Deposit: r.Amount("deposit"), Balance: r.Amount("balance"),
			Billed: r.Amount("billed"), Collected: r.Amount("collected"), Renovated: r.Bool("renovated"),
		}
		if n := r.Count("days_late"); n != nil {
			u.DaysDelinquent = *n
		}
		u.UnderRenovation = u.Status == properties.OccupancyRenovation
		checkUnit(r, &u)
		key := [2]string{u.Building, u.Number}
		if seen[key] {
			r.Reject("unit", "the rent roll has this unit twice")
		}
		seen[key] = true
		d.Units = append(d.Units, u)
	}
	if len(t.Rows) == 0 && len(f.Problems()) == 0 {
		f.Reject(tabular.Cell{}, "", "the rent roll has no units")
	}
}

func checkUnit(r tabular.Row, u *Unit) {
	if u.Status.Occupied() && u.Rent == nil && !r.Has("rent") {
		r.Reject("rent", "an occupied unit has a rent")
	}
	if u.LeaseStart != nil && u.LeaseEnd != nil && u.LeaseEnd.Before(*u.LeaseStart) {
		r.Reject("lease_end", "the lease ends before it starts")
	}
	if u.Bathrooms != nil && (u.Bathrooms.IsNegative() || u.Bathrooms.Exponent() < -1) {
		r.Reject("baths", "a number such as 1.5 is wanted")
	}
	for _, x := range []struct {
		column string
		amount *money.Amount
	}{{"market_rent", u.MarketRent}, {"rent", u.Rent}, {"deposit", u.Deposit}, {"billed", u.Billed}, {"collected", u.Collected}} {
		if x.amount != nil && x.amount.Sign() < 0 {
			r.Reject(x.column, "the amount is below zero")
		}
	}
}
