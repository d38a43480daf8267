package faulttest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/outbox"
)

// envRelay names the order of a relay's life, and makes the test program be it.
const envRelay = "FREEHOLD_FAULT_RELAY"

// relayLife is one life of the process that delivers a load's events. It writes
// down what it is given, one line an event, in a file of its own.
type relayLife struct {
	DSN  string
	File string
	// Last is the delivery that it dies at; 0 is none. Taken says whether it dies
	// after it has written the event down, before it can say so, or before.
	Last  int
	Taken bool
}

// delivery is one line of a relay's file.
type delivery struct {
	ID, Type, Aggregate string
	Position            int64
}

// beRelay delivers events until it is killed, with two relays in this process.
func beRelay(file string) int {
	text, err := os.ReadFile(file)
	var l relayLife
	if err == nil {
		err = json.Unmarshal(text, &l)
	}
	if err == nil {
		err = l.live(context.Background())
	}
	fmt.Fprintln(os.Stderr, "a relay ended by itself:", err)
	return 1
}

func (l *relayLife) live(ctx context.Context) error {
	db, err := connect(ctx, l.DSN)
	if err != nil {
		return err
	}
	out, err := os.OpenFile(l.File, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	n := 0
	take := func(_ context.Context, e outbox.Message) error {
		mu.Lock()
		defer mu.Unlock()
		if n++; n == l.Last && !l.Taken {
			dieNow()
		}
		b, err := json.Marshal(delivery{e.ID.String(), e.Type, e.AggregateType + " " + e.AggregateID.String(), e.Position})
		if err != nil {
			return err
		}
		if _, err := out.Write(append(b, '\n')); err != nil { // it is the process that dies, not the machine
			return err
		}
		if n == l.Last {
			dieNow()
		}
		return nil
	}
	ended := make(chan error, 2)
	for range 2 {
		r := outbox.Relay{Lease: relayLease, Batch: 20, Poll: 20 * time.Millisecond, Backoff: 50 * time.Millisecond, MaxBackoff: time.Second, MaxAttempts: 1000}
		go func() { ended <- r.Run(ctx, db, take) }()
	}
	return <-ended
}

// relayLease is how long the events wait that a killed relay had.
const relayLease = time.Second

// dieNow kills this process as kill -9 does.
func dieNow() {
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		_ = self.Kill()
	}
	select {}
}

// deliverer keeps a relay alive while a load runs: it dies of itself, at a
// delivery that was drawn before, or is killed, and is started again.
type deliverer struct {
	t     *testing.T
	dsn   string
	dir   string
	lasts []int // of the lives to come
	lives []relayLife
	now   *process
}

func newDeliverer(t *testing.T, dsn string, lasts []int) *deliverer {
	t.Helper()
	d := &deliverer{t: t, dsn: dsn, dir: t.TempDir(), lasts: lasts}
	d.start()
	return d
}

func (d *deliverer) start() {
	d.t.Helper()
	l := relayLife{DSN: d.dsn, File: filepath.Join(d.dir, fmt.Sprintf("%05d.deliveries", len(d.lives))), Taken: len(d.lives)%2 == 0}
	if len(d.lasts) > 0 {
		l.Last, d.lasts = d.lasts[0], d.lasts[1:]
	}
	d.lives = append(d.lives, l)
	b, err := json.Marshal(l)
	require.NoError(d.t, err)
	file := filepath.Join(d.dir, "life.json")
	require.NoError(d.t, os.WriteFile(file, b, 0o600))
	d.now = startProcess(d.t, envRelay, file)
}

// tend starts it again if it is dead.
func (d *deliverer) tend() {
	d.t.Helper()
	select {
	case err := <-d.now.done:
		var exit *exec.ExitError
		require.ErrorAs(d.t, err, &exit)
		require.Equal(d.t, -1, exit.ExitCode(), "it was killed: %s", d.now.out)
		d.start()
	default:
	}
}

// finish waits until nothing is left to deliver and ends the relay.
func (d *deliverer) finish(db bun.IDB) {
	d.t.Helper()
	for limit := time.Now().Add(60 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		d.tend()
		left, err := outbox.Pending(d.t.Context(), db)
		require.NoError(d.t, err)
		require.Zero(d.t, left.Dead)
		if left.Pending == 0 {
			break
		}
		require.True(d.t, time.Now().Before(limit), "%d events are not delivered", left.Pending)
	}
	d.now.kill()
	require.Empty(d.t, d.lasts, "it lived as often as planned")
}

