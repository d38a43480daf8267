package investments_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// heldBy opens an account of an investor, of the sponsor or not.
func heldBy(t *testing.T, db bun.IDB, who id.Of[auth.User], sponsor bool) *investments.Account {
	t.Helper()
	return realestatetest.Account(t, db, who, func(p *investments.OpenAccountParams) {
		p.Name, p.IsSponsor, p.ActorID = id.New[investments.Account]().String(), sponsor, staff
	})
}

// fundedBy is funded for an account.
func fundedBy(t *testing.T, db bun.IDB, o *investments.Offering, a *investments.Account, amount, on string) *investments.Subscription {
	t.Helper()
	svc, p := newService(), commitment(o, a.InvestorID, amount)
	p.AccountID = &a.ID
	sub, err := svc.Commitments.Commit(t.Context(), db, p)
	require.NoError(t, err)
	sub, err = svc.Commitments.ReceiveContribution(t.Context(), db, investments.ReceiveContributionParams{IdempotencyKey: "fund-" + sub.ID.String(), SubscriptionID: sub.ID, Date: date.MustParse(on), ActorID: staff})
	require.NoError(t, err)
	return sub
}

// Capital that passed between the sponsor and another, or between classes, could
// not be followed by the terms, and every later distribution would fail.
func TestTransfer_refusedByTerms(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, _, subs := promoted(t, tx)
	sponsor, clerk := heldBy(t, tx, investor(t, tx), true), investor(t, tx)
	half := decimal.RequireFromString("0.5")
	request := func(from id.Of[investments.Position], who id.Of[auth.User], to *id.Of[investments.Account]) error {
		return attempt(t, tx, func(tx bun.IDB) error {
			_, err := svc.Positions.RequestTransfer(ctx, tx, investments.RequestTransferParams{IdempotencyKey: id.New[ledger.Command]().String(), PositionID: from,
				ToInvestorID: who, ToAccountID: to, Fraction: half, EffectiveDate: date.MustParse("2026-02-01"), ActorID: ownerOf(t, tx, from)})
			return err
		})
	}
	coInvest := fundedBy(t, tx, o, sponsor, "50000", "2026-01-15")
	other := heldBy(t, tx, investor(t, tx), true)
	require.ErrorIs(t, request(*subs[0].PositionID, sponsor.InvestorID, &sponsor.ID), investments.ErrTransferSponsor)
	require.ErrorIs(t, request(*coInvest.PositionID, investor(t, tx), nil), investments.ErrTransferSponsor)
	require.NoError(t, request(*coInvest.PositionID, other.InvestorID, &other.ID), "both are the sponsor's")
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error {
		_, err := svc.Positions.RequestCorrection(ctx, tx, investments.RequestCorrectionParams{IdempotencyKey: "fix", PositionID: *subs[0].PositionID,
			ToInvestorID: sponsor.InvestorID, ToAccountID: &sponsor.ID, Fraction: half, EffectiveDate: date.MustParse("2026-02-01"), Reason: "x", ActorID: clerk})
		return err
	}), investments.ErrTransferSponsor)
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error {
		_, err := svc.Positions.RequestConversion(ctx, tx, investments.RequestConversionParams{IdempotencyKey: "convert", PositionID: *subs[0].PositionID,
			ToShareClass: "preferred", Fraction: half, EffectiveDate: date.MustParse("2026-02-01"), ActorID: ownerOf(t, tx, *subs[0].PositionID)})
		return err
	}), investments.ErrTransferTerms)
	_, err := svc.Distributions.Declare(ctx, tx, declaration(o, "q1", "2026-04-15", "3000", clerk))
	require.NoError(t, err)
}

