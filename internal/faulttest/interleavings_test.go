package faulttest

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/fault"
)

// pair is two commands that are in each other's way.
type pair struct {
	name string
	// begin makes fresh things for one execution, and returns the commands and the
	// judge of what has become of them.
	begin func(w *world) (a, b command, judge func(w *world, a, b error))
	// outcomes have to be seen, as the codes of the two answers.
	outcomes []string
	// least is how many orders there are at least.
	least int
}

func outcome(a, b error) string {
	word := func(err error) string {
		var f *fault.Error
		switch {
		case err == nil:
			return "ok"
		case errors.As(err, &f):
			return f.Code
		}
		return err.Error()
	}
	return word(a) + "/" + word(b)
}

// Any order of the statements of two commands leaves one of the outcomes that
// are allowed, and a database that verifies.
func TestInterleavings(t *testing.T) {
	t.Parallel()
	pick := random(t)
	n := 0
	for group := range slices.Chunk(pairs, perWorld) {
		var shared *world // each execution makes its own things in it
		for _, p := range group {
			if n++; !sampled(n, 6) {
				continue
			}
			if shared == nil {
				shared = newWorld(t, pgtest.Clone(t))
			}
			t.Run(p.name, func(t *testing.T) { p.interleave(t, shared, pick) })
		}
		if shared != nil {
			shared.verify()
		}
	}
}

// interleave tries the two commands in as many orders as are asked for.
func (p *pair) interleave(t *testing.T, shared *world, pick *rand.Rand) {
	s := &search{frontier: []string{""}, budget: orders(t), outcomes: map[string]int{}}
	if s.budget < math.MaxInt {
		s.pick = pick
	}
	t.Run("all", func(t *testing.T) {
		for i := range 2 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				p.work(t, s, shared, pgtest.DSN(t, shared.DB))
			})
		}
	})
	t.Log(s)
	require.Zero(t, s.diverged, "an order can be repeated")
	require.Zero(t, s.deadlocks, "the locks are taken in one order")
	for _, o := range p.outcomes {
		require.Positive(t, s.outcomes[o], "%s was not seen", o)
	}
	require.GreaterOrEqual(t, s.ran+len(s.frontier), min(p.least, either(40, p.least)), "the search branches")
	if long() {
		shared.in(t, shared.DB).verify()
	}
}

// work tries orders until there are none left.
func (p *pair) work(t *testing.T, s *search, shared *world, dsn string) {
	ctx, w := t.Context(), shared.in(t, shared.DB)
	ask := open(t, dsn, func(*pgx.ConnConfig) {})
	lanes := [2]*lane{newLane(t, dsn, true), newLane(t, dsn, false)} // both forms of the library meet
	for {
		first, ok := s.take()
		if !ok {
			return
		}
		func() {
			defer s.left()
			r := &run{actors: [2]*actor{{lane: lanes[0]}, {lane: lanes[1]}}, ask: ask}
			a, b, judge := p.begin(w)
			defer func() {
				if t.Failed() {
					s.stop()
					t.Logf("the order was %s, the answers %v and %v", r.steps, r.actors[0].err, r.actors[1].err)
				}
			}()
			err := r.execute(ctx, [2]command{a, b}, first, s.choose(first))
			if errors.Is(err, errDiverged) {
				s.mu.Lock()
				s.diverged++
				s.mu.Unlock()
				return
			}
			require.NoError(t, err)
			answers := [2]error{r.actors[0].err, r.actors[1].err}
			for i, c := range []command{a, b} { // who was chosen to break a deadlock tries again
				if errors.Is(answers[i], fault.Unavailable) {
					s.mu.Lock()
					s.deadlocks++
					s.mu.Unlock()
					answers[i] = c(ctx, w.DB)
				}
			}
			judge(w, answers[0], answers[1])
			s.ended(r, outcome(answers[0], answers[1]))
		}()
	}
}
