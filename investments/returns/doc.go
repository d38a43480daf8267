// Package returns measures what an investment returned: XIRR and IRR, XNPV and
// NPV, MIRR, modified Dietz, time-weighted and NCREIF quarterly returns, and the
// multiples of a fund. It computes only; it knows no database.
//
// # Verbs by task
//
//	a rate of return     XIRR, MIRR                                  ExampleXIRR
//	several rates        Result.Near                                 ExampleXIRR_severalRoots
//	a present value      XNPV, NPV                                   ExampleXNPV
//	returns of periods   ModifiedDietz, TimeWeighted, NCREIFQuarter  ExampleTimeWeighted
//	multiples of a fund  MultiplesOf                                 ExampleMultiplesOf
//
// # The domain
//
// Contributions are negative and distributions positive, the investor's view.
// Rates are fractions: 0.08 is 8 %.
//
//	res, err := returns.XIRR([]returns.Cash{
//		{Date: date.MustParse("2021-03-15"), Amount: money.MustParse("-100000.00")},
//		{Date: date.MustParse("2024-03-15"), Amount: money.MustParse("133100.00")},
//	})
//	res.Rate     // 0.0999..., the root nearest to 10 %
//	res.Unique   // true: it is the only one
//	res.Vector() // the netted flows that it was computed from
//
// Flows come as [Cash], in whole cents, or as [Flow], decimals of any precision,
// in any order. Where one set of flows is asked more than once, or the netted
// vector behind a present value is wanted ([Series.Vector]), prepare it with
// [NewSeries] or, for another day count than ACT/365F, [NewSeriesBasis].
//
// # What a rate of return is here
//
// The flows of one day are netted, exactly, and zeros dropped. What is left must
// have both signs ([ErrNoSignChange]). The rate is the r > -1 at which the present
// value is zero. There may be none ([ErrNoRoot]) or several: then all are reported,
// Unique is false, and Rate is the one nearest to [DefaultGuess]; [Result.Near]
// takes another guess, and of two that are equally near the larger. A multiple
// root is one root. Rates near -100 % and astronomic ones of short histories are
// answers, as long as 1+r is a float64 ([ErrRateOutOfRange]); roots beyond that
// are not listed, but Unique counts them.
//
// # Why the roots are all the roots
//
// With r+1 = exp(x) the present value is a sum of exponentials in x, and nothing
// is sampled or left to a lucky start:
//
//   - Where the flows change their sign once there is exactly one root (Descartes'
//     rule holds for any exponents), in a bracket known beforehand. It is found by
//     Halley's iteration on the logarithm of the ratio of the two sides, kept in
//     the bracket; it cannot fail to end.
//   - Where they change it more often, and the running balance at a root keeps its
//     sign to the end, that root is the only one. Deals with late calls are such.
//   - Else the line between the two rates beyond which the first or the last flow
//     outweighs the rest is divided into intervals, each of which is proved to hold
//     no root, or to hold a monotone piece, by bounds on the second derivative.
//   - Where double precision cannot tell the present value from zero, which is at
//     multiple and nearly multiple roots, arithmetic of 384 bits and more decides.
//     It gives up ([ErrUnresolved]) only on a root of a multiplicity above ten or
//     so, which takes a series constructed for it.
//
// # Exactness
//
// Rates are float64, good to about 14 digits; [Root.Decimal] rounds to 15. Present
// values are decimals, computed with more than 80 digits and rounded to 40. Ratios
// are exact rationals rounded to 20 decimals, ties away from zero; a ratio whose
// denominator is zero is nil, not zero and not an error. Bad input is a typed
// error that names the field, never a panic.
package returns
