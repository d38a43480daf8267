package realestate

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/communications"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// IssueCall is [investments.Service.IssueCall], and gives notice to who is called,
// in the same transaction: a notification of the type capital_call for each line
// of the call. Its texts name nobody; its data says which call and line, how much
// and until when. Issuing an issued call changes nothing and gives no notice again,
// also where it was issued without one.
//
// It locks what the verb locks, and returns what the verb returns.
func (p *Platform) IssueCall(ctx context.Context, db bun.IDB, v id.Of[investments.CapitalCall], notice date.Date) (*investments.CapitalCall, error) {
	var call *investments.CapitalCall
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		// The lock that all verbs take first, so that what is read next stays so.
		_, err := tx.NewRaw(`SELECT FROM investments.opportunities o JOIN investments.capital_calls c ON c.opportunity_id = o.id
			WHERE c.id = ? FOR NO KEY UPDATE OF o`, v).Exec(ctx)
		if err != nil {
			return store.Err(err, nil)
		}
		before, err := p.Investments.CapitalCall(ctx, tx, v)
		if err != nil {
			return err
		}
		if call, err = p.Investments.IssueCall(ctx, tx, v, notice); err != nil || before.Status == call.Status {
			return err
		}
		return p.giveNotice(ctx, tx, call)
	})
	if err != nil {
		return nil, err
	}
	return call, nil
}

// giveNotice writes the notifications of an issued call.
func (p *Platform) giveNotice(ctx context.Context, tx bun.IDB, call *investments.CapitalCall) error {
	var lines []struct {
		ID         id.Of[investments.CapitalCallLine]
		InvestorID id.Of[auth.User]
		Amount     money.Amount
		Currency   string
	}
	err := tx.NewRaw(`SELECT l.id, l.investor_id, l.amount, s.currency FROM investments.capital_call_lines l
		JOIN investments.subscriptions s ON s.id = l.subscription_id
		WHERE l.capital_call_id = ? AND l.status = 'open' ORDER BY l.id`, call.ID).Scan(ctx, &lines)
	if err != nil {
		return store.Err(err, nil)
	}
	list := make([]communications.NotifyParams, len(lines))
	action := communications.ActionViewInvestment
	for i, l := range lines {
		list[i] = communications.NotifyParams{UserID: l.InvestorID, Type: communications.NotifyCapitalCall, Priority: communications.PriorityHigh,
			Title: "Capital call", Message: "A part of what you committed has been called and is due on " + call.DueDate.String() + ".", ActionType: &action,
			ActionData: map[string]any{"opportunity_id": call.OfferingID, "capital_call_id": call.ID, "capital_call_line_id": l.ID,
				"amount": l.Amount, "currency": l.Currency, "due_date": call.DueDate}}
	}
	_, err = p.Communications.NotifyAll(ctx, tx, list)
	return err
}
