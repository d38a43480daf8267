package investments_test

import (
	"encoding/json"
	"fmt"
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
	"github.com/freehold-go/freehold/realestate/page"
)

// sound runs what always holds on the database of a deal, and computes its
// distributions again.
func (d *deal) sound() {
	d.Helper()
	for _, inv := range investments.Invariants() {
		var found []struct{ ID, Detail string }
		require.NoError(d, d.db.NewRaw("SELECT * FROM ("+inv.Query+") AS v (id, detail)").Scan(d.Context(), &found), inv.Name)
		require.Empty(d, found, inv.Name)
	}
	all, err := investments.CalculatedDistributions(d.Context(), d.db, nil)
	require.NoError(d, err)
	for _, v := range all {
		differ, err := d.svc.Distributions.Verify(d.Context(), d.db, v)
		require.NoError(d, err)
		require.Empty(d, differ)
	}
}

// line finds the line of an investor.
func (d *deal) line(v *investments.Distribution, name string) (out investments.DistributionLine) {
	d.Helper()
	list, err := d.svc.Distributions.DistributionLines(d.Context(), d.db, v.ID, page.Request{})
	require.NoError(d, err)
	for _, l := range list.Items {
		if l.InvestorID == d.person(name) {
			out = l
		}
	}
	return out
}

// nets are what lines pay, with what goes between partners.
func (d *deal) nets(v *investments.Distribution, names ...string) (out []string) {
	d.Helper()
	for _, name := range names {
		l := d.line(v, name)
		out = append(out, fmt.Sprintf("%s %s %s", l.DistributionAmount, l.Redirected, l.NetDistribution))
	}
	return out
}

func (d *deal) lends(from, to, amount, rate, day string, compounding waterfall.Compounding) *investments.PartnerEvent {
	d.Helper()
	e, err := d.svc.Positions.LendToPartner(d.Context(), d.db, investments.LendToPartnerParams{IdempotencyKey: d.key(), LenderID: d.position(from), DebtorID: d.position(to),
		Date: date.MustParse(day), Amount: money.MustParse(amount), Rate: decimal.RequireFromString(rate), Compounding: compounding, ActorID: staff})
	require.NoError(d, err)
	return e
}

