package faulttest

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
	committedOn = date.MustParse("2026-01-10")
	fundedOn    = date.MustParse("2026-01-15")
	movedOn     = date.MustParse("2026-02-01")
	quarter1    = date.MustParse("2026-04-15")
	quarter2    = date.MustParse("2026-07-15")
)

// staff is the user of the platform who acts where it does not matter who.
var staff = id.MustParse[auth.User]("01980000-0000-7000-8000-000000000003")

// agreeing is who has to agree to a distribution: two people to a large one.
var agreeing = investments.ApprovalPolicy{{UpTo: cents("10000"), Approvers: 1}, {Approvers: 2}}

// platform is the services, with a clock that moves on.
func platform() *realestate.Platform {
	secret := sha256.Sum256([]byte("k"))
	v, err := vault.New(vault.Key{ID: "k", Secret: secret[:]})
	if err != nil {
		panic(err)
	}
	p, err := realestate.New(realestate.Config{Now: time.Now, Vault: v, Approvals: agreeing})
	if err != nil {
		panic(err)
	}
	return p
}

// world is a database with people and a property; offerings are made as needed.
type world struct {
	t     *testing.T
	db    *bun.DB // commands by the way
	p     *realestate.Platform
	prop  id.Of[properties.Property]
	who   []id.Of[auth.User] // accredited investors
	clerk id.Of[auth.User]   // asks and declares
	boss  id.Of[auth.User]   // approves
	admin id.Of[auth.User]   // may do all to users
}

func newWorld(t *testing.T, db *bun.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, p: platform()}
	realestatetest.User(t, db, func(p *auth.RegisterParams) { p.ID, p.Email = staff, "staff@example.com" })
	w.prop, w.clerk, w.boss = realestatetest.Property(t, db).ID, w.person(), w.person()
	w.admin = realestatetest.Staff(t, db, auth.RoleAdministrator).ID
	for range 4 {
		w.who = append(w.who, w.investor())
	}
	return w
}

// in is w for another test and its connections.
func (w *world) in(t *testing.T, db *bun.DB) *world {
	other := *w
	other.t, other.db = t, db
	return &other
}

func (w *world) person() id.Of[auth.User] {
	w.t.Helper()
	return realestatetest.User(w.t, w.db).ID
}

func (w *world) investor() id.Of[auth.User] {
	w.t.Helper()
	return realestatetest.Investor(w.t, w.db).ID
}

// key is one that nobody has used.
func key() string { return id.New[string]().String() }

func cents(s string) *money.Amount { a := money.MustParse(s); return &a }

func rate(s string) *decimal.Decimal { d := decimal.RequireFromString(s); return &d }

// offering is open, with a hard cap.
func (w *world) offering(hardCap string) *investments.Offering {
	w.t.Helper()
	price := decimal.NewFromInt(1000)
	return realestatetest.Offering(w.t, w.db, func(p *investments.CreateOfferingParams) {
		p.PropertyID, p.MinimumInvestment, p.HardCap, p.ActorID = w.prop, nil, cents(hardCap), staff
		p.Classes = []investments.ShareClassParams{{Code: "common", UnitPrice: &price}, {Code: "preferred", UnitPrice: &price}}
	})
}

func commitment(o *investments.Offering, who id.Of[auth.User], amount string) investments.CommitParams {
	return investments.CommitParams{IdempotencyKey: key(), OfferingID: o.ID, InvestorID: who, Amount: money.MustParse(amount),
		Date: committedOn, ActorID: who}
}

func (w *world) committed(o *investments.Offering, who id.Of[auth.User], amount string) *investments.Subscription {
	w.t.Helper()
	sub, err := w.p.Commitments.Commit(w.t.Context(), w.db, commitment(o, who, amount))
	require.NoError(w.t, err)
	return sub
}

func (w *world) funded(o *investments.Offering, who id.Of[auth.User], amount string) *investments.Subscription {
	w.t.Helper()
	sub, err := w.p.Commitments.ReceiveContribution(w.t.Context(), w.db, investments.ReceiveContributionParams{IdempotencyKey: key(),
		SubscriptionID: w.committed(o, who, amount).ID, Date: fundedOn, ActorID: staff})
	require.NoError(w.t, err)
	return sub
}

