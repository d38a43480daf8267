package investments_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
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
	"github.com/freehold-go/freehold/realestate/page"
)

// corrected moves a fraction of a position as of a day in the past.
func corrected(t *testing.T, db bun.IDB, from id.Of[investments.Position], to id.Of[auth.User], fraction, on string) *investments.Transfer {
	t.Helper()
	ctx, svc := t.Context(), newService()
	fix, err := svc.Positions.RequestCorrection(ctx, db, investments.RequestCorrectionParams{IdempotencyKey: id.New[ledger.Command]().String(), PositionID: from, ToInvestorID: to,
		Fraction: decimal.RequireFromString(fraction), EffectiveDate: date.MustParse(on), Reason: "wired by the other from the start", ActorID: investor(t, db)})
	require.NoError(t, err)
	_, err = svc.Positions.ApproveTransfer(ctx, db, investments.ApproveTransferParams{TransferID: fix.ID, ActorID: investor(t, db)})
	require.NoError(t, err)
	fix, err = complete(ctx, db, fix.ID, id.New[ledger.Command]().String())
	require.NoError(t, err)
	return fix
}

// paidTo sums what each party of an offering was given by distributions in
// force.
func paidTo(t *testing.T, db bun.IDB, o *investments.Offering) map[string]money.Amount {
	t.Helper()
	var rows []struct {
		Party  string
		Amount money.Amount
	}
	require.NoError(t, db.NewRaw(`SELECT COALESCE(l.investment_id, l.account_id)::text AS party, sum(l.distribution_amount) AS amount
		FROM investments.investor_distributions l JOIN investments.distributions d ON d.id = l.distribution_id
		WHERE d.opportunity_id = ? AND d.status NOT IN ('cancelled', 'reversed') GROUP BY 1`, o.ID).Scan(t.Context(), &rows))
	out := map[string]money.Amount{}
	for _, r := range rows {
		out[r.Party] = r.Amount
	}
	return out
}

// sound checks the lines of a distribution: they sum to its total, and each is
// explained to the cent.
func sound(t *testing.T, db bun.IDB, d *investments.Distribution) {
	t.Helper()
	svc, sum := newService(), money.Zero
	lines, err := svc.Distributions.DistributionLines(t.Context(), db, d.ID, page.Request{Limit: 100})
	require.NoError(t, err)
	for _, l := range lines.Items {
		sum, err = sum.Add(l.DistributionAmount)
		require.NoError(t, err)
		why, err := svc.Distributions.ExplainLine(t.Context(), db, l.ID)
		require.NoError(t, err)
		require.NotEmpty(t, why.Lines)
		if l.Role == investments.RoleInvestor {
			require.Equal(t, l.DistributionAmount, why.Total)
			parts := money.Zero
			for _, x := range why.Lines {
				parts, err = parts.Add(x.Amount)
				require.NoError(t, err)
			}
			require.Equal(t, l.DistributionAmount, parts, why)
		}
	}
	require.Equal(t, d.TotalAmount, sum)
	differs, err := svc.Distributions.Verify(t.Context(), db, d.ID)
	require.NoError(t, err)
	require.Empty(t, differs)
}

