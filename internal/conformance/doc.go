// Package conformance runs the library's computed numbers against files of
// cases. It has no code of its own: the runner is its test.
//
//	FREEHOLD_VECTORS=DIR go test ./internal/conformance -count=1 -v
//
// runs every *.json of a folder through the public packages and prints one line
// per topic, "topic passed/total". Without the variable it runs the cases in
// testdata. It fails on any case that does not agree and on a topic that it
// does not know.
//
// # The files
//
// A file is an array of cases {id, topic, family, inputs, expected, tolerance}.
// Amounts, rates and weights are decimal strings or JSON numbers; an amount
// that is absent or null is 0; dates are YYYY-MM-DD; family may be empty, null
// or absent, and other keys of a case are notes for people.
//
// A tolerance is {"abs": a}, {"abs": a, "rel": r}, which passes when
// |got-want| <= max(a, r·max(1,|want|)), or {"abs": a, "rel_to_largest_flow":
// r}, which passes when |got-want| <= max(a, r·largest |flow|). 0, or none,
// means equal.
//
// # Judging
//
// Every key of expected is compared, at every depth, and one that no public
// result answers fails the case. Lists agree in length. In a table of amounts
// by id, an id that one side leaves out has 0. A null is an undefined figure
// and agrees with nothing else, except for the rows of a loan, where it says
// that they are not listed. {"error": code} needs that error where the package
// documents codes of that name, and an error of the input elsewhere.
//
// Of several rates of return the one nearest to the guess is judged, 0.10 where
// none is given. Only where a case says must_be_among_roots, or gives a rate
// alone, without guess, roots or unique, as a figure published for another
// program does, the rate has to be one of the roots.
//
// The topics are allocation, amortization, capital_account, clawback,
// day_count, irr, macrs, mirr, npv, operating_metrics, rent_roll, returns,
// valuation, waterfall, withholding, xirr and xnpv.
package conformance
