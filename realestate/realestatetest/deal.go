package realestatetest

import (
	"context"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/builders"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Committed is the day that the builders use for commitments.
func Committed() date.Date { return date.MustParse("2025-01-10") }

// Funded is the day that the builders use for the receipt of money.
func Funded() date.Date { return date.MustParse("2025-01-15") }

// Units returns n apartments, numbered from 101, all occupied, at a rent of 1,450.00
// a month under a market rent of 1,500.00.
func Units(n int) []properties.UnitParams { return builders.Units(n) }

// Property registers a multi-family property with four units.
func Property(t testing.TB, db bun.IDB, with ...func(*properties.RegisterPropertyParams)) *properties.Property {
	t.Helper()
	return builders.Property(t, db, with...)
}

// Offering makes an offering that is open: one class, common, at 1,000.00 a unit, from
// 25,000.00 an investor up to 5,000,000.00 in all. It is of a new property unless the
// test names one.
func Offering(t testing.TB, db bun.IDB, with ...func(*investments.CreateOfferingParams)) *investments.Offering {
	t.Helper()
	ctx, svc := t.Context(), investments.New(investments.Config{})
	least, hardCap, price := money.MustParse("25000"), money.MustParse("5000000"), decimal.NewFromInt(1000)
	p := investments.CreateOfferingParams{
		Name: "Elm Court", Slug: "elm-court-" + builders.Unique(), MinimumInvestment: &least, HardCap: &hardCap,
		Classes: []investments.ShareClassParams{{Code: investments.ClassCommon, UnitPrice: &price}},
	}
	builders.Change(&p, with)
	if p.ActorID.IsZero() {
		p.ActorID = User(t, db).ID
	}
	if p.PropertyID.IsZero() {
		p.PropertyID = Property(t, db).ID
	}
	o, err := svc.Offerings.Create(ctx, db, p)
	require.NoError(t, err)
	o, err = svc.Offerings.Open(ctx, db, investments.OpenOfferingParams{OfferingID: o.ID, ActorID: p.ActorID})
	require.NoError(t, err)
	return o
}

// proven says of everybody that they are accredited and have signed.
func proven(context.Context, bun.IDB, investments.EvidenceRequest) (investments.Evidence, error) {
	return investments.Evidence{Accredited: true, DocumentsSigned: true}, nil
}

// Subscription lets an investor commit an amount to an offering. The evidence says that
// they are accredited and have signed.
func Subscription(t testing.TB, db bun.IDB, offering id.Of[investments.Offering], investor id.Of[auth.User], amount money.Amount,
	with ...func(*investments.CommitParams),
) *investments.Subscription {
	t.Helper()
	p := investments.CommitParams{
		IdempotencyKey: builders.Unique(), OfferingID: offering, InvestorID: investor, Amount: amount, Date: Committed(), ActorID: investor,
	}
	s, err := investments.New(investments.Config{Evidence: proven}).Commitments.Commit(t.Context(), db, builders.Change(&p, with))
	require.NoError(t, err)
	return s
}

// Position commits and funds an amount of an investor's in an offering and returns
// the position that comes of it.
func Position(t testing.TB, db bun.IDB, offering id.Of[investments.Offering], investor id.Of[auth.User], amount money.Amount,
	with ...func(*investments.CommitParams),
) *investments.Position {
	t.Helper()
	ctx, svc := t.Context(), investments.New(investments.Config{})
	s := Subscription(t, db, offering, investor, amount, with...)
	s, err := svc.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: builders.Unique(), SubscriptionID: s.ID, Date: Funded(), ActorID: User(t, db).ID})
	require.NoError(t, err)
	p, err := svc.Positions.Position(ctx, db, *s.PositionID)
	require.NoError(t, err)
	return p
}

// Distribution declares that an offering's positions are paid an amount out of
// operations, split pro rata. It is pending: it has been neither approved nor paid.
func Distribution(t testing.TB, db bun.IDB, offering id.Of[investments.Offering], amount money.Amount,
	with ...func(*investments.DeclareParams),
) *investments.Distribution {
	t.Helper()
	p := investments.DeclareParams{
		IdempotencyKey: builders.Unique(), OfferingID: offering, Type: investments.DistributionMonthlyIncome,
		Date: Funded().AddDays(60), Amount: amount, ActorID: User(t, db).ID,
	}
	d, err := investments.New(investments.Config{}).Distributions.Declare(t.Context(), db, builders.Change(&p, with))
	require.NoError(t, err)
	return d
}
