package realestate

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/communications"
)

// callNoticeHook notifies who is asked for money by a capital call that was
// issued: one notification of the type capital_call for each open line. Its texts
// name nobody; its data says which call and line, how much and until when.
func callNoticeHook(commitments *investments.Commitments, notices *communications.Service) Hook {
	return func(ctx context.Context, tx bun.IDB, events []Emission) error {
		for _, e := range events {
			issued, ok := e.Payload().(investments.CapitalCallIssued)
			if !ok {
				continue
			}
			call, err := aggregateOf[investments.CapitalCall](e)
			if err != nil {
				return err
			}
			dues, err := commitments.CallDues(ctx, tx, call)
			if err != nil {
				return err
			}
			list := make([]communications.NotifyParams, len(dues))
			action := communications.ActionViewInvestment
			for i, due := range dues {
				list[i] = communications.NotifyParams{UserID: due.InvestorID, Type: communications.NotifyCapitalCall,
					Priority: communications.PriorityHigh, Title: "Capital call", ActionType: &action,
					Message: "A part of what you committed has been called and is due on " + issued.DueDate.String() + ".",
					ActionData: map[string]any{"offering_id": issued.OfferingID, "capital_call_id": call, "capital_call_line_id": due.LineID,
						"amount": due.Amount, "currency": due.Currency, "due_date": issued.DueDate}}
			}
			if _, err := notices.NotifyAll(ctx, tx, list); err != nil {
				return err
			}
		}
		return nil
	}
}
