package realestate

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
)

// Retry bounds [Do]. The zero value is the default.
type Retry struct {
	// Attempts is how often the unit of work is run at most; 0 means 5.
	Attempts int
	// Base is the wait before the second attempt, doubled for each further one
	// and shortened by up to half at random; 0 means 10 ms.
	Base time.Duration
	// Max bounds a single wait; 0 means 1 s.
	Max time.Duration
}

// Do runs fn in one transaction and commits it, again where that may help:
// after a serialization failure, a deadlock, a lock that was not available, a
// lost connection, and after a COMMIT whose answer was lost. It gives up after
// five attempts, or when ctx ends, with the last error.
//
// fn may therefore run more than once. What it does to the database is undone
// before it runs again, with one exception: after a lost answer to COMMIT the
// first run may stand. So every money verb inside fn gets an idempotency key
// that is the same in each run (chosen outside fn); the verb finds its key and
// returns its first result instead of paying twice. What fn does outside the
// database (mail, files, counters in memory) is not undone.
//
// db is the pool: inside a transaction of the caller's nothing could be tried
// again; there, call the verbs directly.
func Do(ctx context.Context, db *bun.DB, fn func(tx bun.IDB) error) error {
	return Retry{}.Do(ctx, db, fn)
}

// Do is [Do] within the bounds of r.
func (r Retry) Do(ctx context.Context, db *bun.DB, fn func(tx bun.IDB) error) error {
	attempts, wait, longest := r.Attempts, r.Base, r.Max
	if attempts <= 0 {
		attempts = 5
	}
	if wait <= 0 {
		wait = 10 * time.Millisecond
	}
	if longest <= 0 {
		longest = time.Second
	}
	for n := 1; ; n++ {
		err := store.InTx(ctx, db, fn)
		if err == nil || n == attempts || ctx.Err() != nil || !store.WorthRetry(err) {
			return err
		}
		if cerr := store.Sleep(ctx, store.Jitter(min(wait, longest))); cerr != nil {
			return errors.Join(err, cerr)
		}
		wait = min(wait*2, longest)
	}
}
