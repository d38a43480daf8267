package investments_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// Whatever happened to an offering, a state that goes on from the last
// distribution's is the one that the whole history gives: after new money,
// transfers, corrections of the past, new terms, true-ups, and distributions
// cancelled or reversed.
func TestDeclare_resumesLikeAReplay(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			resumesLikeAReplay(t, rand.New(rand.NewPCG(seed, 26)))
		})
	}
}

func resumesLikeAReplay(t *testing.T, random *rand.Rand) {
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, gp, subs := promoted(t, tx)
	var held []id.Of[investments.Position]
	for _, s := range subs {
		held = append(held, *s.PositionID)
	}
	any := func() id.Of[investments.Position] { return held[random.IntN(len(held))] }
	first := date.MustParse("2026-01-16")
	day, last := first.AddDays(4), (*investments.Distribution)(nil)
	try := func(fn func(tx bun.IDB) error) error { return store.InTx(ctx, tx, fn) }
	resumed, refused := 0, 0
	for i := range 24 {
		day = day.AddDays(random.IntN(40))
		switch random.IntN(8) {
		case 0:
			sub, err := svc.Commitments.Commit(ctx, tx, commitment(o, investor(t, tx), fmt.Sprint(25000+random.IntN(20000))))
			require.NoError(t, err)
			on := day
			if random.IntN(3) == 0 { // booked late
				on = day.AddDays(-random.IntN(day.Days() - first.Days()))
			}
			_, err = svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: sub.ID.String(), SubscriptionID: sub.ID, Date: on, ActorID: staff})
			require.NoError(t, err)
			held = append(held, *sub.PositionID)
		case 1:
			// One behind a distribution or a later funding is refused, and that is fine.
			_ = try(func(tx bun.IDB) error {
				tr := approvedTransfer(t, tx, any(), investor(t, tx), "0.25", day.String())
				tr, err := complete(ctx, tx, tr.ID, fmt.Sprint("move ", i))
				if err == nil {
					held = append(held, *tr.ToPositionID)
				}
				return err
			})
		case 2:
			from := first.AddDays(random.IntN(day.Days() - first.Days()))
			_ = try(func(tx bun.IDB) error {
				fix, err := svc.Positions.RequestCorrection(ctx, tx, investments.RequestCorrectionParams{IdempotencyKey: fmt.Sprint("fix ", i), PositionID: any(), ToInvestorID: investor(t, tx),
					Fraction: decimal.RequireFromString("0.1"), EffectiveDate: from, Reason: "entered wrong", ActorID: investor(t, tx)})
				if err != nil {
					return err
				}
				if _, err = svc.Positions.ApproveTransfer(ctx, tx, investments.ApproveTransferParams{TransferID: fix.ID, ActorID: investor(t, tx)}); err != nil {
					return err
				}
				fix, err = complete(ctx, tx, fix.ID, fmt.Sprint("fixed ", i))
				if err == nil {
					held = append(held, *fix.ToPositionID)
				}
				return err
			})
		case 3:
			rate, compounding := decimal.New(int64(4+random.IntN(9)), -2), []string{"none", "monthly", "quarterly", "annual"}[random.IntN(4)]
			terms, err := waterfall.ParseTerms(fmt.Appendf(nil, `{"promote_recipient": %q, "prefs": {"common": {"rate": "%s", "compounding": %q}},
				"tiers": {"capital": [{"name": "pref", "type": "pref"}, {"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split", "promote": "0.3"}],
				"operating": [{"name": "pref", "type": "pref"}, {"name": "split", "type": "split", "promote": "0.3"}]}}`, gp.ID, rate, compounding))
			require.NoError(t, err)
			_ = try(func(tx bun.IDB) error {
				_, err := svc.Offerings.SetTerms(ctx, tx, investments.SetTermsParams{OfferingID: o.ID, EffectiveDate: day.AddDays(random.IntN(30)), Terms: terms, ActorID: staff})
				return err
			})
		case 4:
			if last != nil {
				_ = try(func(tx bun.IDB) error {
					_, err := svc.Distributions.Cancel(ctx, tx, investments.CancelDistributionParams{DistributionID: last.ID, Reason: "wrong", ActorID: staff})
					return err
				})
				_ = try(func(tx bun.IDB) error {
					_, err := reverse(ctx, tx, svc.Distributions, investments.ReverseDistributionParams{ActorID: investor(t, tx), IdempotencyKey: fmt.Sprint("back ", i), DistributionID: last.ID, Date: day, Reason: "wrong"})
					return err
				})
				last = nil
			}
		default:
			p := declaration(o, fmt.Sprint("d", i), day.String(), fmt.Sprint(500+random.IntN(20000)), investor(t, tx))
			p.Type = []investments.DistributionType{investments.DistributionQuarterly, investments.DistributionRefinance, investments.DistributionSaleProceeds}[random.IntN(3)]
			if random.IntN(4) == 0 {
				p.Method = investments.MethodPreferred
			}
			review, err := svc.Distributions.Review(ctx, tx, o.ID)
			require.NoError(t, err)
			p.TrueUp = len(review.TrueUp) > 0
			// Where what was paid too much is more than this one pays, it is refused.
			_ = try(func(tx bun.IDB) error {
				d, err := svc.Distributions.Declare(ctx, tx, p)
				if err != nil {
					return err
				}
				sound(t, tx, d)
				if last = d; random.IntN(2) == 0 {
					_, err = svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: investor(t, tx)})
				}
				return err
			})
		}
		gone, whole, err := investments.Openings(ctx, tx, o.ID, day.AddDays(random.IntN(100)))
		require.NoError(t, err)
		if gone == nil {
			refused++
			continue
		}
		resumed++
		is, err := json.Marshal(gone)
		require.NoError(t, err)
		want, err := json.Marshal(whole)
		require.NoError(t, err)
		require.JSONEq(t, string(want), string(is), "step %d on %s", i, day)
	}
	require.Greater(t, resumed, 3)
	t.Logf("resumed %d, replayed %d", resumed, refused)
}
