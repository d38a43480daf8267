package main

import (
	"context"
	"net/http"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

type offeringBody struct {
	ID                id.Of[investments.Offering] `json:"id"`
	PropertyID        id.Of[properties.Property]  `json:"property_id"`
	Name              string                      `json:"name"`
	Slug              string                      `json:"slug"`
	Status            investments.OfferingStatus  `json:"status"`
	MinimumInvestment *money.Amount               `json:"minimum_investment"`
	HardCap           *money.Amount               `json:"hard_cap"`
	Committed         money.Amount                `json:"committed"`
	Raised            money.Amount                `json:"raised"`
	Investors         int                         `json:"investors"`
}

func showOffering(o *investments.Offering) offeringBody {
	return offeringBody{o.ID, o.PropertyID, o.Name, o.Slug, o.Status, o.MinimumInvestment, o.HardCap, o.CommittedAmount, o.AmountRaised, o.InvestorCount}
}

type offeringRequest struct {
	PropertyID        string `json:"property_id"`
	Name              string `json:"name"`
	Slug              string `json:"slug"`
	MinimumInvestment string `json:"minimum_investment"`
	MaximumInvestment string `json:"maximum_investment"`
	TargetRaise       string `json:"target_raise"`
	HardCap           string `json:"hard_cap"`
}

func (a *api) createOffering(c *call) (answer, error) {
	var in offeringRequest
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	var f fields
	p := investments.CreateOfferingParams{
		ID:         id.New[investments.Offering](), // the same when the verb runs again
		PropertyID: readID[properties.Property](&f, "property_id", in.PropertyID), Name: in.Name, Slug: in.Slug,
		MinimumInvestment: f.optionalAmount("minimum_investment", in.MinimumInvestment),
		MaximumInvestment: f.optionalAmount("maximum_investment", in.MaximumInvestment),
		TargetRaise:       f.optionalAmount("target_raise", in.TargetRaise),
		HardCap:           f.optionalAmount("hard_cap", in.HardCap),
		ActorID:           c.by,
	}
	if err := f.Err(); err != nil {
		return answer{}, err
	}
	return perform(a, c, http.StatusCreated, showOffering, func(ctx context.Context, tx bun.IDB) (*investments.Offering, error) {
		return a.platform.Offerings.Create(ctx, tx, p)
	})
}

func (a *api) offering(c *call) (answer, error) {
	v, err := pathID[investments.Offering](c.Request, "offering", investments.ErrOfferingNotFound)
	if err != nil {
		return answer{}, err
	}
	o, err := a.platform.Offerings.Offering(c.Context(), a.db, v)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, showOffering(o)}, nil
}

func (a *api) openOffering(c *call) (answer, error) {
	v, err := pathID[investments.Offering](c.Request, "offering", investments.ErrOfferingNotFound)
	if err != nil {
		return answer{}, err
	}
	var out *investments.Offering
	err = a.do(c, func(ctx context.Context, tx bun.IDB) (err error) {
		// An open one may be so by a run before whose COMMIT had no answer.
		if out, err = a.platform.Offerings.Offering(ctx, tx, v); err == nil && out.Status != investments.OfferingStatusOpen {
			out, err = a.platform.Offerings.Open(ctx, tx, investments.OpenOfferingParams{OfferingID: v, ActorID: c.by})
		}
		return err
	})
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, showOffering(out)}, nil
}
