package realestate_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
	"github.com/freehold-go/freehold/realestate/users"
)

func platform() *realestate.Platform {
	p, err := realestate.New(realestate.Config{Now: func() time.Time { return time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC) }})
	if err != nil {
		panic(err)
	}
	return p
}

func TestNew_namesTheField(t *testing.T) {
	t.Parallel()
	_, err := realestate.New(realestate.Config{Scope: strings.Repeat("x", 201)})
	require.Equal(t, "scope", fault.FieldErrors(err)[0].Field)
	_, err = realestate.New(realestate.Config{Scope: "a\x00"})
	require.ErrorIs(t, err, fault.Invalid)
	_, err = realestate.New(realestate.Config{Approvals: investments.ApprovalPolicy{{Approvers: -1}}})
	require.Equal(t, "approvals[0].approvers", fault.FieldErrors(err)[0].Field)
}

func person(t *testing.T, db bun.IDB) id.Of[auth.User] {
	t.Helper()
	require.NoError(t, hire(t.Context(), db))
	return realestatetest.User(t, db).ID
}

// accredited is a new user who may commit.
func accredited(t *testing.T, db bun.IDB) id.Of[auth.User] {
	t.Helper()
	require.NoError(t, hire(t.Context(), db))
	return realestatetest.Investor(t, db).ID
}

// accredit lets a user commit.
func accredit(t *testing.T, db bun.IDB, who id.Of[auth.User]) {
	t.Helper()
	p := platform()
	v, err := p.Profiles.SubmitVerification(t.Context(), db, users.SubmitVerificationParams{UserID: who, Type: users.VerificationAccredited})
	require.NoError(t, err)
	_, err = p.Profiles.ApproveVerification(t.Context(), db, users.ApproveVerificationParams{ID: v.ID, ReviewerID: person(t, db)})
	require.NoError(t, err)
}

// offered is an open offering of a property; "" is no hard cap.
func offered(t *testing.T, db bun.IDB, hardCap string) *investments.Offering {
	t.Helper()
	require.NoError(t, hire(t.Context(), db))
	return realestatetest.Offering(t, db, func(p *investments.CreateOfferingParams) {
		p.MinimumInvestment, p.HardCap, p.ActorID = nil, nil, staff
		if hardCap != "" {
			most := money.MustParse(hardCap)
			p.HardCap = &most
		}
	})
}

// deal is a property with an offering of which two investors were paid.
func deal(t *testing.T, db bun.IDB) *investments.Offering {
	t.Helper()
	ctx, p, o := t.Context(), platform(), offered(t, db, "500000")
	for i, a := range []string{"100000", "50000"} {
		who := accredited(t, db)
		sub, err := p.Commitments.Commit(ctx, db, investments.CommitParams{IdempotencyKey: o.Slug + a, OfferingID: o.ID, InvestorID: who, Amount: money.MustParse(a), Date: date.MustParse("2026-01-10"), ActorID: who})
		require.NoError(t, err, i)
		_, err = p.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: sub.ID.String(), SubscriptionID: sub.ID, Date: date.MustParse("2026-01-15"), ActorID: staff})
		require.NoError(t, err)
	}
	d, err := p.Distributions.Declare(ctx, db, investments.DeclareParams{IdempotencyKey: o.Slug, OfferingID: o.ID, Type: investments.DistributionQuarterly, Date: date.MustParse("2026-04-15"), Amount: money.MustParse("1000.01"), ActorID: person(t, db)})
	require.NoError(t, err)
	_, err = p.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: person(t, db)})
	require.NoError(t, err)
	_, err = p.Distributions.Pay(ctx, db, investments.PayParams{IdempotencyKey: o.Slug, DistributionID: d.ID, Date: d.DistributionDate, Method: investments.PayACH, ActorID: staff})
	require.NoError(t, err)
	moveCapital(t, db, o)
	movePayments(t, db, o)
	sellOut(t, db)
	require.NoError(t, p.Positions.RefreshOwnership(ctx, db, o.ID))
	require.NoError(t, p.Reports.RefreshPortfolios(ctx, db, investments.RefreshPortfoliosParams{InvestorIDs: nil, AsOf: date.MustParse("2026-12-31")}))
	return o
}

// sellOut is a second offering that was sold: with results allocated, a part of
// a position transferred, and an escrow released after the exit.
func sellOut(t *testing.T, db bun.IDB) {
	t.Helper()
	ctx, p := t.Context(), platform()
	o := offered(t, db, "")
	var position id.Of[investments.Position]
	var seller id.Of[auth.User]
	for _, a := range []string{"70000.03", "50000"} {
		who := accredited(t, db)
		sub, err := p.Commitments.Commit(ctx, db, investments.CommitParams{IdempotencyKey: o.Slug + a, OfferingID: o.ID, InvestorID: who, Amount: money.MustParse(a), Date: date.MustParse("2026-01-10"), ActorID: who})
		require.NoError(t, err)
		_, err = p.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: sub.ID.String(), SubscriptionID: sub.ID, Date: date.MustParse("2026-01-15"), ActorID: staff})
		require.NoError(t, err)
		position, seller = *sub.PositionID, sub.InvestorID
	}
	_, err := p.Offerings.Close(ctx, db, investments.CloseOfferingParams{OfferingID: o.ID, ActorID: staff})
	require.NoError(t, err)
	for kind, amount := range map[investments.AllocationKind]string{investments.AllocationIncome: "-55.55", investments.AllocationUnrealized: "1000.01", investments.AllocationFees: "10"} {
		_, err = p.Capital.Allocate(ctx, db, investments.AllocateParams{IdempotencyKey: o.Slug + string(kind), OfferingID: o.ID, Kind: kind, Amount: money.MustParse(amount), Date: date.MustParse("2026-03-31"), ActorID: staff})
		require.NoError(t, err)
	}
	pay := func(key, amount, day string, kind investments.DistributionType, c investments.Character) {
		d, err := p.Distributions.Declare(ctx, db, investments.DeclareParams{IdempotencyKey: o.Slug + key, OfferingID: o.ID, Type: kind, Character: &c, Date: date.MustParse(day), Amount: money.MustParse(amount), ActorID: person(t, db)})
		require.NoError(t, err)
		_, err = p.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: person(t, db)})
		require.NoError(t, err)
		_, err = p.Distributions.Pay(ctx, db, investments.PayParams{IdempotencyKey: o.Slug + key, DistributionID: d.ID, Date: d.DistributionDate, Method: investments.PayACH, ActorID: staff})
		require.NoError(t, err)
	}
	pay("refinance", "20000", "2026-05-01", investments.DistributionRefinance, investments.CharacterReturnOfCapital)
	buyer := accredited(t, db)
	tr, err := p.Positions.RequestTransfer(ctx, db, investments.RequestTransferParams{IdempotencyKey: o.Slug, PositionID: position, ToInvestorID: buyer,
		Fraction: decimal.RequireFromString("0.37"), EffectiveDate: date.MustParse("2026-06-01"), ActorID: seller})
	require.NoError(t, err)
	_, err = p.Positions.ApproveTransfer(ctx, db, investments.ApproveTransferParams{TransferID: tr.ID, ActorID: person(t, db)})
	require.NoError(t, err)
	_, err = p.Positions.CompleteTransfer(ctx, db, investments.CompleteTransferParams{IdempotencyKey: o.Slug, TransferID: tr.ID, ActorID: staff})
	require.NoError(t, err)
	pay("sale", "150000", "2026-09-01", investments.DistributionSaleProceeds, investments.CharacterCapitalGain)
	require.NoError(t, p.Positions.RefreshOwnership(ctx, db, o.ID))
	exit := investments.ExitOfferingParams{IdempotencyKey: o.Slug, OfferingID: o.ID, Date: date.MustParse("2026-09-30"), ActorID: staff}
	_, err = p.Capital.ExitOffering(ctx, db, exit)
	require.NoError(t, err)
	pay("escrow", "5000", "2026-11-01", investments.DistributionSaleProceeds, investments.CharacterCapitalGain)
	exit.IdempotencyKey, exit.Date = o.Slug+"escrow", date.MustParse("2026-11-30")
	out, err := p.Capital.ExitOffering(ctx, db, exit)
	require.NoError(t, err)
	require.Equal(t, "34999.97", out.RealizedGains.String(), "155,000.00 for 120,000.03: a label returns no capital")
	require.Equal(t, "54999.97", out.TotalReturns.String(), "and what the refinancing paid")
}

