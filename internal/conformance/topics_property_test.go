package conformance

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/capital"
	"github.com/freehold-go/freehold/financials/depreciation"
	"github.com/freehold-go/freehold/financials/loans"
	"github.com/freehold-go/freehold/financials/withholding"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

func amortization(v *vector) (_ object, err error) {
	in := read(v, &err)
	in.only("principal", "annual_rate", "term_months", "amortisation_months", "io_months", "accrual", "start_date",
		"payment_basis", "payment", "period")
	terms := loans.Terms{
		Principal: in.money("principal"), AnnualRate: in.decimal("annual_rate"), TermMonths: in.int("term_months"),
		AmortizationMonths: in.int("amortisation_months"), InterestOnlyMonths: in.int("io_months"),
		AccrualBasis: basis(in.text("accrual")), PaymentBasis: basis(in.text("payment_basis")),
		AccrualPeriod: loans.Period(in.text("period")), StartDate: in.date("start_date"),
	}
	if in.has("payment") {
		p := in.money("payment")
		terms.Payment = &p
	}
	if err != nil {
		return nil, err
	}
	s, err := loans.NewSchedule(terms)
	if err != nil {
		return nil, err
	}
	if err := s.Check(); err != nil {
		return nil, err
	}
	rows, byNumber := []any{}, samples{}
	for _, r := range s.Rows {
		row := object{"n": r.Number, "payment": r.Payment, "interest": r.Interest, "principal": r.Principal, "balance": r.Balance,
			"date": r.Due.String(), "due": r.Due.String(), "due_date": r.Due.String(), "days": r.Days}
		rows = append(rows, row)
		byNumber[strconv.Itoa(r.Number)] = row
	}
	all, err := s.Between(terms.StartDate, date.Must(9999, 12, 31))
	if err != nil {
		return nil, err
	}
	return object{"level_payment": s.LevelPayment, "rows": unlisted{rows}, "sample_rows": unlisted{byNumber}, "balloon": s.Balloon,
		"total_interest": s.TotalInterest, "payments": len(s.Rows), "total_principal": all.Principal, "total_paid": all.Paid}, nil
}

// basis reads the other common spellings of a basis too.
func basis(s string) loans.Basis {
	switch b := strings.Replace(strings.ToUpper(s), "ACTUAL", "ACT", 1); b {
	case "30/360US", "30/360":
		return loans.Thirty360
	case "ACT/365", "ACT/365F":
		return loans.Actual365F
	default:
		return loans.Basis(b)
	}
}

func macrs(v *vector) (_ object, err error) {
	in := read(v, &err)
	in.only("basis", "placed_in_service_month", "life_years", "method")
	month := in.int("placed_in_service_month")
	placed, dateErr := date.New(2023, time.Month(month), 15)
	terms := depreciation.Terms{Basis: in.money("basis"), PlacedInService: placed,
		Life: depreciation.Life(in.decimal("life_years").String()), Method: depreciation.Method(in.text("method"))}
	if err != nil {
		return nil, err
	}
	if dateErr != nil {
		return nil, dateErr
	}
	s, err := depreciation.NewSchedule(terms)
	if err != nil {
		return nil, err
	}
	years := []any{}
	for _, y := range s.Years {
		years = append(years, y.Depreciation)
	}
	return object{"depreciation": years, "total": s.Years[len(s.Years)-1].Accumulated}, nil
}

func incomeLines(in reader) financials.IncomeLines {
	in.only("gross_rental_income", "loss_to_lease", "vacancy_loss", "concessions", "bad_debt", "parking_income", "laundry_income",
		"pet_income", "application_fees", "late_fees", "other_income")
	return financials.IncomeLines{
		GrossRentalIncome: in.money("gross_rental_income"), LossToLease: in.money("loss_to_lease"),
		VacancyLoss: in.money("vacancy_loss"), Concessions: in.money("concessions"), BadDebt: in.money("bad_debt"),
		ParkingIncome: in.money("parking_income"), LaundryIncome: in.money("laundry_income"), PetIncome: in.money("pet_income"),
		ApplicationFees: in.money("application_fees"), LateFees: in.money("late_fees"), OtherIncome: in.money("other_income"),
	}
}

