package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/outbox"
	"github.com/freehold-go/freehold/realestate/page"
)

// parcel is an aggregate of these tests.
type parcel struct{}

type parcelMoved struct {
	To int `json:"to"`
}

func (parcelMoved) EventType() (string, int) { return "test.parcel_moved", 2 }

type parcelLost struct{}

func (parcelLost) EventType() (string, int) { return "test.parcel_lost", 1 }

// parcelMovedOnce is the event as an older program knows it.
type parcelMovedOnce struct{}

func (parcelMovedOnce) EventType() (string, int) { return "test.parcel_moved", 1 }

func platform(t *testing.T) *realestate.Platform {
	t.Helper()
	p, err := realestate.New(realestate.Config{})
	require.NoError(t, err)
	return p
}

// emit writes n events of each aggregate, a statement each.
func emit(t *testing.T, db bun.IDB, n int, parcels ...id.Of[parcel]) {
	t.Helper()
	for i := range n {
		events := make([]store.Emission, len(parcels))
		for j := range parcels {
			events[j] = store.Event("parcel", parcels[j], parcelMoved{i + 1})
		}
		require.NoError(t, realestate.InTx(t.Context(), db, func(tx bun.IDB) error {
			return store.Hooks(nil).Emit(t.Context(), tx, time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC), events...)
		}))
	}
}

func parcels(n int) []id.Of[parcel] {
	out := make([]id.Of[parcel], n)
	for i := range out {
		out[i] = id.New[parcel]()
	}
	return out
}

// hasty is a relay that does not let a test wait.
var hasty = outbox.Relay{Backoff: time.Microsecond, MaxBackoff: time.Microsecond, Poll: time.Millisecond}

// drainAll drains until nothing waits any more.
func drainAll(t *testing.T, db *bun.DB, r outbox.Relay, h outbox.Handler) outbox.DrainResult {
	t.Helper()
	var sum outbox.DrainResult
	for {
		res, err := r.Drain(t.Context(), db, h)
		require.NoError(t, err)
		sum.Delivered, sum.Failed, sum.Dead, sum.Lost = sum.Delivered+res.Delivered, sum.Failed+res.Failed, sum.Dead+res.Dead, sum.Lost+res.Lost
		b, err := outbox.Pending(t.Context(), db)
		require.NoError(t, err)
		if b.Pending == 0 || res == (outbox.DrainResult{}) {
			return sum
		}
		time.Sleep(time.Millisecond)
	}
}

func TestRelay_deliversInOrder(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	ps := parcels(2)
	require.NoError(t, realestate.InTx(ctx, db, func(tx bun.IDB) error {
		require.NoError(t, realestate.SetActor(ctx, tx, "job"))
		emit(t, tx, 3, ps...)
		return nil
	}))
	_ = realestate.InTx(ctx, db, func(tx bun.IDB) error {
		emit(t, tx, 1, ps...)
		return errors.New("rolled back")
	})
	before, err := outbox.Pending(ctx, db)
	require.NoError(t, err)
	require.EqualValues(t, 6, before.Pending, "what was rolled back never happened")
	require.Positive(t, before.Age)

	seen := map[id.Of[outbox.Aggregate]][]int{}
	res, err := outbox.Relay{}.Drain(ctx, db, func(_ context.Context, e outbox.Message) error {
		require.Equal(t, "parcel", e.AggregateType)
		require.Equal(t, "job", e.Actor)
		require.Equal(t, time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC), e.OccurredAt)
		require.Equal(t, 1, e.Attempts)
		require.True(t, outbox.Is[parcelMoved](e))
		require.False(t, outbox.Is[parcelLost](e))
		p, err := outbox.Decode[parcelMoved](e)
		require.NoError(t, err)
		require.EqualValues(t, e.Position, p.To)
		_, err = outbox.Decode[parcelLost](e)
		require.ErrorIs(t, err, outbox.ErrType)
		_, err = outbox.Decode[parcelMovedOnce](e)
		require.ErrorIs(t, err, outbox.ErrVersion)
		seen[e.AggregateID] = append(seen[e.AggregateID], p.To)
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, outbox.DrainResult{Delivered: 6}, res)
	for _, p := range ps {
		require.Equal(t, []int{1, 2, 3}, seen[id.Cast[outbox.Aggregate](p)])
	}
	again, err := outbox.Relay{}.Drain(ctx, db, func(context.Context, outbox.Message) error { return errors.New("nothing is left") })
	require.NoError(t, err)
	require.Zero(t, again)
	after, err := outbox.Pending(ctx, db)
	require.NoError(t, err)
	require.Zero(t, after)
	_, err = outbox.Decode[parcelMoved](outbox.Message{Type: "test.parcel_moved", Version: 2, Payload: []byte(`{"to":"x"}`)})
	require.ErrorIs(t, err, outbox.ErrPayload)
}

