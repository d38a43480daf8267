package investments_test

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// gp is an account that terms may name for promote.
func (d *deal) gp() id.Of[investments.Account] {
	d.Helper()
	a, err := d.svc.Accounts.Open(d.Context(), d.db, investments.OpenAccountParams{InvestorID: d.person("gp"), Type: investments.AccountLLC, Name: "Sponsor LLC", IsSponsor: true, ActorID: staff})
	require.NoError(d, err)
	return a.ID
}

// letter enters a side letter for an investor's position.
func (d *deal) letter(name string, term investments.SideTerm, rate string) (e *investments.PartnerEvent, err error) {
	p := investments.EnterSideLetterParams{IdempotencyKey: d.key(), PositionID: d.position(name), Date: date.MustParse("2017-01-01"), Term: term, ActorID: staff}
	if rate != "" {
		p.Rate = ptr(decimal.RequireFromString(rate))
	}
	err = store.InTx(d.Context(), d.db, func(tx bun.IDB) (err error) {
		e, err = d.svc.Positions.EnterSideLetter(d.Context(), tx, p)
		return err
	})
	return e, err
}

// A position that bears no promote keeps its part, in every road that the engine has:
// preview, declare, go on from a stored state, review, true-up, verify, and the clawback.
func TestEnterSideLetter_promoteWaived(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	d.setTerms(fmt.Sprintf(`{"promote_recipient": %q, "tiers": {"capital": [{"name": "split", "type": "split", "promote": "0.2"}]}}`, d.gp()), "2016-01-01")
	d.wires("a", "100000", "2017-01-01")
	d.wires("b", "100000", "2017-01-01")
	_, err := d.letter("b", investments.SideTermPromoteWaived, "")
	require.NoError(t, err)
	_, err = d.letter("b", investments.SideTermPromoteWaived, "")
	require.ErrorIs(t, err, investments.ErrSideLetterExists)
	_, err = d.letter("b", investments.SideTermLoan, "")
	require.ErrorIs(t, err, investments.ErrSideLetterLoan)

	draft, err := d.svc.Distributions.Preview(t.Context(), d.db, investments.DeclareParams{OfferingID: d.o.ID, Type: investments.DistributionQuarterly, Date: date.MustParse("2018-01-01"),
		Amount: money.MustParse("1000"), ActorID: d.staff[0]})
	require.NoError(t, err)
	want := map[id.Of[investments.Position]]string{d.position("a"): "400.00", d.position("b"): "500.00"}
	for _, l := range draft.Lines {
		if l.PositionID != nil {
			require.Equal(t, want[*l.PositionID], l.DistributionAmount.String())
		}
	}
	for _, day := range []string{"2018-01-01", "2018-04-01"} { // the second goes on from the first
		v := d.pay(payout{amount: "1000", day: day})
		got := d.lines(v)
		require.Equal(t, []string{"400.00", "500.00", "100.00"}, []string{got["a"], got["b"], got["gp"]}, day)
	}
	review, err := d.svc.Distributions.Review(t.Context(), d.db, d.o.ID)
	require.NoError(t, err)
	require.Empty(t, review.Changed)
	c, err := d.svc.Reports.Clawback(t.Context(), d.db, investments.ClawbackParams{OfferingIDs: []id.Of[investments.Offering]{d.o.ID}})
	require.NoError(t, err)
	require.Equal(t, []string{"200.00", "200.00"}, []string{c.American.String(), c.European.String()})
	differ, err := d.svc.Positions.VerifyHistory(t.Context(), d.db, d.o.ID)
	require.NoError(t, err)
	require.Empty(t, differ)
	d.sound()

	// A letter that is entered late changes the past; what was declared waits for it.
	pending, err := d.declares(payout{amount: "1000", day: "2018-07-01"})
	require.NoError(t, err)
	late, err := d.letter("a", investments.SideTermPromoteWaived, "")
	require.NoError(t, err)
	require.ErrorIs(t, d.approves(pending), investments.ErrDistributionStale)
	_, err = d.svc.Distributions.Cancel(t.Context(), d.db, investments.CancelDistributionParams{DistributionID: pending.ID, Reason: "a letter came late", ActorID: staff})
	require.NoError(t, err)
	review, err = d.svc.Distributions.Review(t.Context(), d.db, d.o.ID)
	require.NoError(t, err)
	require.Len(t, review.Changed, 2)
	_, err = d.declares(payout{amount: "1000", day: "2018-07-01"})
	require.ErrorIs(t, err, investments.ErrHistoryChanged)
	// Withdrawn, it never was.
	_, err = d.svc.Positions.WithdrawPartnerEvent(t.Context(), d.db, investments.WithdrawPartnerEventParams{IdempotencyKey: d.key(), EventID: late.ID, Date: date.MustParse("2018-07-01"), Reason: "of another deal", ActorID: staff})
	require.NoError(t, err)
	require.Equal(t, "400.00", d.lines(d.pay(payout{amount: "1000", day: "2018-07-01"}))["a"])
	d.sound()

	// Capital does not pass to who bears promote.
	require.ErrorIs(t, d.passes("b", "c", "0.5", "2019-01-01"), investments.ErrTransferSideLetter)
	require.NoError(t, d.passes("a", "c", "0.5", "2019-01-01"))
	_, err = d.letter("a", investments.SideTermPromoteWaived, "")
	require.ErrorIs(t, err, investments.ErrTransferSideLetter)
}