func asText(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

const capitalOnly = `{"promote_recipient": %q, "tiers": {"capital": [{"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split"}]}}`

// A member's share of a call lent by the other: its distributions go to the lender
// until the loan is repaid. The figures are those of a clause of real agreements
// (6 %, compounded on the first day of each calendar month).
func TestLendToPartner(t *testing.T) {
	t.Parallel()
	d := open(t, capitalOnly)
	ctx := t.Context()
	require.NoError(t, d.commits("lender", "13500000", "a"))
	require.NoError(t, d.commits("debtor", "1500000", "a"))
	d.wires("lender", "9000000", "2018-01-01")
	d.wires("debtor", "1000000", "2018-01-01")
	d.wires("lender", "4500000", "2019-04-10")
	d.wires("debtor", "500000", "2019-04-10")
	loan := d.lends("lender", "debtor", "500000", "0.06", "2019-04-10", waterfall.CompoundMonthly)
	require.NotNil(t, loan.JournalID)

	first := d.pay(payout{amount: "800000", day: "2020-01-15", kind: investments.DistributionRefinance})
	require.Equal(t, []string{"720000.00 80000.00 800000.00", "80000.00 -80000.00 0.00"}, d.nets(first, "lender", "debtor"))
	d.sound()
	second, err := d.declares(payout{amount: "6000000", day: "2021-03-20", kind: investments.DistributionRefinance})
	require.NoError(t, err)
	require.Equal(t, []string{"5400000.00 475896.23 5875896.23", "600000.00 -475896.23 124103.77"}, d.nets(second, "lender", "debtor"))
	why, err := d.svc.Distributions.ExplainLine(ctx, d.db, d.line(second, "debtor").ID)
	require.NoError(t, err)
	require.Equal(t, "600000.00", why.Total.String())
	require.Equal(t, "124103.77", why.Paid.String())
	require.Len(t, why.After, 1)
	before, err := d.svc.Positions.MemberLoans(ctx, d.db, d.o.ID, date.MustParse("2021-03-19"))
	require.NoError(t, err)
	require.Len(t, before, 1)
	require.Equal(t, loan.ID.String(), before[0].Name)
	require.NoError(t, d.approves(second))
	require.NoError(t, d.pays(second, "2021-03-20"))
	after, err := d.svc.Positions.MemberLoans(ctx, d.db, d.o.ID, date.MustParse("2021-03-20"))
	require.NoError(t, err)
	require.Empty(t, after)
	paid, err := d.svc.Distributions.LoanPayments(ctx, d.db, second.ID)
	require.NoError(t, err)
	require.Equal(t, before[0].Principal, paid[0].Principal)
	d.sound()

	// It counts as received by the debtor: in the balance, the capital account, the
	// returns. What moved between the two is told on its own.
	require.Equal(t, "680000.00", d.balance("debtor", "2021-03-20").Distributed.String())
	require.Equal(t, "820000.00", d.account("debtor", "2018-01-01", "2021-12-31").Closing.String())
	require.Equal(t, "680000.00", d.portfolio("debtor", "2021-12-31").TotalDistributions.String())
	st, err := d.svc.Reports.PrepareStatement(ctx, d.db, investments.PrepareStatementParams{InvestorID: d.person("lender"), Type: investments.StatementAnnual,
		PeriodStart: date.MustParse("2021-01-01"), PeriodEnd: date.MustParse("2021-12-31"), ActorID: staff})
	require.NoError(t, err)
	require.Contains(t, asText(t, st), `"loan_received"`)
	require.Contains(t, asText(t, st), "received from a partner who borrowed")

	// Undone, the lender owes what it was paid, and the loan is as it was.
	reversed, err := reverse(ctx, d.db, d.svc.Distributions, investments.ReverseDistributionParams{IdempotencyKey: d.key(), DistributionID: second.ID, Date: date.MustParse("2021-04-01"), Reason: "wrong", ActorID: d.staff[1]})
	require.NoError(t, err)
	require.Equal(t, investments.DistributionStatusReversed, reversed.Status)
	again, err := d.svc.Positions.MemberLoans(ctx, d.db, d.o.ID, date.MustParse("2021-03-20"))
	require.NoError(t, err)
	require.Equal(t, before[0].Principal, again[0].Principal)
	owed, err := d.svc.Distributions.Recoverables(ctx, d.db, d.o.ID, page.Request{})
	require.NoError(t, err)
	require.Equal(t, map[string]string{d.line(second, "lender").ID.String(): "5875896.23", d.line(second, "debtor").ID.String(): "124103.77"},
		map[string]string{owed.Items[0].LineID.String(): owed.Items[0].Owed.String(), owed.Items[1].LineID.String(): owed.Items[1].Owed.String()})
	d.sound()
}

// What a debtor pays besides the distributions goes on interest first; the book has the
// principal, and distributions go on from there.
func TestRepayLoan(t *testing.T) {
	t.Parallel()
	ctx, d := t.Context(), open(t, capitalOnly)
	for _, name := range []string{"lender", "debtor"} {
		d.wires(name, "1000", "2021-01-01")
	}
	loan := d.lends("lender", "debtor", "1000", "0.1", "2021-01-01", "")
	repays := func(amount, day string) (e *investments.PartnerEvent, err error) {
		err = store.InTx(ctx, d.db, func(tx bun.IDB) (err error) {
			e, err = d.svc.Positions.RepayLoan(ctx, tx, investments.RepayLoanParams{IdempotencyKey: d.key(), LoanID: loan.ID, Date: date.MustParse(day), Amount: money.MustParse(amount), ActorID: staff})
			return err
		})
		return e, err
	}
	_, err := repays("1100.01", "2022-01-01")
	require.ErrorIs(t, err, investments.ErrRepaidTooMuch)
	part, err := repays("600", "2022-01-01")
	require.NoError(t, err)
	require.Equal(t, "100.00", part.InterestPaid.String())
	d.sound()
	left, err := d.svc.Positions.MemberLoans(ctx, d.db, d.o.ID, date.MustParse("2023-01-01"))
	require.NoError(t, err)
	require.Equal(t, "500.00", left[0].Principal.String())
	v := d.pay(payout{amount: "2000", day: "2023-01-01"})
	require.Equal(t, []string{"1000.00 550.00 1550.00", "1000.00 -550.00 450.00"}, d.nets(v, "lender", "debtor"))
	d.sound()
	_, err = repays("1", "2023-02-01")
	require.ErrorIs(t, err, investments.ErrRepaidTooMuch)
	withdraw := func(e *investments.PartnerEvent) error {
		return store.InTx(ctx, d.db, func(tx bun.IDB) error {
			_, err := d.svc.Positions.WithdrawPartnerEvent(ctx, tx, investments.WithdrawPartnerEventParams{IdempotencyKey: d.key(), EventID: e.ID, Date: date.MustParse("2023-03-01"), Reason: "wrong", ActorID: staff})
			return err
		})
	}
	require.ErrorIs(t, withdraw(loan), investments.ErrLoanRepaid)
	require.NoError(t, withdraw(part))
	review, err := d.svc.Distributions.Review(ctx, d.db, d.o.ID)
	require.NoError(t, err)
	require.NotEmpty(t, review.TrueUp, "the lender was to get all of it")
	_, err = d.svc.Positions.RepayLoan(ctx, d.db, investments.RepayLoanParams{IdempotencyKey: d.key(), LoanID: part.ID, Date: date.MustParse("2022-01-01"), Amount: money.MustParse("1"), ActorID: staff})
	require.ErrorIs(t, err, investments.ErrPartnerEventMalformed)
	d.sound()
}

// A loan that is entered late changes what was paid to whom; a true-up makes it good
// out of what the debtor gets next.
func TestLendToPartner_late(t *testing.T) {
	t.Parallel()
	d := open(t, capitalOnly)
	for _, name := range []string{"lender", "debtor"} {
		require.NoError(t, d.commits(name, "1000", "a"))
		d.wires(name, "1000", "2021-01-01")
	}
	d.pay(payout{amount: "400", day: "2021-06-01"})
	loan := d.lends("lender", "debtor", "300", "0", "2021-02-01", "")
	_, err := d.declares(payout{amount: "600", day: "2021-09-01"})
	require.ErrorIs(t, err, investments.ErrHistoryChanged)
	next := d.pay(payout{amount: "600", day: "2021-09-01", trueUp: true})
	// 200 of the 300 should have gone to the lender in June, and 100 goes now.
	require.Equal(t, []string{"300.00 300.00 600.00", "300.00 -300.00 0.00"}, d.nets(next, "lender", "debtor"))
	paid, err := d.svc.Distributions.LoanPayments(t.Context(), d.db, next.ID)
	require.NoError(t, err)
	require.Equal(t, "300.00", paid[0].Principal.String(), "the book has it repaid in full")
	d.sound()
	// Withdrawn, it never was: the lender has 300.00 too much.
	_, err = d.svc.Positions.WithdrawPartnerEvent(t.Context(), d.db, investments.WithdrawPartnerEventParams{IdempotencyKey: d.key(), EventID: loan.ID,
		Date: date.MustParse("2021-10-01"), Reason: "no loan was made", ActorID: staff})
	require.NoError(t, err)
	review, err := d.svc.Distributions.Review(t.Context(), d.db, d.o.ID)
	require.NoError(t, err)
	got := map[id.Of[investments.Position]]string{}
	for _, x := range review.TrueUp {
		got[x.PositionID] = x.Amount.String()
	}
	require.Equal(t, map[id.Of[investments.Position]]string{d.position("lender"): "-300.00", d.position("debtor"): "300.00"}, got)
	require.Equal(t, []string{"600.00 -300.00 300.00", "600.00 300.00 900.00"}, d.nets(d.pay(payout{amount: "1200", day: "2021-12-01", trueUp: true}), "lender", "debtor"))
	var claims int
	require.NoError(t, d.db.NewRaw(`SELECT count(*) FROM financials.accounts a JOIN financials.subledger_balances s ON s.account_id = a.id AND s.book_id = a.book_id
		WHERE a.code = '3950' AND s.debits <> s.credits AND a.book_id = ?`, d.o.BookID).Scan(t.Context(), &claims))
	require.Zero(t, claims)
	d.sound()
	err = store.InTx(t.Context(), d.db, func(tx bun.IDB) error {
		_, err := d.svc.Positions.WithdrawPartnerEvent(t.Context(), tx, investments.WithdrawPartnerEventParams{IdempotencyKey: d.key(), EventID: loan.ID,
			Date: date.MustParse("2021-10-01"), Reason: "again", ActorID: staff})
		return err
	})
	require.ErrorIs(t, err, investments.ErrPartnerEventWithdrawn)
}

// Who was diluted, or lent or borrowed, does not take it back themselves.
func TestWithdrawPartnerEvent_party(t *testing.T) {
	t.Parallel()
	d := open(t, capitalOnly)
	ctx := t.Context()
	for _, name := range []string{"lender", "debtor"} {
		require.NoError(t, d.commits(name, "1000", "a"))
		d.wires(name, "1000", "2021-01-01")
	}
	loan := d.lends("lender", "debtor", "300", "0", "2021-02-01", "")
	diluted, err := d.svc.Positions.DilutePartner(ctx, d.db, investments.DilutePartnerParams{IdempotencyKey: d.key(), PositionID: d.position("debtor"),
		Date: date.MustParse("2021-03-01"), Missing: money.MustParse("50"), Factor: decimal.NewFromInt(1), ActorID: staff})
	require.NoError(t, err)
	withdraw := func(e *investments.PartnerEvent, by id.Of[auth.User]) error {
		return store.InTx(ctx, d.db, func(tx bun.IDB) error {
			_, err := d.svc.Positions.WithdrawPartnerEvent(ctx, tx, investments.WithdrawPartnerEventParams{IdempotencyKey: d.key(), EventID: e.ID, Date: date.MustParse("2021-04-01"), Reason: "wrong", ActorID: by})
			return err
		})
	}
	owner := func(name string) id.Of[auth.User] {
		p, err := d.svc.Positions.Position(ctx, d.db, d.position(name))
		require.NoError(t, err)
		return p.InvestorID
	}
	require.ErrorIs(t, withdraw(diluted, owner("debtor")), investments.ErrActorParty)
	require.ErrorIs(t, withdraw(loan, owner("debtor")), investments.ErrActorParty)
	require.ErrorIs(t, withdraw(loan, owner("lender")), investments.ErrActorParty)
	require.NoError(t, withdraw(diluted, owner("lender")), "it is no party to the dilution")
	require.NoError(t, withdraw(loan, staff))
}

// One member funds both shares of a call: 50/50 becomes 75/25, and with a factor of
// two the other loses twice what is missing.
func TestDilutePartner(t *testing.T) {
	t.Parallel()
	const split = `{"promote_recipient": %q, "tiers": {"capital": [{"name": "capital", "type": "return_of_capital"}, {"name": "percentages", "type": "split"}],
		"operating": [{"name": "percentages", "type": "split"}]}}`
	for factor, want := range map[string][]string{"1": {"750.00", "250.00"}, "1.5": {"875.00", "125.00"}, "2": {"1000.00", ""}} {
		t.Run(factor, func(t *testing.T) {
			t.Parallel()
			d := open(t, split)
			require.NoError(t, d.commits("aster", "150", "a"))
			require.NoError(t, d.commits("bluebell", "50", "a"))
			d.wires("aster", "50", "2018-03-01")
			d.wires("bluebell", "50", "2018-03-01")
			d.wires("aster", "100", "2019-03-01")
			e, err := d.svc.Positions.DilutePartner(t.Context(), d.db, investments.DilutePartnerParams{IdempotencyKey: d.key(), PositionID: d.position("bluebell"),
				Date: date.MustParse("2019-03-01"), Missing: money.MustParse("50"), Factor: decimal.RequireFromString(factor), ActorID: staff})
			require.NoError(t, err)
			v := d.pay(payout{amount: "1000", day: "2019-09-01"})
			got := d.lines(v)
			require.Equal(t, want, []string{got["aster"], got["bluebell"]})
			require.Equal(t, "50.00", d.balance("bluebell", "2019-09-01").Unreturned.String(), "capital stays")
			d.sound()
			events, err := d.svc.Positions.PartnerEvents(t.Context(), d.db, d.o.ID)
			require.NoError(t, err)
			require.Equal(t, e.ID, events[0].ID)
		})
	}
	d := open(t, split)
	d.wires("alone", "50", "2018-03-01")
	err := store.InTx(t.Context(), d.db, func(tx bun.IDB) error {
		_, err := d.svc.Positions.DilutePartner(t.Context(), tx, investments.DilutePartnerParams{IdempotencyKey: d.key(), PositionID: d.position("alone"),
			Date: date.MustParse("2019-03-01"), Missing: money.MustParse("50"), Factor: decimal.NewFromInt(2), ActorID: staff})
		return err
	})
	require.ErrorIs(t, err, waterfall.ErrEvent, "nobody is left to get the points")
}

// A refund of all that the others had leaves nobody to get the points of a dilution, and
// one of all that the diluted had nobody who lost them. Both are read on.
func TestDilutePartner_refundedSince(t *testing.T) {
	t.Parallel()
	for _, leaves := range []string{"a", "b"} {
		d := open(t, capitalOnly)
		for _, name := range []string{"a", "b"} {
			require.NoError(t, d.commits(name, "1000", "a"))
			d.wires(name, "1000", "2021-01-01")
		}
		dilute := func(name string) error {
			return attempt(t, d.db, func(tx bun.IDB) error {
				_, err := d.svc.Positions.DilutePartner(t.Context(), tx, investments.DilutePartnerParams{IdempotencyKey: d.key(), PositionID: d.position(name),
					Date: date.MustParse("2021-02-01"), Missing: money.MustParse("1000"), Factor: decimal.NewFromInt(2), ActorID: staff})
				return err
			})
		}
		require.NoError(t, dilute("b"))
		require.NoError(t, dilute("a"), "b has capital, though no points")
		stays := map[string]string{"a": "b", "b": "a"}[leaves]
		d.refunds(leaves, "1000", "2021-03-01")
		require.Equal(t, "1000.00", d.balance(stays, "2021-04-01").Contributed.String())
		_, err := d.svc.Distributions.Review(t.Context(), d.db, d.o.ID)
		require.NoError(t, err)
		require.Equal(t, map[string]string{stays: "100.00"}, d.lines(d.pay(payout{amount: "100", day: "2021-06-30"})))
		d.sound()
	}
}

// A tax distribution to the promote is an advance on later promote; the figures are
// those of a clause of real agreements.
func TestDeclare_advances(t *testing.T) {
	t.Parallel()
	d := open(t, `{"promote_recipient": %q, "tiers": {"capital": [{"name": "8", "type": "hurdle", "irr": "0.08"}, {"name": "rest", "type": "split", "promote": "0.2"}]}}`)
	ctx := t.Context()
	versions, err := d.svc.Offerings.TermsVersions(ctx, d.db, d.o.ID)
	require.NoError(t, err)
	terms, err := versions[0].Waterfall()
	require.NoError(t, err)
	d.wires("lp", "10000000", "2020-01-01")
	p := investments.DeclareParams{IdempotencyKey: "tax", OfferingID: d.o.ID, Type: investments.DistributionQuarterly, Date: date.MustParse("2021-04-01"), Amount: money.MustParse("300000"),
		Advances: []waterfall.Advance{{Account: terms.PromoteRecipient, Amount: money.MustParse("100000")}}, ActorID: d.staff[0]}
	draft, err := d.svc.Distributions.Preview(ctx, d.db, p)
	require.NoError(t, err)
	require.Len(t, draft.Trace.Advances, 1)
	first, err := d.svc.Distributions.Declare(ctx, d.db, p)
	require.NoError(t, err)
	require.NoError(t, d.approves(first))
	require.NoError(t, d.pays(first, "2021-04-01"))
	got := grosses(t, d.db, first)
	require.Equal(t, map[string]string{"promote": "100000.00", d.position("lp").String(): "200000.00"}, got)
	d.sound()
	second := d.pay(payout{amount: "15000000", day: "2022-01-01", kind: investments.DistributionSaleProceeds})
	got = grosses(t, d.db, second)
	require.Equal(t, map[string]string{"promote": "629096.01", d.position("lp").String(): "14370903.99"}, got)
	lines, err := d.svc.Distributions.DistributionLines(ctx, d.db, second.ID, page.Request{})
	require.NoError(t, err)
	for _, l := range lines.Items {
		why, err := d.svc.Distributions.ExplainLine(ctx, d.db, l.ID)
		require.NoError(t, err)
		require.Equal(t, l.NetDistribution, why.Paid)
		if l.Role == investments.RolePromote {
			tiers, err := d.svc.Distributions.LineTiers(ctx, d.db, l.ID)
			require.NoError(t, err)
			require.Equal(t, []string{"split 729096.01", "advance -100000.00"}, []string{tiers[0].Kind + " " + tiers[0].Amount.String(), tiers[1].Kind + " " + tiers[1].Amount.String()})
			require.Equal(t, "-100000.00", why.After[0].Amount.String())
		}
	}
	review, err := d.svc.Distributions.Review(ctx, d.db, d.o.ID)
	require.NoError(t, err)
	require.Empty(t, review.TrueUp)
	d.sound()
	p.Advances[0].Account, p.IdempotencyKey, p.Date = "nobody", "x", date.MustParse("2022-02-01")
	_, err = d.svc.Distributions.Preview(ctx, d.db, p)
	require.ErrorIs(t, err, waterfall.ErrUnknownPartner)
}

// What is distributed in kind is a part of the amount: everybody gets the same part
// of it, the book tells it from cash, and what is withheld has to be cash.
func TestDeclare_inKind(t *testing.T) {
	t.Parallel()
	for _, terms := range []string{"", standardTerms} {
		d := open(t, terms)
		ctx := t.Context()
		d.wires("a", "600000", "2021-01-01")
		d.wires("b", "400000", "2021-01-01")
		p := investments.DeclareParams{IdempotencyKey: "kind", OfferingID: d.o.ID, Type: investments.DistributionRefinance, Date: date.MustParse("2021-01-01"), Amount: money.MustParse("100000"),
			InKind: money.MustParse("90000"), ActorID: d.staff[0], Withholding: map[id.Of[investments.Position]]decimal.Decimal{d.position("b"): decimal.RequireFromString("0.15")}}
		_, err := d.svc.Distributions.Preview(ctx, d.db, p)
		require.ErrorIs(t, err, investments.ErrInKind)
		p.Withholding[d.position("b")] = decimal.RequireFromString("0.1")
		v, err := d.svc.Distributions.Declare(ctx, d.db, p)
		require.NoError(t, err)
		a, b := d.line(v, "a"), d.line(v, "b")
		require.Equal(t, []string{"60000.00 54000.00", "36000.00 36000.00"}, []string{a.NetDistribution.String() + " " + a.InKind.String(), b.NetDistribution.String() + " " + b.InKind.String()})
		require.NoError(t, d.approves(v))
		require.NoError(t, d.pays(v, "2021-01-01"))
		d.sound()
		var left string
		require.NoError(t, d.db.NewRaw(`SELECT string_agg(a.code || ' ' || x.debits - x.credits, ', ' ORDER BY a.code) FROM financials.accounts a
			JOIN financials.account_balances x ON x.account_id = a.id AND x.book_id = a.book_id WHERE a.book_id = ? AND a.code IN ('1000', '1510')`, d.o.BookID).Scan(ctx, &left))
		require.Equal(t, "1000 994000.00, 1510 -90000.00", left)
		_, err = d.svc.Distributions.FailPayment(ctx, d.db, investments.FailPaymentParams{IdempotencyKey: d.key(), LineID: a.ID, Date: date.MustParse("2021-01-05"), Reason: "refused", ActorID: staff})
		require.NoError(t, err)
		d.sound()
		p.InKind, p.IdempotencyKey = money.MustParse("100000.01"), "more"
		_, err = d.svc.Distributions.Preview(ctx, d.db, p)
		require.Error(t, err)
	}
}

// A preferred return that floats follows the fixings from their days, also between a
// record date and its distribution; one that is entered late is a changed past, and
// what only falls on a distribution's date changes nothing of it.
func TestFixRate(t *testing.T) {
	t.Parallel()
	d := open(t, `{"promote_recipient": %q, "prefs": {"a": {"rate": "0.04", "index": {"name": "SOFR"}, "default_rate": "0.12"}}, "tiers": {"capital": [{"name": "pref", "type": "pref"}, {"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split"}]}}`)
	ctx := t.Context()
	d.wires("a", "365000", "2021-01-01")
	fix := func(rate, day string) error {
		return store.InTx(ctx, d.db, func(tx bun.IDB) error {
			_, err := d.svc.Positions.FixRate(ctx, tx, investments.FixRateParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Index: "SOFR", Date: date.MustParse(day), Rate: decimal.RequireFromString(rate), ActorID: staff})
			return err
		})
	}
	require.NoError(t, fix("0.10", "2021-07-01"))
	require.ErrorIs(t, fix("0.11", "2021-07-01"), investments.ErrPartnerEventExists)
	prefOf := func(v *investments.Distribution) string {
		tiers, err := d.svc.Distributions.LineTiers(ctx, d.db, d.line(v, "a").ID)
		require.NoError(t, err)
		return tiers[0].Amount.String()
	}
	// 181 days at 40.00 and 90 at 100.00.
	first := d.pay(payout{amount: "100000", day: "2021-09-29", record: "2021-05-01", kind: investments.DistributionRefinance})
	require.Equal(t, "16240.00", prefOf(first))
	require.Equal(t, "0.00", d.balance("a", "2021-09-29").UnpaidPref.String())

	require.NoError(t, fix("0.05", "2021-09-29"))
	review, err := d.svc.Distributions.Review(ctx, d.db, d.o.ID)
	require.NoError(t, err)
	require.Empty(t, review.Changed, "a fixing of the day of a distribution")
	// 281,240.00 for ten days at 5 %, then in default for ten.
	_, err = d.svc.Positions.EnterDefault(ctx, d.db, investments.EnterDefaultParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Preference: "a", Date: date.MustParse("2021-10-09"), ActorID: staff})
	require.NoError(t, err)
	second, err := d.declares(payout{amount: "100000", day: "2021-10-19", kind: investments.DistributionRefinance})
	require.NoError(t, err)
	require.Equal(t, "1309.88", prefOf(second))
	require.NoError(t, fix("0.06", "2021-10-01"))
	require.ErrorIs(t, d.approves(second), investments.ErrDistributionStale)
	_, err = d.svc.Distributions.Cancel(ctx, d.db, investments.CancelDistributionParams{DistributionID: second.ID, Reason: "a fixing came late", ActorID: staff})
	require.NoError(t, err)
	_, err = d.svc.Positions.EnterDefault(ctx, d.db, investments.EnterDefaultParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Preference: "a", Date: date.MustParse("2021-10-14"), Ends: true, ActorID: staff})
	require.NoError(t, err)
	third := d.pay(payout{amount: "100000", day: "2021-10-19", kind: investments.DistributionRefinance})
	require.Equal(t, prefOf(third), func() string { // 2 days at 5 %, 8 and 5 at 6 %, 5 at 12 %
		x, _ := money.Round(decimal.RequireFromString("281240").Mul(decimal.RequireFromString("1.48")).Div(decimal.NewFromInt(365)))
		return x.String()
	}())
	d.sound()
	err = store.InTx(ctx, d.db, func(tx bun.IDB) error {
		_, err := d.svc.Positions.FixRate(ctx, tx, investments.FixRateParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Index: "EURIBOR", Date: date.MustParse("2021-07-02"), ActorID: staff})
		return err
	})
	require.ErrorIs(t, err, investments.ErrRateName)
}