// A correction of the past changes what was paid; the review says how, and the
// next distribution makes it good, after which all is as if it had always been
// so.
func TestReviewDistributions_trueUp(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, _, subs := promoted(t, tx)
	creator, other := investor(t, tx), investor(t, tx)
	var declared []*investments.Distribution
	for i, day := range []string{"2026-04-15", "2026-07-15"} {
		d, err := svc.Distributions.Declare(ctx, tx, declaration(o, day, day, []string{"3000", "2500"}[i], creator))
		require.NoError(t, err)
		declared = append(declared, d)
	}
	review, err := svc.Distributions.Review(ctx, tx, o.ID)
	require.NoError(t, err)
	require.Empty(t, review.Changed)
	require.Empty(t, review.TrueUp)
	p := declaration(o, "q3", "2026-10-15", "2600", creator)
	p.TrueUp = true
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error { _, err := svc.Distributions.Declare(ctx, tx, p); return err }), investments.ErrTrueUpNothing)

	from := *subs[0].PositionID
	fix := corrected(t, tx, from, other, "0.25", "2026-02-01")
	review, err = svc.Distributions.Review(ctx, tx, o.ID)
	require.NoError(t, err)
	require.Len(t, review.Changed, 2)
	for i, c := range review.Changed {
		require.Equal(t, declared[i].ID, c.Distribution.ID)
		require.Len(t, c.Lines, 2)
		paid, due := money.Zero, money.Zero
		for _, l := range c.Lines {
			paid, _ = paid.Add(l.Paid)
			due, _ = due.Add(l.Due)
		}
		require.Equal(t, paid, due)
	}
	require.Len(t, review.TrueUp, 2)
	for _, u := range review.TrueUp {
		if u.PositionID == from {
			require.Negative(t, u.Amount.Sign())
		} else {
			require.Equal(t, *fix.ToPositionID, u.PositionID)
			require.Positive(t, u.Amount.Sign())
		}
	}

	p.TrueUp = false
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error { _, err := svc.Distributions.Declare(ctx, tx, p); return err }), investments.ErrHistoryChanged)
	p.TrueUp = true
	d, err := svc.Distributions.Declare(ctx, tx, p)
	require.NoError(t, err)
	sound(t, tx, d)
	review, err = svc.Distributions.Review(ctx, tx, o.ID)
	require.NoError(t, err)
	require.Len(t, review.Changed, 2, "they stay what they were")
	require.Empty(t, review.TrueUp, "and are made good")

	// The same deal, with the other holder from the start.
	clean, _, again := promoted(t, tx)
	tr := approvedTransfer(t, tx, *again[0].PositionID, other, "0.25", "2026-02-01")
	tr, err = complete(ctx, tx, tr.ID, "from the start")
	require.NoError(t, err)
	for _, x := range []struct{ day, amount string }{{"2026-04-15", "3000"}, {"2026-07-15", "2500"}, {"2026-10-15", "2600"}} {
		_, err := svc.Distributions.Declare(ctx, tx, declaration(clean, "clean "+x.day, x.day, x.amount, creator))
		require.NoError(t, err)
	}
	is, want := paidTo(t, tx, o), paidTo(t, tx, clean)
	require.Equal(t, want[again[0].PositionID.String()], is[from.String()])
	require.Equal(t, want[again[1].PositionID.String()], is[subs[1].PositionID.String()])
	require.Equal(t, want[tr.ToPositionID.String()], is[fix.ToPositionID.String()])

	_, err = svc.Distributions.Declare(ctx, tx, declaration(o, "q4", "2027-01-15", "2600", creator))
	require.NoError(t, err, "nothing is owed any more")
}

// What one distribution is too small to make good stays owed, and the next ones
// go on.
func TestDeclare_trueUpInParts(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, _, subs := promoted(t, tx)
	creator := investor(t, tx)
	_, err := svc.Distributions.Declare(ctx, tx, declaration(o, "q1", "2026-04-15", "3000", creator))
	require.NoError(t, err)
	corrected(t, tx, *subs[0].PositionID, investor(t, tx), "1", "2026-02-01")
	owes := money.MustParse("-1676.71") // all of it went to the wrong one
	for i := range 40 {
		p := declaration(o, fmt.Sprint("part ", i), date.MustParse("2026-05-15").AddDays(20*i).String(), "300", creator)
		require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error { _, err := svc.Distributions.Declare(ctx, tx, p); return err }), investments.ErrHistoryChanged)
		p.TrueUp = true
		d, err := svc.Distributions.Declare(ctx, tx, p)
		require.NoError(t, err)
		sound(t, tx, d)
		review, err := svc.Distributions.Review(ctx, tx, o.ID)
		require.NoError(t, err)
		left := money.Zero
		for _, u := range review.TrueUp {
			if u.PositionID == *subs[0].PositionID {
				left = u.Amount
			}
		}
		require.Equal(t, owes, left, "he holds nothing that it could be taken from")
		if i == 2 {
			break
		}
	}
}