// moveCapital calls capital of a third investor, refunds a fourth, lets a fifth
// wait for the room, and transfers a part of a position.
func moveCapital(t *testing.T, db bun.IDB, o *investments.Offering) {
	t.Helper()
	ctx, p := t.Context(), platform()
	commit := func(amount string) *investments.Subscription {
		who := accredited(t, db)
		sub, err := p.Commitments.Commit(ctx, db, investments.CommitParams{IdempotencyKey: who.String(), OfferingID: o.ID, InvestorID: who, Amount: money.MustParse(amount), Date: date.MustParse("2026-05-01"), JoinWaitlist: true, ActorID: who})
		require.NoError(t, err)
		return sub
	}
	called, refunded := commit("50000"), commit("60000")
	_, err := p.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: o.Slug + "refunded", SubscriptionID: refunded.ID, Date: date.MustParse("2026-05-02"), ActorID: staff})
	require.NoError(t, err)
	half := decimal.RequireFromString("0.5")
	call, err := p.Commitments.CallCapital(ctx, db, investments.CallCapitalParams{IdempotencyKey: o.Slug, OfferingID: o.ID, Fraction: &half, DueDate: date.MustParse("2026-06-01"), ActorID: person(t, db)})
	require.NoError(t, err)
	_, err = p.Commitments.IssueCall(ctx, db, investments.IssueCallParams{CallID: call.ID, NoticeDate: date.MustParse("2026-05-15"), ActorID: staff})
	require.NoError(t, err)
	_, err = p.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: o.Slug + "called", SubscriptionID: called.ID, Amount: money.MustParse("10000"), Date: date.MustParse("2026-05-20"), ActorID: staff})
	require.NoError(t, err)
	waits := commit("290000")
	require.Equal(t, investments.SubscriptionStatusWaitlisted, waits.Status)
	_, err = p.Commitments.RefundContribution(ctx, db, investments.RefundContributionParams{IdempotencyKey: o.Slug, SubscriptionID: refunded.ID, Date: date.MustParse("2026-05-21"), ActorID: staff})
	require.NoError(t, err)
	waits, err = p.Commitments.Admit(ctx, db, investments.AdmitParams{IdempotencyKey: o.Slug, SubscriptionID: waits.ID, ActorID: staff})
	require.NoError(t, err)
	require.Equal(t, investments.SubscriptionStatusOpen, waits.Status)
	tr, err := p.Positions.RequestTransfer(ctx, db, investments.RequestTransferParams{IdempotencyKey: o.Slug, PositionID: *called.PositionID, ToInvestorID: refunded.InvestorID,
		Fraction: half, EffectiveDate: date.MustParse("2026-06-01"), ActorID: called.InvestorID})
	require.NoError(t, err)
	_, err = p.Positions.ApproveTransfer(ctx, db, investments.ApproveTransferParams{TransferID: tr.ID, ActorID: person(t, db)})
	require.NoError(t, err)
	_, err = p.Positions.CompleteTransfer(ctx, db, investments.CompleteTransferParams{IdempotencyKey: o.Slug, TransferID: tr.ID, ActorID: staff})
	require.NoError(t, err)
}

