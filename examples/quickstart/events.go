package main

import (
	"context"
	"fmt"
	"time"

	"github.com/freehold-go/freehold/examples/quickstart/internal/screen"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/outbox"
)

// eventLease is how long an event waits whose relay was killed.
const eventLease = 2 * time.Second

// counter takes domain events, as a host's mailer or search index would, and
// watches their order.
type counter struct {
	taken int
	last  map[id.Of[outbox.Aggregate]]int64 // position of the last event, by aggregate
	late  int                               // events that came behind a later one of their aggregate
}

func (c *counter) take(_ context.Context, e outbox.Message) error {
	c.taken++
	if e.Position < c.last[e.AggregateID] {
		c.late++
	}
	c.last[e.AggregateID] = e.Position
	return nil
}

// deliver drains the outbox: each verb of the steps before left its event there,
// in the transaction that made it happen. A server would have Relay.Run do it
// all the time, in a goroutine of its own.
func (q *quickstart) deliver(ctx context.Context) (string, error) {
	c := &counter{last: map[id.Of[outbox.Aggregate]]int64{}}
	relay := outbox.Relay{Owner: "quickstart", Lease: eventLease}
	for began := time.Now(); ; {
		if _, err := relay.Drain(ctx, q.db, c.take); err != nil {
			return "", err
		}
		left, err := outbox.Pending(ctx, q.db)
		switch {
		case err != nil:
			return "", err
		case c.late > 0:
			return "", fmt.Errorf("%d events came out of order", c.late)
		case left.Pending == 0:
			return q.delivered(c), nil
		case time.Since(began) > patience:
			return fmt.Sprintf("%s; %d wait for another relay", q.delivered(c), left.Pending), nil
		}
		if err := pause(ctx); err != nil {
			return "", err
		}
	}
}

func (q *quickstart) delivered(c *counter) string {
	if c.taken == 0 {
		return "0 domain events delivered, none waited"
	}
	q.made++
	return fmt.Sprintf("%s domain events delivered, in order per aggregate", screen.Count(c.taken))
}
