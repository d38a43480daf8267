package realestate

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// Retry bounds [Do]. The zero value is the default.
type Retry struct {
	// Attempts is how often the unit of work is run at most; 0 means as often as
	// Patience allows.
	Attempts int
	// Base is the wait before the second attempt, doubled for each further one
	// and shortened by up to half at random; 0 means 10 ms.
	Base time.Duration
	// Max bounds a single wait; 0 means 1 s.
	Max time.Duration
	// Patience bounds all waits together; 0 means 30 s, which covers a restart of
	// the server and a failover to another one.
	Patience time.Duration
}

// Do runs fn in one transaction and commits it, again where that may help:
// after a serialization failure, a deadlock, a lock that was not available, a
// lost connection, and after a COMMIT whose answer was lost. It gives up after
// waits of thirty seconds in all, or when ctx ends, with the last error.
//
// fn may therefore run more than once. What it does to the database is undone
// before it runs again, with one exception: after a lost answer to COMMIT the
// first run may stand. So every verb inside fn that makes something gets an
// idempotency key, or the id of what it makes, that is the same in each run
// (chosen outside fn); the verb finds its own and returns its first result instead
// of doing it twice. What fn does outside the database (mail, files, counters in
// memory) is not undone: results that it hands out are assigned, not added up.
//
// When the answer to a COMMIT was lost and no later run was committed, the error
// is of kind Unknown, whatever the later runs failed with: the work may be done.
//
// db is the pool: inside a transaction of the caller's nothing could be tried
// again; there, call the verbs directly.
func Do(ctx context.Context, db *bun.DB, fn func(tx bun.IDB) error) error {
	return Retry{}.Do(ctx, db, fn)
}

// Do is [Do] within the bounds of r.
func (r Retry) Do(ctx context.Context, db *bun.DB, fn func(tx bun.IDB) error) error {
	wait, longest, patience := or(r.Base, 10*time.Millisecond), or(r.Max, time.Second), or(r.Patience, 30*time.Second)
	var unknown error // that of the first run whose COMMIT may stand
	for n := 1; ; n++ {
		err := InTx(ctx, db, fn)
		if err == nil {
			return nil // it is committed, or the verbs found what the lost COMMIT left
		}
		if unknown == nil && errors.Is(err, fault.Unknown) {
			unknown = err
		}
		pause := store.Jitter(min(wait, longest))
		if ctx.Err() != nil && !errors.Is(err, ctx.Err()) && store.WorthRetry(err) {
			return errors.Join(open(unknown, err), ctx.Err()) // as when it ends in the wait
		}
		if n == r.Attempts || patience < pause || ctx.Err() != nil || !store.WorthRetry(err) {
			return open(unknown, err)
		}
		if cerr := store.Sleep(ctx, pause); cerr != nil {
			return errors.Join(open(unknown, err), cerr)
		}
		patience -= pause
		wait = min(wait*2, longest)
	}
}

// open is the last error, behind the one that left the outcome open.
func open(unknown, last error) error {
	if unknown == nil || errors.Is(last, fault.Unknown) {
		return last
	}
	return errors.Join(unknown, last)
}

func or(d, usual time.Duration) time.Duration {
	if d <= 0 {
		return usual
	}
	return d
}