// deliveries are those of all lives, in their order. untold is how many lives
// ended with an event that was taken, before they could say so.
func (d *deliverer) deliveries() (all []delivery, untold int) {
	d.t.Helper()
	for _, l := range d.lives {
		text, err := os.ReadFile(l.File)
		if os.IsNotExist(err) {
			continue // it was killed before it began
		}
		require.NoError(d.t, err)
		n := 0
		for line := range bytes.Lines(text) {
			if !bytes.HasSuffix(line, []byte("\n")) {
				continue // it was killed in the middle of it
			}
			var v delivery
			require.NoError(d.t, json.Unmarshal(line, &v))
			all = append(all, v)
			n++
		}
		if l.Taken && n == l.Last && n > 0 {
			untold++
		}
	}
	return all, untold
}

// misdelivered compares deliveries with the events in the outbox: each came, and
// those of one aggregate in their order, the last of them perhaps again, in order. It
// returns what is otherwise, and how many came again.
func misdelivered(all, events []delivery) (wrong []string, again int) {
	at, known := map[string]int64{}, map[delivery]bool{}
	for _, e := range events {
		known[e] = true
	}
	seen := map[delivery]bool{}
	for _, v := range all {
		if seen[v] {
			again++
		}
		seen[v] = true
		switch last := at[v.Aggregate]; {
		case !known[v]:
			wrong = append(wrong, fmt.Sprintf("%+v is no event of the outbox", v))
		case v.Position <= last: // a batch whose end was not told comes again, from where it began
			at[v.Aggregate] = v.Position
		case v.Position == last+1:
			at[v.Aggregate] = v.Position
		default:
			wrong = append(wrong, fmt.Sprintf("%+v came after event %d", v, last))
		}
	}
	for _, e := range events {
		if at[e.Aggregate] < e.Position {
			wrong = append(wrong, fmt.Sprintf("%+v never came", e))
		}
	}
	return wrong, again
}

// delivered requires that every event of the outbox was delivered, in order, and
// again where nobody could know that it had been.
func (d *deliverer) delivered(db bun.IDB) {
	d.t.Helper()
	d.finish(db)
	all, untold := d.deliveries()
	var events []delivery
	require.NoError(d.t, db.NewRaw("SELECT id::text, type, aggregate_type || ' ' || aggregate_id AS aggregate, position FROM freehold.outbox").Scan(d.t.Context(), &events))
	wrong, again := misdelivered(all, events)
	d.t.Logf("%d events were delivered %d times by %d lives of the relay", len(events), len(all), len(d.lives))
	require.Empty(d.t, wrong)
	require.Positive(d.t, untold)
	require.GreaterOrEqual(d.t, again, untold)
}

// What is said of deliveries that are not as they should be.
func TestMisdelivered(t *testing.T) {
	t.Parallel()
	a1, a2, a3, b1 := delivery{"1", "x", "a", 1}, delivery{"2", "x", "a", 2}, delivery{"3", "x", "a", 3}, delivery{"4", "x", "b", 1}
	events := []delivery{a1, a2, a3, b1}
	for _, c := range []struct {
		name  string
		all   []delivery
		wrong string
		again int
	}{
		{"in order", []delivery{a1, b1, a2, a3}, "", 0},
		{"again", []delivery{a1, a1, a2, b1, b1, a3}, "", 2},
		{"a gap", []delivery{a1, a3, b1}, "came after event 1", 0},
		{"backwards", []delivery{a1, a2, a1, a3, b1}, "came after event 1", 1},
		{"a batch again", []delivery{a1, a2, a1, a2, a3, b1}, "", 2},
		{"not at all", []delivery{a1, a2, a3}, "never came", 0},
		{"not to the end", []delivery{a1, a2, b1}, "never came", 0},
		{"unknown", []delivery{a1, a2, a3, b1, {"5", "x", "b", 2}}, "is no event", 0},
	} {
		wrong, again := misdelivered(c.all, events)
		require.Equal(t, c.wrong == "", len(wrong) == 0, c.name)
		require.Equal(t, c.again, again, c.name)
		require.Contains(t, strings.Join(wrong, ", "), c.wrong, c.name)
	}
}
