package deal

import (
	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/financials/loans"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/tabular"
)

var propertyFields = []tabular.Column{
	{Name: "name", Also: []string{"property_name"}, Required: true},
	{Name: "slug"},
	{Name: "address", Also: []string{"address_line_1", "street"}, Required: true},
	{Name: "address_2", Also: []string{"address_line_2"}},
	{Name: "city", Required: true},
	{Name: "state", Required: true},
	{Name: "zip", Also: []string{"zip_code"}, Required: true},
	{Name: "latitude", Also: []string{"lat"}}, {Name: "longitude", Also: []string{"lon", "lng"}},
	{Name: "type", Also: []string{"property_type"}}, {Name: "subtype", Also: []string{"property_subtype"}},
	{Name: "class", Also: []string{"property_class"}},
	{Name: "year_built"}, {Name: "last_renovated"},
	{Name: "buildings", Also: []string{"total_buildings"}}, {Name: "parking_spaces"}, {Name: "lot_acres"},
	{Name: "market"}, {Name: "submarket"}, {Name: "management_company"}, {Name: "description"},
	{Name: "purchase_price", Required: true}, {Name: "purchase_date", Required: true},
	{Name: "valuation", Also: []string{"current_valuation"}}, {Name: "valuation_date"},
	{Name: "rent_roll_date", Also: []string{"rent_roll_as_of"}, Required: true},
	{Name: "loan_lender"}, {Name: "loan_number"}, {Name: "loan_amount", Also: []string{"loan_principal"}},
	{Name: "loan_rate"}, {Name: "loan_term_months"},
	{Name: "loan_amortization_months", Also: []string{"loan_amortization_months"}},
	{Name: "loan_interest_only_months", Also: []string{"loan_io_months"}},
	{Name: "loan_start_date"}, {Name: "loan_accrual"}, {Name: "loan_minimum_dscr"},
}

var classWords = map[string]properties.Class{"a": properties.ClassA, "b": properties.ClassB, "c": properties.ClassC, "d": properties.ClassD}

func (d *Deal) readProperty(f *tabular.File) {
	r := f.Record(propertyFields)
	d.Property = Property{
		Name: r.NeedText("name"), Slug: r.Text("slug"),
		Address: r.NeedText("address"), Address2: r.Text("address_2"),
		City: r.NeedText("city"), State: r.NeedText("state"), Zip: r.NeedText("zip"),
		Latitude: r.Number("latitude"), Longitude: r.Number("longitude"),
		Type: r.Text("type"), Subtype: r.Text("subtype"),
		Class:     tabular.Choice(r, "class", classWords, "A, B, C, D"),
		YearBuilt: r.Count("year_built"), LastRenovated: r.Count("last_renovated"),
		Buildings: r.Count("buildings"), Parking: r.Count("parking_spaces"), LotAcres: r.Number("lot_acres"),
		Market: r.Text("market"), Submarket: r.Text("submarket"),
		ManagedBy: r.Text("management_company"), Description: r.Text("description"),
		PurchasePrice: r.NeedAmount("purchase_price"), PurchaseDate: r.NeedDate("purchase_date"),
		Valuation: r.Amount("valuation"), ValuationDate: r.Date("valuation_date"),
		RentRollDate: r.NeedDate("rent_roll_date"),
	}
	p := &d.Property
	if p.Slug == "" {
		p.Slug = properties.Slug(p.Name)
	}
	if properties.Slug(p.Slug) != p.Slug {
		r.Reject("slug", "lower-case letters, digits and single hyphens are wanted")
	}
	checkPlace(r, "latitude", p.Latitude, 90)
	checkPlace(r, "longitude", p.Longitude, 180)
	if (p.Latitude == nil) != (p.Longitude == nil) {
		r.Reject("longitude", "latitude and longitude belong together")
	}
	if p.Valuation != nil && p.ValuationDate == nil {
		r.Reject("valuation_date", "a valuation needs its date")
	}
	if n := len(d.Months); n > 0 && !p.RentRollDate.IsZero() &&
		(p.RentRollDate.Before(d.Months[0].First) || p.RentRollDate.After(d.Months[n-1].Last())) {
		r.Reject("rent_roll_date", "the rent roll is of a day within the months of %s", OperatingFile)
	}
	d.readLoan(r)
}

func checkPlace(r tabular.Row, column string, degrees *decimal.Decimal, limit int64) {
	if degrees != nil && (degrees.Abs().GreaterThan(decimal.NewFromInt(limit)) || degrees.Exponent() < -8) {
		r.Reject(column, "degrees from -%d to %d with at most eight decimals are wanted", limit, limit)
	}
}

// readLoan reads the fields of the loan, when there is one.
func (d *Deal) readLoan(r tabular.Row) {
	if !r.Has("loan_amount") {
		return
	}
	need := func(name string) bool {
		if !r.Has(name) {
			r.Reject(name, "the loan needs it")
		}
		return r.Has(name)
	}
	if !need("loan_lender") || !need("loan_number") || !need("loan_rate") || !need("loan_term_months") || !need("loan_start_date") {
		return
	}
	l := Loan{
		Lender: r.NeedText("loan_lender"), Number: r.Text("loan_number"), Principal: r.NeedAmount("loan_amount"),
		AnnualRate: r.NeedRate("loan_rate"), TermMonths: r.NeedCount("loan_term_months"),
		Start: r.NeedDate("loan_start_date"), Accrual: string(tabular.Choice(r, "loan_accrual", basisWords, "30/360, ACT/360, ACT/365F")),
	}
	if l.MinimumDSCR = r.Number("loan_minimum_dscr"); l.MinimumDSCR != nil && (l.MinimumDSCR.Sign() <= 0 || l.MinimumDSCR.Exponent() < -4) {
		r.Reject("loan_minimum_dscr", "a ratio above 0 with at most four decimals is wanted")
	}
	if n := r.Count("loan_amortization_months"); n != nil {
		l.AmortizationMonths = *n
	}
	if n := r.Count("loan_interest_only_months"); n != nil {
		l.InterestOnlyMonths = *n
	}
	terms := loans.Terms{Principal: l.Principal, AnnualRate: l.AnnualRate, TermMonths: l.TermMonths,
		AmortizationMonths: l.AmortizationMonths, InterestOnlyMonths: l.InterestOnlyMonths, StartDate: l.Start}
	if err := terms.Validate(); err != nil && l.TermMonths > 0 {
		r.Reject("loan_amount", "the terms of the loan make no schedule: %v", err)
	}
	d.Loan = &l
}

var basisWords = map[string]loans.Basis{"30360": loans.Thirty360, "act360": loans.Actual360, "actual360": loans.Actual360,
	"act365f": loans.Actual365F, "act365": loans.Actual365F, "actual365": loans.Actual365F}
