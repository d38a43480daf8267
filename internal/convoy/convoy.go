// Package convoy lets commands on one thing that come at once share a transaction, such as
// commitments to an offering that has just opened. Each of them would lock the thing, and the
// server would spend its time on handing the lock on; together they lock it once, and read and
// write what all of them need in the statements that one would need.
package convoy

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// Most is how many commands at most share a transaction.
const Most = 64

// patience is the part of a convoy's time that the lane waits at most until as many have come
// again: where many come at once the first of them would go alone.
const patience = 10

// most is how long it waits for them at most: a convoy that has waited for somebody's lock says
// nothing about who comes behind it.
const most = 10 * time.Millisecond

// Member is one command of a convoy.
type Member[P, R any] struct {
	// Ctx is of the command's caller, and ends with theirs: it is for what is asked on their
	// behalf, such as by code of the host. Statements of all take the convoy's context.
	Ctx    context.Context
	Params P

	caller  context.Context
	done    chan struct{} // closed when it is settled, or is to run alone
	turn    bool          // the lane is its own
	settled bool
	result  R
	err     error
}

// Settle says what became of the command, once that is certain: what its transaction did has
// been committed, or nothing was to be done. A command that is not settled runs alone.
func (m *Member[P, R]) Settle(r R, err error) { m.settled, m.result, m.err = true, r, err }

// Together runs the commands of a convoy in one transaction on db, and settles those that it
// can. With an error nothing has happened of those that it has not settled.
type Together[P, R any] func(ctx context.Context, db *bun.DB, convoy []*Member[P, R]) error

// Road is where the commands of one verb go, in a lane for each thing of each pool. It
// keeps commands on their way and nothing else. The zero value is ready for use.
type Road[K comparable, P, R any] struct {
	mu       sync.Mutex
	lanes    map[place[K]]*lane[P, R]
	underway map[*bun.DB]int // commands of DoFound, by their pools: those of others share with none of them
}

type place[K comparable] struct {
	db   *bun.DB
	what K
}

// lane is one on which a command, or a convoy, is on its way.
type lane[P, R any] struct {
	waiting []*Member[P, R]
	expects int           // so many are waited for
	enough  chan struct{} // closed when they have come
}

// Do runs a command on what: alone when db is no pool, or when no other command is on its way
// there; else behind that one, together with those that came meanwhile. It returns when ctx
// ends; where its convoy has set out then the outcome is [store.ErrUnknownOutcome].
//
// A convoy that fails, or panics, does nothing; its commands run alone then, each with an error
// of its own. Its context ends when those of all its commands have.
func (r *Road[K, P, R]) Do(ctx context.Context, db bun.IDB, what K, p P, alone func(context.Context) (R, error), together Together[P, R]) (R, error) {
	pool, ok := db.(*bun.DB)
	if !ok {
		return alone(ctx)
	}
	var none R // the convoy may be writing the member's
	at, m := place[K]{pool, what}, &Member[P, R]{Params: p, caller: ctx, done: make(chan struct{})}
	if !r.enter(at, m) {
		select {
		case <-m.done:
		case <-ctx.Done():
			if r.gone(at, m) {
				return none, ctx.Err()
			}
		}
	}
	switch {
	case m.turn:
		defer r.next(at, together)
		return alone(ctx)
	case !closed(m.done):
		return none, store.ErrUnknownOutcome.Because(ctx.Err())
	case !m.settled:
		return alone(ctx)
	}
	return m.result, m.err
}

// DoFound is [Road.Do] for a command that does not know what it is on before it has looked, by
// find: it looks only while others are underway on its pool, and where it finds nothing it runs
// alone.
func (r *Road[K, P, R]) DoFound(ctx context.Context, db bun.IDB, find func(context.Context) (K, error), p P, alone func(context.Context) (R, error), together Together[P, R]) (R, error) {
	pool, ok := db.(*bun.DB)
	if !ok {
		return alone(ctx)
	}
	defer r.leaves(pool)
	if r.comes(pool) == 1 {
		return alone(ctx)
	}
	what, err := find(ctx)
	if err != nil {
		return alone(ctx)
	}
	return r.Do(ctx, db, what, p, alone, together)
}

// comes counts a command of DoFound in, and says how many are underway on its pool.
func (r *Road[K, P, R]) comes(db *bun.DB) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.underway == nil {
		r.underway = map[*bun.DB]int{}
	}
	r.underway[db]++
	return r.underway[db]
}

