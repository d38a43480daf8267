package realestate_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/communications"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// noticesOf are the notifications of a type that a user has.
func noticesOf(t *testing.T, db bun.IDB, who id.Of[auth.User], kind communications.NotificationType) []communications.Notification {
	t.Helper()
	all, err := platform().Communications.Notifications(t.Context(), db, who, communications.NotificationFilter{}, page.Request{Limit: 100})
	require.NoError(t, err)
	var out []communications.Notification
	for _, n := range all.Items {
		if *n.Type == kind {
			out = append(out, n)
		}
	}
	return out
}

// uncalled is a drafted call of half of two commitments of one investor and one of
// another's.
func uncalled(t *testing.T, m *machine) (*investments.CapitalCall, []*investments.Subscription) {
	t.Helper()
	ctx := t.Context()
	var subs []*investments.Subscription
	other := accredited(t, m.db)
	for i, who := range []id.Of[auth.User]{m.who[0], m.who[0], other} {
		sub, err := m.p.Commitments.Commit(ctx, m.db, investments.CommitParams{IdempotencyKey: m.key(), OfferingID: m.o.ID, InvestorID: who,
			Amount: money.MustParse([]string{"1000", "500.01", "2000"}[i]), Date: date.MustParse("2026-02-01"), ActorID: who})
		require.NoError(t, err)
		subs = append(subs, sub)
	}
	half := decimal.RequireFromString("0.5")
	call, err := m.p.Commitments.CallCapital(ctx, m.db, investments.CallCapitalParams{IdempotencyKey: m.key(), OfferingID: m.o.ID, Fraction: &half,
		DueDate: date.MustParse("2026-03-01"), ActorID: m.clerk})
	require.NoError(t, err)
	return call, subs
}

func TestIssueCall_givesNotice(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	m := newMachine(t, tx, 1, false)
	call, subs := uncalled(t, m)
	for range 2 {
		got, err := m.p.Commitments.IssueCall(ctx, tx, investments.IssueCallParams{CallID: call.ID, NoticeDate: date.MustParse("2026-02-15"), ActorID: staff})
		require.NoError(t, err)
		require.Equal(t, investments.CallStatusIssued, got.Status)
	}
	lines, err := m.p.Commitments.CallLines(ctx, tx, call.ID, page.Request{})
	require.NoError(t, err)
	require.Len(t, lines.Items, 3)
	amounts := map[string]string{}
	for _, l := range lines.Items {
		amounts[l.ID.String()] = l.Amount.String()
	}
	require.Len(t, noticesOf(t, tx, subs[0].InvestorID, communications.NotifyCapitalCall), 2, "one for each line")
	mine := noticesOf(t, tx, subs[2].InvestorID, communications.NotifyCapitalCall)
	require.Len(t, mine, 1)
	require.Equal(t, "A part of what you committed has been called and is due on 2026-03-01.", *mine[0].Message)
	require.Equal(t, communications.PriorityHigh, mine[0].Priority)
	data := mine[0].ActionData
	require.Equal(t, "1000.00", data["amount"])
	require.Equal(t, amounts[data["capital_call_line_id"].(string)], data["amount"])
	require.Equal(t, []any{call.ID.String(), m.o.ID.String(), "2026-03-01", "USD"}, []any{data["capital_call_id"], data["offering_id"], data["due_date"], data["currency"]})
	require.Empty(t, noticesOf(t, tx, m.who[1], communications.NotifyCapitalCall), "who has paid all is not called")

	_, err = m.p.Commitments.IssueCall(ctx, tx, investments.IssueCallParams{CallID: id.New[investments.CapitalCall](), NoticeDate: date.MustParse("2026-02-15"), ActorID: staff})
	require.ErrorIs(t, err, investments.ErrCapitalCallNotFound)
	_, err = m.p.Commitments.CancelCall(ctx, tx, investments.CancelCallParams{CallID: call.ID, ActorID: staff})
	require.NoError(t, err)
	_, err = m.p.Commitments.IssueCall(ctx, tx, investments.IssueCallParams{CallID: call.ID, NoticeDate: date.MustParse("2026-02-15"), ActorID: staff})
	require.ErrorIs(t, err, investments.ErrCallState)
	require.Len(t, noticesOf(t, tx, subs[2].InvestorID, communications.NotifyCapitalCall), 1)
	r, err := m.p.Verify(ctx, tx)
	require.NoError(t, err)
	require.True(t, r.OK(), r.String())
}

