package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/users"
)

// investorBody does not repeat the address: whoever sent it knows it.
type investorBody struct {
	ID id.Of[auth.User] `json:"id"`
}

type investorRequest struct {
	Email string `json:"email"`
}

// registerInvestor makes a user whose accreditation the acting user vouches
// for. The three verbs are one transaction.
func (a *api) registerInvestor(c *call) (answer, error) {
	var in investorRequest
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	var out *auth.User
	chosen := id.New[auth.User]()
	err := a.do(c, func(ctx context.Context, tx bun.IDB) (err error) {
		if out, err = a.platform.Auth.User(ctx, tx, chosen); !errors.Is(err, fault.NotFound) {
			return err // nil when a run before was committed without an answer
		}
		if out, err = a.platform.Auth.Register(ctx, tx, auth.RegisterParams{ID: chosen, Email: in.Email}); err != nil {
			return err
		}
		v, err := a.platform.Users.SubmitVerification(ctx, tx, users.SubmitVerificationParams{UserID: out.ID, Type: users.VerificationAccredited})
		if err != nil {
			return err
		}
		_, err = a.platform.Users.ApproveVerification(ctx, tx, users.ApproveVerificationParams{ID: v.ID, ReviewerID: c.by})
		return err
	})
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusCreated, investorBody{out.ID}}, nil
}

// portfolioBody has rates as strings of fractions, null where undefined.
type portfolioBody struct {
	InvestorID     id.Of[auth.User] `json:"investor_id"`
	Properties     int              `json:"properties"`
	Invested       money.Amount     `json:"invested"`
	CurrentValue   money.Amount     `json:"current_value"`
	Distributions  money.Amount     `json:"distributions"`
	IRR            *decimal.Decimal `json:"irr"`
	EquityMultiple *decimal.Decimal `json:"equity_multiple"`
	CalculatedAt   *time.Time       `json:"calculated_at"`
}

func (a *api) portfolio(c *call) (answer, error) {
	v, err := pathID[auth.User](c.Request, "investor", investments.ErrPortfolioNotFound)
	if err != nil {
		return answer{}, err
	}
	p, err := a.platform.Reports.Portfolio(c.Context(), a.db, v)
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, portfolioBody{p.InvestorID, p.TotalProperties, p.TotalInvested, p.CurrentValue, p.TotalDistributions, p.IRR, p.EquityMultiple, p.LastCalculatedAt}}, nil
}
