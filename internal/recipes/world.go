package recipes

import (
	"crypto/sha256"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/realestatetest"
	"github.com/freehold-go/freehold/realestate/vault"
)

// The people and days of these tests.
var (
	CommittedOn = date.MustParse("2026-01-10")
	FundedOn    = date.MustParse("2026-01-15")
	MovedOn     = date.MustParse("2026-02-01")
	Quarter1    = date.MustParse("2026-04-15")
	Quarter2    = date.MustParse("2026-07-15")
)

// Staff is the user of the platform who acts where it does not matter who.
var Staff = id.MustParse[auth.User]("01980000-0000-7000-8000-000000000003")

// agreeing is who has to agree to a distribution: two people to a large one.
var agreeing = investments.ApprovalPolicy{{UpTo: cents("10000"), Approvers: 1}, {Approvers: 2}}

// Platform is the services, with a clock that moves on, as change makes them.
func Platform(change func(*realestate.Config)) *realestate.Platform {
	secret := sha256.Sum256([]byte("k"))
	v, err := vault.New(vault.Key{ID: "k", Secret: secret[:]})
	if err != nil {
		panic(err)
	}
	c := realestate.Config{Now: time.Now, Vault: v, Approvals: agreeing}
	change(&c)
	p, err := realestate.New(c)
	if err != nil {
		panic(err)
	}
	return p
}

// World is a database with people and a property; offerings are made as needed.
type World struct {
	T        *testing.T
	DB       *bun.DB // commands by the way
	P        *realestate.Platform
	Property id.Of[properties.Property]
	Who      []id.Of[auth.User] // accredited investors
	Clerk    id.Of[auth.User]   // asks and declares
	Boss     id.Of[auth.User]   // approves
	Admin    id.Of[auth.User]   // may do all to users
}

// New makes the people and the property.
func New(t *testing.T, db *bun.DB, platform *realestate.Platform) *World {
	t.Helper()
	w := &World{T: t, DB: db, P: platform}
	realestatetest.User(t, db, func(p *auth.RegisterParams) { p.ID, p.Email = Staff, "staff@example.com" })
	w.Property, w.Clerk, w.Boss = realestatetest.Property(t, db).ID, w.Person(), w.Person()
	w.Admin = realestatetest.Staff(t, db, auth.RoleAdministrator).ID
	for range 4 {
		w.Who = append(w.Who, w.Investor())
	}
	return w
}

// Person is a user of no role.
func (w *World) Person() id.Of[auth.User] {
	w.T.Helper()
	return realestatetest.User(w.T, w.DB).ID
}

// Investor is an accredited one.
func (w *World) Investor() id.Of[auth.User] {
	w.T.Helper()
	return realestatetest.Investor(w.T, w.DB).ID
}

// Key is one that nobody has used.
func Key() string { return id.New[string]().String() }

func cents(s string) *money.Amount { a := money.MustParse(s); return &a }

// Rate reads a decimal.
func Rate(s string) *decimal.Decimal { d := decimal.RequireFromString(s); return &d }

// Offering is open, with a hard cap.
func (w *World) Offering(hardCap string) *investments.Offering {
	w.T.Helper()
	price := decimal.NewFromInt(1000)
	return realestatetest.Offering(w.T, w.DB, func(p *investments.CreateOfferingParams) {
		p.PropertyID, p.MinimumInvestment, p.HardCap, p.ActorID = w.Property, nil, cents(hardCap), Staff
		p.Classes = []investments.ShareClassParams{{Code: "common", UnitPrice: &price}, {Code: "preferred", UnitPrice: &price}}
	})
}

func Commitment(o *investments.Offering, who id.Of[auth.User], amount string) investments.CommitParams {
	return investments.CommitParams{IdempotencyKey: Key(), OfferingID: o.ID, InvestorID: who, Amount: money.MustParse(amount),
		Date: CommittedOn, ActorID: who}
}

func (w *World) Committed(o *investments.Offering, who id.Of[auth.User], amount string) *investments.Subscription {
	w.T.Helper()
	sub, err := w.P.Commitments.Commit(w.T.Context(), w.DB, Commitment(o, who, amount))
	require.NoError(w.T, err)
	return sub
}

