// Package financials is what a property earns, costs and owes: schema
// financials, save the ledger, which is package ledger.
//
// # Verbs by task
//
//	statements        PostStatement, CorrectStatement, Statements, IncomeHistory  ExampleService_PostStatement
//	out of the book   DeriveStatement, StatementAccounts, StandardLine            ExampleService_DeriveStatement
//	many properties   TrailingStatements, SameStore                               ExampleService_TrailingStatements
//	rent rolls        CloseRentRoll, RestateRentRoll, StoreRentRoll               ExampleService_CloseRentRoll
//	rolls that were   RentRollOn, RentRollVersion, LatestRentRoll                 ExampleService_CloseRentRoll
//	budgets           AdoptBudget, ReviseBudget, ReforecastBudget                 ExampleService_BudgetVariance
//	plan and actual   Budget, Budgets, BudgetVariance                             ExampleService_BudgetVariance
//	performance       MeasurePerformance, PerformanceOf                           ExampleService_MeasurePerformance
//	loans             AddLoan, Loan, Loans                                        ExampleService_AddLoan
//	money of a loan   DrawLoan, PayLoan, DisburseEscrow, ReverseLoanEntry         ExampleLoans_PayLoan
//	the end of it     PayOffLoan, RefinanceLoan                                   ExampleLoans_PayLoan
//	rates             RecordIndexValues, ResetRate, Schedule, CompareSchedule     ExampleLoans_ResetRate
//	what is owed      LoanBalance, LoanEntries                                    ExampleLoans_PayLoan
//	covenants         AgreeCovenant, TestCovenants, CureBreach, WaiveBreach       ExampleLoans_TestCovenants
//	to come           ForecastCovenants, Covenants, CovenantTests                 ExampleLoans_TestCovenants
//	reserves          SetAsideReserve, ReleaseReserve, ReserveBalances            ExampleCash_PrepareWorksheet
//	distributable     PrepareWorksheet, Worksheet, Worksheets                     ExampleCash_PrepareWorksheet
//	value a property  DCF, DirectCap                                              ExampleDCF
//	compute only      Metrics, RentRollMetrics, SumStatements, JoinStatements     ExampleMetrics
//
// # The domain
//
// A statement ([IncomeStatement], [ExpenseStatement]) covers a period whose both
// ends are days in it. It is never edited: a correction supersedes it and
// carries the next version, and one statement per period is in force. A line
// that is nil counts as zero. A month has a statement of each basis of accounting, and one
// that is made out of the property's book ([Service.DeriveStatement]) is proved equal to it
// by Verify. What is added up is complete or not there: [Service.TrailingStatements] has no
// sum of a year in which a day is missing. Totals follow from the lines: SetLines writes both,
// and the database refuses a total that is not the sum of its parts.
//
// [RentRollEntry] is a unit on a day, with everything that the metrics of that
// day need, frozen when the roll is closed: out of leases (package leases), or as
// another system reports it. Each roll says which it rests on. [Performance] holds metrics computed
// from statements and rent roll; a ratio that is undefined is nil, never zero.
// Rates and ratios are fractions. [Loan] keeps the terms of a mortgage, whose
// schedule package loans computes.
//
// What moves on a loan is a [LoanEntry], append-only and booked in the property's book:
// draws up to the commitment, payments by their parts, escrow, what pays it off. On no day
// is more drawn than was committed, more repaid than is owed, or more taken out of escrow
// than is in it. A rate that follows an index is made of its published value ([IndexValue],
// [LoanRate]). A [Covenant] is tested as of a day out of statements, entries and a valuation,
// and its test keeps the figures; a breach is cured in time or waived by somebody named.
//
// Reserves of a property ([ReserveEntry]) are cash in an account of their own. A [Worksheet]
// keeps what of the rest may be distributed as of a day: nothing while a breach is open.
//
// [OperatingStatement], [IncomeLines], [ExpenseLines] and [Metrics] are pure
// computation over the same lines and need no database.
//
// A [Budget] plans some months of a property by the lines of its statements. It is never
// edited: another plan is its next version, and a reforecast one that has the statements of
// the first months. [Service.BudgetVariance] puts months beside any version, and says of
// each line whether it is favorable.
//
// Tables: financials.property_income, financials.property_expenses,
// financials.statement_accounts, financials.property_performance, financials.rent_roll, financials.loans,
// financials.loan_entries, financials.loan_rates, financials.index_values,
// financials.covenants, financials.covenant_tests, financials.reserve_entries,
// financials.worksheets, financials.budgets,
// financials.budget_lines.
package financials
