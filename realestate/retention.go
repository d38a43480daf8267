package realestate

import (
	"time"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/fault"
)

// Forever is a period of [Retention] that never ends: the work is never due.
const Forever = -1

// day is the unit of most periods.
const day = 24 * time.Hour

// Retention says for [Platform.Maintain] how long what only grows is kept, and how soon
// other work on it is due. Zero is the period below, [Forever] is never. It removes
// nothing: that is for the verbs, which take an instant of the host's.
type Retention struct {
	SignIn         time.Duration // sessions, resets of passwords, codes, challenges and trusted devices, after they expired; 30 days
	LoginAttempts  time.Duration // 180 days
	DeletedUsers   time.Duration // users who were deleted, until they are erased; 30 days
	Sends          time.Duration // e-mails; 365 days
	Notifications  time.Duration // 365 days
	PageViews      time.Duration // 365 days
	LiveEvents     time.Duration // events of users, until their month is archived; 365 days
	ArchivedEvents time.Duration // likewise since they happened, until they are removed; 1,095 days, and no less than LiveEvents
	Delivered      time.Duration // events of the outbox, after they were delivered; 30 days
	Unsealed       time.Duration // journals that no seal covers; a day
	Uploads        time.Duration // uploads that became nothing, after they could last be used; a day, and no less than the Grace of the sweep
	TourViews      time.Duration // views that are not added up; an hour
	// PartitionsAhead is how many months after this one have partitions, at most 119; 3.
	PartitionsAhead int
}

// period is one of the periods by the name of its field, and what zero means.
type period struct {
	field string
	of    *time.Duration
	zero  time.Duration
}

func (r *Retention) periods() []period {
	return []period{
		{"sign_in", &r.SignIn, 30 * day}, {"login_attempts", &r.LoginAttempts, 180 * day}, {"deleted_users", &r.DeletedUsers, 30 * day},
		{"sends", &r.Sends, 365 * day}, {"notifications", &r.Notifications, 365 * day}, {"page_views", &r.PageViews, 365 * day},
		{"live_events", &r.LiveEvents, 365 * day}, {"archived_events", &r.ArchivedEvents, 1095 * day}, {"delivered", &r.Delivered, 30 * day},
		{"unsealed", &r.Unsealed, day}, {"uploads", &r.Uploads, day}, {"tour_views", &r.TourViews, time.Hour},
	}
}

// withDefaults puts the periods in place of zeros.
func (r Retention) withDefaults() Retention {
	for _, p := range r.periods() {
		if *p.of == 0 {
			*p.of = p.zero
		}
	}
	if r.PartitionsAhead == 0 {
		r.PartitionsAhead = 3
	}
	return r
}

func (r Retention) validate() error {
	var f fault.Fields
	for _, p := range r.periods() {
		f.Check(*p.of >= Forever, p.field, check.OutOfRange, "a period is not negative, but for Forever")
	}
	f.Check(r.PartitionsAhead >= Forever && r.PartitionsAhead < 120, "partitions_ahead", check.OutOfRange, "up to 119 months, or Forever")
	d := r.withDefaults()
	f.Check(d.ArchivedEvents < 0 || d.ArchivedEvents >= d.LiveEvents, "archived_events", check.OutOfRange, "events are archived before they are removed")
	return f.Err()
}
