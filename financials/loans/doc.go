// Package loans computes mortgage schedules to the cent: level payment,
// interest-only, balloon, on 30/360 or on actual days. It is pure: no database,
// no clock, no binary floating point.
//
// # Conventions
//
// Payments are monthly. Due date k is the start date plus k months, clamped to
// the end of shorter months and always counted from the original day: a loan
// of 31 January is due on 28 (or 29) February and then on 31 March.
//
// The level payment is P·i / (1 - (1+i)^-n), rounded to the cent with ties
// away from zero, where n is the number of amortizing months, counted after
// any interest-only months, and i is a twelfth of the annual rate. At a rate
// of zero it is P/n. It is computed in exact integers, so no precision is lost
// at any term.
//
// The payment and the interest are two settings, because most real mortgages
// fix the payment on 30/360 and accrue interest on actual days over 360:
//
//   - [Terms.PaymentBasis] is how the level payment was fixed. On [Actual360]
//     the monthly rate carries the five extra days of a year, rate·365/360/12.
//   - [Terms.AccrualBasis] is how interest accrues each month: balance·rate/12 on
//     [Thirty360], balance·rate·days/360 or /365 on [Actual360] and
//     [Actual365F]. Each month's interest is rounded to the cent.
//   - [Terms.AccrualPeriod] says which days are counted: those from the previous due
//     date (included) to this one (excluded), or the calendar month before the
//     due date. Both are the same for a loan that is due on the first.
//   - [Terms.Payment] gives the payment of the note where it is known, and
//     replaces the formula.
//
// Interest-only months pay the interest. Amortizing months pay the level
// payment; what is not interest is principal. Where the interest of a month
// exceeds the payment (possible on actual days at a high rate and a long
// amortization) the difference is added to the balance. The last amortizing
// payment, and any payment whose principal would reach the balance, pays
// balance and interest exactly. If the term ends first, the balance after the
// last scheduled payment is the balloon; it is reported beside the rows, not
// in them. Principal paid plus balloon is the loan, to the cent.
//
// # Debt service as lenders quote it
//
// [AnnualInterest] is the annual debt service of an interest-only loan: on
// [Actual360] it is balance·rate·365/360, which is what a rating report
// divides the net operating income by. For a year of a schedule use
// [Schedule.Between].
//
// # Limits
//
// A rate is a fraction from 0 to 10 with at most 15 decimals, a term at most
// 1,200 months, and the last due date lies in the calendar. Anything else is a
// [fault.Invalid] error that names the field; all bad fields are reported at
// once.
package loans