// movePayments leaves distributions of the deal in every state: one waits for a
// second person, one is with the bank, one has a failed line, one is reversed and
// paid back in part, and some of the tax is remitted.
func movePayments(t *testing.T, db bun.IDB, o *investments.Offering) {
	t.Helper()
	ctx, p := t.Context(), platform()
	declare := func(key string) *investments.Distribution {
		positions, err := p.Positions.Positions(ctx, db, investments.PositionFilter{OfferingID: &o.ID, Status: investments.PositionStatusFunded}, page.Request{})
		require.NoError(t, err)
		d, err := p.Distributions.Declare(ctx, db, investments.DeclareParams{IdempotencyKey: o.Slug + key, OfferingID: o.ID, Type: investments.DistributionQuarterly, Date: date.MustParse("2026-06-15"),
			Amount: money.MustParse("900"), ActorID: person(t, db), Withholding: map[id.Of[investments.Position]]decimal.Decimal{positions.Items[0].ID: decimal.RequireFromString("0.3")}})
		require.NoError(t, err)
		return d
	}
	approve := func(key string) *investments.Distribution {
		d, err := p.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: declare(key).ID, ActorID: person(t, db)})
		require.NoError(t, err)
		return d
	}
	send := func(d *investments.Distribution) []investments.DistributionLine {
		_, err := p.Distributions.Process(ctx, db, investments.ProcessDistributionParams{IdempotencyKey: d.ID.String(), DistributionID: d.ID, Date: date.MustParse("2026-07-16"), Method: investments.PayACH, ActorID: staff})
		require.NoError(t, err)
		lines, err := p.Distributions.DistributionLines(ctx, db, d.ID, page.Request{})
		require.NoError(t, err)
		return lines.Items
	}
	confirm := func(d *investments.Distribution, lines ...id.Of[investments.DistributionLine]) {
		_, err := p.Distributions.ConfirmPayments(ctx, db, investments.ConfirmPaymentsParams{IdempotencyKey: d.ID.String(), DistributionID: d.ID, Lines: lines, Date: date.MustParse("2026-07-17"), ActorID: staff})
		require.NoError(t, err)
	}
	strict, err := realestate.New(realestate.Config{Approvals: investments.ApprovalPolicy{{Approvers: 2}}})
	require.NoError(t, err)
	_, err = strict.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: declare("waits").ID, ActorID: person(t, db)})
	require.NoError(t, err)
	approve("approved")
	partly := approve("sent")
	confirm(partly, send(partly)[0].ID)
	some := approve("failed")
	_, err = p.Distributions.FailPayment(ctx, db, investments.FailPaymentParams{IdempotencyKey: o.Slug, LineID: send(some)[0].ID, Date: date.MustParse("2026-07-17"), Reason: "refused", ActorID: staff})
	require.NoError(t, err)
	confirm(some)
	_, err = p.Distributions.RemitWithholding(ctx, db, investments.RemitWithholdingParams{IdempotencyKey: o.Slug, OfferingID: o.ID, Amount: money.MustParse("10"), Date: date.MustParse("2026-07-20"), ActorID: staff})
	require.NoError(t, err)
	back := approve("reversed")
	send(back)
	confirm(back)
	_, err = reverse(ctx, db, p.Distributions, investments.ReverseDistributionParams{ActorID: person(t, db), IdempotencyKey: o.Slug, DistributionID: back.ID, Date: date.MustParse("2026-07-18"), Reason: "wrong deal"})
	require.NoError(t, err)
	owed, err := p.Distributions.Recoverables(ctx, db, o.ID, page.Request{})
	require.NoError(t, err)
	require.NotEmpty(t, owed.Items)
	_, err = p.Distributions.RecordRecovery(ctx, db, investments.RecordRecoveryParams{IdempotencyKey: o.Slug, OfferingID: o.ID, PositionID: owed.Items[0].PositionID, Amount: money.MustParse("0.50"), Date: date.MustParse("2026-07-19"), ActorID: staff})
	require.NoError(t, err)
	settleDebts(t, db, o, owed.Items[0].PositionID)
}

// settleDebts writes a little of a debt off, and sets the rest off against a
// distribution that cites the income that it is paid out of.
func settleDebts(t *testing.T, db bun.IDB, o *investments.Offering, debtor *id.Of[investments.Position]) {
	t.Helper()
	ctx, p := t.Context(), platform()
	w, err := p.Capital.RequestWriteOff(ctx, db, investments.RequestWriteOffParams{IdempotencyKey: o.Slug, OfferingID: o.ID, PositionID: debtor, Amount: money.MustParse("0.25"),
		Date: date.MustParse("2026-07-20"), Reason: "a trifle", ActorID: person(t, db)})
	require.NoError(t, err)
	_, err = p.Capital.ApproveWriteOff(ctx, db, investments.ApproveWriteOffParams{WriteOffID: w.ID, ActorID: person(t, db)})
	require.NoError(t, err)
	rent, err := p.Capital.RecordCash(ctx, db, investments.RecordCashParams{IdempotencyKey: o.Slug, OfferingID: o.ID, Kind: investments.CashIncome, Amount: money.MustParse("5000"), Date: date.MustParse("2026-07-01"), ActorID: person(t, db)})
	require.NoError(t, err)
	d, err := p.Distributions.Declare(ctx, db, investments.DeclareParams{IdempotencyKey: o.Slug + "set off", OfferingID: o.ID, Type: investments.DistributionQuarterly, Date: date.MustParse("2026-07-25"),
		Amount: money.MustParse("100"), SetOff: true, Sources: []investments.CashSource{{CashID: rent.ID, Amount: money.MustParse("100")}}, ActorID: person(t, db)})
	require.NoError(t, err)
	_, err = p.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: person(t, db)})
	require.NoError(t, err)
}

func TestVerify_holds(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	deal(t, db)
	r, err := platform().Verify(ctx, db)
	require.NoError(t, err)
	require.True(t, r.OK(), r.String())
	require.GreaterOrEqual(t, r.Invariants, 15)
}

// billSQL is an approved bill that nobody has approved.
const billSQL = `WITH w AS (SELECT id FROM auth.users LIMIT 1), h AS (SELECT id FROM properties.properties LIMIT 1),
	v AS (INSERT INTO financials.vendors (kind, name) VALUES ('company', 'Plumbing') RETURNING id),
	b AS (INSERT INTO financials.bills (property_id, vendor_id, line, amount, billed_on, due_on, status, entered_by, decided_by, decided_at)
		SELECT h.id, v.id, 'utilities', 5, '2026-01-01', '2026-01-01', 'approved', w.id, w.id, now() FROM h, v, w RETURNING *)`

// billPaidSQL is a payment of it that nobody booked.
func billPaidSQL(amount string) string {
	return billSQL + ` INSERT INTO financials.bill_payments (bill_id, property_id, kind, amount, paid_on, journal_id, recorded_by)
		SELECT id, property_id, 'payment', ` + amount + `, '2026-01-02', gen_random_uuid(), entered_by FROM b`
}

// aLoan is a loan between partners that nobody booked.
const aLoan = `INSERT INTO investments.partner_events (opportunity_id, kind, effective_date, rate, lender_id, position_id, amount, compounding, day_count, book_id, journal_id, created_by)
	SELECT p.opportunity_id, 'loan', '2026-03-01', 0.1, p.id, gen_random_uuid(), 5, 'none', 'ACT/365F', j.book_id, j.id, p.investor_id FROM investments.property_investments p, financials.journals j LIMIT 1`

