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
// financials.budgets, financials.budget_lines.
package financials
