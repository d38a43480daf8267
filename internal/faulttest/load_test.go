package faulttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/recipes"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// envClient names the plan of a load, and makes the test program carry it out.
const envClient = "FREEHOLD_FAULT_CLIENT"

// plan is a load, as its clients are told.
type plan struct {
	DSN       string
	Dir       string // of the journals
	Seed      uint64
	Clients   int
	Commands  int // answers after which a client stops, of all clients together
	FreshKeys bool
	Investors []id.Of[auth.User]
	Clerk     id.Of[auth.User]
	Boss      id.Of[auth.User]
	Deals     []deal
	Events    map[string]int // that are there before the load, by type
}

// client carries out its share of a plan, one command after the other.
type client struct {
	plan
	number int
	told   int // orders that were answered, in this life or one before
	db     *bun.DB
	p      *realestate.Platform
	*journal
}

// beClient carries out the plan in a file, with all of its clients, in this
// process. It returns the exit code.
func beClient(file string) int {
	text, err := os.ReadFile(file)
	var p plan
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err == nil {
		err = p.carryOut(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// carryOut runs all clients to the end of their shares. It begins behind what
// the journals hold.
func (p *plan) carryOut(ctx context.Context) error {
	db, err := connect(ctx, p.DSN)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(p.Clients + 2)
	errs := make([]error, p.Clients)
	shared := platform() // whose commands on one offering share transactions
	var wg sync.WaitGroup
	for n := range p.Clients {
		wg.Go(func() {
			c := &client{plan: *p, number: n, db: db, p: shared}
			if n%4 == 0 {
				c.p = platform() // as in another process
			}
			if c.journal, errs[n] = openJournal(journalPath(p.Dir, n)); errs[n] == nil {
				errs[n] = errors.Join(c.work(ctx), c.file.Close())
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// connect opens the pool, once the server answers.
func connect(ctx context.Context, dsn string) (*bun.DB, error) {
	for {
		db, err := realestate.OpenDB(ctx, dsn)
		if err == nil || !errors.Is(err, fault.Unavailable) {
			return db, err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// stepsOf is how many orders a story may have; it makes the orders' numbers.
const stepsOf = 8

// work tells the client's stories, each the same after every restart.
func (c *client) work(ctx context.Context) error {
	for n := c.number; c.told < c.Commands/c.Clients; n += c.Clients {
		s := &story{client: c, n: n, rnd: rand.New(rand.NewPCG(c.Seed, uint64(n)))}
		if err := s.tell(ctx); err != nil {
			return err
		}
	}
	return nil
}

// story is a few commands that build on each other.
type story struct {
	*client
	n, step int
	rnd     *rand.Rand
}

// day is one that belongs to the story; those of later stories are later.
func (s *story) day() date.Date { return recipes.MovedOn.AddDays(1 + s.n) }

// do carries out the next order of the story: it is written down, tried until it
// is answered, and the answer is written down. After a restart the journal knows
// the order, and perhaps the answer.
func (s *story) do(ctx context.Context, o order) (*answer, error) {
	o.N = s.n*stepsOf + s.step
	o.Key, o.Mark = fmt.Sprint("key ", o.N), fmt.Sprint("mark ", o.N)
	s.step++
	s.told++
	if a := s.answers[o.N]; a != nil {
		return a, nil
	}
	if known := s.orders[o.N]; known == nil {
		if err := s.write(entry{Order: &o}); err != nil {
			return nil, err
		}
	} else if *known != o {
		return nil, fmt.Errorf("order %d reads %+v in the journal and would now be %+v", o.N, *known, o)
	}
	a := s.try(ctx, o)
	a.N = o.N
	return &a, s.write(entry{Answer: &a})
}

// persistent tries again for as long as it takes a server to come back.
var persistent = realestate.Retry{Attempts: 12, Base: 5 * time.Millisecond, Max: 200 * time.Millisecond}

// try carries an order out until there is an answer: every second one through
// realestate.Do, the others by the verb alone and tries of the client's own.
func (s *story) try(ctx context.Context, o order) answer {
	for {
		var a answer
		run := func(db bun.IDB) (err error) {
			o := o
			if s.FreshKeys {
				o.Key = recipes.Key()
			}
			a, err = s.verb(ctx, db, o)
			return err
		}
		var err error
		if o.N%2 == 0 {
			err = persistent.Do(ctx, s.db, run)
		} else {
			err = run(s.db)
		}
		var f *fault.Error
		switch {
		case err == nil:
			return a
		case errors.Is(err, fault.Unavailable) || errors.Is(err, fault.Unknown):
			time.Sleep(time.Duration(1+rand.IntN(20)) * time.Millisecond)
		case errors.As(err, &f):
			return answer{Refused: f.Code}
		default:
			return answer{Lost: err.Error()}
		}
	}
}

// save writes the plan for a process to read.
func (p *plan) save() (string, error) {
	b, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	file := filepath.Join(p.Dir, "plan.json")
	return file, os.WriteFile(file, b, 0o600)
}