func expenseLines(in reader) (lines financials.ExpenseLines, reserves money.Amount) {
	in.only("property_management", "maintenance_repairs", "utilities", "insurance", "property_taxes", "payroll", "advertising",
		"legal_professional", "landscaping", "office_administrative", "other_operating", "capital_improvements",
		"mortgage_principal", "mortgage_interest", "replacement_reserves")
	return financials.ExpenseLines{
		PropertyManagement: in.money("property_management"), MaintenanceRepairs: in.money("maintenance_repairs"),
		Utilities: in.money("utilities"), Insurance: in.money("insurance"), PropertyTaxes: in.money("property_taxes"),
		Payroll: in.money("payroll"), Advertising: in.money("advertising"), LegalProfessional: in.money("legal_professional"),
		Landscaping: in.money("landscaping"), OfficeAdministrative: in.money("office_administrative"),
		OtherOperating: in.money("other_operating"), CapitalImprovements: in.money("capital_improvements"),
		MortgagePrincipal: in.money("mortgage_principal"), MortgageInterest: in.money("mortgage_interest"),
	}, in.money("replacement_reserves")
}

func operatingMetrics(v *vector) (_ object, err error) {
	in := read(v, &err)
	in.only("income", "expenses", "period_start", "period_end", "value", "equity_invested", "loan_balance", "replacement_reserves", "basis")
	expenses, reserves := expenseLines(in.object("expenses"))
	if in.has("replacement_reserves") {
		reserves = in.money("replacement_reserves")
	}
	s := financials.OperatingStatement{PeriodStart: in.date("period_start"), PeriodEnd: in.date("period_end"),
		Income: incomeLines(in.object("income")), Expenses: expenses, ReplacementReserves: reserves}
	if !in.has("period_start") && !in.has("period_end") { // a statement without dates is a year's
		s.PeriodStart, s.PeriodEnd = date.Must(2023, 1, 1), date.Must(2023, 12, 31)
	}
	params := financials.MetricsInput{Statement: s, Value: in.money("value"), EquityInvested: in.money("equity_invested"),
		LoanBalance: in.money("loan_balance"), Basis: financials.MetricBasis(in.text("basis"))}
	if err != nil {
		return nil, err
	}
	noi, err := financials.Metrics(params)
	if err != nil {
		return nil, err
	}
	params.Basis = financials.OnNCF
	ncf, err := financials.Metrics(params)
	if err != nil {
		return nil, err
	}
	return object{
		"effective_rental_income": noi.EffectiveRentalIncome, "total_income": noi.TotalIncome,
		"total_operating_expenses": noi.TotalOperatingExpenses, "noi": noi.NOI, "ncf": noi.NCF, "debt_service": noi.DebtService,
		"cash_flow_after_debt_service": noi.CashFlowAfterDebtService, "cash_flow_after_capex": noi.CashFlowAfterCapex,
		"total_expenses": noi.TotalExpenses, "cap_rate": noi.CapRate, "dscr": noi.DSCR, "debt_yield": noi.DebtYield,
		"cash_on_cash": noi.CashOnCash, "expense_ratio": noi.ExpenseRatio, "grm": noi.GRM,
		"break_even_occupancy": noi.BreakEvenOccupancy, "economic_occupancy": noi.EconomicOccupancy,
		"cap_rate_ncf": ncf.CapRate, "dscr_ncf": ncf.DSCR, "debt_yield_ncf": ncf.DebtYield,
	}, nil
}

