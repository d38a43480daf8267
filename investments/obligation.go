package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// Obligations counts what is open between the platform and one person, in person
// and by their accounts, joint ones included.
type Obligations struct {
	Positions   int `json:"positions"`   // neither exited nor cancelled
	Commitments int `json:"commitments"` // open or on the waitlist
	Calls       int `json:"calls"`       // lines of capital calls that are not paid in full
	Transfers   int `json:"transfers"`   // to the person, and not completed
	Payments    int `json:"payments"`    // lines of distributions that are not paid, or whose payment failed
	Recoveries  int `json:"recoveries"`  // lines that the person has to pay back, of reversed distributions or billed
}

// Any reports whether there is anything at all.
func (o Obligations) Any() bool { return o != Obligations{} }

// Obligations reads what is open between the platform and one person. It locks
// nothing.
func (s *Reports) Obligations(ctx context.Context, db bun.IDB, investor id.Of[auth.User]) (Obligations, error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return Obligations{}, err
	}
	defer done()
	var o Obligations
	err = store.Read(ctx, db, db.NewRaw(`WITH mine AS (SELECT a.id FROM investments.investor_accounts a WHERE ?0 IN (a.investor_id, a.joint_investor_id))
		SELECT (SELECT count(*) FROM investments.property_investments p WHERE (p.investor_id = ?0 OR p.account_id IN (SELECT id FROM mine))
				AND p.deleted_at IS NULL AND p.status NOT IN ('exited', 'cancelled')),
			(SELECT count(*) FROM investments.subscriptions s WHERE (s.investor_id = ?0 OR s.account_id IN (SELECT id FROM mine))
				AND s.status IN ('waitlisted', 'open')),
			(SELECT count(*) FROM investments.capital_call_lines l WHERE l.investor_id = ?0 AND l.status IN ('open', 'partial')),
			(SELECT count(*) FROM investments.transfers t WHERE (t.to_investor_id = ?0 OR t.to_account_id IN (SELECT id FROM mine))
				AND t.status IN ('pending', 'approved')),
			(SELECT count(*) FROM investments.investor_distributions l WHERE (l.investor_id = ?0 OR l.account_id IN (SELECT id FROM mine))
				AND l.payment_status IN ('pending', 'sent', 'failed'))`, investor), &o.Positions, &o.Commitments, &o.Calls, &o.Transfers, &o.Payments)
	if err != nil {
		return o, store.Err(err, constraints)
	}
	o.Recoveries, err = store.Count(ctx, db, recoverable(db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("dl.investor_id = ?0 OR dl.account_id IN (SELECT a.id FROM investments.investor_accounts AS a WHERE a.joint_investor_id = ?0)", investor)
	}))
	return o, store.Err(err, constraints)
}