func (w *World) Funded(o *investments.Offering, who id.Of[auth.User], amount string) *investments.Subscription {
	w.T.Helper()
	sub, err := w.P.Commitments.ReceiveContribution(w.T.Context(), w.DB, investments.ReceiveContributionParams{IdempotencyKey: Key(),
		SubscriptionID: w.Committed(o, who, amount).ID, Date: FundedOn, ActorID: Staff})
	require.NoError(w.T, err)
	return sub
}

// WaterfallTerms put terms in force, under which an offering distributes.
func (w *World) WaterfallTerms(o *investments.Offering) {
	w.T.Helper()
	_, err := w.P.Offerings.SetTerms(w.T.Context(), w.DB, w.termsFor(o))
	require.NoError(w.T, err)
}

func (w *World) termsFor(o *investments.Offering) investments.SetTermsParams {
	w.T.Helper()
	gp, err := w.P.Accounts.Open(w.T.Context(), w.DB, investments.OpenAccountParams{InvestorID: w.Clerk, Type: investments.AccountLLC,
		Name: "Sponsor LLC", IsSponsor: true, ActorID: Staff})
	require.NoError(w.T, err)
	terms, err := waterfall.ParseTerms([]byte(`{"promote_recipient": "` + gp.ID.String() + `", "prefs": {"common": {"rate": "0.08", "compounding": "none"}},
		"tiers": {"capital": [{"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split", "promote": "0.2"}],
			"operating": [{"name": "pref", "type": "pref"}, {"name": "split", "type": "split", "promote": "0.2"}]}}`))
	require.NoError(w.T, err)
	return investments.SetTermsParams{OfferingID: o.ID, EffectiveDate: CommittedOn, Terms: terms, ActorID: w.Clerk}
}

func (w *World) Declaration(o *investments.Offering, on date.Date, amount string) investments.DeclareParams {
	return investments.DeclareParams{IdempotencyKey: Key(), OfferingID: o.ID, Type: investments.DistributionQuarterly, Date: on,
		Amount: money.MustParse(amount), ActorID: w.Clerk}
}

func (w *World) Declared(o *investments.Offering, on date.Date, amount string) *investments.Distribution {
	w.T.Helper()
	d, err := w.P.Distributions.Declare(w.T.Context(), w.DB, w.Declaration(o, on, amount))
	require.NoError(w.T, err)
	return d
}

func (w *World) Approved(o *investments.Offering, on date.Date, amount string) *investments.Distribution {
	w.T.Helper()
	d, err := w.P.Distributions.Approve(w.T.Context(), w.DB, investments.ApproveDistributionParams{DistributionID: w.Declared(o, on, amount).ID, ActorID: w.Boss})
	require.NoError(w.T, err)
	return d
}

func Payment(d *investments.Distribution) investments.PayParams {
	return investments.PayParams{IdempotencyKey: Key(), DistributionID: d.ID, Date: d.DistributionDate, Method: investments.PayACH, ActorID: Staff}
}

func (w *World) Paid(o *investments.Offering, on date.Date, amount string) *investments.Distribution {
	w.T.Helper()
	d, err := w.P.Distributions.Pay(w.T.Context(), w.DB, Payment(w.Approved(o, on, amount)))
	require.NoError(w.T, err)
	return d
}

func (w *World) transfer(from *investments.Subscription, to id.Of[auth.User], fraction string, on date.Date) *investments.Transfer {
	w.T.Helper()
	tr, err := w.P.Positions.RequestTransfer(w.T.Context(), w.DB, investments.RequestTransferParams{IdempotencyKey: Key(), PositionID: *from.PositionID,
		ToInvestorID: to, Fraction: *Rate(fraction), EffectiveDate: on, ActorID: from.InvestorID})
	require.NoError(w.T, err)
	return tr
}

func (w *World) ApprovedTransfer(from *investments.Subscription, to id.Of[auth.User], fraction string, on date.Date) *investments.Transfer {
	w.T.Helper()
	tr, err := w.P.Positions.ApproveTransfer(w.T.Context(), w.DB, investments.ApproveTransferParams{TransferID: w.transfer(from, to, fraction, on).ID, ActorID: w.Boss})
	require.NoError(w.T, err)
	return tr
}
