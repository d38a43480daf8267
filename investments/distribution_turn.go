package investments

import "github.com/freehold-go/freehold/realestate/date"

// turn is when a distribution comes among contributions and transfers.
type turn struct {
	day   date.Date
	first bool // before those of the day, else after them
}

// turns are those of distributions: their record dates, but neither before the turn of
// the one before, nor before terms that have replaced others since; those of the new
// terms' day then come after the distribution.
func (h *past) turns(declared []payout) []turn {
	var first date.Date // when terms came into force at all
	for k := range h.versions {
		if on := h.versions[k].EffectiveDate; !replaced(h.versions, k) && (first.IsZero() || on.Before(first)) {
			first = on
		}
	}
	out := make([]turn, len(declared))
	var last turn
	for i := range declared {
		d := &declared[i]
		t := turn{day: d.record}
		for k, v := range h.versions {
			if !d.terms.IsZero() && v.EffectiveDate != first && v.EffectiveDate.After(t.day) && !v.EffectiveDate.After(d.date) && !replaced(h.versions, k) {
				t = turn{v.EffectiveDate, true}
			}
		}
		if t.day.Before(last.day) || t.day == last.day && !last.first {
			t = turn{last.day, last.first && t.first}
		}
		out[i], last = t, t
	}
	return out
}

// lastTurn is that of the last of distributions, of which there is one.
func (h *past) lastTurn(declared []payout) turn {
	turns := h.turns(declared)
	return turns[len(turns)-1]
}
