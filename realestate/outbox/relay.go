package outbox

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// ErrRelay: a relay's configuration makes no sense; Field says which of it.
var ErrRelay = fault.New(fault.Invalid, "relay_config", "the relay cannot run like this")

// Relay delivers the domain events of the outbox to a handler of the host's. The
// zero value is ready for use; it is a value without state, and any number of
// relays may run at once, in one process or in many.
//
// Every event is delivered at least once: it is handed out under a lease, and
// marked as delivered after the handler has returned nil. When the process ends
// in between, or the lease does, it is handed out again. While the handler is fast,
// many are leased and marked at once; what it took within some 20 milliseconds
// before the process ended comes again then. The events of one
// aggregate are delivered in order, by whichever relay: the next one is handed
// out when the one before it is delivered. There is no order between aggregates,
// though the oldest go first.
//
// When the handler returns an error, the event is handed out again later, and
// after MaxAttempts it is dead: it is not handed out any more, and holds back
// the later events of its aggregate, which may build on it, until [Retry] or
// [Skip]. See [Dead].
type Relay struct {
	// Owner names the relay in the table, for people; "" means "relay". No
	// personal data.
	Owner string
	// Batch is how many aggregates a relay leases at a time, and how many events
	// of one it delivers before it turns to the next; 0 means 500.
	Batch int
	// Lease is how long a handler may take for one event, and how long an event
	// whose relay was killed waits; 0 means a minute. The handler's context ends
	// with it.
	Lease time.Duration
	// MaxAttempts is how often an event is handed out before it is dead; 0 means
	// 10.
	MaxAttempts int
	// Backoff is the wait before the second attempt, doubled for each further one
	// up to MaxBackoff, and shortened by up to half at random; 0 means a second,
	// and for MaxBackoff an hour.
	Backoff, MaxBackoff time.Duration
	// Poll is how often [Relay.Run] looks for events when there were none; 0 means
	// a second.
	Poll time.Duration
	// Describe makes the text that is kept with a failed event, out of the
	// handler's error. The text of an error may hold personal data, so nil keeps
	// only the code of a [fault.Error], and "handler_error" for any other. At most
	// 500 bytes are kept.
	Describe func(error) string
	// Logger gets a line for each dead event; nil is silent.
	Logger *slog.Logger
}

// DrainResult is what a relay did.
type DrainResult struct {
	Delivered int `json:"delivered"` // events that the handler took
	Failed    int `json:"failed"`    // attempts that ended in an error
	Dead      int `json:"dead"`      // events that are dead since
	Lost      int `json:"lost"`      // events that the handler took too late: another relay had them by then
}

// Handler takes an event. An error means that the event was not taken, and comes
// again. ctx ends when the lease does, or the context that the relay was given.
// It may be called more than once for one event, seldom even at the same time
// by two relays, when the first one's lease ran out.
type Handler func(ctx context.Context, e Message) error

// TxHandler takes an event inside the transaction that marks it as delivered.
// What it writes through tx is committed with that mark or not at all, so that
// it happens exactly once.
type TxHandler func(ctx context.Context, tx bun.IDB, e Message) error

// Drain delivers what is due, until nothing is, in the caller's goroutine. It
// returns what it did and the first error of the database, or ctx's when it
// ends; errors of the handler are counted, not returned. The handler runs outside
// of any transaction. A panic of the handler is not caught; the event comes again
// when its lease is over.
func (r Relay) Drain(ctx context.Context, db *bun.DB, handle Handler) (DrainResult, error) {
	d, err := r.drainer(db)
	if err != nil {
		return DrainResult{}, err
	}
	d.handle = handle
	d.deliver = func(ctx context.Context, e Message, token leaseToken) (*Message, error) {
		if err := handle(ctx, e); err != nil {
			return nil, refusal{err}
		}
		return d.ack(context.WithoutCancel(ctx), db, e, token) // it is taken, whatever has happened to ctx
	}
	err = d.drain(ctx)
	return d.result, err
}

