package check

import (
	"time"

	"github.com/freehold-go/freehold/realestate/date"
)

// Horizon is how many days after today a day may lie on which something takes
// effect, where a Config names no other number.
const Horizon = 366

// Days judges days against the clock.
type Days struct {
	Today   date.Date
	Horizon int
}

// NewDays reads the clock. A horizon of zero is [Horizon].
func NewDays(now time.Time, horizon int) Days {
	if horizon == 0 {
		horizon = Horizon
	}
	return Days{date.Of(now.UTC()), horizon}
}

// Happened refuses a day that has not come. Tomorrow passes, for it has begun
// somewhere.
func (c *Fields) Happened(field string, d *date.Date, days Days) {
	if d != nil && d.After(days.Today.AddDays(1)) {
		c.Add(field, InFuture, "the day has not come yet")
	}
}

// Within refuses a day beyond the horizon.
func (c *Fields) Within(field string, d *date.Date, days Days) {
	if d != nil && d.After(days.Today.AddDays(days.Horizon)) {
		c.Add(field, TooFar, "the day lies further ahead than the configured horizon")
	}
}

// GivenWithin is [Fields.Given] and [Fields.Within] of a day.
func (c *Fields) GivenWithin(field string, d date.Date, days Days) {
	c.Given(field, d)
	c.Within(field, &d, days)
}

// GivenHappened is [Fields.Given] and [Fields.Happened] of a day.
func (c *Fields) GivenHappened(field string, d date.Date, days Days) {
	c.Given(field, d)
	c.Happened(field, &d, days)
}
