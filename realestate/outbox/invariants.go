package outbox

import "github.com/freehold-go/freehold/internal/store"

// Invariants lists what always holds in this package's tables, for
// realestate.Platform.Verify. Delivered messages may have been
// pruned, from an aggregate's first one on.
func Invariants() []store.Invariant {
	return []store.Invariant{
		{Name: "an aggregate's events are numbered without gaps", Query: `
			SELECT aggregate_type || ' ' || aggregate_id, format('%s events from %s to %s', count(*), min(position), max(position))
			FROM freehold.outbox GROUP BY aggregate_type, aggregate_id HAVING count(*) <> max(position) - min(position) + 1`},
		{Name: "an aggregate's last event is the last that was numbered", Query: `
			SELECT e.aggregate_type || ' ' || e.aggregate_id, format('event %s, number %s', e.last, h.position)
			FROM (SELECT aggregate_type, aggregate_id, max(position) AS last FROM freehold.outbox GROUP BY 1, 2) e
			LEFT JOIN freehold.outbox_heads h USING (aggregate_type, aggregate_id) WHERE h.position IS DISTINCT FROM e.last`},
		{Name: "an aggregate's events are delivered in their order", Query: `
			SELECT aggregate_type || ' ' || aggregate_id, format('event %s is delivered, event %s is not', max(position) FILTER (WHERE delivered_at IS NOT NULL),
				min(position) FILTER (WHERE delivered_at IS NULL))
			FROM freehold.outbox GROUP BY aggregate_type, aggregate_id
			HAVING min(position) FILTER (WHERE delivered_at IS NULL) < max(position) FILTER (WHERE delivered_at IS NOT NULL)`},
	}
}
