package store

import "time"

// Clock makes a service's clock of the one that its Config names: nil is
// time.Now. What it reads is in UTC and whole microseconds, as the database
// keeps it.
func Clock(now func() time.Time) func() time.Time {
	if now == nil {
		now = time.Now
	}
	return func() time.Time { return now().UTC().Truncate(time.Microsecond) }
}
