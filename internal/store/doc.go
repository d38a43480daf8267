// Package store is the little that Freehold needs over bun: transactions that
// nest safely, the repository of one table, the map from constraints to
// errors, bulk inserts, the idempotency row, rounds of approval, and a bun.IDB over a
// host's own *sql.Tx.
//
// It was meant to be about 500 lines and is about 800 without comments: the
// roads of a bulk insert (COPY, arrays) and the errors of two drivers cost more
// than planned, and each is written once here instead of in every domain.
//
// It is not a query framework. A query that is more than a row by its id, a
// page of a list or a set-wise write is written with bun where it is used.
package store