// Eight who issue a call at once give one notice.
func TestIssueCall_race(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	m := newMachine(t, db, 1, false)
	call, subs := uncalled(t, m)
	p := platform()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := p.Commitments.IssueCall(ctx, db, investments.IssueCallParams{CallID: call.ID, NoticeDate: date.MustParse("2026-02-15"), ActorID: staff}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.Len(t, noticesOf(t, db, subs[0].InvestorID, communications.NotifyCapitalCall), 2)
	require.Len(t, noticesOf(t, db, subs[2].InvestorID, communications.NotifyCapitalCall), 1)
}

func TestPayDistribution(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	m := newMachine(t, db, 1, true)
	declare := func(amount string) id.Of[investments.Distribution] {
		d, err := m.p.Distributions.Declare(ctx, db, investments.DeclareParams{IdempotencyKey: m.key(), OfferingID: m.o.ID, Type: investments.DistributionQuarterly,
			Date: m.day, ActorID: m.clerk, Amount: money.MustParse(amount), Withholding: map[id.Of[investments.Position]]decimal.Decimal{m.held[0]: decimal.RequireFromString("0.24")}})
		require.NoError(t, err)
		_, err = m.p.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: m.boss})
		require.NoError(t, err)
		return d.ID
	}
	c := investments.PayParams{IdempotencyKey: "april", DistributionID: declare("1000"), Date: m.day, Method: investments.PayACH, ActorID: staff}
	var wg sync.WaitGroup
	for range 4 { // at once, and after one another
		wg.Go(func() {
			d, err := m.p.Distributions.Pay(ctx, db, c)
			if err != nil || d.Status != investments.DistributionStatusCompleted {
				t.Error(d, err)
			}
		})
	}
	wg.Wait()
	for _, change := range []func(*investments.PayParams){
		func(c *investments.PayParams) { c.Portfolios.Later = true },
		func(c *investments.PayParams) { c.Portfolios.AsOf = ptr(m.day) },
		func(c *investments.PayParams) { c.Reference = "batch 7" },
		func(c *investments.PayParams) { c.Method = investments.PayWire },
		func(c *investments.PayParams) { c.Date = c.Date.AddDays(1) },
	} {
		other := c
		change(&other)
		_, err := m.p.Distributions.Pay(ctx, db, other)
		require.ErrorIs(t, err, store.ErrKeyReused)
	}
	c.IdempotencyKey = "again"
	_, err := m.p.Distributions.Pay(ctx, db, c)
	require.ErrorIs(t, err, investments.ErrDistributionState)
	c.IdempotencyKey = ""
	_, err = m.p.Distributions.Pay(ctx, db, c)
	require.ErrorIs(t, err, store.ErrKeyRequired)

	told := noticesOf(t, db, m.who[0], communications.NotifyDistribution)
	require.Len(t, told, 1)
	require.Equal(t, []any{"480.00", "115.20", "364.80", c.DistributionID.String()}, []any{told[0].ActionData["amount"], told[0].ActionData["withheld"], told[0].ActionData["net"], told[0].ActionData["distribution_id"]})
	require.Empty(t, noticesOf(t, db, m.who[2], communications.NotifyDistribution), "who got nothing is told nothing")
	require.Empty(t, noticesOf(t, db, m.clerk, communications.NotifyDistribution), "the promote is no investor's")
	f, err := m.p.Reports.Portfolio(ctx, db, m.who[0])
	require.NoError(t, err)
	require.Equal(t, "480.00", f.TotalDistributions.String())

	silent, err := realestate.New(realestate.Config{Now: func() time.Time { return m.day.Time(time.UTC) }, LeaveOut: []realestate.HookName{realestate.HookPaymentNotice}})
	require.NoError(t, err)
	_, err = silent.Distributions.Pay(ctx, db, investments.PayParams{IdempotencyKey: "quiet", DistributionID: declare("2000"), Date: m.day,
		Method: investments.PayACH, Portfolios: investments.Portfolios{AsOf: ptr(m.day.AddDays(30))}, ActorID: staff})
	require.NoError(t, err)
	require.Len(t, noticesOf(t, db, m.who[0], communications.NotifyDistribution), 1)
	f, err = m.p.Reports.Portfolio(ctx, db, m.who[0])
	require.NoError(t, err)
	require.Equal(t, "1440.00", f.TotalDistributions.String())
	r, err := m.p.Verify(ctx, db)
	require.NoError(t, err)
	require.True(t, r.OK(), r.String())
}

