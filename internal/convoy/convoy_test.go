package convoy_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/convoy"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// street is a road with commands that are numbers, of which it notes how they went.
type street struct {
	convoy.Road[string, int, int]
	db       *bun.DB
	mu       sync.Mutex
	alone    []int
	convoys  [][]int
	hold     chan struct{} // what goes first waits until it is closed
	together convoy.Together[int, int]
}

func newStreet(together convoy.Together[int, int]) *street {
	return &street{db: new(bun.DB), hold: make(chan struct{}), together: together}
}

// doubled settles all of a convoy.
func doubled(_ context.Context, _ *bun.DB, all []*convoy.Member[int, int]) error {
	for _, m := range all {
		m.Settle(2*m.Params, nil)
	}
	return nil
}

// drive sends a number; zero holds the road.
func (s *street) drive(ctx context.Context, n int) (int, error) {
	return s.Do(ctx, s.db, "a", n, func(ctx context.Context) (int, error) {
		if n == 0 {
			<-s.hold
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.alone = append(s.alone, n)
		return -n, ctx.Err()
	}, func(ctx context.Context, db *bun.DB, all []*convoy.Member[int, int]) error {
		ns := make([]int, len(all))
		for i, m := range all {
			ns[i] = m.Params
		}
		s.mu.Lock()
		s.convoys = append(s.convoys, ns)
		s.mu.Unlock()
		return s.together(ctx, db, all)
	})
}

type answer struct {
	n   int
	err error
}

// queue sends numbers in their order behind one that holds the road, and brings their answers
// once all have come home.
func (s *street) queue(ctxs ...context.Context) []*answer {
	var all []*answer
	go func() { _, _ = s.drive(context.Background(), 0) }()
	synctest.Wait()
	for i, ctx := range ctxs {
		a := &answer{n: -1}
		all = append(all, a)
		go func() { a.n, a.err = s.drive(ctx, i+1) }()
		synctest.Wait()
	}
	return all
}

func backgrounds(n int) []context.Context {
	out := make([]context.Context, n)
	for i := range out {
		out[i] = context.Background()
	}
	return out
}

// free shows that nothing is on its way: the next one goes alone, at once.
func (s *street) free(t *testing.T) {
	t.Helper()
	synctest.Wait()
	time.Sleep(time.Hour) // of the bubble's clock: whatever it waits for has come
	synctest.Wait()
	before := len(s.alone)
	start := time.Now()
	n, err := s.drive(context.Background(), 1000)
	require.NoError(t, err)
	require.Equal(t, -1000, n)
	require.Len(t, s.alone, before+1)
	require.Zero(t, time.Since(start))
}

func TestRoad_order(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStreet(doubled)
		all := s.queue(backgrounds(2*convoy.Most + 1)...)
		close(s.hold)
		synctest.Wait()
		time.Sleep(time.Hour)
		synctest.Wait()
		for i, a := range all[:2*convoy.Most] {
			require.Equal(t, answer{2 * (i + 1), nil}, *a)
		}
		require.Equal(t, answer{-(2*convoy.Most + 1), nil}, *all[2*convoy.Most], "the one that is left goes alone")
		require.Len(t, s.convoys, 2)
		require.Len(t, s.convoys[0], convoy.Most)
		require.Equal(t, 1, s.convoys[0][0])
		require.Equal(t, convoy.Most+1, s.convoys[1][0])
		s.free(t)
	})
}

func TestRoad_notPool(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStreet(doubled)
		all := s.queue()
		require.Empty(t, all)
		n, err := s.Do(t.Context(), bun.Tx{}, "a", 7, func(context.Context) (int, error) { return 70, nil }, nil)
		require.NoError(t, err)
		require.Equal(t, 70, n, "a transaction waits for nobody")
		n, err = s.Do(t.Context(), s.db, "b", 8, func(context.Context) (int, error) { return 80, nil }, nil)
		require.NoError(t, err)
		require.Equal(t, 80, n, "nor does another lane")
		n, err = s.Do(t.Context(), new(bun.DB), "a", 9, func(context.Context) (int, error) { return 90, nil }, nil)
		require.NoError(t, err)
		require.Equal(t, 90, n, "nor another pool")
		close(s.hold)
		s.free(t)
	})
}

