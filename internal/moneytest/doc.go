// Package moneytest drives the services of package investments through random
// histories and compares everything that they say of money with a second
// implementation that shares no code with them: package model beside it.
//
// A history is a list of commands ([model.Step]) over all verbs that move money,
// in and out of date order: commitments, receipts, refunds, calls, transfers,
// conversions, corrections, distributions of every method with record dates, their
// payments in every order, reversals, true-ups, allocations, exits, new terms; what
// payees owe, which comes back, is borne by the sponsor, set off, billed or written
// off; the entity's own cash, and what distributions cite of it; loans between partners
// and what is paid on them, calls that were not funded, advances, distributions in kind,
// what tiers hold back and distributions release, also where money that is recorded late
// would have taken it, preferences in default, and the clawback of several deals. It is made step by step from a seed and what
// the model knows by then. After each step both sides state their facts, which have to
// be equal key by key; and what the conventions say must be refused or carried out, is.
//
// The gate runs the first 200 histories (four under the race detector). It compares
// lines, commitments and books after each command, and everything else after every fourth
// and at the end. MONEY_N and MONEY_SEED run others, and make money N=10000 runs many;
// they compare everything after each. A history that fails is cut down to the shortest
// that fails likewise and printed as JSON, one command a line, which MONEY_REPLAY
// (the name of a file) runs again.
package moneytest
