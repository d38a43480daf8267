package investments

import (
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// partnerMark is an event between partners as the fingerprint has it; Side and Rate are
// those of a side letter.
type partnerMark struct {
	ID    id.Of[PartnerEvent] `json:"id"`
	Event waterfall.Event     `json:"event"`
	Side  string              `json:"side,omitempty"`
	Rate  string              `json:"rate,omitempty"`
}

// rates are the fixings and defaults from a day on and before another, as the engine
// takes them. Those of the day on which a distribution is dated change nothing of it.
func (h *past) rates(from, before date.Date) (out []waterfall.Event) {
	for i := range h.events {
		if e := &h.events[i]; e.dates() && !e.EffectiveDate.Before(from) && e.EffectiveDate.Before(before) {
			out = append(out, e.event())
		}
	}
	return out
}

// between are the loans and dilutions dated after a day.
func (h *past) between(after date.Date) (out []waterfall.Event) {
	for i := range h.events {
		if e := &h.events[i]; !e.dates() && e.Kind != PartnerEventSideLetter && e.EffectiveDate.After(after) {
			out = append(out, e.event())
		}
	}
	return out
}

// marks are the events that distributions rest on, of which the last has its turn on
// a day and is dated on another. Side letters are those of who counts.
func (h *past) marks(turn, dated date.Date, counts func(id.Of[Position]) bool) (out []partnerMark) {
	for i := range h.events {
		e := &h.events[i]
		switch {
		case e.Kind == PartnerEventSideLetter: // it holds for all of the life of who had capital by then
			if counts(*e.PositionID) {
				m := partnerMark{ID: e.ID, Side: e.PositionID.String() + " " + or(e.Name)}
				if e.Rate != nil {
					m.Rate = e.Rate.String()
				}
				out = append(out, m)
			}
		case e.dates() && e.EffectiveDate.Before(dated), !e.dates() && !e.EffectiveDate.After(turn):
			out = append(out, partnerMark{ID: e.ID, Event: e.event()})
		}
	}
	return out
}

// end is the day that a history comes to: that of the distribution it is brought to,
// of its last one, or the day that is asked for.
func (h *past) end(day date.Date) date.Date {
	for i := range h.declared {
		if d := h.declared[i].date; d.After(day) {
			day = d
		}
	}
	if h.draft != nil && h.draft.date.After(day) {
		day = h.draft.date
	}
	return day
}

// extras are what the cash of a distribution by terms does besides the tiers.
type extras struct {
	Adjustments []waterfall.Adjustment    `json:"adjustments,omitempty"`
	Advances    []waterfall.Advance       `json:"advances,omitempty"`
	Held        []waterfall.Holding       `json:"held,omitempty"`     // by the tiers
	Releases    []waterfall.ReserveAmount `json:"releases,omitempty"` // out of reserves
	Last        bool                      `json:"last,omitempty"`     // it is of the last sale
}

func (x extras) none() bool {
	return len(x.Adjustments) == 0 && len(x.Advances) == 0 && len(x.Held) == 0 && len(x.Releases) == 0 && !x.Last
}