// What people are told by the library names nobody.
func TestNotices_nameNobody(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	m := newMachine(t, tx, 1, false)
	call, subs := uncalled(t, m)
	_, err := m.p.Commitments.IssueCall(ctx, tx, investments.IssueCallParams{CallID: call.ID, NoticeDate: date.MustParse("2026-02-15"), ActorID: staff})
	require.NoError(t, err)
	var email string
	require.NoError(t, tx.NewRaw("SELECT email FROM auth.users WHERE id = ?", subs[2].InvestorID).Scan(ctx, &email))
	for _, n := range noticesOf(t, tx, subs[2].InvestorID, communications.NotifyCapitalCall) {
		text, err := json.Marshal(n.ActionData)
		require.NoError(t, err)
		require.NotContains(t, strings.ToLower(*n.Title+*n.Message+string(text)), strings.ToLower(email))
		require.NotContains(t, string(text), subs[2].InvestorID.String())
	}
}

// Who was paid learns that it was reversed, and what they owe; once.
func TestReverse_tellsInvestors(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	m := newMachine(t, db, 1, true)
	d, err := m.p.Distributions.Declare(ctx, db, investments.DeclareParams{IdempotencyKey: m.key(), OfferingID: m.o.ID, Type: investments.DistributionQuarterly,
		Date: m.day, ActorID: m.clerk, Amount: money.MustParse("1000")})
	require.NoError(t, err)
	_, err = m.p.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: m.boss})
	require.NoError(t, err)
	_, err = m.p.Distributions.Pay(ctx, db, investments.PayParams{IdempotencyKey: m.key(), DistributionID: d.ID, Date: m.day, Method: investments.PayACH, ActorID: staff})
	require.NoError(t, err)
	undo := investments.ReverseDistributionParams{ActorID: m.boss, IdempotencyKey: m.key(), DistributionID: d.ID, Date: m.day.AddDays(1), Reason: "wrong deal"}
	for range 2 {
		_, err = reverse(ctx, db, m.p.Distributions, undo)
		require.NoError(t, err)
	}
	owed, err := m.p.Distributions.Recoverables(ctx, db, m.o.ID, page.Request{})
	require.NoError(t, err)
	owes := money.Zero
	for _, r := range owed.Items {
		if r.InvestorID == m.who[0] && r.PositionID != nil {
			owes, err = owes.Add(r.Owed)
			require.NoError(t, err)
		}
	}
	require.Positive(t, owes.Sign())
	told := noticesOf(t, db, m.who[0], communications.NotifyReversal)
	require.Len(t, told, 1)
	require.Equal(t, []any{owes.String(), d.ID.String()}, []any{told[0].ActionData["owed"], told[0].ActionData["distribution_id"]})
	require.Empty(t, noticesOf(t, db, m.clerk, communications.NotifyReversal))
}
