// Package faulttest proves what must never happen under any fault: parts that do
// not sum to their total, a payment twice, an oversold offering, an unbalanced
// book, a cached total that differs from its source. It is tests only, and they
// use what a host would use.
//
//   - TestInterleavings runs two conflicting commands on two connections in orders
//     of their statements that chance picks, or in all of them, BEGIN and COMMIT included,
//     and judges the outcome of each. A gate in front of each connection lets one statement pass at a
//     time; a statement that waits for a lock of the other command is recognized
//     by asking the server who blocks it. TestSearch shows that the search finds a
//     lost update and a deadlock, and that it tries every order once.
//   - TestKills runs a load of keyed commands in a process of its own while
//     backends are terminated, the whole server is killed and started again, and
//     the process is killed and started again. The process keeps a journal of
//     what it is about to do and of what was answered. TestProxy cuts
//     connections in front of, in the middle of and behind COMMIT. Both then
//     compare the database with the journals, command by command and in sums, and
//     the outbox with both: each command that was done has its events, once, and
//     there are no others. During the load with kills a relay delivers the events
//     in a process that dies again and again, also between taking an event and
//     saying so; every event has to come, and those of one aggregate in order.
//   - TestControl runs the same load with a new key for every try. It must be seen
//     to do things twice, or the checks of the others would prove nothing.
//     TestCheck shows what else they find.
//   - TestCancel ends the context of every money verb before each of its
//     statements, inside a transaction of the caller's that goes on and commits,
//     and compares every table of the database. TestVerbs_complete fails when a
//     verb with a key is missing from the recipes of internal/recipes.
//
// `go test ./internal/faulttest` runs a short version: a sample of the orders and
// some hundreds of commands. `make fault` runs 200 orders of each pair and 20,000
// commands. FREEHOLD_FAULT=long asks for the long version, FREEHOLD_FAULT_ORDERS=n for
// n orders of each pair or for all, and FREEHOLD_FAULT_SEED=n repeats the choices of a run
// that printed n.
package faulttest