// dieAtAck ends the process, as far as the relay can tell, when it is about to
// say that an event was delivered.
type dieAtAck struct{ left int }

func (d *dieAtAck) BeforeQuery(ctx context.Context, q *bun.QueryEvent) context.Context {
	if strings.Contains(q.Query, "SET delivered_at") && d.left > 0 {
		d.left--
		panic("killed")
	}
	return ctx
}

func (*dieAtAck) AfterQuery(context.Context, *bun.QueryEvent) {}

// A relay that dies between the handler and the mark hands the event out again
// once its lease is over, and not before.
func TestRelay_atLeastOnce(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	emit(t, db, 2, parcels(1)...)
	var got []string
	handle := func(_ context.Context, e outbox.Message) error {
		got = append(got, fmt.Sprint(e.Position, "/", e.Attempts))
		return nil
	}
	r := outbox.Relay{Lease: 300 * time.Millisecond}
	require.Panics(t, func() { _, _ = r.Drain(ctx, db.WithQueryHook(&dieAtAck{left: 1}), handle) })
	res, err := r.Drain(ctx, db, handle)
	require.NoError(t, err)
	require.Zero(t, res, "the lease still runs")
	time.Sleep(400 * time.Millisecond)
	res, err = r.Drain(ctx, db, handle)
	require.NoError(t, err)
	require.Equal(t, 2, res.Delivered)
	require.Equal(t, []string{"1/1", "1/2", "2/1"}, got)
}

// Eight relays at once, whose handlers often fail, while further events are
// written: each is taken once, in the order of its aggregate, and never two of an
// aggregate at a time.
func TestRelay_orderUnderConcurrency(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	const aggregates, events = 20, 15
	ps := parcels(aggregates)
	emit(t, db, events/3, ps...)
	r := hasty
	r.Batch, r.MaxAttempts = 5, 1000

	var mu sync.Mutex
	taken, busy, failures := map[id.Of[outbox.Aggregate]][]int64{}, map[id.Of[outbox.Aggregate]]bool{}, 0
	handle := func(_ context.Context, e outbox.Message) error {
		mu.Lock()
		clash := busy[e.AggregateID]
		busy[e.AggregateID] = true
		mu.Unlock()
		if rand.IntN(4) == 0 {
			time.Sleep(time.Millisecond)
		}
		mu.Lock()
		defer mu.Unlock()
		busy[e.AggregateID] = false
		if clash {
			t.Errorf("two relays are at %s at once", e.AggregateID)
		}
		if rand.IntN(3) == 0 {
			failures++
			return errors.New("not now")
		}
		taken[e.AggregateID] = append(taken[e.AggregateID], e.Position)
		return nil
	}
	var wg sync.WaitGroup
	running, stop := context.WithCancel(ctx)
	for range 8 {
		wg.Go(func() {
			if err := r.Run(running, db, handle); err != nil {
				t.Error(err)
			}
		})
	}
	emit(t, db, events-events/3, ps...)
	require.Eventually(t, func() bool {
		b, err := outbox.Pending(ctx, db)
		return err == nil && b.Pending == 0
	}, time.Minute, 5*time.Millisecond)
	stop()
	wg.Wait()
	require.Positive(t, failures)
	require.Len(t, taken, aggregates)
	for _, positions := range taken {
		require.Len(t, positions, events)
		for i, p := range positions {
			require.EqualValues(t, i+1, p)
		}
	}
	report, err := platform(t).Verify(ctx, db)
	require.NoError(t, err)
	require.True(t, report.OK(), report)
}

