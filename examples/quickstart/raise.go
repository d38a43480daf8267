package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/examples/quickstart/internal/deal"
	"github.com/freehold-go/freehold/examples/quickstart/internal/screen"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/users"
)

// registerInvestors makes a user of everybody in the files, has the investors
// accredited, and opens the accounts that they invest under.
func (q *quickstart) registerInvestors(ctx context.Context) (string, error) {
	q.users = map[string]id.Of[auth.User]{}
	for _, p := range []deal.Person{q.deal.Offering.Manager, q.deal.Offering.Approver} {
		if err := q.registerPerson(ctx, p); err != nil {
			return "", err
		}
	}
	var t tally
	for _, a := range q.deal.Accounts() {
		if err := q.registerPerson(ctx, a.Owner); err != nil {
			return "", err
		}
		if a.Joint != nil {
			if err := q.registerPerson(ctx, *a.Joint); err != nil {
				return "", err
			}
		}
		if err := q.accredit(ctx, a); err != nil {
			return "", err
		}
		made, err := q.openAccount(ctx, a)
		if err != nil {
			return "", err
		}
		q.count(&t, made)
	}
	return fmt.Sprintf("%d people; accounts: %s", len(q.users), t), nil
}

// registerPerson makes a person a user of the platform, with a profile that
// only connections see.
func (q *quickstart) registerPerson(ctx context.Context, p deal.Person) error {
	user, _, err := ensure(
		func() (*auth.User, error) { return q.Users.UserByEmail(ctx, q.db, p.Email) },
		func() (u *auth.User, err error) {
			private := users.VisibilityPrivate
			err = q.do(ctx, func(tx bun.IDB) error {
				u, err = q.Users.Register(ctx, tx, auth.RegisterParams{ID: idOf[auth.User]("user", strings.ToLower(p.Email)), Email: p.Email})
				if err != nil {
					return err
				}
				_, err = q.Profiles.SaveProfile(ctx, tx, users.SaveProfileParams{UserID: u.ID, FirstName: &p.First, LastName: &p.Last, ProfileVisibility: &private})
				return err
			})
			return u, err
		})
	if err != nil {
		return err
	}
	q.users[strings.ToLower(p.Email)] = user.ID
	return nil
}

func (q *quickstart) user(p deal.Person) id.Of[auth.User] { return q.users[strings.ToLower(p.Email)] }

// clerk is who acts for the platform on what concerns an account: the approver, or
// the manager where the approver is an owner of it.
func (q *quickstart) clerk(a *deal.Account) id.Of[auth.User] {
	o := &q.deal.Offering
	if by := q.user(o.Approver); by != q.user(a.Owner) && (a.Joint == nil || by != q.user(*a.Joint)) {
		return by
	}
	return q.user(o.Manager)
}

// accredit records that the owner of an account was found to be an accredited
// investor, as the offering demands. Somebody else than the investor reviews.
func (q *quickstart) accredit(ctx context.Context, a *deal.Account) error {
	owner, reviewer := q.user(a.Owner), q.clerk(a)
	_, _, err := ensure(
		func() (*users.Verification, error) {
			return q.Profiles.CurrentVerification(ctx, q.db, owner, users.VerificationAccredited)
		},
		func() (v *users.Verification, err error) {
			err = q.do(ctx, func(tx bun.IDB) error {
				v, err = q.Profiles.SubmitVerification(ctx, tx, users.SubmitVerificationParams{UserID: owner, Type: users.VerificationAccredited, Method: &a.Accreditation})
				if err == nil {
					v, err = q.Profiles.ApproveVerification(ctx, tx, users.ApproveVerificationParams{ID: v.ID, ReviewerID: reviewer})
				}
				return err
			})
			return v, err
		})
	return err
}

func accountID(a *deal.Account) id.Of[investments.Account] {
	return idOf[investments.Account]("account", a.Key())
}

func (q *quickstart) openAccount(ctx context.Context, a *deal.Account) (bool, error) {
	p := investments.OpenAccountParams{
		ID: accountID(a), InvestorID: q.user(a.Owner), Type: a.Type, Name: a.Name, IsSponsor: a.Sponsor,
		CustodianName: a.Custodian, TaxClassification: given(a.Tax), ActorID: q.user(a.Owner),
	}
	if a.Joint != nil {
		p.JointInvestorID = q.user(*a.Joint).Ptr()
	}
	_, made, err := ensure(
		func() (*investments.Account, error) { return q.Accounts.Account(ctx, q.db, p.ID) },
		func() (row *investments.Account, err error) {
			err = q.do(ctx, func(tx bun.IDB) error { row, err = q.Accounts.Open(ctx, tx, p); return err })
			return row, err
		})
	return made, err
}