// Each invariant is broken on purpose, with the triggers out of the way, and
// Verify must name it. The gate asks the invariant alone where it is a query, and for one
// in eight of them Verify; make fault asks Verify each time.
func TestVerify_findsEachBreach(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	deal(t, db)
	queries := map[string]string{}
	for _, i := range realestate.Invariants() {
		queries[i.Name] = i.Query
	}
	breaches := map[string]string{
		"a distribution's lines sum to its total":                                            "UPDATE investments.distributions SET total_amount = total_amount + 0.01",
		"a line's tiers sum to its gross amount":                                             "UPDATE investments.distribution_tiers SET amount = amount - 0.01",
		"a line is paid at most once, and only out of a paid distribution":                   "INSERT INTO investments.transactions (investor_id, investment_id, distribution_line_id, type, amount, status) SELECT investor_id, investment_id, id, 'distribution', distribution_amount, 'completed' FROM investments.investor_distributions LIMIT 1",
		"committed_amount is the open and funded subscriptions":                              "UPDATE investments.opportunities SET committed_amount = committed_amount - 1",
		"no offering is sold beyond its hard cap":                                            "ALTER TABLE investments.opportunities DROP CONSTRAINT chk_opportunities_capacity; UPDATE investments.opportunities SET hard_cap = 1, target_raise = NULL",
		"amount_raised and investor_count are the counted positions":                         "UPDATE investments.opportunities SET investor_count = 1",
		"a subscription's received amount is its contributions":                              "UPDATE investments.transactions SET amount = amount - 1 WHERE type = 'investment'",
		"a subscription's refunded amount is its refunds":                                    "UPDATE investments.subscriptions SET refunded = refunded + 1 WHERE received > refunded",
		"an ended subscription holds no money":                                               "UPDATE investments.subscriptions SET status = 'cancelled', cancelled_at = now() WHERE received > refunded",
		"a waitlist number was drawn from its offering":                                      "UPDATE investments.opportunities SET next_waitlist_number = 1",
		"a capital call's lines sum to its total":                                            "UPDATE investments.capital_calls SET total_amount = total_amount + 0.01",
		"what is called and not received is what issued calls wait for":                      "UPDATE investments.subscriptions SET called = called - 1 WHERE called > received",
		"what came in on capital calls was received":                                         "UPDATE investments.capital_call_lines SET amount = amount + 100000, received = received + 100000 WHERE received > 0",
		"a completed transfer moved its amount once, out of one position and into the other": "UPDATE investments.transactions SET amount = amount + 1 WHERE type = 'transfer_in'",
		"a committed position carries what its open subscriptions come to":                   "UPDATE investments.property_investments SET investment_amount = investment_amount - 1 WHERE status = 'committed'",
		"a position that does not count holds no capital in the ledger":                      "UPDATE investments.property_investments SET status = 'cancelled' WHERE status = 'funded'",
		"nothing stays in transfers clearing":                                                "UPDATE financials.account_balances b SET debits = debits + 1 FROM financials.accounts a WHERE a.id = b.account_id AND a.code = '3900'",
		"a position's distributions are its transactions":                                    "UPDATE investments.property_investments SET total_distributions = 0",
		"a position's capital is what the ledger holds for it":                               "UPDATE investments.property_investments SET investment_amount = investment_amount + 1",
		"what is payable in a book is its approved and failed lines":                         "UPDATE investments.investor_distributions SET payment_status = 'pending'",
		"a portfolio's total_distributions are within its transactions":                      "UPDATE investments.investor_portfolios SET total_distributions = total_distributions + 1, last_calculated_at = '2100-01-01'",
		"a portfolio's total_invested is its counted positions":                              "UPDATE investments.investor_portfolios SET total_invested = 7",
		"account balances are their postings":                                                "UPDATE financials.account_balances SET debits = debits + 1",
		"subledger balances are their postings":                                              "DELETE FROM financials.subledger_balances",
		"a distribution's frozen inputs are what their hashes say":                           "UPDATE investments.distribution_calculations SET opening_state = opening_state || '\\x00'",
		"an offering knows through which day its capital was distributed":                    "UPDATE investments.distribution_calculations SET closing_state = '\\x00', closing_index = '\\x00', terms_hash = sha256('x'), late_changes = 5",
		"every distribution is what its frozen inputs come to":                               "UPDATE investments.distribution_tiers SET amount = amount - 0.01",
		"every journal has lines":                                                            "DELETE FROM financials.postings",
		"statements in force do not overlap":                                                 "INSERT INTO financials.property_income (property_id, period_start, period_end) SELECT id, d::date, '2026-03-31' FROM properties.properties, unnest(ARRAY['2026-01-01', '2026-02-01']) AS d",
		"every book reads as it was posted and sealed":                                       "UPDATE financials.journals SET description = 'forged'",
		"a property's summary is that of its offerings":                                      `UPDATE properties.properties SET investor_count = 77`,
		"an event's current_attendees are its registrations": `INSERT INTO events.events (title, slug, start_datetime, end_datetime, current_attendees)
			VALUES ('Call', 'call', '2026-01-01', '2026-01-02', 1)`,
		"a project that has ended leaves no unit's renovation open": `WITH p AS (INSERT INTO renovations.projects (property_id, project_name, status)
				SELECT id, 'Baths', 'completed' FROM properties.properties LIMIT 1 RETURNING id, property_id),
			u AS (INSERT INTO properties.units (property_id, unit_number) SELECT property_id, 'R1' FROM p RETURNING id)
			INSERT INTO renovations.unit_renovations (project_id, unit_id) SELECT p.id, u.id FROM p, u`,
		"a project's increase of rent is that of its completed units": "INSERT INTO renovations.projects (property_id, project_name, actual_rent_increase) SELECT id, 'Baths', 7 FROM properties.properties LIMIT 1",
		"work that began in a unit has a first day, and that which ended a last one": `WITH p AS (INSERT INTO renovations.projects (property_id, project_name) SELECT id, 'Baths' FROM properties.properties LIMIT 1 RETURNING id)
			INSERT INTO renovations.unit_renovations (project_id, unit_id, status) SELECT p.id, gen_random_uuid(), 'in_progress' FROM p`,
		"distributions of a worksheet are of its property, not before its day, and within it": `WITH w AS (INSERT INTO financials.worksheets
				(property_id, as_of_date, cash, deposits, reserves, reserves_required, debt_service_due, minimum_cash, trapped, distributable, recorded_by)
				SELECT property_id, '2026-01-01', 1, 0, 0, 0, 0, 0, FALSE, 1, created_by FROM investments.distributions LIMIT 1 RETURNING id, property_id)
			UPDATE investments.distributions d SET worksheet_id = w.id FROM w WHERE d.property_id = w.property_id`,
		"a bill is approved by somebody else than who entered it, as often as was needed": billSQL + " SELECT",
		"a bill is paid at most once, and only when it was approved":                      billPaidSQL("9"),
		"a payment of a bill is returned whole and once": billPaidSQL("5") + `; INSERT INTO financials.bill_payments (bill_id, property_id, kind, amount, paid_on, of_id, journal_id, recorded_by)
			SELECT bill_id, property_id, 'return', 4, paid_on, id, journal_id, recorded_by FROM financials.bill_payments`,
		"the book of a property has each payment of a bill as it is": billPaidSQL("5"),
		"a property's occupancy is that of its units":                "INSERT INTO properties.units (property_id, unit_number) SELECT id, '1' FROM properties.properties; UPDATE properties.properties SET occupancy_rate = 0.5",
		"a statement out of the book is what the book says": `WITH b AS (INSERT INTO financials.books (code, name, kind, property_id) SELECT 'stated', 'Stated', 'property', p.id FROM properties.properties p
				WHERE NOT EXISTS (SELECT FROM financials.books x WHERE x.property_id = p.id) LIMIT 1 RETURNING property_id)
			INSERT INTO financials.property_income (property_id, period_start, period_end, source, gross_rental_income) SELECT property_id, '2026-01-01', '2026-01-31', 'book', 5 FROM b`,
		"the book says of each loan what its entries say": loanSQL + loanEntrySQL("'draw', 5"),
		"the book says of each property's reserves what their entries say": loanSQL + ` INSERT INTO financials.reserve_entries (property_id, purpose, kind, amount, effective_on, journal_id, recorded_by)
			SELECT l.property_id, 'roof', 'set_aside', 5, '2026-01-01', gen_random_uuid(), w.id FROM l, w`,
		"no loan is drawn beyond its commitment or repaid beyond what was drawn": loanSQL + loanEntrySQL("'draw', 1001"),
		"a loan that ended was paid off on its day":                              loanSQL + loanEntrySQL("'payoff', 5"),
		"a refinanced loan has the one that took its place":                      loanSQL + " INSERT INTO financials.loans (property_id, lender, principal, annual_rate, amortization_months, term_months, start_date, status, payoff_date) SELECT property_id, 'Bank', 5, 0, 1, 1, '2026-01-01', 'refinanced', '2026-02-01' FROM l",
		"the rate of a loan is what its index says": loanSQL + ` INSERT INTO financials.loan_rates (loan_id, effective_on, index_date, index_value, annual_rate, recorded_by)
			SELECT l.id, '2026-02-01', '2026-01-31', 0.01, 0.05, w.id FROM l, w`,
		"a test of a covenant is what its figures say": loanSQL + `, c AS (INSERT INTO financials.covenants (loan_id, kind, threshold, starts_on) SELECT id, 'dscr', 1.25, '2026-01-01' FROM l RETURNING id)
			INSERT INTO financials.covenant_tests (covenant_id, as_of_date, income, debt_service, balance, status) SELECT id, '2026-01-31', 1, 1, 1, 'met' FROM c`,
		"budgets in force do not overlap": `INSERT INTO financials.budgets (property_id, first_month, last_month, kind)
			SELECT p.id, m.first, '2026-12-01', 'original' FROM (SELECT id FROM properties.properties LIMIT 1) p, (VALUES ('2026-01-01'::date), ('2026-06-01')) m (first)`,
		"a budget plans its own months": `WITH b AS (INSERT INTO financials.budgets (property_id, first_month, last_month, kind) SELECT id, '2026-01-01', '2026-12-01', 'original' FROM properties.properties LIMIT 1 RETURNING id)
			INSERT INTO financials.budget_lines (budget_id, month, line, amount) SELECT id, '2027-01-01', 'payroll', 1 FROM b`,
		"no two leases of a unit overlap": leaseSQL + `, t AS (INSERT INTO financials.lease_terms (lease_id, property_id, unit_id, number, starts_on, month_to_month, conditions, reason, recorded_by)
			SELECT l.id, l.property_id, l.unit_id, 1, '2026-01-01', TRUE, '{}', 'signed', w.id FROM l, w) SELECT`,
		"the last day of a term follows from its days": leaseSQL + ` INSERT INTO financials.lease_terms (lease_id, property_id, unit_id, number, starts_on, last_day, month_to_month, conditions, reason, recorded_by)
			SELECT l.id, l.property_id, l.unit_id, 1, '2026-01-01', '2026-05-01', TRUE, '{}', 'signed', w.id FROM l, w LIMIT 1`,
		"a lease has one rent on a day": leaseSQL + ` INSERT INTO financials.lease_charges (lease_id, kind, amount, starts_on, recorded_by)
			SELECT (SELECT id FROM l LIMIT 1), 'rent', 1, d::date, (SELECT id FROM w LIMIT 1) FROM unnest(ARRAY['2026-01-01', '2026-02-01']) AS d`,
		"a unit says what its leases say":                       "UPDATE properties.units SET occupancy_basis = 'leases', occupancy_as_of = '2026-01-01', occupancy_status = 'occupied', current_rent = 1",
		"the occupancy of a property with leases rests on them": leaseSQL + " SELECT",
		"the book says of each tenant what their ledger says":   entrySQL("'deposit', 5"),
		"payments and charges are applied at most once": entrySQL("'payment', 5") + `; INSERT INTO financials.lease_applications (payment_id, charge_id, lease_id, amount)
			SELECT id, id, lease_id, 9 FROM financials.lease_entries`,
		"what is reversed or returned is at most what was there": entrySQL("'payment', 5") + `; INSERT INTO financials.lease_entries (lease_id, property_id, kind, amount, effective_on, of_id, journal_id)
			SELECT lease_id, property_id, 'return', 9, effective_on, id, journal_id FROM financials.lease_entries`,
		"no more of a deposit is settled than was paid": entrySQL("'deposit_refunded', 5"),
		"an approved write-off is a credit of its amount": entrySQL("'payment', 5") + `; INSERT INTO financials.lease_write_offs (lease_id, amount, effective_date, reason, status, requested_by, decided_by, decided_at, entry_id)
			SELECT e.lease_id, 5, e.effective_on, 'x', 'approved', u.id, u.id, now(), e.id FROM financials.lease_entries e, (SELECT id FROM auth.users LIMIT 1) u`,
		"a property's coordinates and location are one point":                                                      "UPDATE properties.properties SET latitude = 40, longitude = -83, location = 'POINT(-84 40)'::geography",
		"a completed line has exactly one live payment, and no other line has one":                                 "UPDATE investments.transactions t SET reverses_id = id WHERE distribution_line_id = (SELECT l.id FROM investments.investor_distributions l JOIN investments.distributions d ON d.id = l.distribution_id WHERE l.payment_status = 'completed' LIMIT 1)",
		"a distribution's status agrees with its lines":                                                            "UPDATE investments.distributions SET status = 'completed' WHERE status = 'processing'",
		"a distribution that was let pass is booked, one that is reversed is booked back":                          "UPDATE investments.distributions SET declaration_journal_id = NULL WHERE status = 'completed'",
		"a distribution that was let pass had enough people agree, its creator only where he may":                  "UPDATE freehold.approval_requests SET required = 2 WHERE status = 'approved'",
		"what was agreed to is what was declared":                                                                  "UPDATE investments.investor_distributions SET tax_withholding = tax_withholding + 0.01, net_distribution = net_distribution - 0.01 WHERE net_distribution > 1",
		"what is payable to a position is its unpaid lines":                                                        "UPDATE financials.subledger_balances b SET credits = credits + 1 FROM financials.accounts a WHERE a.id = b.account_id AND a.code = '2100'",
		"what is to be recovered is what reversed distributions had paid and others billed, less what was settled": "DELETE FROM investments.transactions WHERE type = 'adjustment'",
		"what a booked distribution sets off settled as much of debts":                                             "DELETE FROM investments.transactions WHERE description = 'set off against a distribution'",
		"a write-off is booked, told and in the history, and as many agreed as had to, not who asked for it":       "UPDATE investments.write_offs SET amount = amount + 1",
		"what was paid in a year is the same in the tax totals and in the capital accounts":                        "UPDATE investments.capital_movements SET effective_date = effective_date + 1000 WHERE kind = 'payment'",
		"what capital accounts state as declared and not paid is the lines that wait for payment":                  "UPDATE investments.investor_distributions SET payment_status = 'completed' WHERE payment_status = 'sent'",
		"the cash of a complete book is not below zero":                                                            "UPDATE investments.opportunities SET cash_complete = TRUE; UPDATE financials.account_balances b SET credits = credits + 10000000 FROM financials.accounts a WHERE a.id = b.account_id AND a.code = '1000'",
		"what distributions cite is cash that came in for their offering, once":                                    "UPDATE investments.distribution_sources SET amount = 1000000",
		"no more was settled of a line than is owed for it":                                                        "UPDATE investments.transactions SET amount = 1000 WHERE type = 'adjustment'",
		"withholding payable is what was withheld and not remitted":                                                "UPDATE financials.account_balances b SET credits = credits + 1 FROM financials.accounts a WHERE a.id = b.account_id AND a.code = '2200'",
		"a position's gains are what the ledger holds for it":                                                      "UPDATE investments.property_investments SET realized_gains = realized_gains + 0.01 WHERE realized_gains <> 0",
		"only a funded position has unrealized gains":                                                              "UPDATE investments.property_investments SET unrealized_gains = 1 WHERE status = 'exited'",
		"what capital accounts consist of is posted by position":                                                   "UPDATE financials.account_balances b SET credits = credits + 1 FROM financials.accounts a WHERE a.id = b.account_id AND a.code = '3300'",
		"a stored ownership is units, else capital, over all of the offering's":                                    "UPDATE investments.property_investments SET ownership_percentage = ownership_percentage + 0.0000000001 WHERE ownership_percentage > 0",
		"each journal's movements of capital are its postings, position by position":                               "UPDATE investments.capital_movements SET amount = amount + 0.01 WHERE kind = 'income'",
		"a movement of capital is of its journal's book and day, and of its position's offering":                   "UPDATE investments.capital_movements SET effective_date = effective_date + 1 WHERE kind = 'contribution'",
		"a position's capital, units, distributions and gains are its history's":                                   "UPDATE investments.capital_movements SET units = units + 1 WHERE kind = 'contribution'",
		"what a booked line gives and returns of the capital is in the history, and what was paid of it":           "DELETE FROM investments.capital_movements WHERE kind = 'payment'",
		"a transfer's ends are of one amount, and so is what was corrected of them":                                "UPDATE investments.capital_movements SET capital = capital - 0.01 WHERE kind = 'transfer_in'",
		"the capital and the returns of an offering that was left are what it distributed":                         "UPDATE investments.property_investments SET total_returns = total_returns + 0.01 WHERE status = 'exited'",
		"transfers and the waterfall's accounts are what the history comes to":                                     "UPDATE investments.capital_movements SET carrying = carrying + 1 WHERE kind IN ('transfer_out', 'transfer_in')",
		"a portfolio is what the history comes to":                                                                 "UPDATE investments.investor_portfolios SET current_value = current_value + 1, last_calculated_at = '2100-01-01'",
		"the returns of a position that left are its distributions less the capital that it put in or took over":   "UPDATE investments.property_investments SET total_returns = total_returns - 0.01 WHERE status = 'exited'",
		"what partners owe each other in the book is what they lent less what was repaid":                          aLoan,
		"an event between partners is in the history while it stands":                                              aLoan,
		"what was missing from calls is in the book": `INSERT INTO investments.partner_events (opportunity_id, kind, effective_date, position_id, amount, factor, book_id, journal_id, created_by)
			SELECT p.opportunity_id, 'dilution', '2026-03-01', p.id, 5, 1.5, j.book_id, j.id, p.investor_id FROM investments.property_investments p, financials.journals j LIMIT 1`,
		"what goes to lenders comes from their debtors":                                                 "UPDATE investments.investor_distributions SET redirected = redirected + 0.01, net_distribution = net_distribution + 0.01 WHERE net_distribution > 1",
		"what goes from debtors to lenders is in the history, line by line":                             "UPDATE investments.investor_distributions SET redirected = redirected + 0.01, net_distribution = net_distribution + 0.01 WHERE net_distribution > 1",
		"nobody gave back more than they were advanced":                                                 "INSERT INTO investments.distribution_tiers (line_id, tier, kind, amount) SELECT id, 999, 'advance', -1 FROM investments.investor_distributions",
		"what lines get in kind is what was distributed in kind":                                        "UPDATE investments.investor_distributions SET in_kind = 0.01 WHERE net_distribution > 1",
		"what a distribution holds back and releases is in its journal":                                 "INSERT INTO investments.reserve_movements (opportunity_id, reserve, kind, amount, effective_date, distribution_id, tier) SELECT opportunity_id, 'roof', 'held', 1, distribution_date, id, 0 FROM investments.distributions WHERE terms_id IS NULL",
		"cash that is set aside or taken out moves its reserve":                                         "INSERT INTO investments.reserve_movements (opportunity_id, reserve, kind, amount, effective_date, journal_id, book_id) SELECT o.id, 'roof', 'set_aside', 1, j.effective_date, j.id, j.book_id FROM investments.opportunities o, financials.journals j LIMIT 1",
		"no reserve is below zero on any day":                                                           "INSERT INTO investments.reserve_movements (opportunity_id, reserve, kind, amount, effective_date, journal_id, book_id) SELECT o.id, 'roof', 'taken_out', -1, j.effective_date, j.id, j.book_id FROM investments.opportunities o, financials.journals j LIMIT 1",
		"what a distribution gives is the cash declared, less what it held back, with what it released": "UPDATE investments.distributions SET total_amount = total_amount + 0.01",
		"a document that has a version has one latest":                                                  "INSERT INTO documents.documents (owner_id, name, is_latest_version) VALUES ('0198f0a0-0000-7000-8000-000000000001', 'x', FALSE)",
		"a version has the size and the hash of its upload":                                             "INSERT INTO documents.documents (id, owner_id, name, file_size) VALUES ('0198f0a0-0000-7000-8000-000000000002', '0198f0a0-0000-7000-8000-000000000001', 'x', 1); INSERT INTO documents.uploads (uploader_id, object_key, file_name, file_type, file_size, file_hash, expires_at, status, completed_at, document_id) VALUES ('0198f0a0-0000-7000-8000-000000000001', 'k', 'x', 'x', 2, repeat('0', 64), now(), 'complete', now(), '0198f0a0-0000-7000-8000-000000000002')",
		"what is in storage came by an upload":                                                          "INSERT INTO documents.documents (owner_id, name, storage_url) VALUES ('0198f0a0-0000-7000-8000-000000000001', 'x', 'object:documents/x')",
		"a share was opened as often as the access log says":                                            "INSERT INTO documents.document_shares (document_id, shared_by, shared_with, access_count) VALUES ('0198f0a0-0000-7000-8000-000000000002', '0198f0a0-0000-7000-8000-000000000001', '0198f0a0-0000-7000-8000-000000000003', 1)",
		"a link was opened as often as the access log says":                                             "INSERT INTO documents.links (document_id, created_by, token_hash, expires_at, access_count) VALUES ('0198f0a0-0000-7000-8000-000000000002', '0198f0a0-0000-7000-8000-000000000001', repeat('0', 64), now(), 1)",
		"a file of a photo, a video or a tour is complete and taken":                                    "INSERT INTO documents.uploads (id, uploader_id, object_key, file_name, file_type, file_size, file_hash, status, taken_at, expires_at, completed_at) VALUES ('0198f0a0-0000-7000-8000-000000000006', '0198f0a0-0000-7000-8000-000000000001', 'media/x', 'x', 'image/jpeg', 1, repeat('0', 64), 'complete', NULL, now(), now()); INSERT INTO media.files (photo_id, upload_id, variant) VALUES ('0198f0a0-0000-7000-8000-000000000007', '0198f0a0-0000-7000-8000-000000000006', 'full')",
		"an upload that is taken is a file":                                                             "INSERT INTO documents.uploads (id, uploader_id, object_key, file_name, file_type, file_size, file_hash, status, taken_at, expires_at, completed_at) VALUES ('0198f0a0-0000-7000-8000-000000000006', '0198f0a0-0000-7000-8000-000000000001', 'media/x', 'x', 'image/jpeg', 1, repeat('0', 64), 'complete', now(), now(), now())",
		"a photo in storage has its file":                                                               "INSERT INTO media.property_photos (property_id, file_url) VALUES ('0198f0a0-0000-7000-8000-000000000008', 'object:media/x')",
		"a video in storage has its file":                                                               "INSERT INTO media.property_videos (property_id, file_url) VALUES ('0198f0a0-0000-7000-8000-000000000008', 'object:media/x')",
		"a tour's average is that of its views":                                                         "INSERT INTO media.virtual_tours (property_id, view_count, view_seconds, avg_view_duration) VALUES ('0198f0a0-0000-7000-8000-000000000008', 2, 10, 4)",
		"a chain of signatures has every link":                                                          "INSERT INTO documents.signature_events (document_id, position, type, envelope_id, document_version, document_hash, previous_hash, hash) VALUES ('0198f0a0-0000-7000-8000-000000000002', 2, 'viewed', '0198f0a0-0000-7000-8000-000000000004', 1, repeat('0', 64), sha256('a'), sha256('b'))",
		"a signed request has its link and its evidence":                                                "INSERT INTO documents.signature_requests (envelope_id, position, signer_name, signer_email, token_hash, status, answered_at) VALUES ('0198f0a0-0000-7000-8000-000000000004', 1, 'x', 'x', repeat('0', 64), 'signed', now())",
		"a user's signature says what its request does":                                                 "INSERT INTO documents.signatures (id, document_id, signer_id) VALUES ('0198f0a0-0000-7000-8000-000000000005', '0198f0a0-0000-7000-8000-000000000002', '0198f0a0-0000-7000-8000-000000000003'); INSERT INTO documents.signature_requests (envelope_id, position, signer_id, signature_id, status, answered_at) VALUES ('0198f0a0-0000-7000-8000-000000000004', 1, '0198f0a0-0000-7000-8000-000000000003', '0198f0a0-0000-7000-8000-000000000005', 'signed', now())",
		"a completed envelope is signed by all":                                                         "INSERT INTO documents.envelopes (id, document_id, document_version, document_hash, requested_by, status, closed_at, expires_at) VALUES ('0198f0a0-0000-7000-8000-000000000004', '0198f0a0-0000-7000-8000-000000000002', 1, repeat('0', 64), '0198f0a0-0000-7000-8000-000000000001', 'completed', now(), now()); INSERT INTO documents.signature_requests (envelope_id, position, signer_name, signer_email, token_hash) VALUES ('0198f0a0-0000-7000-8000-000000000004', 1, 'x', 'x', repeat('0', 64))",
		"a journal that a deal names is in the ledger":                                                  "UPDATE investments.transactions SET journal_id = gen_random_uuid() WHERE journal_id IS NOT NULL",
		"the book of an offering is in the ledger":                                                      "UPDATE investments.opportunities SET book_id = gen_random_uuid() WHERE book_id IS NOT NULL",
		"the account behind a statement is in the ledger":                                               "INSERT INTO financials.statement_accounts (income_id, account_id, line, amount) SELECT gen_random_uuid(), gen_random_uuid(), 'payroll', 1",
		"the book of a lease is in the ledger":                                                          leaseSQL + " SELECT 1 FROM l; UPDATE financials.leases SET book_id = gen_random_uuid()",
		"a code and a property have one book":                                                           "ALTER TABLE financials.books DROP CONSTRAINT uk_books_code; INSERT INTO financials.books (code, name) SELECT code, name FROM financials.books",
		"the property of a book is there":                                                               "INSERT INTO financials.books (code, name, kind, property_id) VALUES ('astray', 'Astray', 'property', gen_random_uuid())",
		"who closed a period is there":                                                                  "INSERT INTO financials.periods (book_id, period_start, period_end, status, closed_at, closed_by) SELECT id, '2026-01-01', '2026-01-31', 'closed', now(), gen_random_uuid() FROM financials.books",
		"a journal is in one book":                                                                      "ALTER TABLE financials.journals DROP CONSTRAINT uk_journals_id; INSERT INTO financials.journals (id, book_id, effective_date, actor, content_hash, line_count) SELECT id, gen_random_uuid(), effective_date, actor, content_hash, line_count FROM financials.journals",
		"a draft is in one book":                                                                        "ALTER TABLE financials.pending_journals DROP CONSTRAINT uk_pending_journals_id; INSERT INTO financials.pending_journals (id, book_id, effective_date, actor) SELECT id, book_id, effective_date, actor FROM financials.journals; INSERT INTO financials.pending_journals (id, book_id, effective_date, actor) SELECT id, gen_random_uuid(), effective_date, actor FROM financials.journals",
		"a posting's accounts are of its book":                                                          "UPDATE financials.postings SET debit_account = gen_random_uuid()",
		"an aggregate's events are numbered without gaps":                                               "INSERT INTO freehold.outbox (aggregate_type, aggregate_id, position, type, payload, actor) SELECT 'x', '0198f0a0-0000-7000-8000-000000000001', n, 'x', '{}', 'job' FROM unnest(ARRAY[1, 3]) AS n",
		"an aggregate's last event is the last that was numbered":                                       "UPDATE freehold.outbox_heads SET position = position + 1",
		"an aggregate's events are delivered in their order":                                            "UPDATE freehold.outbox SET delivered_at = now() WHERE position = 2",
	}
	n := 0
	for name, breach := range breaches { // in another order each time
		tx, err := db.BeginTx(ctx, nil)
		require.NoError(t, err)
		_, err = tx.ExecContext(ctx, "SET LOCAL session_replication_role = replica")
		require.NoError(t, err)
		for _, q := range splitStatements(breach) {
			_, err = tx.ExecContext(ctx, q)
			require.NoError(t, err, name)
		}
		if query := queries[name]; query != "" {
			var row string
			require.NoError(t, tx.NewRaw(`SELECT "row" FROM (`+query+`) AS v ("row", detail) WHERE "row"::text <> '' LIMIT 1`).Scan(ctx, &row), name)
		}
		if n++; queries[name] == "" || n%8 == 0 || os.Getenv("FREEHOLD_FAULT") == "long" {
			r, err := platform().Verify(ctx, tx)
			require.NoError(t, err)
			require.True(t, slices.ContainsFunc(r.Findings, func(f realestate.Finding) bool { return f.Invariant == name && f.Row != "" }),
				"%s was broken and not found: %s", name, r)
			require.Len(t, breaches, r.Invariants, "each invariant has its breach here")
		}
		require.NoError(t, tx.Rollback())
	}
}