// DrainTx is [Relay.Drain] with a handler whose writes to the same database
// happen exactly once. An event whose lease ran out while the handler was at it
// is rolled back. What the handler does elsewhere may still happen twice.
func (r Relay) DrainTx(ctx context.Context, db *bun.DB, handle TxHandler) (DrainResult, error) {
	d, err := r.drainer(db)
	if err != nil {
		return DrainResult{}, err
	}
	d.deliver = func(ctx context.Context, e Message, token leaseToken) (next *Message, err error) {
		err = store.InTx(ctx, db, func(tx bun.IDB) error {
			if err := handle(ctx, tx, e); err != nil {
				return refusal{err}
			}
			next, err = d.ack(ctx, tx, e, token)
			return err
		})
		if err != nil {
			return nil, err
		}
		return next, nil
	}
	err = d.drain(ctx)
	return d.result, err
}

// Run drains again and again until ctx ends, and returns nil then. While nothing
// is due it waits for Poll. An error of the database that may pass goes to
// the Logger, and Run goes on; any other is returned. It runs in the caller's
// goroutine:
//
//	go relay.Run(ctx, db, handle)
//
// is the host's choice.
func (r Relay) Run(ctx context.Context, db *bun.DB, handle Handler) error {
	return r.poll(ctx, func() error { _, err := r.Drain(ctx, db, handle); return err })
}

// RunTx is [Relay.Run] over [Relay.DrainTx].
func (r Relay) RunTx(ctx context.Context, db *bun.DB, handle TxHandler) error {
	return r.poll(ctx, func() error { _, err := r.DrainTx(ctx, db, handle); return err })
}

func (r Relay) poll(ctx context.Context, drain func() error) error {
	r, err := r.withDefaults()
	if err != nil {
		return err
	}
	for {
		err := drain()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !store.WorthRetry(err):
			return err
		case err != nil:
			r.Logger.WarnContext(ctx, "the outbox could not be drained", "code", codeOf(err))
		}
		if store.Sleep(ctx, store.Jitter(r.Poll)) != nil {
			return nil
		}
	}
}

func (r Relay) withDefaults() (Relay, error) {
	var f fault.Fields
	f.Check(r.Batch >= 0 && r.Batch <= 10_000, "batch", ErrRelay.Code, "a batch has at most 10,000")
	f.Check(r.Lease >= 0, "lease", ErrRelay.Code, "a lease is not negative")
	f.Check(r.MaxAttempts >= 0 && r.MaxAttempts <= math.MaxInt32, "max_attempts", ErrRelay.Code, "the attempts are not negative")
	f.Check(r.Backoff >= 0 && r.MaxBackoff >= 0, "backoff", ErrRelay.Code, "a wait is not negative")
	f.Check(r.Poll >= 0, "poll", ErrRelay.Code, "a wait is not negative")
	f.Check(len(r.Owner) <= 200 && utf8.ValidString(r.Owner) && !strings.ContainsRune(r.Owner, 0), "owner", ErrRelay.Code, "a name is text of at most 200 bytes")
	if err := f.Err(); err != nil {
		return r, err
	}
	if r.Owner == "" {
		r.Owner = "relay"
	}
	if r.Batch == 0 {
		r.Batch = 500
	}
	if r.MaxAttempts == 0 {
		r.MaxAttempts = 10
	}
	for _, d := range []struct {
		of       *time.Duration
		standard time.Duration
	}{{&r.Lease, time.Minute}, {&r.Backoff, time.Second}, {&r.MaxBackoff, time.Hour}, {&r.Poll, time.Second}} {
		if *d.of == 0 {
			*d.of = d.standard
		}
	}
	if r.Describe == nil {
		r.Describe = codeOf
	}
	if r.Logger == nil {
		r.Logger = slog.New(slog.DiscardHandler)
	}
	return r, nil
}

// wait is how long an event waits after its n-th attempt.
func (r Relay) wait(n int) time.Duration {
	wait := r.Backoff
	for i := 1; i < n && wait < r.MaxBackoff; i++ {
		wait *= 2
	}
	return store.Jitter(min(wait, r.MaxBackoff))
}

// text is what is kept of a handler's error.
func (r Relay) text(err error) string {
	s := strings.ReplaceAll(strings.ToValidUTF8(r.Describe(err), "?"), "\x00", "?")
	for len(s) > maxLastError {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}

// maxLastError bounds what is kept of a handler's error.
const maxLastError = 500

// codeOf is the code of a fault, which is never personal data.
func codeOf(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Code
	}
	return "handler_error"
}

// refusal tells the handler's error from the database's.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }
