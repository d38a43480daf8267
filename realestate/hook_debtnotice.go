package realestate

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/communications"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// debtNoticeHook notifies each investor of a distribution that was reversed, and of
// what a true-up billed, once per command and whatever number of positions they
// have. Its texts name nobody; its data says which distribution, and what they owe.
func debtNoticeHook(distributions *investments.Distributions, notices *communications.Service) Hook {
	return func(ctx context.Context, tx bun.IDB, events []Emission) error {
		for _, e := range events {
			var notice communications.NotifyParams
			var on date.Date
			switch told := e.Payload().(type) {
			case investments.DistributionReversed:
				on = told.Date
				notice = debtNotice(communications.NotifyReversal, "Distribution reversed", "A distribution was reversed on ", on)
			case investments.DebtsBilled:
				on = told.Date
				notice = debtNotice(communications.NotifyDebt, "Amount to be paid back", "What you got of earlier distributions was put right on ", on)
			default:
				continue
			}
			distribution, err := aggregateOf[investments.Distribution](e)
			if err != nil {
				return err
			}
			list, err := debtNotices(ctx, tx, distributions, distribution, notice, on)
			if err != nil {
				return err
			}
			if _, err := notices.NotifyAll(ctx, tx, list); err != nil {
				return err
			}
		}
		return nil
	}
}

func debtNotice(kind communications.NotificationType, title, message string, on date.Date) communications.NotifyParams {
	action := communications.ActionViewInvestment
	return communications.NotifyParams{Type: kind, Title: title, Message: message + on.String() + ".", ActionType: &action}
}

// debtNotices addresses a notice to each investor concerned.
func debtNotices(ctx context.Context, tx bun.IDB, distributions *investments.Distributions, v id.Of[investments.Distribution], notice communications.NotifyParams, on date.Date) ([]communications.NotifyParams, error) {
	payees, err := distributions.PayeeDebts(ctx, tx, v)
	if err != nil {
		return nil, err
	}
	list := make([]communications.NotifyParams, len(payees))
	for i, payee := range payees {
		list[i] = notice
		list[i].UserID = payee.InvestorID
		list[i].ActionData = map[string]any{"offering_id": payee.OfferingID, "distribution_id": v, "date": on,
			"currency": payee.Currency, "amount": payee.Gross, "owed": payee.Owed}
	}
	return list, nil
}
