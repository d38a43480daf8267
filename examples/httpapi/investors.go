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
	ID             id.Of[auth.User]          `json:"id"`
	VerificationID id.Of[users.Verification] `json:"verification_id"`
}

type investorRequest struct {
	Email string `json:"email"`
}

// registerInvestor makes a user with the role of an investor, who says that they are
// accredited; somebody else reviews it. The three verbs are one transaction. The
// investor sets a password by a link.
func (a *api) registerInvestor(c *call) (answer, error) {
	var in investorRequest
	if err := decode(c.Request, &in); err != nil {
		return answer{}, err
	}
	out := investorBody{ID: id.New[auth.User]()}
	err := a.do(c, func(ctx context.Context, tx bun.IDB) error {
		if _, err := a.platform.Users.User(ctx, tx, out.ID); !errors.Is(err, fault.NotFound) {
			return err // nil when a run before was committed without an answer
		}
		u, err := a.platform.Users.Register(ctx, tx, auth.RegisterParams{ID: out.ID, Email: in.Email})
		if err != nil {
			return err
		}
		if _, err = a.platform.Access.GrantRole(ctx, tx, auth.GrantRoleParams{UserID: u.ID, Role: auth.RoleInvestor, GrantedBy: c.by}); err != nil {
			return err
		}
		v, err := a.platform.Profiles.SubmitVerification(ctx, tx, users.SubmitVerificationParams{UserID: u.ID, Type: users.VerificationAccredited})
		if err != nil {
			return err
		}
		out.VerificationID = v.ID
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusCreated, out}, nil
}

type verificationBody struct {
	ID     id.Of[users.Verification] `json:"id"`
	Status users.VerificationStatus  `json:"status"`
}

// approveVerification agrees to what an investor says of themselves.
func (a *api) approveVerification(c *call) (answer, error) {
	v, err := pathID[users.Verification](c.Request, "verification", users.ErrVerificationNotFound)
	if err != nil {
		return answer{}, err
	}
	var out *users.Verification
	err = a.do(c, func(ctx context.Context, tx bun.IDB) (err error) {
		// An approved one may be so by a run before whose COMMIT had no answer.
		if out, err = a.platform.Profiles.Verification(ctx, tx, v); err == nil && out.Status != users.VerificationApproved {
			out, err = a.platform.Profiles.ApproveVerification(ctx, tx, users.ApproveVerificationParams{ID: v, ReviewerID: c.by})
		}
		return err
	})
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusOK, verificationBody{out.ID, out.Status}}, nil
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