// leaves counts it out.
func (r *Road[K, P, R]) leaves(db *bun.DB) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.underway[db]--; r.underway[db] == 0 {
		delete(r.underway, db)
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// enter gives m the lane where it is free, and lets it wait otherwise.
func (r *Road[K, P, R]) enter(at place[K], m *Member[P, R]) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if l := r.lanes[at]; l != nil {
		if l.waiting = append(l.waiting, m); len(l.waiting) == l.expects {
			l.expects = 0
			close(l.enough)
		}
		return false
	}
	if r.lanes == nil {
		r.lanes = map[place[K]]*lane[P, R]{}
	}
	r.lanes[at], m.turn = &lane[P, R]{}, true
	return true
}

// gone takes m out of those that wait. It reports whether m was among them.
func (r *Road[K, P, R]) gone(at place[K], m *Member[P, R]) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.lanes[at]
	if l == nil {
		return false
	}
	i := slices.Index(l.waiting, m)
	if i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
	}
	return i >= 0
}

// next hands the lane on: to the one that waits, or to a convoy of those that do.
func (r *Road[K, P, R]) next(at place[K], together Together[P, R]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.lanes[at]
	switch len(l.waiting) {
	case 0:
		delete(r.lanes, at)
	case 1:
		m := l.waiting[0]
		l.waiting, m.turn = nil, true
		close(m.done)
	default:
		n := min(len(l.waiting), Most)
		convoy := slices.Clone(l.waiting[:n])
		l.waiting = slices.Delete(l.waiting, 0, n)
		go r.run(at, convoy, together)
	}
}

// await waits until n commands wait, at most for a time.
func (r *Road[K, P, R]) await(at place[K], n int, d time.Duration) {
	r.mu.Lock()
	l := r.lanes[at]
	come := len(l.waiting) >= n
	if !come {
		l.expects, l.enough = n, make(chan struct{})
	}
	r.mu.Unlock()
	if come {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-l.enough:
	case <-t.C:
	}
	r.mu.Lock()
	l.expects = 0
	r.mu.Unlock()
}

// run brings a convoy to its end.
func (r *Road[K, P, R]) run(at place[K], convoy []*Member[P, R], together Together[P, R]) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(convoy[0].caller))
	defer cancel()
	var here atomic.Int64
	here.Store(int64(len(convoy)))
	for _, m := range convoy {
		own, end := context.WithCancel(m.caller)
		defer end()
		m.Ctx = own
		defer context.AfterFunc(m.caller, func() {
			if here.Add(-1) == 0 {
				cancel()
			}
		})()
	}
	start := time.Now()
	defer func() {
		_ = recover() // the command that panics does so again, alone and on its caller's stack
		took := time.Since(start)
		for _, m := range convoy {
			close(m.done)
		}
		r.await(at, len(convoy), min(took/patience, most))
		r.next(at, together)
	}()
	if err := together(ctx, at.db, convoy); errors.Is(err, fault.Unknown) {
		for _, m := range convoy {
			if !m.settled {
				m.Settle(m.result, err)
			}
		}
	}
}

// InTx is [store.InTx] for a convoy. That an outcome is unknown is said by COMMIT only: what the
// host's code in fn fails with is a matter of its command.
func InTx(ctx context.Context, db *bun.DB, fn func(tx bun.IDB) error) error {
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		if err := fn(tx); !errors.Is(err, fault.Unknown) {
			return err
		}
		return errRefused
	})
}

// hurry is how long a convoy waits for what only one of its commands needs, in milliseconds:
// whoever has it locked would hold up all.
const hurry = "100"

// Hurry runs do in a convoy's transaction, where from then on no statement waits for a lock for
// long: with an error then, behind which each command waits for its own. That ends with calm.
func Hurry(ctx context.Context, tx bun.IDB, do store.Part) (calm store.Part, err error) {
	var before, now string
	err = store.Together(ctx, tx, func(tx bun.IDB) error {
		return store.Err(store.Read(ctx, tx, tx.NewRaw("SELECT current_setting('lock_timeout'), set_config('lock_timeout', ?, TRUE)", hurry), &before, &now), nil)
	}, do)
	return func(tx bun.IDB) error {
		return store.Err(store.Exec(ctx, tx, "SELECT set_config('lock_timeout', $1, TRUE)", before), nil)
	}, err
}

// errRefused: the transaction was rolled back.
var errRefused = errors.New("a command of the convoy was refused")