// waterfallTerms put terms in force, under which an offering distributes.
func (w *world) waterfallTerms(o *investments.Offering) {
	w.t.Helper()
	gp, err := w.p.Accounts.Open(w.t.Context(), w.db, investments.OpenAccountParams{InvestorID: w.clerk, Type: investments.AccountLLC,
		Name: "Sponsor LLC", IsSponsor: true, ActorID: staff})
	require.NoError(w.t, err)
	terms, err := waterfall.ParseTerms([]byte(`{"promote_recipient": "` + gp.ID.String() + `", "prefs": {"common": {"rate": "0.08", "compounding": "none"}},
		"tiers": {"capital": [{"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split", "promote": "0.2"}],
			"operating": [{"name": "pref", "type": "pref"}, {"name": "split", "type": "split", "promote": "0.2"}]}}`))
	require.NoError(w.t, err)
	_, err = w.p.Offerings.SetTerms(w.t.Context(), w.db, investments.SetTermsParams{OfferingID: o.ID, EffectiveDate: committedOn, Terms: terms, ActorID: w.clerk})
	require.NoError(w.t, err)
}

func (w *world) declaration(o *investments.Offering, on date.Date, amount string) investments.DeclareParams {
	return investments.DeclareParams{IdempotencyKey: key(), OfferingID: o.ID, Type: investments.DistributionQuarterly, Date: on,
		Amount: money.MustParse(amount), ActorID: w.clerk}
}

func (w *world) declared(o *investments.Offering, on date.Date, amount string) *investments.Distribution {
	w.t.Helper()
	d, err := w.p.Distributions.Declare(w.t.Context(), w.db, w.declaration(o, on, amount))
	require.NoError(w.t, err)
	return d
}

func (w *world) approved(o *investments.Offering, on date.Date, amount string) *investments.Distribution {
	w.t.Helper()
	d, err := w.p.Distributions.Approve(w.t.Context(), w.db, investments.ApproveDistributionParams{DistributionID: w.declared(o, on, amount).ID, ActorID: w.boss})
	require.NoError(w.t, err)
	return d
}

func payment(d *investments.Distribution) investments.PayParams {
	return investments.PayParams{IdempotencyKey: key(), DistributionID: d.ID, Date: d.DistributionDate, Method: investments.PayACH, ActorID: staff}
}

func (w *world) paid(o *investments.Offering, on date.Date, amount string) *investments.Distribution {
	w.t.Helper()
	d, err := w.p.Distributions.Pay(w.t.Context(), w.db, payment(w.approved(o, on, amount)))
	require.NoError(w.t, err)
	return d
}

func (w *world) transfer(from *investments.Subscription, to id.Of[auth.User], fraction string, on date.Date) *investments.Transfer {
	w.t.Helper()
	tr, err := w.p.Positions.RequestTransfer(w.t.Context(), w.db, investments.RequestTransferParams{IdempotencyKey: key(), PositionID: *from.PositionID,
		ToInvestorID: to, Fraction: *rate(fraction), EffectiveDate: on, ActorID: from.InvestorID})
	require.NoError(w.t, err)
	return tr
}

func (w *world) approvedTransfer(from *investments.Subscription, to id.Of[auth.User], fraction string, on date.Date) *investments.Transfer {
	w.t.Helper()
	tr, err := w.p.Positions.ApproveTransfer(w.t.Context(), w.db, investments.ApproveTransferParams{TransferID: w.transfer(from, to, fraction, on).ID, ActorID: w.boss})
	require.NoError(w.t, err)
	return tr
}

// verify is Platform.Verify over all of the database.
func (w *world) verify() {
	w.t.Helper()
	r, err := w.p.Verify(w.t.Context(), w.db)
	require.NoError(w.t, err)
	require.True(w.t, r.OK(), r.String())
}
