package investments_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// After any sequence of verbs the balances that go on from a stored state are those of the
// whole history, of all positions and of each by itself, and portfolios that go on are those
// that begin anew, on any day: without and with units, with side letters, and where no
// position lent to another.
func TestGoOn_random(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			goOnAtRandom(t, rand.New(rand.NewPCG(seed, 77)), seed%3 == 1, seed%3 == 2, seed >= 3)
		})
	}
}

func goOnAtRandom(t *testing.T, r *rand.Rand, units, letters, apart bool) {
	ctx := t.Context()
	d := open(t, "", "a", "c")
	if units {
		_, err := d.db.ExecContext(ctx, "UPDATE investments.share_classes SET unit_price = 100 WHERE opportunity_id = ?", d.o.ID)
		require.NoError(t, err)
	}
	gp := d.gp()
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	terms := func() string {
		idx := ""
		if r.IntN(2) == 0 {
			idx = `, "index": {"name": "SOFR"}`
		}
		hold := ""
		if r.IntN(2) == 0 {
			hold = `{"name": "roof", "type": "holdback", "reserve": "roof", "amount": "2000"},`
		}
		return fmt.Sprintf(`{"promote_recipient": %q, "prefs": {"a": {"rate": "0.0%d"%s, "compounding": %q}, "c": {"rate": "0.05", "compounding": "none"}}, "tiers": {"capital": [%s
			{"name": "pref", "type": "pref"}, {"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split", "promote": "0.2"}],
			"operating": [{"name": "pref", "type": "pref"}, {"name": "split", "type": "split", "promote": "0.3"}]}}`, gp, 3+r.IntN(6), idx, pick("none", "monthly", "quarterly", "annual"), hold)
	}
	d.setTerms(terms(), "2017-01-01")
	base := date.MustParse("2017-01-10")
	names := []string{"n0", "n1", "n2"}
	for _, n := range names {
		d.wires(n, fmt.Sprint(50000+r.IntN(5000)), base.String())
	}
	day := base.AddDays(30)
	try := func(fn func(tx bun.IDB) error) error { return store.InTx(ctx, d.db, fn) }
	carry := func(tx bun.IDB, v id.Of[investments.Transfer]) error { // approves and completes
		if _, err := d.svc.Positions.ApproveTransfer(ctx, tx, investments.ApproveTransferParams{TransferID: v, ActorID: d.staff[1]}); err != nil {
			return err
		}
		_, err := d.svc.Positions.CompleteTransfer(ctx, tx, investments.CompleteTransferParams{IdempotencyKey: d.key(), TransferID: v, ActorID: staff})
		return err
	}
	var list []*investments.Distribution
	resumed, compared, goneOn, alone := 0, 0, 0, 0
	var positions []id.Of[investments.Position]
	anyPos := func() id.Of[investments.Position] {
		positions = positions[:0]
		require.NoError(t, d.db.NewRaw("SELECT id FROM investments.property_investments WHERE opportunity_id = ? AND status IN ('funded') AND deleted_at IS NULL ORDER BY created_at, id", d.o.ID).Scan(ctx, &positions))
		return positions[r.IntN(len(positions))]
	}
	anyWho := func() id.Of[auth.User] { return d.person(names[r.IntN(len(names))]) }
	near := func() date.Date { return base.AddDays(r.IntN(day.Days() - base.Days() + 60)) }
	var log []string
	steps := 45
	for i := range steps {
		day = day.AddDays(r.IntN(25))
		verb := pick("wire", "wire", "late", "refund", "pass", "passprice", "fix", "terms", "lend", "repay", "dilute", "fixrate", "back", "declare", "declare", "declare", "declare", "pay", "pay", "pay", "unreal", "withdraw", "letter", "prefer", "aside", "convert", "aside", "exit")
		on := day
		if r.IntN(3) == 0 {
			on = near()
		}
		if apart && (verb == "lend" || verb == "dilute") {
			continue
		}
		var err error
		switch verb {
		case "wire", "late":
			n := fmt.Sprint("w", i)
			if r.IntN(3) == 0 {
				n = pick(names...)
			}
			class := pick("a", "a", "c")
			err = try(func(tx bun.IDB) error {
				sub, err := d.svc.Commitments.Commit(ctx, tx, investments.CommitParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, InvestorID: d.person(n), ShareClass: class,
					Amount: money.MustParse("30000"), Date: date.MustParse("2016-01-01"), ActorID: d.person(n)})
				if err != nil {
					return err
				}
				if _, err = d.svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: d.key(), SubscriptionID: sub.ID, Amount: money.MustParse(fmt.Sprint(10000 + r.IntN(20000))), Date: on, ActorID: staff}); err != nil {
					return err
				}
				d.subs[n] = sub
				if !slices.Contains(names, n) {
					names = append(names, n)
				}
				return nil
			})
		case "refund":
			n := pick(names...)
			if d.subs[n] == nil {
				continue
			}
			p := investments.RefundContributionParams{IdempotencyKey: d.key(), SubscriptionID: d.subs[n].ID, Date: on, Reason: "x", ActorID: staff}
			if r.IntN(2) == 0 {
				p.Amount = money.MustParse(fmt.Sprint(1 + r.IntN(9000)))
			}
			err = try(func(tx bun.IDB) error { _, err := d.svc.Commitments.RefundContribution(ctx, tx, p); return err })
		case "pass", "passprice":
			from := anyPos()
			p := investments.RequestTransferParams{IdempotencyKey: d.key(), PositionID: from, ToInvestorID: anyWho(), Fraction: decimal.New(int64(1+r.IntN(4)), 0).Div(decimal.New(4, 0)), EffectiveDate: on, ActorID: ownerOf(t, d.db, from)}
			if verb == "passprice" {
				p.Price = ptr(money.MustParse(fmt.Sprint(1000 + r.IntN(9000))))
			}
			err = try(func(tx bun.IDB) error {
				tr, err := d.svc.Positions.RequestTransfer(ctx, tx, p)
				if err != nil {
					return err
				}
				return carry(tx, tr.ID)
			})
		case "fix":
			p := investments.RequestCorrectionParams{IdempotencyKey: d.key(), PositionID: anyPos(), ToInvestorID: anyWho(), Fraction: decimal.RequireFromString("0.1"), EffectiveDate: near(), Reason: "wrong", ActorID: d.staff[0]}
			err = try(func(tx bun.IDB) error {
				fix, err := d.svc.Positions.RequestCorrection(ctx, tx, p)
				if err != nil {
					return err
				}
				return carry(tx, fix.ID)
			})
		case "terms":
			parsed, perr := waterfall.ParseTerms([]byte(terms()))
			require.NoError(t, perr)
			err = try(func(tx bun.IDB) error {
				_, err := d.svc.Offerings.SetTerms(ctx, tx, investments.SetTermsParams{OfferingID: d.o.ID, EffectiveDate: on.AddDays(r.IntN(30)), Terms: parsed, ActorID: staff})
				return err
			})
		case "lend":
			p := investments.LendToPartnerParams{IdempotencyKey: d.key(), LenderID: anyPos(), DebtorID: anyPos(), Date: on, Amount: money.MustParse(fmt.Sprint(100 + r.IntN(3000))), Rate: decimal.RequireFromString("0.1"), Compounding: waterfall.Compounding(pick("none", "annual")), ActorID: staff}
			err = try(func(tx bun.IDB) error { _, err := d.svc.Positions.LendToPartner(ctx, tx, p); return err })
		case "repay", "withdraw":
			events, lerr := d.svc.Positions.PartnerEvents(ctx, d.db, d.o.ID)
			require.NoError(t, lerr)
			if len(events) == 0 {
				continue
			}
			e := events[r.IntN(len(events))]
			err = try(func(tx bun.IDB) error {
				if verb == "repay" {
					_, err := d.svc.Positions.RepayLoan(ctx, tx, investments.RepayLoanParams{IdempotencyKey: d.key(), LoanID: e.ID, Date: on, Amount: money.MustParse("50"), ActorID: staff})
					return err
				}
				_, err := d.svc.Positions.WithdrawPartnerEvent(ctx, tx, investments.WithdrawPartnerEventParams{IdempotencyKey: d.key(), EventID: e.ID, Date: day, Reason: "wrong", ActorID: staff})
				return err
			})
		case "dilute":
			p := investments.DilutePartnerParams{IdempotencyKey: d.key(), PositionID: anyPos(), Date: on, Missing: money.MustParse("1000"), Factor: decimal.RequireFromString("1.5"), ActorID: staff}
			err = try(func(tx bun.IDB) error { _, err := d.svc.Positions.DilutePartner(ctx, tx, p); return err })
		case "fixrate":
			p := investments.FixRateParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Index: "SOFR", Date: on, Rate: decimal.New(int64(1+r.IntN(9)), -2), ActorID: staff}
			err = try(func(tx bun.IDB) error { _, err := d.svc.Positions.FixRate(ctx, tx, p); return err })
		case "letter":
			if !letters {
				continue
			}
			p := investments.EnterSideLetterParams{IdempotencyKey: d.key(), PositionID: anyPos(), Date: date.MustParse("2017-01-01"), Term: investments.SideTermPrefRate, Rate: ptr(decimal.RequireFromString("0.09")), ActorID: staff}
			err = try(func(tx bun.IDB) error { _, err := d.svc.Positions.EnterSideLetter(ctx, tx, p); return err })
		case "back":
			if len(list) == 0 {
				continue
			}
			v := list[max(0, len(list)-1-r.IntN(2))]
			_ = try(func(tx bun.IDB) error {
				_, err := d.svc.Distributions.Cancel(ctx, tx, investments.CancelDistributionParams{DistributionID: v.ID, Reason: "wrong", ActorID: staff})
				return err
			})
			err = try(func(tx bun.IDB) error {
				_, err := reverse(ctx, tx, d.svc.Distributions, investments.ReverseDistributionParams{ActorID: d.staff[1], IdempotencyKey: d.key(), DistributionID: v.ID, Date: day, Reason: "wrong"})
				return err
			})
		case "aside":
			p := investments.RecordCashParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Kind: investments.CashKind(pick(string(investments.CashReserve), string(investments.CashReserveRelease))), Reserve: "roof", Amount: money.MustParse(fmt.Sprint(1 + r.IntN(1500))), Date: on, Description: "x", ActorID: d.staff[0]}
			err = try(func(tx bun.IDB) error { _, err := d.svc.Capital.RecordCash(ctx, tx, p); return err })
		case "exit":
			if i < steps-8 {
				continue
			}
			err = try(func(tx bun.IDB) error {
				_, err := d.svc.Capital.ExitOffering(ctx, tx, investments.ExitOfferingParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Date: day, ActorID: staff})
				return err
			})
		case "convert":
			from := anyPos()
			p := investments.RequestConversionParams{IdempotencyKey: d.key(), PositionID: from, ToShareClass: pick("a", "c"), Fraction: decimal.New(5, -1), EffectiveDate: on, Reason: "x", ActorID: ownerOf(t, d.db, from)}
			err = try(func(tx bun.IDB) error {
				tr, err := d.svc.Positions.RequestConversion(ctx, tx, p)
				if err != nil {
					return err
				}
				return carry(tx, tr.ID)
			})
		case "unreal":
			p := allocation(d.o, d.key(), investments.AllocationUnrealized, fmt.Sprint(r.IntN(4000)-1000), on.String())
			err = try(func(tx bun.IDB) error { _, err := d.svc.Capital.Allocate(ctx, tx, p); return err })
		case "pay":
			if len(list) == 0 {
				continue
			}
			v := list[len(list)-1-r.IntN(min(3, len(list)))]
			_ = try(func(tx bun.IDB) error {
				_, err := d.svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: v.ID, ActorID: d.staff[1]})
				return err
			})
			p := investments.PayParams{IdempotencyKey: d.key(), DistributionID: v.ID, Date: later(v.DistributionDate, on), Method: investments.PayACH, ActorID: staff}
			if r.IntN(2) == 0 {
				p.Portfolios = investments.Portfolios{AsOf: ptr(near())}
			}
			err = try(func(tx bun.IDB) error { _, err := d.svc.Distributions.Pay(ctx, tx, p); return err })
		default:
			p := investments.DeclareParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Type: investments.DistributionType(pick(string(investments.DistributionQuarterly), string(investments.DistributionRefinance), string(investments.DistributionSaleProceeds))),
				Date: on, Amount: money.MustParse(fmt.Sprint(500 + r.IntN(9000))), ActorID: d.staff[0]}
			if verb == "prefer" {
				p.Method = investments.MethodPreferred
			}
			if r.IntN(2) == 0 {
				p.RecordDate = ptr(on.AddDays(-r.IntN(25)))
			}
			review, rerr := d.svc.Distributions.Review(ctx, d.db, d.o.ID)
			if rerr == nil {
				p.TrueUp = len(review.TrueUp) > 0
			}
			err = try(func(tx bun.IDB) error {
				v, err := d.svc.Distributions.Declare(ctx, tx, p)
				if err != nil {
					return err
				}
				list = append(list, v)
				if r.IntN(4) > 0 {
					_, err = d.svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: v.ID, ActorID: d.staff[1]})
				}
				return err
			})
		}
		if err == nil {
			log = append(log, fmt.Sprint(i, " ", verb, " on ", on, " day ", day))
		}
		for range 5 {
			asOf := near()
			if len(list) > 0 && r.IntN(3) == 0 {
				asOf = list[r.IntN(len(list))].DistributionDate.AddDays(r.IntN(3) - 1)
			}
			if asOf.Before(base) {
				continue
			}
			want, re, werr := investments.BalancesWhole(ctx, d.db, d.o.ID, asOf)
			is, ierr := d.svc.Positions.PositionBalances(ctx, d.db, d.o.ID, asOf)
			if werr != nil || ierr != nil {
				require.Equal(t, fmt.Sprint(werr), fmt.Sprint(ierr), "%d as of %s resumed %v\n%s", i, asOf, re, asText(t, log))
				continue
			}
			compared++
			if re {
				resumed++
			}
			require.Equal(t, asText(t, want), asText(t, is), "%d as of %s resumed %v\n%s", i, asOf, re, asText(t, log))
			for _, x := range want {
				one, enough, gone, err := investments.BalanceAlone(ctx, d.db, x.PositionID, asOf)
				require.NoError(t, err)
				if !enough {
					continue
				}
				require.Equal(t, asText(t, &x), asText(t, one), "one: %d as of %s\n%s", i, asOf, asText(t, log))
				if gone {
					alone++
				}
			}
			if len(want) > 0 {
				x := want[r.IntN(len(want))]
				one, err := d.svc.Positions.PositionBalance(ctx, d.db, x.PositionID, asOf)
				require.NoError(t, err)
				require.Equal(t, asText(t, x), asText(t, one), "one: %d as of %s", i, asOf)
			}
		}
		who := []id.Of[auth.User]{}
		for _, n := range names {
			who = append(who, d.person(n))
		}
		for range 2 {
			asOf := near()
			a, b, kept, err := investments.SumsBoth(ctx, d.db, who, asOf)
			require.NoError(t, err)
			require.Equal(t, b, a, "portfolios: %d as of %s\n%s", i, asOf, asText(t, log))
			if kept > 0 {
				goneOn++
			}
		}
		if r.IntN(3) == 0 {
			require.NoError(t, investments.RefreshOn(ctx, d.svc, d.db, who[:1+r.IntN(len(who))], near()))
		}
	}
	found, err := d.svc.Reports.VerifyPortfolios(ctx, d.db)
	require.NoError(t, err)
	require.Empty(t, found)
	require.Greater(t, compared, 20)
	require.Positive(t, resumed)
	require.Positive(t, goneOn)
	t.Log(compared, "compared,", resumed, "resumed,", alone, "positions alone after a distribution")
	if apart {
		require.Positive(t, alone)
	}
}

func later(a, b date.Date) date.Date {
	if a.After(b) {
		return a
	}
	return b
}