// A transfer that was asked for before there were terms is held against them
// when it is completed; one that was completed stands against the terms.
func TestSetTerms_standAgainstTransfers(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	all := decimal.NewFromInt(1)
	set := func(o *investments.Offering) error {
		gp := heldBy(t, tx, investor(t, tx), true)
		return attempt(t, tx, func(tx bun.IDB) error {
			_, err := svc.Offerings.SetTerms(ctx, tx, investments.SetTermsParams{OfferingID: o.ID, EffectiveDate: date.MustParse("2026-01-01"), Terms: splitTerms(gp, all), ActorID: staff})
			return err
		})
	}
	for _, convert := range []bool{false, true} {
		for _, first := range []bool{false, true} {
			o := raise(t, tx, "1000000")
			sub := funded(t, tx, o, investor(t, tx), "100000")
			sponsor := heldBy(t, tx, investor(t, tx), true)
			want, tr := investments.ErrTransferSponsor, (*investments.Transfer)(nil)
			var err error
			if convert {
				want = investments.ErrTransferTerms
				tr, err = svc.Positions.RequestConversion(ctx, tx, investments.RequestConversionParams{IdempotencyKey: id.New[ledger.Command]().String(), PositionID: *sub.PositionID,
					ToShareClass: "preferred", Fraction: all, EffectiveDate: date.MustParse("2026-02-01"), ActorID: ownerOf(t, tx, *sub.PositionID)})
			} else {
				tr, err = svc.Positions.RequestTransfer(ctx, tx, investments.RequestTransferParams{IdempotencyKey: id.New[ledger.Command]().String(), PositionID: *sub.PositionID,
					ToInvestorID: sponsor.InvestorID, ToAccountID: &sponsor.ID, Fraction: all, EffectiveDate: date.MustParse("2026-02-01"), ActorID: ownerOf(t, tx, *sub.PositionID)})
			}
			require.NoError(t, err)
			_, err = svc.Positions.ApproveTransfer(ctx, tx, investments.ApproveTransferParams{TransferID: tr.ID, ActorID: investor(t, tx)})
			require.NoError(t, err)
			if first {
				require.NoError(t, set(o))
				_, err = complete(ctx, tx, tr.ID, "move "+tr.ID.String())
				require.ErrorIs(t, err, want)
				_, err = svc.Distributions.Declare(ctx, tx, declaration(o, o.ID.String(), "2026-04-15", "3000", investor(t, tx)))
				require.NoError(t, err)
				continue
			}
			_, err = complete(ctx, tx, tr.ID, "move "+tr.ID.String())
			require.NoError(t, err)
			require.ErrorIs(t, set(o), want)
		}
	}
}

// Who is the sponsor has a part in the past: a change of it is never silent.
func TestDeclare_sponsorChanged(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "1000000")
	gp, a := heldBy(t, tx, investor(t, tx), true), heldBy(t, tx, investor(t, tx), false)
	terms := splitTerms(gp, decimal.RequireFromString("0.2"))
	terms.PromoteBase = "outside"
	_, err := svc.Offerings.SetTerms(ctx, tx, investments.SetTermsParams{OfferingID: o.ID, EffectiveDate: date.MustParse("2026-01-01"), Terms: terms, ActorID: staff})
	require.NoError(t, err)
	fundedBy(t, tx, o, a, "50000", "2026-01-15")
	funded(t, tx, o, investor(t, tx), "50000")
	_, err = svc.Distributions.Declare(ctx, tx, declaration(o, "q1", "2026-04-15", "1000", investor(t, tx)))
	require.NoError(t, err)
	_, err = tx.NewRaw("UPDATE investments.investor_accounts SET is_sponsor = TRUE WHERE id = ?", a.ID).Exec(ctx)
	require.NoError(t, err)
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error {
		_, err := svc.Distributions.Declare(ctx, tx, declaration(o, "q2", "2026-07-15", "1000", investor(t, tx)))
		return err
	}), investments.ErrHistoryChanged)
	review, err := svc.Distributions.Review(ctx, tx, o.ID)
	require.NoError(t, err)
	require.Len(t, review.Changed, 1)
	sum := money.Zero
	for _, u := range review.TrueUp {
		sum, err = sum.Add(u.Amount)
		require.NoError(t, err)
	}
	require.True(t, sum.IsZero())
}

// splitTerms share everything, with a promote.
func splitTerms(gp *investments.Account, promote decimal.Decimal) *waterfall.Terms {
	return &waterfall.Terms{PromoteRecipient: gp.ID.String(), Tiers: waterfall.Lists{Capital: []waterfall.Tier{{Name: "split", Type: waterfall.TierSplit, Promote: &promote}}}}
}

