package main

import (
	"context"
	"net/http"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

type commitmentBody struct {
	ID         id.Of[investments.Subscription] `json:"id"`
	OfferingID id.Of[investments.Offering]     `json:"offering_id"`
	InvestorID id.Of[auth.User]                `json:"investor_id"`
	ShareClass string                          `json:"share_class"`
	Amount     money.Amount                    `json:"amount"`
	Received   money.Amount                    `json:"received"`
	Date       date.Date                       `json:"date"`
	Status     investments.SubscriptionStatus  `json:"status"`
}

func showCommitment(s *investments.Subscription) commitmentBody {
	return commitmentBody{s.ID, s.OfferingID, s.InvestorID, s.ShareClass, s.Amount, s.Received, s.CommitmentDate, s.Status}
}

type commitRequest struct {
	InvestorID string `json:"investor_id"`
	ShareClass string `json:"share_class"` // common when absent
	Amount     string `json:"amount"`
	Date       string `json:"date"`
}

func (a *api) commit(c *call) (answer, error) {
	key, offering, in, err := keyed[investments.Offering, commitRequest](c, "offering", investments.ErrOfferingNotFound)
	if err != nil {
		return answer{}, err
	}
	var f fields
	p := investments.CommitParams{
		IdempotencyKey: key, OfferingID: offering, InvestorID: readID[auth.User](&f, "investor_id", in.InvestorID),
		ShareClass: in.ShareClass, Amount: f.amount("amount", in.Amount), Date: f.date("date", in.Date), ActorID: c.by,
	}
	if err := f.Err(); err != nil {
		return answer{}, err
	}
	// Staff may commit for anybody, an investor for themselves.
	if err := a.may(c, auth.ActionCreate, auth.Object{Kind: auth.KindCommitment, Owner: p.InvestorID}); err != nil {
		return answer{}, err
	}
	return perform(a, c, http.StatusCreated, showCommitment, func(ctx context.Context, tx bun.IDB) (*investments.Subscription, error) {
		return a.platform.Commitments.Commit(ctx, tx, p) // of the platform, which loads the evidence
	})
}

type receiptRequest struct {
	Amount    string `json:"amount"` // all that is outstanding when absent
	Date      string `json:"date"`
	Reference string `json:"reference"`
}

// fund records money that came in.
func (a *api) fund(c *call) (answer, error) {
	key, commitment, in, err := keyed[investments.Subscription, receiptRequest](c, "commitment", investments.ErrSubscriptionNotFound)
	if err != nil {
		return answer{}, err
	}
	var f fields
	p := investments.ReceiveContributionParams{
		IdempotencyKey: key, SubscriptionID: commitment, Amount: f.amount("amount", in.Amount),
		Date: f.date("date", in.Date), Reference: in.Reference, ActorID: c.by,
	}
	if err := f.Err(); err != nil {
		return answer{}, err
	}
	return perform(a, c, http.StatusCreated, showCommitment, func(ctx context.Context, tx bun.IDB) (*investments.Subscription, error) {
		return a.platform.Commitments.ReceiveContribution(ctx, tx, p)
	})
}
