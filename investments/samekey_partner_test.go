package investments_test

import (
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// Sixty-four clients send one command with one key at the same moment, for every verb
// of what is between partners, of reserves, and of advances and what is in kind: all
// get the one result, and it is done once.
func TestPartnerVerbs_sameKeyAtOnce(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o, x, y := raise(t, db, "300000"), investor(t, db), investor(t, db)
	a, b := *funded(t, db, o, x, "100000").PositionID, *funded(t, db, o, y, "100000").PositionID
	terms, err := waterfall.ParseTerms([]byte(`{"prefs": {"common": {"rate": "0.04", "index": {"name": "SOFR"}, "default_rate": "0.12"}}, "tiers": {"capital": [
		{"name": "roof", "type": "holdback", "rate": "0.1", "reserve": "roof"}, {"name": "pref", "type": "pref"}, {"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split"}]}}`))
	require.NoError(t, err)
	_, err = svc.Offerings.SetTerms(ctx, db, investments.SetTermsParams{OfferingID: o.ID, EffectiveDate: date.MustParse("2025-01-01"), Terms: terms, ActorID: staff})
	require.NoError(t, err)
	day := date.MustParse("2026-01-31")
	one := func(name string, verb func() (string, error)) { atOnce(t, 64, name, verb) }
	event := func(e *investments.PartnerEvent, err error) (string, error) {
		if err != nil {
			return "", err
		}
		return e.ID.String(), nil
	}
	one("fix", func() (string, error) {
		return event(svc.Positions.FixRate(ctx, db, investments.FixRateParams{IdempotencyKey: "x", OfferingID: o.ID, Index: "SOFR", Date: day, Rate: decimal.RequireFromString("0.05"), ActorID: staff}))
	})
	one("default", func() (string, error) {
		return event(svc.Positions.EnterDefault(ctx, db, investments.EnterDefaultParams{IdempotencyKey: "x", OfferingID: o.ID, Preference: "common", Date: day, ActorID: staff}))
	})
	lend := investments.LendToPartnerParams{IdempotencyKey: "x", LenderID: a, DebtorID: b, Date: day, Amount: money.MustParse("500"), Rate: decimal.RequireFromString("0.06"), ActorID: staff}
	one("lend", func() (string, error) { return event(svc.Positions.LendToPartner(ctx, db, lend)) })
	loans, err := svc.Positions.PartnerEvents(ctx, db, o.ID)
	require.NoError(t, err)
	loan := loans[slices.IndexFunc(loans, func(e investments.PartnerEvent) bool { return e.Kind == investments.PartnerEventLoan })]
	one("repay", func() (string, error) {
		return event(svc.Positions.RepayLoan(ctx, db, investments.RepayLoanParams{IdempotencyKey: "x", LoanID: loan.ID, Date: day, Amount: money.MustParse("100"), ActorID: staff}))
	})
	one("dilute", func() (string, error) {
		return event(svc.Positions.DilutePartner(ctx, db, investments.DilutePartnerParams{IdempotencyKey: "x", PositionID: b, Date: day, Missing: money.MustParse("100"), Factor: decimal.NewFromInt(2), ActorID: staff}))
	})
	one("side letter", func() (string, error) {
		return event(svc.Positions.EnterSideLetter(ctx, db, investments.EnterSideLetterParams{IdempotencyKey: "x", PositionID: b, Date: day, Term: investments.SideTermPromoteWaived, ActorID: staff}))
	})
	lend.IdempotencyKey = "wrong"
	wrong, err := svc.Positions.LendToPartner(ctx, db, lend)
	require.NoError(t, err)
	one("withdraw", func() (string, error) {
		return event(svc.Positions.WithdrawPartnerEvent(ctx, db, investments.WithdrawPartnerEventParams{IdempotencyKey: "x", EventID: wrong.ID, Date: day, Reason: "twice", ActorID: staff}))
	})
	one("set aside", func() (string, error) {
		c, err := svc.Capital.RecordCash(ctx, db, investments.RecordCashParams{IdempotencyKey: "x", OfferingID: o.ID, Kind: investments.CashReserve, Reserve: "roof", Amount: money.MustParse("1000"), Date: day, ActorID: staff})
		if err != nil {
			return "", err
		}
		return c.ID.String(), nil
	})
	declare := func(p investments.DeclareParams) func() (string, error) {
		p.OfferingID, p.Type, p.ActorID, p.Amount = o.ID, investments.DistributionQuarterly, x, money.MustParse("1000")
		return func() (string, error) {
			d, err := svc.Distributions.Declare(ctx, db, p)
			if err != nil {
				return "", err
			}
			return d.ID.String() + d.TotalAmount.String(), nil
		}
	}
	one("advance", declare(investments.DeclareParams{IdempotencyKey: "advance", Date: date.MustParse("2026-02-01"), Advances: []waterfall.Advance{{Account: b.String(), Amount: money.MustParse("100")}}}))
	one("in kind", declare(investments.DeclareParams{IdempotencyKey: "kind", Date: date.MustParse("2026-02-02"), InKind: money.MustParse("400")}))
	one("release", declare(investments.DeclareParams{IdempotencyKey: "release", Date: date.MustParse("2026-02-03"), Releases: []waterfall.ReserveAmount{reserve("roof", "600")}}))

	var done string
	require.NoError(t, db.NewRaw(`SELECT format('%s events, %s withdrawn; %s distributions; %s in %s movements of reserves; owed %s',
		(SELECT count(*) FROM investments.partner_events), (SELECT count(*) FROM investments.partner_events WHERE withdrawn_at IS NOT NULL),
		(SELECT count(*) FROM investments.distributions), (SELECT sum(amount) FROM investments.reserve_movements), (SELECT count(*) FROM investments.reserve_movements),
		(SELECT s.debits - s.credits FROM financials.accounts a JOIN financials.subledger_balances s ON s.account_id = a.id AND s.book_id = a.book_id WHERE a.code = '3950' AND s.subledger_id = ?))`, a).Scan(ctx, &done))
	require.Equal(t, "7 events, 1 withdrawn; 3 distributions; 600.00 in 4 movements of reserves; owed 400.00", done)
	invariantsHold(t, db)
}