// A rate of its own is what a position earns, and its balances show.
func TestEnterSideLetter_prefRate(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	d.setTerms(`{"prefs": {"a": {"rate": "0.08"}}, "tiers": {"capital": [{"name": "pref", "type": "pref"}, {"name": "split", "type": "split"}]}}`, "2016-01-01")
	d.wires("a", "100000", "2017-01-01")
	d.wires("b", "100000", "2017-01-01")
	_, err := d.letter("b", investments.SideTermPrefRate, "0.09")
	require.NoError(t, err)
	require.Equal(t, "8000.00", d.balance("a", "2018-01-01").UnpaidPref.String())
	require.Equal(t, "9000.00", d.balance("b", "2018-01-01").UnpaidPref.String())
	got := d.lines(d.pay(payout{amount: "17000", day: "2018-01-01"}))
	require.Equal(t, []string{"8000.00", "9000.00"}, []string{got["a"], got["b"]})
	d.sound()

	for field, p := range map[string]investments.EnterSideLetterParams{
		"rate": {Term: investments.SideTermPrefRate}, "term": {Term: "gratis"},
	} {
		p.PositionID, p.Date, p.ActorID, p.IdempotencyKey = d.position("a"), date.MustParse("2017-01-01"), staff, d.key()
		_, err = d.svc.Positions.EnterSideLetter(t.Context(), d.db, p)
		require.ErrorIs(t, err, fault.Invalid)
		require.ErrorContains(t, err, field)
	}
}

// Interest on a member's loan is no profit that a catch-up counts.
func TestEnterSideLetter_loan(t *testing.T) {
	t.Parallel()
	d := open(t, "", "a", "loans")
	d.setTerms(fmt.Sprintf(`{"promote_recipient": %q, "prefs": {"a": {"rate": "0.08"}, "loans": {"rate": "0.1"}}, "tiers": {"capital": [
		{"name": "interest", "type": "pref", "to": ["loans"]}, {"name": "principal", "type": "return_of_capital", "to": ["loans"]},
		{"name": "pref", "type": "pref", "to": ["a"]}, {"name": "catch-up", "type": "catch_up", "gp_share": "1", "target": "0.2"}, {"name": "split", "type": "split", "promote": "0.2"}]}}`, d.gp()), "2016-01-01")
	d.wires("a", "100000", "2017-01-01")
	require.NoError(t, d.commits("lender", "50000", "loans"))
	d.wires("lender", "50000", "2017-01-01")
	_, err := d.letter("lender", investments.SideTermLoan, "")
	require.NoError(t, err)
	// 5,000.00 of interest, 50,000.00 of principal, 8,000.00 of return: 2,000.00 are a fifth.
	got := d.lines(d.pay(payout{amount: "65000", day: "2018-01-01"}))
	require.Equal(t, []string{"55000.00", "8000.00", "2000.00"}, []string{got["lender"], got["a"], got["gp"]})
	d.sound()
}