// While a relay is at an event its lease runs out, and another takes the event:
// the late one may not mark it, in whatever transaction.
func TestRelay_leaseOver(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	_, err := db.ExecContext(ctx, "CREATE TABLE arrivals (event uuid, attempt int)")
	require.NoError(t, err)
	arrives := func(ctx context.Context, tx bun.IDB, e outbox.Message) error {
		_, err := tx.NewRaw("INSERT INTO arrivals VALUES (?, ?)", e.ID, e.Attempts).Exec(ctx)
		return err
	}
	one := outbox.Relay{Lease: 150 * time.Millisecond, Owner: "same"}
	two := outbox.Relay{Owner: "same"}

	emit(t, db, 1, parcels(1)...)
	took := 0
	res, err := one.Drain(ctx, db, func(ctx context.Context, e outbox.Message) error {
		<-ctx.Done()
		time.Sleep(50 * time.Millisecond)
		res, err := two.Drain(t.Context(), db, func(_ context.Context, again outbox.Message) error {
			require.Equal(t, e.ID, again.ID)
			took++
			_, err := one.Drain(t.Context(), db, func(context.Context, outbox.Message) error { return errors.New("it is under lease") })
			return err
		})
		require.NoError(t, err)
		require.Equal(t, outbox.DrainResult{Delivered: 1}, res)
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, outbox.DrainResult{Lost: 1}, res)
	require.Equal(t, 1, took)

	// Inside a transaction, what the late one wrote goes with it.
	emit(t, db, 1, parcels(1)...)
	taking := make(chan error, 1)
	res, err = one.DrainTx(ctx, db, func(ctx context.Context, tx bun.IDB, e outbox.Message) error {
		require.NoError(t, arrives(ctx, tx, e))
		<-ctx.Done()
		time.Sleep(50 * time.Millisecond)
		res, err := two.DrainTx(t.Context(), db, arrives)
		require.Equal(t, 1, res.Delivered)
		taking <- err
		return nil
	})
	require.NoError(t, err)
	require.NoError(t, <-taking)
	require.Zero(t, res.Delivered)
	var attempts []int
	require.NoError(t, db.NewRaw("SELECT attempt FROM arrivals").Scan(ctx, &attempts))
	require.Equal(t, []int{2}, attempts)
}

// A relay that has lost one event of an aggregate hands out none behind it, although
// their leases are its own: the other relay is on its way there.
func TestRelay_leaseOverBehind(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	emit(t, db, 7, parcels(1)...) // claimed as 1, as 2 and 3, as 4 to 7
	begun, goOn, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	var late, other []int64
	res, err := outbox.Relay{Lease: 150 * time.Millisecond}.Drain(ctx, db, func(ctx context.Context, e outbox.Message) error {
		late = append(late, e.Position)
		if e.Position != 5 {
			return nil
		}
		<-ctx.Done()
		time.Sleep(50 * time.Millisecond)
		go func() {
			_, err := outbox.Relay{}.Drain(context.WithoutCancel(ctx), db, func(_ context.Context, e outbox.Message) error {
				if other = append(other, e.Position); len(other) == 1 {
					close(begun)
					<-goOn
				}
				return nil
			})
			ended <- err
		}()
		<-begun
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, outbox.DrainResult{Delivered: 3, Lost: 2}, res)
	require.Equal(t, []int64{1, 2, 3, 4, 5}, late)
	close(goOn)
	require.NoError(t, <-ended)
	require.Equal(t, []int64{4, 5, 6, 7}, other)
}

// What a handler writes in the transaction of the mark happens once, however
// often it fails after writing, or the relay dies.
func TestRelay_exactlyOnceInTheDatabase(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	_, err := db.ExecContext(ctx, "CREATE TABLE arrivals (event uuid)")
	require.NoError(t, err)
	emit(t, db, 10, parcels(4)...)
	r := hasty
	r.Lease, r.MaxAttempts = 200*time.Millisecond, 1000
	runs := 0
	handle := func(ctx context.Context, tx bun.IDB, e outbox.Message) error {
		runs++
		if _, err := tx.NewRaw("INSERT INTO arrivals VALUES (?)", e.ID).Exec(ctx); err != nil {
			return err
		}
		if runs%3 == 0 {
			return errors.New("after writing")
		}
		return nil
	}
	dies := db.WithQueryHook(&dieAtAck{left: 2})
	for range 2 {
		require.Panics(t, func() { _, _ = r.DrainTx(ctx, dies, handle) })
		time.Sleep(r.Lease + 50*time.Millisecond)
	}
	require.Eventually(t, func() bool {
		_, err := r.DrainTx(ctx, db, handle)
		require.NoError(t, err)
		b, err := outbox.Pending(ctx, db)
		return err == nil && b.Pending == 0
	}, 30*time.Second, 10*time.Millisecond)
	var rows, distinct int
	require.NoError(t, db.NewRaw("SELECT count(*), count(DISTINCT event) FROM arrivals").Scan(ctx, &rows, &distinct))
	require.Equal(t, 40, rows)
	require.Equal(t, 40, distinct)
	require.Greater(t, runs, 40)
}

func TestRelay_deadLetters(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	ps := parcels(2)
	emit(t, db, 2, ps...)
	r := hasty
	r.MaxAttempts = 3
	bad := id.Cast[outbox.Aggregate](ps[0])
	fails := func(_ context.Context, e outbox.Message) error {
		if e.AggregateID == bad {
			return fmt.Errorf("mail to %s: %w", "ann@example.com", store.ErrUnavailable)
		}
		return nil
	}
	require.Equal(t, outbox.DrainResult{Delivered: 2, Failed: 3, Dead: 1}, drainAll(t, db, r, fails), "the other aggregate goes on")
	b, err := outbox.Pending(ctx, db)
	require.NoError(t, err)
	require.EqualValues(t, 1, b.Pending)
	require.EqualValues(t, 1, b.Dead)
	dead := func() []outbox.DeadMessage {
		p, err := outbox.Dead(ctx, db, page.Request{})
		require.NoError(t, err)
		return p.Items
	}
	letters := dead()
	require.Len(t, letters, 1)
	require.EqualValues(t, 1, letters[0].Position)
	require.Equal(t, 1, letters[0].Blocked)
	require.Equal(t, 3, letters[0].Attempts)
	require.Equal(t, "database_unavailable", letters[0].Error, "a code, and no text of the handler's")
	require.JSONEq(t, `{"to":1}`, string(letters[0].Payload))

	require.NoError(t, outbox.Retry(ctx, db, letters[0].ID))
	require.ErrorIs(t, outbox.Retry(ctx, db, letters[0].ID), outbox.ErrNotDead)
	require.ErrorIs(t, outbox.Skip(ctx, db, id.New[outbox.Message]()), outbox.ErrNotFound)
	r.Describe = func(err error) string { return strings.Repeat("ü", 300) + err.Error() }
	require.Equal(t, outbox.DrainResult{Failed: 3, Dead: 1}, drainAll(t, db, r, fails))
	require.Equal(t, strings.Repeat("ü", 250), dead()[0].Error)

	require.NoError(t, outbox.Skip(ctx, db, letters[0].ID))
	require.Empty(t, dead())
	var positions []int64
	require.Equal(t, outbox.DrainResult{Delivered: 1}, drainAll(t, db, r, func(_ context.Context, e outbox.Message) error {
		positions = append(positions, e.Position)
		return nil
	}))
	require.Equal(t, []int64{2}, positions, "the skipped one is not delivered, what was behind it is")
}

// An event that ends its process each time is dead after as many attempts.
func TestRelay_poison(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	emit(t, db, 1, parcels(1)...)
	r := outbox.Relay{Lease: time.Millisecond, MaxAttempts: 3}
	for range 3 {
		require.Panics(t, func() {
			for range 100 {
				_, _ = r.Drain(ctx, db, func(context.Context, outbox.Message) error { panic("boom") })
				time.Sleep(2 * time.Millisecond)
			}
		})
	}
	time.Sleep(5 * time.Millisecond)
	res, err := r.Drain(ctx, db, func(context.Context, outbox.Message) error { panic("once more") })
	require.NoError(t, err)
	require.Equal(t, outbox.DrainResult{Dead: 1}, res)
	p, err := outbox.Dead(ctx, db, page.Request{})
	require.NoError(t, err)
	require.Equal(t, "no_outcome", p.Items[0].Error)
}

// A relay that is stopped gives its leases back, and counts no attempt against
// the event that it was at.
func TestRelay_stopped(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	emit(t, db, 1, parcels(3)...)
	ctx, stop := context.WithCancel(t.Context())
	res, err := outbox.Relay{}.Drain(ctx, db, func(ctx context.Context, _ outbox.Message) error {
		stop()
		return ctx.Err()
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, res)
	require.NoError(t, outbox.Relay{}.Run(ctx, db, nil), "a run that was stopped has not failed")
	var attempts []int
	res, err = outbox.Relay{}.Drain(t.Context(), db, func(_ context.Context, e outbox.Message) error {
		attempts = append(attempts, e.Attempts)
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, 3, res.Delivered, "without waiting for the end of the leases")
	require.Equal(t, []int{1, 1, 1}, attempts)

	// What the handler took is taken, also when the relay is stopped meanwhile.
	emit(t, db, 2, parcels(1)...)
	ctx, stop = context.WithCancel(t.Context())
	res, err = outbox.Relay{}.Drain(ctx, db, func(context.Context, outbox.Message) error { stop(); return nil })
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 1, res.Delivered)
	res, err = outbox.Relay{}.Drain(t.Context(), db, func(_ context.Context, e outbox.Message) error {
		require.EqualValues(t, 2, e.Position)
		require.Equal(t, 1, e.Attempts)
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, 1, res.Delivered)
}

func TestPruneOutbox(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	ps := parcels(2)
	emit(t, db, 3, ps...)
	first := true
	_, err := outbox.Relay{}.Drain(ctx, db, func(_ context.Context, e outbox.Message) error {
		if e.Position == 3 && first {
			first = false
			return errors.New("later")
		}
		return nil
	})
	require.NoError(t, err)
	var now time.Time
	require.NoError(t, db.NewRaw("SELECT clock_timestamp()").Scan(ctx, &now))
	for _, before := range []time.Time{{}, now.Add(time.Hour)} {
		_, err = outbox.Prune(ctx, db, outbox.PruneParams{Before: before})
		require.Equal(t, "before", fault.FieldErrors(err)[0].Field)
	}
	n, err := outbox.Prune(ctx, db, outbox.PruneParams{Before: now.Add(-time.Hour)})
	require.NoError(t, err)
	require.Zero(t, n)
	n, err = outbox.Prune(ctx, db, outbox.PruneParams{Before: now, DryRun: true})
	require.NoError(t, err)
	require.EqualValues(t, 5, n)
	var heard []int64
	n, err = outbox.Prune(ctx, db, outbox.PruneParams{Before: now, Batch: 2, Progress: func(rows int64) { heard = append(heard, rows) }})
	require.NoError(t, err)
	require.EqualValues(t, 5, n)
	require.Equal(t, []int64{2, 4, 5}, heard)
	emit(t, db, 1, ps...)
	report, err := platform(t).Verify(ctx, db)
	require.NoError(t, err)
	require.True(t, report.OK(), report)
	var positions []int64
	require.NoError(t, db.NewRaw("SELECT position FROM freehold.outbox ORDER BY position").Scan(ctx, &positions))
	require.Equal(t, []int64{3, 4, 4}, positions, "an aggregate goes on counting where it was")
}

// Events that were delivered at one instant go in the order of their aggregate, so that a run
// that was stopped between two batches leaves no gap.
func TestPruneOutbox_stopped(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	emit(t, db, 20, parcels(3)...)
	_, err := db.NewRaw("UPDATE freehold.outbox SET delivered_at = '2026-01-01' WHERE position % 2 = 0").Exec(ctx)
	require.NoError(t, err)
	_, err = db.NewRaw("UPDATE freehold.outbox SET delivered_at = '2026-01-01' WHERE position % 2 = 1").Exec(ctx)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(ctx)
	n, err := outbox.Prune(ctx, db, outbox.PruneParams{Before: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), Batch: 7, Progress: func(int64) { stop() }})
	require.ErrorIs(t, err, context.Canceled)
	require.EqualValues(t, 7, n)
	report, err := platform(t).Verify(t.Context(), db)
	require.NoError(t, err)
	require.True(t, report.OK(), report)
}

func TestRelay_config(t *testing.T) {
	t.Parallel()
	_, err := outbox.Relay{Batch: -1, Lease: -1, MaxAttempts: -1, Backoff: -1, Poll: -1, Owner: "\x00"}.Drain(t.Context(), nil, nil)
	require.Len(t, fault.FieldErrors(err), 6)
	require.ErrorIs(t, outbox.Relay{Batch: -1}.RunTx(t.Context(), nil, nil), fault.Invalid)
	_, err = outbox.Relay{Batch: 10_001}.DrainTx(t.Context(), nil, nil)
	require.ErrorIs(t, err, fault.Invalid)
}

// The server ends the relay's connection while the handler is at it, outside and
// inside of the handler's transaction: the event comes again, and is not lost.
func TestRelay_connectionKilled(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	_, err := db.ExecContext(ctx, "CREATE TABLE arrivals (event uuid)")
	require.NoError(t, err)
	killOthers := func() {
		_, err := db.ExecContext(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
		require.NoError(t, err)
	}
	r := hasty
	r.Lease = 200 * time.Millisecond
	emit(t, db, 3, parcels(2)...)
	killed := 0
	until := func(drain func() (outbox.DrainResult, error)) {
		require.Eventually(t, func() bool {
			_, err := drain()
			if err != nil {
				require.ErrorIs(t, err, fault.Unavailable)
			}
			b, err := outbox.Pending(ctx, db)
			return err == nil && b.Pending == 0
		}, 30*time.Second, 20*time.Millisecond)
	}
	seen := map[id.Of[outbox.Message]]int{}
	until(func() (outbox.DrainResult, error) {
		return r.Drain(ctx, db, func(_ context.Context, e outbox.Message) error {
			seen[e.ID]++
			if killed < 3 {
				killed++
				killOthers()
			}
			return nil
		})
	})
	require.Len(t, seen, 6)

	emit(t, db, 3, parcels(2)...)
	killed = 0
	until(func() (outbox.DrainResult, error) {
		return r.DrainTx(ctx, db, func(ctx context.Context, tx bun.IDB, e outbox.Message) error {
			_, err := tx.NewRaw("INSERT INTO arrivals VALUES (?)", e.ID).Exec(ctx)
			if killed < 3 {
				killed++
				killOthers() // the transaction's own connection among them
			}
			return err
		})
	})
	var rows, distinct int
	require.NoError(t, db.NewRaw("SELECT count(*), count(DISTINCT event) FROM arrivals").Scan(ctx, &rows, &distinct))
	require.Equal(t, 6, rows)
	require.Equal(t, 6, distinct)
}

// A login that may only what the library's groups may can run verbs and deliver.
func TestRelay_underRoles(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t) // roles are rolled back too
	for _, q := range []string{"SELECT freehold.create_roles()", "CREATE ROLE outbox_test_host", "GRANT freehold_core, freehold_auth TO outbox_test_host",
		"SET LOCAL ROLE outbox_test_host"} {
		_, err := tx.ExecContext(ctx, q)
		require.NoError(t, err, q)
	}
	_, err := platform(t).Users.Register(ctx, tx, auth.RegisterParams{Email: id.New[parcel]().String() + "@example.com"})
	require.NoError(t, err)
	b, err := outbox.Pending(ctx, tx)
	require.NoError(t, err)
	require.EqualValues(t, 1, b.Pending)
	for _, q := range []string{"UPDATE freehold.outbox SET delivered_at = now()", "DELETE FROM freehold.outbox"} {
		_, err := tx.ExecContext(ctx, q)
		require.NoError(t, err, q)
	}
}