// Pro rata, a record date in the past is paid by who held what then, and a
// correction behind it is made good by the next one.
func TestReviewDistributions_proRata(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "1000000")
	a, b := funded(t, tx, o, investor(t, tx), "60000"), funded(t, tx, o, investor(t, tx), "40000")
	creator, other := investor(t, tx), investor(t, tx)
	d, err := svc.Distributions.Declare(ctx, tx, declaration(o, "q1", "2026-04-15", "1000.01", creator))
	require.NoError(t, err)
	sound(t, tx, d)
	fix := corrected(t, tx, *a.PositionID, other, "0.5", "2026-02-01")
	review, err := svc.Distributions.Review(ctx, tx, o.ID)
	require.NoError(t, err)
	require.Len(t, review.Changed, 1)
	require.Len(t, review.TrueUp, 3, "with the odd cent, which now goes to the largest")

	p := declaration(o, "q2", "2026-07-15", "2000", creator)
	p.TrueUp = true
	d, err = svc.Distributions.Declare(ctx, tx, p)
	require.NoError(t, err)
	sound(t, tx, d)
	require.Equal(t, map[string]string{a.PositionID.String(): "299.99", b.PositionID.String(): "800.01", fix.ToPositionID.String(): "900.00"}, grosses(t, tx, d))
	review, err = svc.Distributions.Review(ctx, tx, o.ID)
	require.NoError(t, err)
	require.Empty(t, review.TrueUp)

	tr := approvedTransfer(t, tx, *b.PositionID, other, "1", "2026-08-01")
	_, err = complete(ctx, tx, tr.ID, "all of it")
	require.NoError(t, err)
	p = declaration(o, "july", "2026-08-15", "100", creator)
	p.RecordDate = date.MustParse("2026-07-31").Ptr()
	d, err = svc.Distributions.Declare(ctx, tx, p)
	require.NoError(t, err)
	sound(t, tx, d)
	require.Equal(t, map[string]string{a.PositionID.String(): "30.00", b.PositionID.String(): "40.00", fix.ToPositionID.String(): "30.00"}, grosses(t, tx, d))
}

// Going on from the stored state comes to what the whole history comes to: each
// frozen opening state is, byte for byte, the one that the engine reaches from
// nothing.
func TestDeclare_resumesExactly(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			resumesExactly(t, rand.New(rand.NewPCG(seed, 7)))
		})
	}
}

func resumesExactly(t *testing.T, random *rand.Rand) {
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, gp, subs := promoted(t, tx)
	versions, err := svc.Offerings.TermsVersions(ctx, tx, o.ID)
	require.NoError(t, err)
	terms, err := waterfall.ParseTerms(versions[0].Terms)
	require.NoError(t, err)
	partners := []waterfall.Partner{{ID: gp.ID.String(), Class: "promote"}}
	var events []waterfall.Event
	contributed := func(s *investments.Subscription, on date.Date) {
		partners = append(partners, waterfall.Partner{ID: s.PositionID.String(), Class: "common"})
		events = append(events, waterfall.Event{Date: on, Type: waterfall.EventContribution, Partner: s.PositionID.String(), Amount: s.Received})
	}
	day := date.MustParse("2026-01-15")
	for _, s := range subs {
		contributed(s, day)
	}
	holder := *subs[0].PositionID
	for i := range 8 {
		day = day.AddDays(1 + random.IntN(60))
		switch random.IntN(3) {
		case 0:
			sub, err := svc.Commitments.Commit(ctx, tx, commitment(o, investor(t, tx), fmt.Sprint(25000+random.IntN(50000))))
			require.NoError(t, err)
			sub, err = svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: sub.ID.String(), SubscriptionID: sub.ID, Date: day, ActorID: staff})
			require.NoError(t, err)
			contributed(sub, day)
		case 1:
			tr := approvedTransfer(t, tx, holder, investor(t, tx), "0.3", day.String())
			tr, err = complete(ctx, tx, tr.ID, fmt.Sprint("move ", i))
			require.NoError(t, err)
			partners = append(partners, waterfall.Partner{ID: tr.ToPositionID.String(), Class: "common"})
			events = append(events, waterfall.Event{Date: day, Type: waterfall.EventTransfer, From: holder.String(), To: tr.ToPositionID.String(), Fraction: tr.Fraction})
		}
		p := declaration(o, fmt.Sprint("d", i), day.String(), fmt.Sprint(500+random.IntN(9000)), investor(t, tx))
		if random.IntN(4) == 0 {
			p.Type = investments.DistributionRefinance
		}
		d, err := svc.Distributions.Declare(ctx, tx, p)
		require.NoError(t, err)
		sound(t, tx, d)
		c, err := svc.Distributions.Calculation(ctx, tx, d.ID)
		require.NoError(t, err)

		h, err := waterfall.Replay(terms, partners, events)
		require.NoError(t, err)
		want, err := json.Marshal(h.Final)
		require.NoError(t, err)
		var opening waterfall.State
		require.NoError(t, opening.UnmarshalBinary(c.OpeningState))
		got, err := json.Marshal(&opening)
		require.NoError(t, err)
		require.JSONEq(t, string(want), string(got), "distribution %d", i)
		kind := waterfall.Operating
		if p.Type == investments.DistributionRefinance {
			kind = waterfall.Refinance
		}
		events = append(events, waterfall.Event{Date: day, Type: waterfall.EventDistribution, Kind: kind, Amount: p.Amount})
	}
}