// The last sale is the one that tiers look back from: in preview and declare, when the
// past runs again, and when it is computed again.
func TestDeclare_lastSale(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	d.setTerms(fmt.Sprintf(`{"promote_recipient": %q, "tiers": {"capital": [{"name": "ten", "type": "hurdle", "irr": "0.1", "look_back": true},
		{"name": "promote", "type": "split", "promote": "0.2", "look_back": true}, {"name": "alike", "type": "split"}]}}`, d.gp()), "2016-01-01")
	d.wires("a", "1000", "2021-01-01")
	require.Equal(t, "600.00", d.lines(d.pay(payout{amount: "600", day: "2022-01-01", kind: investments.DistributionSaleProceeds}))["a"])
	_, err := d.declares(payout{amount: "1", day: "2022-06-01", last: true})
	require.ErrorIs(t, err, fault.Invalid)
	got := d.lines(d.pay(payout{amount: "1000", day: "2023-01-01", kind: investments.DistributionSaleProceeds, last: true}))
	require.Equal(t, []string{"910.00", "90.00"}, []string{got["a"], got["gp"]})
	require.Equal(t, "100.00", d.lines(d.pay(payout{amount: "100", day: "2023-06-01", kind: investments.DistributionSaleProceeds}))["a"])
	_, err = d.declares(payout{amount: "1", day: "2023-07-01", kind: investments.DistributionSaleProceeds, last: true})
	require.ErrorContains(t, err, "computed once")
	review, err := d.svc.Distributions.Review(t.Context(), d.db, d.o.ID)
	require.NoError(t, err)
	require.Empty(t, review.Changed)
	d.sound()
}

// An event of a deal that nobody has put capital into yet can be withdrawn.
func TestWithdrawPartnerEvent_beforeCapital(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	d.setTerms(`{"prefs": {"a": {"rate": "0.04", "index": {"name": "SOFR"}}}, "tiers": {"capital": [{"name": "pref", "type": "pref"}, {"name": "split", "type": "split"}]}}`, "2016-01-01")
	e, err := d.svc.Positions.FixRate(t.Context(), d.db, investments.FixRateParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Index: "SOFR", Date: date.MustParse("2017-01-01"), Rate: decimal.RequireFromString("0.05"), ActorID: staff})
	require.NoError(t, err)
	_, err = d.svc.Positions.WithdrawPartnerEvent(t.Context(), d.db, investments.WithdrawPartnerEventParams{IdempotencyKey: d.key(), EventID: e.ID, Date: date.MustParse("2017-01-01"), Reason: "a wrong rate", ActorID: staff})
	require.NoError(t, err)

	// A review that finds nothing has lists, and they are empty.
	review, err := d.svc.Distributions.Review(t.Context(), d.db, d.o.ID)
	require.NoError(t, err)
	require.JSONEq(t, `{"changed":[],"true_up":[]}`, asText(t, review))
	// An id that says nothing is left out.
	require.JSONEq(t, `{"account_id":"018f0000-0000-7000-8000-000000000001","paid":"1.00","due":"2.00"}`, asText(t, investments.ChangedLine{
		AccountID: id.MustParse[investments.Account]("018f0000-0000-7000-8000-000000000001"), Paid: money.MustParse("1"), Due: money.MustParse("2")}))
}

// Of an offering that was deleted nothing is read.
func TestVerifyHistory_deletedOffering(t *testing.T) {
	t.Parallel()
	d := open(t, "")
	d.setTerms(`{"tiers": {"capital": [{"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split"}]}}`, "2016-01-01")
	d.wires("a", "1000", "2017-01-01")
	position := d.position("a")
	_, err := d.db.NewRaw(`UPDATE investments.opportunities SET deleted_at = now() WHERE id = ?`, d.o.ID).Exec(t.Context())
	require.NoError(t, err)
	_, err = d.svc.Positions.VerifyHistory(t.Context(), d.db, d.o.ID)
	require.ErrorIs(t, err, investments.ErrOfferingNotFound)
	_, err = d.svc.Positions.PositionBalance(t.Context(), d.db, position, date.MustParse("2018-01-01"))
	require.ErrorIs(t, err, investments.ErrOfferingNotFound)
	all, err := investments.OfferingsWithHistory(t.Context(), d.db)
	require.NoError(t, err)
	require.NotContains(t, all, d.o.ID)
}
