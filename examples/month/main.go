// Command month is a property manager's month: March 2026 at Maple Court, 120 units. It
// takes the rent roll over, signs leases, charges and collects rent, renovates a unit
// whose tenants have left, pays bills and the mortgage, closes the month, and prints what
// a manager looks at.
//
//	FREEHOLD_DSN=postgres://user@host/empty go run ./examples/month
//
// The role may create schemas in the database. What the program prints is in
// testdata/output.txt; who is who stands in house.go, and report.go makes the tables. Each
// step is one transaction, which runs again after a lost connection: what it makes has an
// id or a key that was chosen before.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/migrations"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

func main() {
	if err := run(context.Background(), os.Getenv("FREEHOLD_DSN"), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// run goes through the month on an empty database and writes the reports.
func run(ctx context.Context, dsn string, w io.Writer) (err error) {
	defer caught(&err)
	db := must(realestate.OpenDB(ctx, dsn))
	defer db.Close()
	check(must(migrations.New(migrations.Config{})).Up(ctx, db))
	m := newMonth()
	m.Platform = must(realestate.New(realestate.Config{Now: func() time.Time { return m.today.Time(time.UTC).Add(9 * time.Hour) }}))
	for _, s := range []struct {
		on   string
		step func(context.Context, bun.IDB)
	}{
		{"2026-02-28", m.open}, {"2026-02-28", m.takeOver}, {"2026-02-28", m.plan}, {"2026-03-01", m.charge}, {"2026-03-02", m.notice},
		{"2026-03-10", m.sign}, {"2026-03-12", m.collect}, {"2026-03-15", m.moveOut}, {"2026-03-16", m.beginWork}, {"2026-03-16", m.callPlumber},
		{"2026-03-17", m.repair}, {"2026-03-27", m.endWork}, {"2026-03-28", m.letAhead}, {"2026-03-30", m.enterBills}, {"2026-03-31", m.pay},
		{"2026-04-02", m.close},
	} {
		m.today = day(s.on) // the program's clock
		check(realestate.Do(ctx, db, func(tx bun.IDB) (err error) {
			defer caught(&err)
			s.step(ctx, tx)
			return nil
		}))
	}
	m.report(ctx, db, w)
	return nil
}

// open registers the people and the property with its units.
func (m *month) open(ctx context.Context, tx bun.IDB) {
	must(m.Users.Register(ctx, tx, auth.RegisterParams{ID: m.clerk, Email: "clerk@example.com"}))
	must(m.Users.Register(ctx, tx, auth.RegisterParams{ID: m.boss, Email: "boss@example.com"}))
	p := properties.RegisterPropertyParams{ID: m.property, Name: "Maple Court", AddressLine1: "410 Maple Ave", City: "Columbus", State: "OH", ZipCode: "43215"}
	for i, u := range m.units {
		kind, sqft := []properties.UnitType{properties.UnitStudio, properties.Unit1BR, properties.Unit2BR}[i%3], 450+250*(i%3)
		p.Units = append(p.Units, properties.UnitParams{ID: u.id, Number: number(i), UnitDetails: properties.UnitDetails{Type: &kind, Sqft: &sqft, MarketRent: new(market(i))}})
	}
	must(m.Properties.RegisterProperty(ctx, tx, p))
}

// takeOver turns the rent roll of the manager before into leases, with what each tenant
// owes and has deposited.
func (m *month) takeOver(ctx context.Context, tx bun.IDB) {
	p := leases.ImportRentRollParams{IdempotencyKey: "take over", PropertyID: m.property, AsOf: m.today, Conditions: house, ActorID: m.clerk}
	for i, u := range m.units {
		if vacant(i) {
			continue
		}
		end := day("2026-05-01").AddMonths(i % 12).EndOfMonth()
		switch i {
		case renews:
			end = day("2026-03-31")
		case leaves:
			end = day("2026-03-15")
		}
		t := financials.Tenancy{UnitID: u.id, Status: properties.OccupancyOccupied, TenantName: "Tenant of " + number(i), MonthlyRent: new(rent(i)),
			LeaseStart: day("2025-02-01").AddMonths(i % 12).Ptr(), LeaseEnd: &end, SecurityDeposit: new(usd("500"))}
		if i == owes {
			t.CurrentBalance, t.DaysDelinquent = new(rent(i)), 27
		}
		p.Tenancies = append(p.Tenancies, t)
	}
	n := 0
	made := must(m.Leases.ImportRentRoll(ctx, tx, p)).Leases
	for i := range m.units {
		if !vacant(i) {
			m.units[i].lease, n = made[n].ID, n+1
		}
	}
}

// plan puts the mortgage, its covenant, the budget and the months before on record.
func (m *month) plan(ctx context.Context, tx bun.IDB) {
	must(m.Financials.AddLoan(ctx, tx, financials.AddLoanParams{ID: m.loan, PropertyID: m.property, Lender: "First Bank", Principal: usd("9000000"),
		AnnualRate: decimal.RequireFromString("0.0525"), TermMonths: 120, AmortizationMonths: 360, StartDate: day("2026-02-01")}))
	must(m.Loans.DrawLoan(ctx, tx, financials.DrawLoanParams{IdempotencyKey: "opening", LoanID: m.loan, Amount: usd("9000000"), Date: day("2026-02-01"), Opening: true, ActorID: m.clerk}))
	must(m.Loans.AgreeCovenant(ctx, tx, financials.AgreeCovenantParams{ID: m.coverage, LoanID: m.loan, Kind: financials.CovenantDSCR,
		Threshold: decimal.RequireFromString("1.25"), CureDays: 30, StartsOn: day("2026-02-01"), ActorID: m.clerk}))
	must(m.Financials.PostStatement(ctx, tx, financials.PostStatementParams{PropertyID: m.property, PeriodStart: day("2025-04-01"), PeriodEnd: day("2026-02-28"),
		Income: financials.IncomeLines{GrossRentalIncome: usd("1702000"), Concessions: usd("9500"), ParkingIncome: usd("16000")}, Expenses: financials.ExpenseLines{
			PropertyManagement: usd("60000"), MaintenanceRepairs: usd("145000"), Utilities: usd("182000"), Insurance: usd("88000"), PropertyTaxes: usd("231000"),
			MortgageInterest: usd("432100"), MortgagePrincipal: usd("114600")}}))
	year := financials.AdoptBudgetParams{PropertyID: m.property, ActorID: m.boss}
	for i := range 12 {
		year.Months = append(year.Months, financials.BudgetMonth{Month: day("2026-01-01").AddMonths(i), Income: financials.IncomeLines{GrossRentalIncome: usd("158000"), LateFees: usd("200")},
			Expenses: financials.ExpenseLines{PropertyManagement: usd("5500"), MaintenanceRepairs: usd("12000"), Utilities: usd("17000"), Insurance: usd("8000"), PropertyTaxes: usd("21000"),
				CapitalImprovements: usd("10000"), MortgageInterest: usd("39300"), MortgagePrincipal: usd("10400")}})
	}
	must(m.Financials.AdoptBudget(ctx, tx, year))
}

// charge posts the month's rent and pays the mortgage.
func (m *month) charge(ctx context.Context, tx bun.IDB) {
	must(m.TenantAccounts.PostCharges(ctx, tx, leases.PostChargesParams{PropertyID: m.property, Month: m.today, ActorID: m.clerk}))
	due := must(m.Loans.Schedule(ctx, tx, m.loan)).Rows[0]
	must(m.Loans.PayLoan(ctx, tx, financials.PayLoanParams{IdempotencyKey: due.Due.String(), LoanID: m.loan, Date: due.Due, Interest: due.Interest, Principal: due.Principal, ActorID: m.clerk}))
}

// notice: one tenant goes and another stays for a year more.
func (m *month) notice(ctx context.Context, tx bun.IDB) {
	must(m.Leases.GiveNotice(ctx, tx, leases.GiveNoticeParams{LeaseID: m.units[leaves].lease, Date: m.today, LeavesOn: day("2026-03-15"), ActorID: m.clerk}))
	must(m.Leases.RenewLease(ctx, tx, leases.RenewLeaseParams{LeaseID: m.units[renews].lease, StartsOn: day("2026-04-01"), EndsOn: day("2027-03-31").Ptr(),
		Rent: []leases.RentStep{{From: day("2026-04-01"), Amount: usd("1725")}}, ActorID: m.clerk}))
}

// sign lets two vacant units, one of them from May on. What the first owes for the rest of
// March is what posting the month again adds.
func (m *month) sign(ctx context.Context, tx bun.IDB) {
	m.let(ctx, tx, letNow, m.today, market(letNow), leases.ChargeParams{Kind: leases.ChargeParking, Amount: usd("60"), From: m.today})
	m.let(ctx, tx, letLater, day("2026-05-01"), market(letLater))
	must(m.TenantAccounts.PostCharges(ctx, tx, leases.PostChargesParams{PropertyID: m.property, Month: m.today, ActorID: m.clerk}))
	first := m.units[letNow].lease
	must(m.TenantAccounts.ReceiveDeposit(ctx, tx, leases.ReceiveDepositParams{IdempotencyKey: "deposit", LeaseID: first, Amount: usd("500"), Date: m.today, ActorID: m.clerk}))
	must(m.TenantAccounts.ReceivePayment(ctx, tx, leases.ReceivePaymentParams{IdempotencyKey: "first rent", LeaseID: first, Amount: usd("1284.52"), Date: m.today, ActorID: m.clerk}))
}

// let signs a lease of a year.
func (m *month) let(ctx context.Context, tx bun.IDB, i int, from date.Date, rent money.Amount, charges ...leases.ChargeParams) {
	u := m.units[i]
	must(m.Leases.AddTenant(ctx, tx, leases.AddTenantParams{ID: u.tenant, Name: "Tenant of " + number(i)}))
	must(m.Leases.SignLease(ctx, tx, leases.SignLeaseParams{ID: u.lease, UnitID: u.id, Parties: []leases.PartyParams{{TenantID: u.tenant}}, StartsOn: from,
		EndsOn: from.AddMonths(12).AddDays(-1).Ptr(), Rent: []leases.RentStep{{From: from, Amount: rent}}, Charges: charges, Conditions: house, ActorID: m.clerk}))
}

// collect records what came in by the 12th, of which one check came back.
func (m *month) collect(ctx context.Context, tx bun.IDB) {
	for i, u := range m.units {
		p := leases.ReceivePaymentParams{IdempotencyKey: "march " + number(i), LeaseID: u.lease, Amount: rent(i), Date: day("2026-03-03"), ActorID: m.clerk}
		switch {
		case i == owes, vacant(i):
			continue
		case i == leaves, i == paysHalf:
			p.Amount = usd("700")
		case i == pays9th:
			p.Date = day("2026-03-09")
		}
		paid := must(m.TenantAccounts.ReceivePayment(ctx, tx, p))
		if i == bounces {
			must(m.TenantAccounts.ReturnPayment(ctx, tx, leases.ReturnPaymentParams{IdempotencyKey: "bounced", PaymentID: paid.ID, Date: m.today, ActorID: m.clerk}))
		}
	}
	must(m.TenantAccounts.AssessLateFees(ctx, tx, leases.AssessLateFeesParams{PropertyID: m.property, From: day("2026-03-01"), Through: m.today, ActorID: m.clerk}))
}

// moveOut: the tenants leave, and their deposit covers what they owe and a broken door.
func (m *month) moveOut(ctx context.Context, tx bun.IDB) {
	must(m.Leases.MoveOut(ctx, tx, leases.MoveOutParams{LeaseID: m.units[leaves].lease, Date: m.today, ActorID: m.clerk}))
	m.settled = must(m.TenantAccounts.SettleDeposit(ctx, tx, leases.SettleDepositParams{IdempotencyKey: "settled", LeaseID: m.units[leaves].lease, Date: m.today,
		Damages: []leases.Damage{{Amount: usd("180"), Memo: "door"}}, ActorID: m.clerk}))
}

// beginWork takes the unit off the market the day after the tenants have left it. The boss
// agrees to the budget.
func (m *month) beginWork(ctx context.Context, tx bun.IDB) {
	cost := usd("7000")
	p := must(m.Renovations.PlanProject(ctx, tx, renovations.PlanProjectParams{ID: m.project, PropertyID: m.property, Name: "Turn of " + number(leaves),
		Units: []renovations.PlanUnit{{UnitID: m.units[leaves].id, BudgetedCost: &cost, PreRenovationRent: new(rent(leaves))}}}))
	if p.Status != renovations.ProjectStatusPlanning {
		return // a run before was committed, and its answer was lost
	}
	must(m.Renovations.ApproveProject(ctx, tx, renovations.ApproveProjectParams{ProjectID: m.project, Budget: cost, ActorID: m.boss}))
	must(m.Renovations.StartProject(ctx, tx, renovations.StartProjectParams{ProjectID: m.project, Date: m.today}))
	must(m.Renovations.StartUnitRenovation(ctx, tx, renovations.StartUnitRenovationParams{UnitRenovationID: m.work(ctx, tx).ID, Date: m.today}))
}

// work is the work in the unit.
func (m *month) work(ctx context.Context, db bun.IDB) renovations.UnitRenovation {
	return must(m.Renovations.UnitRenovations(ctx, db, m.project, page.Request{})).Items[0]
}

// endWork: the unit is done, for less than was planned, and is worth a higher rent.
func (m *month) endWork(ctx context.Context, tx bun.IDB) {
	must(m.Renovations.CompleteUnitRenovation(ctx, tx, renovations.CompleteUnitRenovationParams{UnitRenovationID: m.work(ctx, tx).ID, Date: m.today,
		Cost: usd("6800"), PostRenovationRent: new(usd("1300"))}))
}

// letAhead lets the renovated unit from April on.
func (m *month) letAhead(ctx context.Context, tx bun.IDB) {
	m.units[leaves].lease = m.next
	m.let(ctx, tx, leaves, day("2026-04-01"), usd("1300"))
}

// callPlumber: a tenant reports a leak.
func (m *month) callPlumber(ctx context.Context, tx bun.IDB) {
	must(m.Payables.AddVendor(ctx, tx, payables.AddVendorParams{ID: m.vendors[plumber], Name: bills[plumber].vendor, Reported: true, ActorID: m.clerk}))
	must(m.Payables.ReportMaintenance(ctx, tx, payables.ReportMaintenanceParams{ID: m.leak, PropertyID: m.property, UnitID: &m.units[renews].id,
		Summary: "leak under the sink", Priority: payables.PriorityHigh, Date: m.today, ActorID: m.clerk}))
	must(m.Payables.AssignMaintenance(ctx, tx, payables.AssignMaintenanceParams{RequestID: m.leak, VendorID: m.vendors[plumber], ActorID: m.clerk}))
}

// repair: the leak is mended. The bill comes later.
func (m *month) repair(ctx context.Context, tx bun.IDB) {
	must(m.Payables.CompleteMaintenance(ctx, tx, payables.CompleteMaintenanceParams{RequestID: m.leak, Date: m.today, Cost: bills[plumber].amount, ActorID: m.clerk}))
}

// enterBills: the clerk enters what came, and the boss approves it.
func (m *month) enterBills(ctx context.Context, tx bun.IDB) {
	for i, b := range bills {
		must(m.Payables.AddVendor(ctx, tx, payables.AddVendorParams{ID: m.vendors[i], Name: b.vendor, Reported: b.reported, ActorID: m.clerk}))
		p := payables.EnterBillParams{ID: m.bills[i], PropertyID: m.property, VendorID: m.vendors[i], Reference: "2026-03", Line: b.line, Amount: b.amount,
			BilledOn: m.today, DueOn: day(b.due), ActorID: m.clerk}
		if i == plumber {
			p.RequestID = &m.leak
		}
		must(m.Payables.EnterBill(ctx, tx, p))
		must(m.Payables.ApproveBill(ctx, tx, payables.ApproveBillParams{BillID: m.bills[i], ActorID: m.boss}))
	}
}

// pay pays what is due.
func (m *month) pay(ctx context.Context, tx bun.IDB) {
	for i, b := range bills {
		if !day(b.due).After(m.today) {
			must(m.Payables.PayBill(ctx, tx, payables.PayBillParams{IdempotencyKey: "march " + b.vendor, BillID: m.bills[i], Amount: b.amount, Date: m.today, ActorID: m.clerk}))
		}
	}
}

// close ends the month: its rent roll is frozen and its book closed, out of which the
// statement comes, and out of that the covenant's test.
func (m *month) close(ctx context.Context, tx bun.IDB) {
	march := day("2026-03-31")
	must(m.TenantAccounts.AssessLateFees(ctx, tx, leases.AssessLateFeesParams{PropertyID: m.property, From: day("2026-03-13"), Through: march, ActorID: m.clerk}))
	must(m.RentRolls.CloseMonth(ctx, tx, leases.CloseMonthParams{PropertyID: m.property, Month: march, ActorID: m.boss}))
	book := must(m.Ledger.Books(ctx, tx, ledger.BookFilter{PropertyID: &m.property}, page.Request{})).Items[0]
	must(m.Ledger.ClosePeriod(ctx, tx, ledger.ClosePeriodParams{BookID: book.ID, Through: march, ActorID: &m.boss}))
	must(m.Financials.DeriveStatement(ctx, tx, financials.DeriveStatementParams{PropertyID: m.property, Month: march}))
	must(m.Loans.TestCovenants(ctx, tx, financials.TestCovenantsParams{LoanID: m.loan, AsOf: march, ActorID: m.boss}))
}
