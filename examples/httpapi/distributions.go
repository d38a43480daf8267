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

type distributionBody struct {
	ID         id.Of[investments.Distribution] `json:"id"`
	OfferingID *id.Of[investments.Offering]    `json:"offering_id"`
	Amount     money.Amount                    `json:"amount"`
	Date       date.Date                       `json:"date"`
	Status     investments.DistributionStatus  `json:"status"`
	DeclaredBy *id.Of[auth.User]               `json:"declared_by"`
	ApprovedBy *id.Of[auth.User]               `json:"approved_by"`
}

func showDistribution(d *investments.Distribution) distributionBody {
	return distributionBody{d.ID, d.OfferingID, d.TotalAmount, d.DistributionDate, d.Status, d.CreatedBy, d.ApprovedBy}
}

type declareRequest struct {
	Type   investments.DistributionType `json:"type"`
	Amount string                       `json:"amount"`
	Date   string                       `json:"date"`
	Notes  string                       `json:"notes"`
}

func (a *api) declare(c *call) (answer, error) {
	key, offering, in, err := keyed[investments.Offering, declareRequest](c, "offering", investments.ErrOfferingNotFound)
	if err != nil {
		return answer{}, err
	}
	var f fields
	p := investments.DeclareParams{
		IdempotencyKey: key, OfferingID: offering, Type: in.Type, Amount: f.amount("amount", in.Amount),
		Date: f.date("date", in.Date), Notes: in.Notes, ActorID: c.by,
	}
	if err := f.Err(); err != nil {
		return answer{}, err
	}
	return perform(a, c, http.StatusCreated, showDistribution, func(ctx context.Context, tx bun.IDB) (*investments.Distribution, error) {
		return a.platform.Distributions.Declare(ctx, tx, p)
	})
}

// approve lets a distribution be paid. The verb refuses whoever declared it.
func (a *api) approve(c *call) (answer, error) {
	v, err := pathID[investments.Distribution](c.Request, "distribution", investments.ErrDistributionNotFound)
	if err != nil {
		return answer{}, err
	}
	return perform(a, c, http.StatusOK, showDistribution, func(ctx context.Context, tx bun.IDB) (*investments.Distribution, error) {
		// An approved one may be so by a run before whose COMMIT had no answer.
		if d, err := a.platform.Distributions.Distribution(ctx, tx, v); err != nil || d.Status == investments.DistributionStatusApproved {
			return d, err
		}
		return a.platform.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: v, ActorID: c.by})
	})
}

type payRequest struct {
	Date      string                    `json:"date"`
	Method    investments.PaymentMethod `json:"method"`
	Reference string                    `json:"reference"`
}

// pay records the payment and brings the portfolios that it touches up to date:
// two verbs, one transaction.
func (a *api) pay(c *call) (answer, error) {
	key, v, in, err := keyed[investments.Distribution, payRequest](c, "distribution", investments.ErrDistributionNotFound)
	if err != nil {
		return answer{}, err
	}
	var f fields
	p := investments.PayParams{IdempotencyKey: key, DistributionID: v, Date: f.date("date", in.Date), Method: in.Method, Reference: in.Reference, ActorID: c.by}
	if err := f.Err(); err != nil {
		return answer{}, err
	}
	return perform(a, c, http.StatusOK, showDistribution, func(ctx context.Context, tx bun.IDB) (*investments.Distribution, error) {
		d, err := a.platform.Distributions.Pay(ctx, tx, p)
		if err != nil {
			return nil, err
		}
		paid, err := a.investorsOf(ctx, tx, d)
		if err != nil {
			return nil, err
		}
		return d, a.platform.Reports.RefreshPortfolios(ctx, tx, investments.RefreshPortfoliosParams{InvestorIDs: paid, AsOf: date.Of(a.now().UTC())})
	})
}

func (a *api) investorsOf(ctx context.Context, tx bun.IDB, d *investments.Distribution) ([]id.Of[auth.User], error) {
	seen, out := map[id.Of[auth.User]]bool{}, []id.Of[auth.User]{}
	for p, err := range a.platform.Positions.AllPositions(ctx, tx, investments.PositionFilter{OfferingID: d.OfferingID}) {
		if err != nil {
			return nil, err
		}
		if !seen[p.InvestorID] {
			seen[p.InvestorID] = true
			out = append(out, p.InvestorID)
		}
	}
	return out, nil
}