// Terms that replace earlier ones count from the start, whatever was wrong with
// those; hurdles tested by investor of later terms know the whole past.
func TestSetTerms_versions(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	day := date.MustParse("2026-01-01")
	set := func(o *investments.Offering, from date.Date, terms *waterfall.Terms) error {
		return attempt(t, tx, func(tx bun.IDB) error {
			_, err := svc.Offerings.SetTerms(ctx, tx, investments.SetTermsParams{OfferingID: o.ID, EffectiveDate: from, Terms: terms, ActorID: staff})
			return err
		})
	}
	declare := func(o *investments.Offering, on string) error {
		return attempt(t, tx, func(tx bun.IDB) error {
			_, err := svc.Distributions.Declare(ctx, tx, declaration(o, on, on, "30000", investor(t, tx)))
			return err
		})
	}
	gp, fifth := heldBy(t, tx, investor(t, tx), true), decimal.RequireFromString("0.2")

	// The day count was mistaken, and is put right before anything was paid.
	o := raise(t, tx, "1000000")
	funded(t, tx, o, investor(t, tx), "60000")
	wrong := splitTerms(gp, fifth)
	wrong.DayCount = date.Thirty360US
	require.NoError(t, set(o, day, wrong))
	require.ErrorIs(t, set(o, day.AddDays(30), splitTerms(gp, fifth)), investments.ErrTermsDayCount)
	require.NoError(t, set(o, day, splitTerms(gp, fifth)))
	require.NoError(t, declare(o, "2026-04-15"))
	require.ErrorIs(t, set(o, date.MustParse("2026-05-01"), wrong), investments.ErrTermsDayCount)
	require.NoError(t, declare(o, "2026-07-15"))

	// A promote that goes to nobody would be noticed only when it is due.
	nobody := splitTerms(gp, fifth)
	nobody.PromoteRecipient = ""
	require.ErrorIs(t, set(o, date.MustParse("2026-08-01"), nobody), investments.ErrTermsParty)

	// A hurdle by investor comes with terms of a later day.
	hurdles := splitTerms(gp, fifth)
	irr, multiple := decimal.RequireFromString("0.08"), decimal.RequireFromString("1.1")
	hurdles.Tiers.Capital = append([]waterfall.Tier{
		{Name: "first", Type: waterfall.TierHurdle, IRR: &irr, By: waterfall.ByInvestor, Promote: &fifth},
		{Name: "second", Type: waterfall.TierHurdle, Multiple: &multiple, By: waterfall.ByInvestor, Promote: &fifth}}, hurdles.Tiers.Capital...)
	require.NoError(t, set(o, date.MustParse("2026-08-01"), hurdles))
	require.NoError(t, declare(o, "2026-10-15"))
	require.NoError(t, declare(o, "2027-01-15"))
	review, err := svc.Distributions.Review(ctx, tx, o.ID)
	require.NoError(t, err)
	require.Empty(t, review.Changed)
	balances, err := svc.Positions.PositionBalances(ctx, tx, o.ID, date.MustParse("2027-02-01"))
	require.NoError(t, err)
	require.Len(t, balances, 1)
}

// Terms of a day before others that were set earlier, and are replaced by them:
// going on from the last distribution accrues as the whole history does.
func TestSetTerms_replacedBetween(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, gp, _ := promoted(t, tx)
	_, err := svc.Distributions.Declare(ctx, tx, declaration(o, "first", "2026-01-20", "100", investor(t, tx)))
	require.NoError(t, err)
	for _, v := range []struct{ from, rate string }{{"2026-03-01", "0.5"}, {"2026-02-01", "0.12"}} {
		all := decimal.NewFromInt(1)
		terms := splitTerms(gp, all)
		terms.Prefs = map[string]waterfall.Pref{"common": {Rate: decimal.RequireFromString(v.rate)}}
		terms.Tiers.Capital = append([]waterfall.Tier{{Name: "pref", Type: waterfall.TierPref}}, terms.Tiers.Capital...)
		_, err := svc.Offerings.SetTerms(ctx, tx, investments.SetTermsParams{OfferingID: o.ID, EffectiveDate: date.MustParse(v.from), Terms: terms, ActorID: staff})
		require.NoError(t, err)
	}
	d, err := svc.Distributions.Declare(ctx, tx, declaration(o, "second", "2026-02-15", "5000", investor(t, tx)))
	require.NoError(t, err)
	// 100,000 for 17 days at 8 % less 100 that was paid, and 14 days at 12 %.
	require.Equal(t, "4267.12", grosses(t, tx, d)["promote"])
	_, err = svc.Distributions.Declare(ctx, tx, declaration(o, "third", "2026-04-15", "5000", investor(t, tx)))
	require.NoError(t, err)
}