func splitStatements(s string) []string {
	var out []string
	start := 0
	for i := range s {
		if s[i] == ';' {
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[start:])
}

func TestCommit_loadsEvidence(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	o := deal(t, db)
	p, who := platform(), person(t, db)
	c := investments.CommitParams{IdempotencyKey: "k", OfferingID: o.ID, InvestorID: who, Amount: money.MustParse("1000"), Date: date.MustParse("2026-01-10"), ActorID: who}
	_, err := p.Commitments.Commit(ctx, db, c)
	require.ErrorIs(t, err, investments.ErrNotAccredited, "what the caller claims is not evidence")
	accredit(t, db, who)
	sub, err := p.Commitments.Commit(ctx, db, c)
	require.NoError(t, err)
	require.Contains(t, string(sub.Evidence), "verification")
}

// reverse undoes a distribution as two people do it: one has asked for it, and p's
// actor agrees. What is wrong with it shows when it is done.
func reverse(ctx context.Context, db bun.IDB, svc *investments.Distributions, p investments.ReverseDistributionParams) (*investments.Distribution, error) {
	_, _ = svc.RequestReversal(ctx, db, investments.RequestReversalParams{DistributionID: p.DistributionID, Date: p.Date, Reason: p.Reason, ActorID: asker})
	return svc.Reverse(ctx, db, p)
}

// leaseSQL begins a statement that makes two leases of one unit, as l, and names a user, as w.
const leaseSQL = `WITH p AS (SELECT id FROM properties.properties LIMIT 1), w AS (SELECT id FROM auth.users LIMIT 1),
	u AS (INSERT INTO properties.units (property_id, unit_number) SELECT id, 'L1' FROM p RETURNING id, property_id),
	b AS (SELECT id FROM financials.books LIMIT 1),
	l AS (INSERT INTO financials.leases (property_id, unit_id, book_id, kind) SELECT u.property_id, u.id, b.id, 'residential' FROM u, b, generate_series(1, 2) RETURNING id, property_id, unit_id)`

// loanSQL begins a statement that makes a loan of 1,000.00, as l, and names a user, as w.
const loanSQL = `WITH p AS (SELECT id FROM properties.properties LIMIT 1), w AS (SELECT id FROM auth.users LIMIT 1),
	l AS (INSERT INTO financials.loans (property_id, lender, principal, annual_rate, amortization_months, term_months, start_date, rate_index, margin, reset_months)
		SELECT id, 'Bank', 1000, 0, 1, 1, '2026-01-01', 'SOFR', 0.02, 1 FROM p RETURNING id, property_id)`

// loanEntrySQL makes an entry of a kind and an amount of principal that no book knows.
func loanEntrySQL(what string) string {
	return ` INSERT INTO financials.loan_entries (loan_id, kind, amount, principal, effective_on, journal_id, recorded_by)
		SELECT l.id, v.kind, v.amount, v.amount, '2026-01-01', gen_random_uuid(), w.id FROM l, w, (VALUES (` + what + `)) AS v (kind, amount)`
}

// entrySQL makes an entry of a kind and an amount that no book knows.
func entrySQL(what string) string {
	return leaseSQL + ` INSERT INTO financials.lease_entries (lease_id, property_id, kind, amount, effective_on, journal_id)
		SELECT id, property_id, ` + what + `, '2026-01-01', gen_random_uuid() FROM l LIMIT 1`
}
