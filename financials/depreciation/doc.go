// Package depreciation computes US tax depreciation of buildings to the cent:
// residential rental property over 27.5 years and nonresidential real property
// over 39, straight line, by the mid-month convention. It is pure: no
// database, no clock, no binary floating point.
//
// # Conventions
//
// Whatever the day, property is placed in service in the middle of its month,
// so the first year has 12.5 less the number of the month: 11.5 months for
// January, half a month for December. Years are calendar years. Land is not in
// the basis.
//
// There are two methods:
//
//   - [Table] applies the percentages of IRS Publication 946, Table A-6
//     (27.5 years) or Table A-7a (39 years), three decimals each, to the basis
//     and rounds each year to the cent. The last year is the remaining basis.
//     This is what tax software prints.
//   - [Formula] keeps the exact straight line: the cumulative depreciation is
//     basis·months/330 (or 468), and a year is the rounded cumulative amount
//     less the rounded cumulative amount of the year before.
//
// Cents are rounded with ties away from zero. By either method the years add
// up to the basis exactly, and no year is below zero: a basis so small that
// the rounded percentages would exceed it is used up early and leaves zeros.
//
// In the year of a disposal the mid-month convention counts the month of the
// disposal as half a month: see [Schedule.Disposed].
package depreciation