// A convoy that does nothing leaves its commands to go alone: by an error, a panic, an end of
// its goroutine, or because it settles only some.
func TestRoad_unsettled(t *testing.T) {
	t.Parallel()
	for name, together := range map[string]convoy.Together[int, int]{
		"error":   func(context.Context, *bun.DB, []*convoy.Member[int, int]) error { return errors.New("no") },
		"panic":   func(context.Context, *bun.DB, []*convoy.Member[int, int]) error { panic("no") },
		"nil":     func(context.Context, *bun.DB, []*convoy.Member[int, int]) error { panic(nil) },
		"goexit":  func(context.Context, *bun.DB, []*convoy.Member[int, int]) error { runtime.Goexit(); return nil },
		"nothing": func(context.Context, *bun.DB, []*convoy.Member[int, int]) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStreet(together)
				all := s.queue(backgrounds(3)...)
				close(s.hold)
				synctest.Wait()
				for i, a := range all {
					require.Equal(t, answer{-(i + 1), nil}, *a)
				}
				require.Len(t, s.convoys, 1)
				s.free(t)
			})
		})
	}
}

func TestRoad_unknown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStreet(func(_ context.Context, _ *bun.DB, all []*convoy.Member[int, int]) error {
			all[1].Settle(5, nil)
			return store.ErrUnknownOutcome
		})
		all := s.queue(backgrounds(3)...)
		close(s.hold)
		synctest.Wait()
		require.Equal(t, fault.Unknown, fault.KindOf(all[0].err))
		require.Equal(t, answer{5, nil}, *all[1])
		require.Equal(t, fault.Unknown, fault.KindOf(all[2].err))
		require.Equal(t, []int{0}, s.alone)
		s.free(t)
	})
}

// A command whose caller leaves before its convoy sets out has done nothing; behind that its
// outcome is not known, and it may still happen.
func TestRoad_cancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		under, out := make(chan struct{}), make(chan struct{})
		s := newStreet(func(ctx context.Context, db *bun.DB, all []*convoy.Member[int, int]) error {
			close(under)
			<-out
			return errors.Join(ctx.Err(), doubled(ctx, db, all))
		})
		ctxs, leave := backgrounds(4), make([]context.CancelFunc, 4)
		for i := range ctxs {
			ctxs[i], leave[i] = context.WithCancel(ctxs[i])
			defer leave[i]()
		}
		all := s.queue(ctxs...)
		leave[1]()
		synctest.Wait()
		require.ErrorIs(t, all[1].err, context.Canceled)
		require.NotEqual(t, fault.Unknown, fault.KindOf(all[1].err))
		close(s.hold)
		<-under
		leave[2]()
		synctest.Wait()
		require.Equal(t, fault.Unknown, fault.KindOf(all[2].err))
		require.ErrorIs(t, all[2].err, context.Canceled)
		require.Equal(t, -1, all[0].n, "it is on its way")
		close(out)
		synctest.Wait()
		require.Equal(t, answer{2, nil}, *all[0])
		require.Equal(t, answer{8, nil}, *all[3])
		require.Equal(t, [][]int{{1, 3, 4}}, s.convoys)
		s.free(t)
	})
}

// The context of a convoy ends when all of its callers have left, and those of its commands
// when theirs has.
func TestRoad_contexts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		var own []context.Context
		var of context.Context
		s := newStreet(func(ctx context.Context, _ *bun.DB, all []*convoy.Member[int, int]) error {
			of = ctx
			for _, m := range all {
				own = append(own, m.Ctx)
			}
			<-ctx.Done()
			return ctx.Err()
		})
		first, leave := context.WithTimeout(context.WithValue(t.Context(), key{}, "first"), time.Minute)
		defer leave()
		second, leave2 := context.WithCancel(context.WithValue(t.Context(), key{}, "second"))
		defer leave2()
		all := s.queue(first, second)
		close(s.hold)
		synctest.Wait()
		require.Equal(t, "first", own[0].Value(key{}))
		require.Equal(t, "second", own[1].Value(key{}))
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		require.Equal(t, fault.Unknown, fault.KindOf(all[0].err))
		require.NoError(t, of.Err(), "the second one is still here")
		require.NoError(t, own[1].Err())
		require.ErrorIs(t, own[0].Err(), context.DeadlineExceeded, "what is asked for the first one, such as its evidence, ends with it")
		leave2()
		synctest.Wait()
		require.Error(t, of.Err())
		require.ErrorIs(t, all[1].err, context.Canceled, "whether it learns first that the convoy has done nothing, or not")
		s.free(t)
	})
}

