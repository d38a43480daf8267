package faulttest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"
)

// command is one call of a verb.
type command func(ctx context.Context, db bun.IDB) error

// actor is a command on its way.
type actor struct {
	lane    *lane
	arrived chan struct{} // nil when it is not under way
	done    chan error
	waits   bool // at the gate
	ended   bool
	err     error
}

// run is one execution of two commands in a chosen order of their statements.
type run struct {
	actors [2]*actor
	ask    *bun.DB
	steps  []byte // who took each step, 'A' or 'B'
	forks  []int  // the steps at which the other could have gone first
}

// patience is how long a statement may take before the server is asked whether
// it waits for a lock.
const patience = 500 * time.Microsecond

var (
	errDiverged = errors.New("the command to go on waits or has ended where it did not before")
	errStuck    = errors.New("no command goes on, and the server finds no deadlock")
)

// execute runs the commands. The first steps are prescribed, one letter each;
// after them choose says which of the two goes on where both can.
func (r *run) execute(ctx context.Context, commands [2]command, first string, choose func() int) error {
	for i, a := range r.actors {
		a.arrived, a.done, a.waits, a.ended, a.err = a.lane.gate.at, make(chan error, 1), false, false, nil
		a.lane.gate.armed.Store(true)
		go func() { a.done <- commands[i](ctx, a.lane.DB) }()
	}
	defer r.drain()
	for {
		if err := r.settle(ctx); err != nil {
			return err
		}
		next := 0
		switch a, b := r.actors[0], r.actors[1]; {
		case a.ended && b.ended:
			return nil
		case len(r.steps) < len(first):
			if next = int(first[len(r.steps)] - 'A'); !r.actors[next].waits {
				return errDiverged
			}
		case a.waits && b.waits:
			r.forks = append(r.forks, len(r.steps))
			next = choose()
		case b.waits:
			next = 1
		}
		r.steps = append(r.steps, byte('A'+next))
		r.actors[next].waits = false
		r.actors[next].lane.gate.pass <- struct{}{}
	}
}

// drain lets what is still under way run to its end.
func (r *run) drain() {
	for _, a := range r.actors {
		a.lane.gate.armed.Store(false)
	}
	for _, a := range r.actors {
		for !a.ended {
			if a.waits {
				a.waits = false
				a.lane.gate.pass <- struct{}{}
			}
			select {
			case <-a.arrived:
				a.waits = true
			case a.err = <-a.done:
				a.ended = true
			}
		}
	}
}

// settle waits until each command is at its gate, has ended, or waits for a
// lock of the other, which is at its gate.
func (r *run) settle(ctx context.Context) error {
	a, b := r.actors[0], r.actors[1]
	for stuck := time.Now().Add(20 * time.Second); ; {
		if (a.waits || a.ended) && (b.waits || b.ended) {
			return nil
		}
		timer := time.NewTimer(patience)
		select {
		case <-a.event():
			a.waits = true
		case <-b.event():
			b.waits = true
		case a.err = <-a.done:
			a.ended = true
		case b.err = <-b.done:
			b.ended = true
		case <-timer.C:
			if blocked, err := r.blocked(ctx); err != nil || blocked {
				return err
			}
			if time.Now().After(stuck) {
				return errStuck
			}
		}
		timer.Stop()
	}
}

// event is the gate of a command that is under way.
func (a *actor) event() chan struct{} {
	if a.waits || a.ended {
		return nil
	}
	return a.arrived
}

// blocked asks the server whether the one command that is under way waits for a
// lock that the other, which stands at its gate, holds.
func (r *run) blocked(ctx context.Context) (yes bool, err error) {
	a, b := r.actors[0], r.actors[1]
	if b.waits {
		a, b = b, a
	}
	if !a.waits || b.ended {
		return false, nil
	}
	err = r.ask.NewRaw("SELECT ? = ANY (pg_blocking_pids(?))", a.lane.pid, b.lane.pid).Scan(ctx, &yes)
	return yes, err
}

// search is the tree of orders that are still to be tried, as their first steps.
type search struct {
	mu       sync.Mutex
	frontier []string
	working  int
	budget   int        // how many more may be taken
	pick     *rand.Rand // nil takes the newest, which keeps the frontier small

	ran, diverged, deadlocks, longest int
	outcomes                          map[string]int
}

// take returns the next order to try. Each order of the tree is tried once,
// whoever takes it.
func (s *search) take() (first string, ok bool) {
	for {
		s.mu.Lock()
		n := len(s.frontier)
		switch {
		case s.budget == 0 || n == 0 && s.working == 0:
			s.mu.Unlock()
			return "", false
		case n > 0:
			i := n - 1
			if s.pick != nil {
				if i = slices.Index(s.frontier, "B"); i < 0 { // what a sample must have
					i = s.pick.IntN(n)
				}
			}
			first = s.frontier[i]
			s.frontier = slices.Delete(s.frontier, i, i+1)
			s.working++
			s.budget--
			s.mu.Unlock()
			return first, true
		}
		s.mu.Unlock()
		time.Sleep(time.Millisecond)
	}
}

// ended adds what branches off an order behind the steps that were prescribed.
func (s *search) ended(r *run, outcome string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ran++
	s.outcomes[outcome]++
	s.longest = max(s.longest, len(r.steps))
	for _, i := range r.forks {
		s.frontier = append(s.frontier, string(r.steps[:i])+string('A'+'B'-r.steps[i]))
	}
}

// choose is who goes on behind the first steps of an order: the first command,
// or in a sample either by chance, but for the two orders in which one command
// comes wholly before the other.
func (s *search) choose(first string) func() int {
	if s.pick == nil || first == "" {
		return func() int { return 0 }
	}
	if first == "B" {
		return func() int { return 1 }
	}
	return func() int {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.pick.IntN(2)
	}
}

func (s *search) stop() { s.mu.Lock(); s.budget = 0; s.mu.Unlock() }

func (s *search) left() { s.mu.Lock(); s.working--; s.mu.Unlock() }

func (s *search) String() string {
	var out []string
	for o, n := range s.outcomes {
		out = append(out, fmt.Sprintf("%s %d", o, n))
	}
	slices.Sort(out)
	return fmt.Sprintf("%d orders of up to %d statements, %d not tried, %d diverged, %d deadlocks; %s", s.ran, s.longest, len(s.frontier), s.diverged, s.deadlocks, strings.Join(out, ", "))
}