func rentRoll(v *vector) (_ object, err error) {
	in := read(v, &err)
	in.only("as_of", "units", "billed", "collected")
	var units []financials.RollUnit
	for _, u := range in.objects("units") {
		unit := financials.RollUnit{
			Occupied: financials.RentInPlace(u.text("status")), MarketRent: u.money("market_rent"), MonthlyRent: u.money("monthly_rent"),
			CurrentBalance: u.money("current_balance"), DaysDelinquent: u.int("days_delinquent"),
			Billed: u.money("billed"), Collected: u.money("collected"),
		}
		if u.has("sqft") {
			n := u.int("sqft")
			unit.SqFt = &n
		}
		if u.has("lease_end") {
			unit.LeaseEnd = u.date("lease_end").Ptr()
		}
		units = append(units, unit)
	}
	asOf := in.date("as_of")
	if len(units) > 0 && in.has("billed") { // stated for the roll as a whole
		units[0].Billed, units[0].Collected = in.money("billed"), in.money("collected")
	}
	if err != nil {
		return nil, err
	}
	m, err := financials.RentRollMetrics(asOf, units)
	if err != nil {
		return nil, err
	}
	return object{
		"total_units": m.TotalUnits, "occupied_units": m.OccupiedUnits, "physical_occupancy": m.PhysicalOccupancy,
		"in_place_monthly_rent": m.InPlaceMonthlyRent, "average_rent": m.AverageRent, "rent_per_sqft": m.RentPerSqFt,
		"gross_potential_rent_market": m.GrossPotentialRentMarket, "loss_to_lease": m.LossToLease,
		"loss_to_lease_pct": m.LossToLeasePct, "walt_years": m.WALTYears, "delinquent_amount": m.DelinquentAmount,
		"delinquency_rate": m.DelinquencyRate, "billed": m.Billed, "collected": m.Collected, "collection_rate": m.CollectionRate,
	}, nil
}

// valuation tells the two kinds apart by their inputs, since a case may name no
// family.
func valuation(v *vector) (_ object, err error) {
	in := read(v, &err)
	if in.has("cap_rate") {
		in.only("noi", "cap_rate")
		noi, rate := in.money("noi"), in.decimal("cap_rate")
		if err != nil {
			return nil, err
		}
		value, err := financials.DirectCap(noi, rate)
		return object{"value": value}, err
	}
	in.only("noi", "discount_rate", "terminal_cap_rate", "selling_cost_rate")
	params := financials.DCFInput{NOI: in.amounts("noi"), DiscountRate: in.decimal("discount_rate"),
		TerminalCapRate: in.decimal("terminal_cap_rate"), SellingCostRate: in.decimal("selling_cost_rate")}
	if err != nil {
		return nil, err
	}
	d, err := financials.DCF(params)
	if err != nil {
		return nil, err
	}
	return object{"value": d.Value, "reversion_net": d.ReversionNet, "sale_price": d.SalePrice,
		"reversion_present_value": d.ReversionPresentValue}, nil
}

func capitalAccount(v *vector) (_ object, err error) {
	in := read(v, &err)
	in.only("opening", "contributions", "net_income_before_fees", "unrealized_gain", "fees", "distributions", "transfers")
	opening := in.money("opening")
	activity := capital.Activity{Contributions: in.money("contributions"), Income: in.money("net_income_before_fees"),
		UnrealizedChange: in.money("unrealized_gain"), Fees: in.money("fees"), Distributions: in.money("distributions"),
		Transfers: in.money("transfers")}
	if err != nil {
		return nil, err
	}
	s, err := capital.RollForward(opening, activity)
	return object{"closing": s.Closing}, err
}

// withhold applies the law of 2025 where a case names no date, and the rate of
// a treaty where it gives one.
func withhold(v *vector) (_ object, err error) {
	in := read(v, &err)
	in.only("type", "base", "gross", "date", "treaty_rate", "rate")
	kind, kindErr := withholding.ParseKind(in.text("type"))
	if kindErr != nil && (strings.Contains(in.text("type"), "fdap") || strings.Contains(in.text("type"), "144")) {
		kind, kindErr = withholding.ParseKind(strings.FieldsFunc(in.text("type"), func(r rune) bool { return r == '_' || r == ' ' })[0])
	}
	base := in.money("base")
	p := withholding.Payment{Kind: kind, Date: in.date("date"), Gross: base, Base: &base, TreatyRate: in.optional("treaty_rate")}
	if in.has("gross") {
		p.Gross = in.money("gross")
	}
	if p.Date.IsZero() {
		p.Date = date.Must(2025, 6, 30)
	}
	if err = errors.Join(err, kindErr); err != nil {
		return nil, err
	}
	table := withholding.Federal()
	if in.has("rate") { // a host's own rate
		table, err = withholding.NewRates(withholding.Rate{Kind: kind, From: p.Date, Rate: in.decimal("rate")})
		if err != nil {
			return nil, err
		}
	}
	w, err := table.Withhold(p)
	return object{"rate": w.Rate, "withheld": w.Withheld, "net": w.Net, "gross": w.Gross, "base": w.Base}, err
}
