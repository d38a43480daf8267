package realestate

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/retention"
	"github.com/freehold-go/freehold/properties/media"
	"github.com/freehold-go/freehold/realestate/analytics"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/communications"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/outbox"
)

// Maintenance is what [Platform.Maintain] says.
type Maintenance struct {
	Due  []DueWork  `json:"due"`  // none when all is done
	Held []HeldRows `json:"held"` // what stays although its period is over
}

// DueWork is work whose time has come, and the verb that does it.
type DueWork struct {
	Verb   string      `json:"verb"`   // the service of [Platform] and its method, as "Audit.Purge"; "outbox.Prune" and "Platform.Erase"
	What   string      `json:"what"`   // the kind, as the What of a purge's params; of other verbs the table
	Table  string      `json:"table"`  // with its schema
	Rows   int64       `json:"rows"`   // how many are due; of partitions, how many rows the default one has of their months
	More   bool        `json:"more"`   // there are more than Rows, which is 100,000 then
	Oldest *time.Time  `json:"oldest"` // from when the oldest of them counts, such as when it expired; nil where there are no rows
	Since  time.Time   `json:"since"`  // when the first of it came due
	Before time.Time   `json:"before"` // up to when: what the verb takes as its Before
	Months []date.Date `json:"months"` // of EnsurePartitions: the months without a partition, in order; at most 1,000
	// Of verbs that take one at a time, the oldest first and at most 1,000: books of
	// Ledger.Seal and Ledger.VoidExpired, users of Platform.Erase. [id.Cast] makes them those.
	IDs []id.Of[any] `json:"ids"`
}

// HeldRows is rows that a verb leaves although their period is over.
type HeldRows struct {
	Verb   string    `json:"verb"`
	What   string    `json:"what"`
	Table  string    `json:"table"`
	Why    string    `json:"why"`
	Rows   int64     `json:"rows"`
	More   bool      `json:"more"` // there are more than Rows, which is 100,000 then
	Oldest time.Time `json:"oldest"`
}

// Maintain says what is due of the work that keeps tables within bounds (partitions,
// archive, retention, sweeping) and books sealed, and does none of it: the host calls the verbs that
// it names, in its order, and asks again: events that are archived may be over, too. What is
// due it judges by [Config].Retention and the clock. A count is exact up to 100,000 and made
// in the order of an index, so that it costs little on large tables; events that are
// not delivered, drafts, and what is old of the journals without a seal it sorts. What only the storage
// knows of, such as objects that no row names, it cannot say; Documents.SweepUploads finds them.
//
// It writes and locks nothing and works on a standby. Given the pool it sees one snapshot. It
// returns [ErrRowSecurity] where row-level security hides rows.
func (p *Platform) Maintain(ctx context.Context, db bun.IDB) (*Maintenance, error) {
	now, out := p.now(), &Maintenance{Due: []DueWork{}, Held: []HeldRows{}} // so that no list is null on the wire
	err := wholeSnapshot(ctx, db, func(tx bun.IDB) error {
		for _, w := range p.work() {
			due, held, err := w.Look(ctx, tx, now)
			if err != nil {
				return err
			}
			if due != nil {
				out.Due = append(out.Due, DueWork(*due))
			}
			for _, h := range held {
				out.Held = append(out.Held, HeldRows(h))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// work lists what [Platform.Maintain] asks, as the domains state it.
func (p *Platform) work() []retention.Work {
	keep := retention.Periods(p.keep)
	return slices.Concat(auth.Maintenance(p.Audit, keep), communications.Maintenance(keep), analytics.Maintenance(keep),
		outbox.Maintenance(keep), ledger.Maintenance(keep), documents.Maintenance(keep), media.Maintenance(keep))
}