// A command that panics or ends its goroutine hands the lane on.
func TestRoad_aloneEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(){"panic": func() { panic("no") }, "goexit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStreet(doubled)
				hold := make(chan struct{})
				var recovered any
				go func() {
					defer func() { recovered = recover() }()
					_, _ = s.Do(t.Context(), s.db, "a", 0, func(context.Context) (int, error) { <-hold; end(); return 0, nil }, s.together)
				}()
				synctest.Wait()
				got := &answer{}
				go func() { got.n, got.err = s.drive(t.Context(), 1) }()
				synctest.Wait()
				close(hold)
				synctest.Wait()
				require.Equal(t, answer{-1, nil}, *got)
				require.Equal(t, name == "panic", recovered != nil)
				s.free(t)
			})
		})
	}
}

// Behind a convoy the lane waits for as many again, for a part of its time, and never for long:
// who comes then goes with those that come, and who comes alone does not wait.
func TestRoad_await(t *testing.T) {
	t.Parallel()
	slow := func(took time.Duration) convoy.Together[int, int] {
		return func(ctx context.Context, db *bun.DB, all []*convoy.Member[int, int]) error {
			time.Sleep(took)
			return doubled(ctx, db, all)
		}
	}
	t.Run("as many", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := newStreet(slow(10 * time.Millisecond))
			_ = s.queue(backgrounds(2)...)
			close(s.hold)
			time.Sleep(10*time.Millisecond + 1)
			synctest.Wait()
			start, more := time.Now(), make([]answer, 2)
			for i := range more {
				go func() { more[i].n, more[i].err = s.drive(context.Background(), 10+i) }()
			}
			synctest.Wait()
			require.Zero(t, time.Since(start))
			require.Len(t, s.convoys, 2, "they set out at once")
			time.Sleep(time.Second)
			synctest.Wait()
			require.Equal(t, []answer{{20, nil}, {22, nil}}, more)
			s.free(t)
		})
	})
	t.Run("one alone", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := newStreet(slow(time.Minute)) // somebody had the offering's lock
			_ = s.queue(backgrounds(2)...)
			close(s.hold)
			time.Sleep(time.Minute + 1)
			synctest.Wait()
			start := time.Now()
			n, err := s.drive(context.Background(), 10)
			require.NoError(t, err)
			require.Equal(t, -10, n)
			require.Less(t, time.Since(start), 50*time.Millisecond)
			s.free(t)
		})
	})
}

// A caller that leaves takes nothing that the convoy is just settling.
func TestRoad_leavesWhileSettled(t *testing.T) {
	t.Parallel()
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			ctx, leave := context.WithCancel(t.Context())
			s := newStreet(func(ctx context.Context, db *bun.DB, all []*convoy.Member[int, int]) error {
				go leave()
				return doubled(ctx, db, all)
			})
			all := s.queue(ctx, t.Context())
			close(s.hold)
			synctest.Wait()
			if all[0].err != nil {
				require.Equal(t, fault.Unknown, fault.KindOf(all[0].err))
				require.Zero(t, all[0].n)
			}
			require.Equal(t, answer{4, nil}, *all[1])
			s.free(t)
		})
	}
}

// A command that has to look for what it is on looks only beside another one on its pool: who
// goes by another pool shares with nobody here, and would ask in vain.
func TestRoad_looksBesideOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, other := newStreet(doubled), new(bun.DB)
		looked := 0
		found := func(db *bun.DB, hold bool) (int, error) {
			return s.DoFound(t.Context(), db, func(context.Context) (string, error) { looked++; return "a", nil }, 1,
				func(context.Context) (int, error) {
					if hold {
						<-s.hold
					}
					return -1, nil
				}, doubled)
		}
		go func() { _, _ = found(s.db, true) }()
		synctest.Wait()
		_, err := found(other, false)
		require.NoError(t, err)
		require.Zero(t, looked)
		_, err = found(s.db, false)
		require.NoError(t, err)
		require.Equal(t, 1, looked)
		close(s.hold)
		synctest.Wait()
		_, err = found(s.db, false)
		require.NoError(t, err)
		require.Equal(t, 1, looked, "alone again")
	})
}
