package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// CallDue is what an issued capital call asks of one line's investor.
type CallDue struct {
	LineID     id.Of[CapitalCallLine] `bun:"id" json:"line_id"`
	InvestorID id.Of[auth.User]       `bun:"investor_id" json:"investor_id"`
	Amount     money.Amount           `bun:"amount" json:"amount"`
	Currency   string                 `bun:"currency" json:"currency"`
}

// CallDues lists what the open lines of a capital call ask for, all of them, in
// the order of their ids. A call without open lines, or none, has none.
func (s *Commitments) CallDues(ctx context.Context, db bun.IDB, call id.Of[CapitalCall]) ([]CallDue, error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return nil, err
	}
	defer done()
	out := []CallDue{}
	err = store.Read(ctx, db, db.NewRaw(`SELECT l.id, l.investor_id, l.amount, s.currency FROM investments.capital_call_lines l
		JOIN investments.subscriptions s ON s.id = l.subscription_id
		WHERE l.capital_call_id = ? AND l.status = 'open' ORDER BY l.id`, call), &out)
	return out, store.Err(err, constraints)
}