// openOffering puts the offering on record and lets it take commitments.
func (q *quickstart) openOffering(ctx context.Context) (string, error) {
	o := &q.deal.Offering
	p := investments.CreateOfferingParams{
		ID: idOf[investments.Offering]("offering", o.Slug), PropertyID: q.property, Name: o.Name, Slug: o.Slug, ExecutiveSummary: o.Summary,
		OpenDate: &o.Open, CloseDate: &o.Close, MinimumRaise: o.MinimumRaise, TargetRaise: o.Target, HardCap: o.HardCap,
		MinimumInvestment: o.MinimumInvestment, MaximumInvestment: o.MaximumInvestment,
		ActorID: q.user(o.Manager),
	}
	for _, c := range q.deal.Classes {
		p.Classes = append(p.Classes, investments.ShareClassParams{Code: c.Code, Name: c.Name, UnitPrice: &c.UnitPrice, MinimumInvestment: c.Minimum})
	}
	found, made, err := ensure(
		func() (*investments.Offering, error) {
			return q.Offerings.OfferingBySlug(ctx, q.db, o.Slug)
		},
		func() (row *investments.Offering, err error) {
			err = q.do(ctx, func(tx bun.IDB) error {
				if row, err = q.Offerings.Create(ctx, tx, p); err != nil {
					return err
				}
				row, err = q.Offerings.Open(ctx, tx, investments.OpenOfferingParams{OfferingID: row.ID, ActorID: p.ActorID})
				return err
			})
			return row, err
		})
	if err != nil {
		return "", err
	}
	q.offering = found.ID
	what := fmt.Sprintf("%s, %d classes", found.Name, len(q.deal.Classes))
	if o.HardCap != nil {
		what += ", at most " + screen.Dollars(*o.HardCap)
	}
	return q.said(made, what), nil
}

// commit takes the commitments, and then closes the offering to further ones.
func (q *quickstart) commit(ctx context.Context) (string, error) {
	var t tally
	for i := range q.deal.Commitments {
		c := &q.deal.Commitments[i]
		var s *investments.Subscription
		err := q.do(ctx, func(tx bun.IDB) (err error) {
			s, err = q.Platform.Commitments.Commit(ctx, tx, investments.CommitParams{
				IdempotencyKey: q.commitmentKey("commit", c), OfferingID: q.offering, InvestorID: q.user(c.Account.Owner), AccountID: accountID(&c.Account).Ptr(),
				ShareClass: c.Class, Amount: c.Amount, Date: c.Committed, ActorID: q.user(c.Account.Owner),
			})
			return err
		})
		if err != nil {
			return "", fmt.Errorf("%s, %s: %w", deal.InvestorsFile, c, err)
		}
		q.subscriptions = append(q.subscriptions, s)
		q.count(&t, q.fresh(&s.CreatedAt))
	}
	return t.String(), q.closeOffering(ctx)
}

// commitmentKey names what is done with a line of the investors' file.
func (q *quickstart) commitmentKey(verb string, c *deal.Commitment) string {
	return keyOf(q.deal.Offering.Slug, verb, accountID(&c.Account).String(), c.Class, strconv.Itoa(c.Ordinal))
}

func (q *quickstart) closeOffering(ctx context.Context) error {
	o, err := q.Offerings.Offering(ctx, q.db, q.offering)
	if err != nil || o.Status != investments.OfferingStatusOpen {
		return err
	}
	return q.do(ctx, func(tx bun.IDB) error {
		_, err := q.Offerings.Close(ctx, tx, investments.CloseOfferingParams{OfferingID: q.offering, ActorID: q.user(q.deal.Offering.Manager)})
		return err
	})
}

// fund records the money that came in for the commitments, and with it how far
// the investors have come.
func (q *quickstart) fund(ctx context.Context) (string, error) {
	var t tally
	for i := range q.deal.Commitments {
		c, s := &q.deal.Commitments[i], q.subscriptions[i]
		if c.Funded == nil {
			q.steps.Advance()
			continue
		}
		err := q.do(ctx, func(tx bun.IDB) (err error) {
			s, err = q.Platform.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{
				IdempotencyKey: q.commitmentKey("fund", c), SubscriptionID: s.ID, Amount: c.Amount, Date: *c.Funded, ActorID: q.clerk(&c.Account),
			})
			return err
		})
		if err != nil {
			return "", fmt.Errorf("%s, %s: %w", deal.InvestorsFile, c, err)
		}
		q.count(&t, q.fresh(s.FundedAt))
	}
	o, err := q.Offerings.Offering(ctx, q.db, q.offering)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s; %s raised", t, screen.Dollars(o.AmountRaised)), nil
}