// Who was diluted, or lent money, and then got all of their money back, stays a party to
// that: the history of the offering can still be read.
func TestPartnerEvents_refundedSince(t *testing.T) {
	t.Parallel()
	d := open(t, capitalOnly)
	d.wires("a", "100000", "2021-01-10")
	d.wires("b", "50000", "2021-02-10")
	d.lends("b", "a", "1000", "0.06", "2021-02-11", waterfall.CompoundNone)
	_, err := d.svc.Positions.DilutePartner(t.Context(), d.db, investments.DilutePartnerParams{IdempotencyKey: d.key(), PositionID: d.position("b"),
		Date: date.MustParse("2021-02-12"), Missing: money.MustParse("10000"), Factor: decimal.RequireFromString("1.5"), ActorID: staff})
	require.NoError(t, err)
	lender := d.position("b")
	d.refunds("b", "50000", "2021-02-20")
	require.Equal(t, "100000.00", d.balance("a", "2021-03-01").Unreturned.String())
	review, err := d.svc.Distributions.Review(t.Context(), d.db, d.o.ID)
	require.NoError(t, err)
	require.Empty(t, review.TrueUp)
	v := d.pay(payout{kind: investments.DistributionRefinance, amount: "60000", day: "2021-03-01"})
	lines, err := d.svc.Distributions.DistributionLines(t.Context(), d.db, v.ID, page.Request{})
	require.NoError(t, err)
	got := map[id.Of[investments.Position]]string{}
	for _, l := range lines.Items {
		got[*l.PositionID] = l.NetDistribution.String()
	}
	require.Equal(t, "1002.96", got[lender], "the loan with 18 days of interest")
	d.sound()
}
