// Package sweeptest calls every verb and every read of every service with bad
// values, and holds what must come of it. It is tests only.
//
// The services are found by reflection on realestate.Platform, so that a new verb
// is swept without a line here. For each one the test makes parameters that succeed,
// where it finds some: ids are of rows that were made before, texts and numbers fit
// the name of their field, values of a closed list are the constants of the source.
// Then it changes one field after another to each of the values of the table in
// hostile_test.go, and calls the verb in a transaction of the caller's and on a pool. A
// verb for which it finds none, about one in four, is judged only up to its first
// refusal: what comes behind that is not proved here. The services have no storage and no
// renderer, so that uploads and filled-in templates are among these.
//
// What comes back is nil or a fault.Error of a documented kind, which neither says
// that trying again would help nor quotes the input at length. Nothing panics or
// takes long, and the caller's transaction can be used afterwards.
//
// `go test ./internal/sweeptest` takes a part of the values for each field;
// FREEHOLD_SWEEP=long takes all of them, as `make fuzz` does.
package sweeptest
