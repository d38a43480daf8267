package investments_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// transferCase is a database on which the same transfers are completed as on another one.
type transferCase struct {
	*testing.T
	db       *bun.DB
	svc      *investments.Services
	heard    *heard
	offering *investments.Offering
	u        []id.Of[auth.User]
	held     map[int]id.Of[investments.Position] // by the number of the investor
	all      []func(ctx context.Context) (any, error)
	apart    map[int]bool // the commands that queue behind no other
	boss     id.Of[auth.User]
}

// transferring makes n people, of whom the first half hold positions in an offering.
func transferring(t *testing.T, n int, hooks bool) *transferCase {
	t.Helper()
	c := &transferCase{T: t, db: pgtest.Clone(t), heard: &heard{}, held: map[int]id.Of[investments.Position]{}, apart: map[int]bool{}}
	cfg := investments.Config{Evidence: evidenceOf, Horizon: 3650, Now: func() time.Time { return time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC) }}
	if hooks {
		cfg.Hooks = []store.Hook{c.heard.hook}
	}
	c.svc = investments.New(cfg)
	c.u = people(t, c.db, n)
	c.offering = raise(t, c.db, "5000000")
	for i := range n / 2 {
		p := commitment(c.offering, c.u[i], fmt.Sprintf("%d.%02d", 100000+1000*i, i))
		p.IdempotencyKey = fmt.Sprint("key ", i)
		if i%3 == 1 {
			p.ShareClass = "preferred"
		}
		sub, err := newService().Commitments.Commit(t.Context(), c.db, p)
		require.NoError(t, err)
		sub, err = newService().Commitments.ReceiveContribution(t.Context(), c.db, investments.ReceiveContributionParams{IdempotencyKey: fmt.Sprint("fund ", i), SubscriptionID: sub.ID, Date: date.MustParse("2026-01-15"), ActorID: staff})
		require.NoError(t, err)
		c.held[i] = *sub.PositionID
	}
	return c
}

func (c *transferCase) open(name string, whose int, joint *id.Of[auth.User]) *id.Of[investments.Account] {
	c.Helper()
	p := investments.OpenAccountParams{InvestorID: c.u[whose], Type: investments.AccountLLC, Name: name, JointInvestorID: joint, ActorID: staff}
	if joint != nil {
		p.Type = investments.AccountJoint
	}
	a, err := c.svc.Accounts.Open(c.Context(), c.db, p)
	require.NoError(c, err)
	return &a.ID
}

// asked are the ways to ask for a transfer.
type asked struct {
	from, to     int
	account      *id.Of[investments.Account]
	class        string // another: a conversion, or with wrong a correction
	wrong        bool
	fraction, on string
	price        string
	pending      bool // nobody has approved it
	key          string
	by           id.Of[auth.User] // who completes it
	cancel       bool
}

func (c *transferCase) ask(a asked) id.Of[investments.Transfer] {
	return c.askAs(fmt.Sprint("ask ", len(c.all)), a)
}

func (c *transferCase) askAs(key string, a asked) id.Of[investments.Transfer] {
	c.Helper()
	if a.fraction == "" {
		a.fraction = "1"
	}
	if a.on == "" {
		a.on = "2026-02-10"
	}
	ctx, part, on := c.Context(), decimal.RequireFromString(a.fraction), date.MustParse(a.on)
	svc := newService()
	var tr *investments.Transfer
	var err error
	switch {
	case a.wrong:
		tr, err = svc.Positions.RequestCorrection(ctx, c.db, investments.RequestCorrectionParams{IdempotencyKey: key, PositionID: c.held[a.from], ToInvestorID: c.u[a.to], ToAccountID: a.account,
			ToShareClass: a.class, Fraction: part, EffectiveDate: on, Reason: "it was wrong", ActorID: asker})
	case a.class != "":
		tr, err = svc.Positions.RequestConversion(ctx, c.db, investments.RequestConversionParams{IdempotencyKey: key, PositionID: c.held[a.from], ToShareClass: a.class,
			Fraction: part, EffectiveDate: on, ActorID: ownerOf(c, c.db, c.held[a.from])})
	default:
		p := investments.RequestTransferParams{IdempotencyKey: key, PositionID: c.held[a.from], ToInvestorID: c.u[a.to], ToAccountID: a.account,
			Fraction: part, EffectiveDate: on, Reason: `a "sale" {1,2} \ <&>`, ActorID: ownerOf(c, c.db, c.held[a.from])}
		if a.price != "" {
			p.Price = amount(a.price)
		}
		tr, err = svc.Positions.RequestTransfer(ctx, c.db, p)
	}
	require.NoError(c, err)
	if !a.pending {
		_, err = svc.Positions.ApproveTransfer(ctx, c.db, investments.ApproveTransferParams{TransferID: tr.ID, ActorID: staff})
		require.NoError(c, err)
	}
	if a.cancel {
		_, err = svc.Positions.CancelTransfer(ctx, c.db, investments.CancelTransferParams{TransferID: tr.ID, ActorID: staff})
		require.NoError(c, err)
	}
	return tr.ID
}

// move adds the completion of a transfer, which is asked for and approved.
func (c *transferCase) move(a asked) id.Of[investments.Transfer] {
	c.Helper()
	v := c.ask(a)
	c.carryOut(v, a.key, a.by)
	return v
}

func (c *transferCase) carryOut(v id.Of[investments.Transfer], key string, by id.Of[auth.User]) {
	p := investments.CompleteTransferParams{IdempotencyKey: key, TransferID: v, ActorID: by}
	switch key {
	case "":
		p.IdempotencyKey = fmt.Sprint("move ", len(c.all))
	case "none":
		p.IdempotencyKey = ""
	}
	if by.IsZero() {
		p.ActorID = staff
	} else if by != c.boss {
		c.apart[len(c.all)] = true
	}
	c.all = append(c.all, func(ctx context.Context) (any, error) { return c.svc.Positions.CompleteTransfer(ctx, c.db, p) })
}

// movesAsAlone runs what fill adds at once on one database, and in turn on another one.
func movesAsAlone(t *testing.T, n int, hooks bool, fill func(c *transferCase)) *transferCase {
	t.Helper()
	alone, together := transferring(t, n, hooks), transferring(t, n, hooks)
	for _, c := range []*transferCase{alone, together} {
		fill(c)
		c.heard.calls = nil
	}
	got := together.atOnce(2)
	require.NotEmpty(t, shared(t, together.db, "investments.transfers"))
	sameOutcomes(t, alone.db, together.db, alone.all, got)
	sameRows(t, alone.db, together.db)
	require.Equal(t, alone.heard.all(t, alone.db), together.heard.all(t, together.db))
	increasing(t, together.db)
	verified(t, together.db)
	return together
}

// atOnce is [jam.together] of all commands.
func (c *transferCase) atOnce(n int) []outcome {
	c.Helper()
	j, out := jammed(c, c.db, c.offering), make([]outcome, len(c.all))
	for i, command := range c.all {
		do := func(ctx context.Context) { out[i].Result, out[i].Err = command(context.WithValue(ctx, callerKey{}, i)) }
		switch {
		case i < n:
			j.alone(i+1, do)
		case c.apart[i]:
			j.wg.Go(func() { do(c.Context()) })
		default:
			j.behind(do)
		}
	}
	j.clear()
	return out
}

// increasing shows that no two transfers of an offering's day are completed at once.
func increasing(t *testing.T, db *bun.DB) {
	t.Helper()
	var twice int
	require.NoError(t, db.NewRaw(`SELECT count(*) FROM (SELECT 1 FROM investments.transfers WHERE status = 'completed'
		GROUP BY opportunity_id, effective_date, completed_at HAVING count(*) > 1) x`).Scan(t.Context(), &twice))
	require.Zero(t, twice)
}

// Transfers that share a transaction leave what each of them leaves alone.
func TestCompleteTransfer_togetherAsAlone(t *testing.T) {
	t.Parallel()
	for _, hooks := range []bool{false, true} {
		t.Run(fmt.Sprint("hooks ", hooks), func(t *testing.T) {
			t.Parallel()
			movesAsAlone(t, 28, hooks, func(c *transferCase) {
				joint, llc := c.open("joint", 20, &c.u[21]), c.open("llc", 22, nil)
				allocate(c.T, c.db, c.offering, "value", investments.AllocationUnrealized, "5000.05", "2026-01-20")
				allocate(c.T, c.db, c.offering, "income", investments.AllocationIncome, "777.77", "2026-01-21")
				c.move(asked{from: 0, to: 14, fraction: "0.5"})
				c.move(asked{from: 1, to: 15})
				c.move(asked{from: 2, to: 16, price: "130000.01"})                 // with a gain
				c.move(asked{from: 3, to: 17, price: "90000", on: "2026-02-11"})   // with a loss
				c.move(asked{from: 4, to: 20, account: joint})                     // preferred
				c.move(asked{from: 5, to: 22, account: llc, fraction: "0.333333"}) // a third
				c.move(asked{from: 6, class: "preferred", fraction: "0.25"})       // a conversion
				c.move(asked{from: 7, class: "common"})
				c.move(asked{from: 8, to: 23, wrong: true, class: "preferred", fraction: "0.1"})
				c.move(asked{from: 9, to: 12, price: "0"}) // to who holds, too
				c.move(asked{from: 10, to: 24, pending: true})
				c.move(asked{from: 10, to: 25, cancel: true})
				c.move(asked{from: 10, to: 25, fraction: "0.00000001"})
				c.move(asked{from: 10, to: 25, on: "2026-01-15"})
				c.move(asked{from: 11, to: 26, key: "none"})
				c.move(asked{from: 11, to: 17, by: c.u[11]}) // who gives
				c.carryOut(id.New[investments.Transfer](), "", staff)
			})
		})
	}
}

// Transfers that depend on each other come out as in turn: out of one position, into one, on
// from who has just got it, and what was refused because of others or is not any more.
func TestCompleteTransfer_togetherDepend(t *testing.T) {
	t.Parallel()
	for name, fill := range map[string]func(c *transferCase){
		"chain": func(c *transferCase) {
			c.move(asked{from: 5, to: 12})
			c.move(asked{from: 4, to: 11})
			c.move(asked{from: 0, to: 2, fraction: "0.5"})
			c.move(asked{from: 3, to: 10, fraction: "0.7"})
			c.move(asked{from: 2, to: 6, fraction: "0.5"})
			c.move(asked{from: 6, to: 9})
		},
		"out of one": func(c *transferCase) {
			c.move(asked{from: 5, to: 12})
			c.move(asked{from: 4, to: 11})
			c.move(asked{from: 0, to: 9, fraction: "0.3"})
			c.move(asked{from: 3, to: 10, fraction: "0.7"})
			c.move(asked{from: 0, to: 8, fraction: "1"})
			c.move(asked{from: 0, to: 7, fraction: "0.5"}) // it has left
		},
		"into one": func(c *transferCase) {
			llc, joint := c.open("llc", 9, nil), c.open("joint", 9, &c.u[8])
			c.move(asked{from: 5, to: 12})
			c.move(asked{from: 4, to: 11})
			c.move(asked{from: 0, to: 9, fraction: "0.3"})
			c.move(asked{from: 1, to: 8, fraction: "0.7"})
			c.move(asked{from: 3, to: 9, fraction: "1"})
			c.move(asked{from: 2, to: 9, account: llc})
			c.move(asked{from: 6, to: 9, account: joint})
		},
		"to each other": func(c *transferCase) {
			c.move(asked{from: 5, to: 12})
			c.move(asked{from: 4, to: 11})
			c.move(asked{from: 0, to: 3, fraction: "0.5"})
			c.move(asked{from: 3, to: 0, fraction: "0.5"})
			c.move(asked{from: 1, to: 7, fraction: "0.5"})
			c.move(asked{from: 0, class: "preferred", fraction: "0.5"})
			c.move(asked{from: 6, to: 8, fraction: "0.5", on: "2026-02-09"})
			c.move(asked{from: 6, to: 7, fraction: "0.5", on: "2026-02-08"}) // behind it
			c.move(asked{from: 1, to: 6, fraction: "0.5"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := transferring(t, 14, true)
			fill(c)
			got := c.atOnce(2)
			require.NotEmpty(t, shared(t, c.db, "investments.transfers"))
			increasing(t, c.db)
			verified(t, c.db)
			inTurn(t, c, fill, got)
		})
	}
}

// inTurn completes the same transfers one after the other on another database, in the order in
// which they were completed at once and then those that were refused, and compares.
func inTurn(t *testing.T, c *transferCase, fill func(c *transferCase), got []outcome) {
	t.Helper()
	alone := transferring(t, len(c.u), true)
	fill(alone)
	alone.heard.calls, c.heard.calls = nil, nil
	var order []int
	var done []struct{ Key string }
	require.NoError(t, c.db.NewRaw(`SELECT i.key FROM investments.capital_movements m JOIN freehold.idempotency i ON i.result_id = m.transfer_id AND i.verb = 'investments.complete_transfer'
		GROUP BY i.key ORDER BY min(m.number)`).Scan(t.Context(), &done))
	for _, d := range done {
		var n int
		_, err := fmt.Sscanf(d.Key, "move %d", &n)
		require.NoError(t, err)
		require.NoError(t, got[n].Err)
		order = append(order, n)
	}
	for i, g := range got {
		if g.Err != nil {
			order = append(order, i)
		}
	}
	require.Len(t, order, len(got), "each is done, or refused")
	commands, outcomes := make([]func(ctx context.Context) (any, error), len(got)), make([]outcome, len(got))
	for k, i := range order {
		commands[k], outcomes[k] = alone.all[i], got[i]
	}
	sameOutcomes(t, alone.db, c.db, commands, outcomes)
	sameRows(t, alone.db, c.db)
}

// Who completes several transfers at once completes those to which they are no party, and none
// while they are suspended.
func TestCompleteTransfer_togetherParty(t *testing.T) {
	t.Parallel()
	fill := func(c *transferCase) {
		c.boss = c.u[8]
		joint, mine := c.open("joint", 9, &c.u[8]), c.open("mine", 8, nil)
		c.move(asked{from: 0, to: 10, by: c.boss})
		c.move(asked{from: 1, to: 11, by: c.boss})
		c.move(asked{from: 2, to: 12, by: c.boss})
		c.move(asked{from: 3, to: 9, account: joint, by: c.boss})
		c.move(asked{from: 4, to: 8, account: mine, by: c.boss})
		c.move(asked{from: 5, to: 8, by: c.boss})
		c.move(asked{from: 6, to: 13, by: c.boss})
		c.move(asked{from: 7, to: 9, by: c.boss})
	}
	c := movesAsAlone(t, 16, true, fill)
	var done int
	require.NoError(t, c.db.NewRaw("SELECT count(*) FROM investments.transfers WHERE status = 'completed'").Scan(t.Context(), &done))
	require.Equal(t, 5, done)

	c = transferring(t, 16, false)
	fill(c)
	lose(t, c.db, c.boss, "suspended")
	for _, got := range c.atOnce(2) {
		require.ErrorIs(t, got.Err, investments.ErrActorInactive)
	}
	c.proved()
}

// payOut declares and pays a distribution.
func (c *transferCase) payOut(key, amount, day string) {
	c.Helper()
	svc := newService()
	p := declaration(c.offering, key, day, amount, asker)
	p.Type = investments.DistributionRefinance
	d, err := svc.Distributions.Declare(c.Context(), c.db, p)
	require.NoError(c, err)
	_, err = svc.Distributions.Approve(c.Context(), c.db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: staff})
	require.NoError(c, err)
	_, err = svc.Distributions.Pay(c.Context(), c.db, investments.PayParams{IdempotencyKey: "pay " + key, DistributionID: d.ID, Date: date.MustParse(day), Method: investments.PayACH, ActorID: staff})
	require.NoError(c, err)
}

// proved is verified, and that the histories and portfolios are.
func (c *transferCase) proved() {
	c.Helper()
	increasing(c.T, c.db)
	verified(c.T, c.db)
	require.NoError(c, c.svc.Reports.RefreshPortfolios(c.Context(), c.db, investments.RefreshPortfoliosParams{AsOf: date.MustParse("2026-12-31")}))
	findings, err := c.svc.Positions.VerifyHistory(c.Context(), c.db, c.offering.ID)
	require.NoError(c, err)
	require.Empty(c, findings)
	findings, err = c.svc.Reports.VerifyPortfolios(c.Context(), c.db)
	require.NoError(c, err)
	require.Empty(c, findings)
	verified(c.T, c.db)
}

// Under terms, with distributions before and behind them, transfers that share a transaction
// carry along what they carry alone.
func TestCompleteTransfer_togetherByTerms(t *testing.T) {
	t.Parallel()
	var both []*transferCase
	c := movesAsAlone(t, 24, false, func(c *transferCase) {
		both = append(both, c)
		sponsor := c.open("sponsor", 20, nil)
		c.move(asked{from: 0, to: 12, fraction: "0.5"})
		c.move(asked{from: 1, to: 13})
		c.move(asked{from: 2, to: 14, price: "130000.01"})
		c.move(asked{from: 3, to: 15, fraction: "0.1234567891"})
		c.move(asked{from: 4, class: "common", fraction: "0.5"})          // not under terms
		c.move(asked{from: 5, to: 20, account: sponsor})                  // nor to the sponsor
		c.move(asked{from: 6, to: 16, fraction: "0.5"})                   // by a side letter neither
		c.move(asked{from: 7, to: 17, fraction: "0.5", on: "2026-01-25"}) // behind a distribution
		c.move(asked{from: 8, to: 18, wrong: true, on: "2026-01-26"})
		c.move(asked{from: 9, to: 19, fraction: "0.5", on: "2026-02-11"})     // of a commitment
		c.move(asked{from: 10, to: 21, on: "2026-02-11", price: "200000.00"}) // that is outstanding here
		_, err := c.db.NewRaw("UPDATE investments.investor_accounts SET is_sponsor = TRUE WHERE id = ?", *sponsor).Exec(t.Context())
		require.NoError(t, err)
		terms, err := waterfall.ParseTerms(fmt.Appendf(nil, `{"promote_recipient": %q, "prefs": {"common": {"rate": "0.08", "compounding": "none"}, "preferred": {"rate": "0.1", "compounding": "none"}},
			"tiers": {"capital": [{"name": "pref", "type": "pref"}, {"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split", "promote": "0.2"}]}}`, *sponsor))
		require.NoError(t, err)
		_, err = c.svc.Offerings.SetTerms(t.Context(), c.db, investments.SetTermsParams{OfferingID: c.offering.ID, EffectiveDate: date.MustParse("2026-01-01"), Terms: terms, ActorID: staff})
		require.NoError(t, err)
		_, err = c.svc.Positions.EnterSideLetter(t.Context(), c.db, investments.EnterSideLetterParams{IdempotencyKey: "letter", PositionID: c.held[6], Date: date.MustParse("2026-01-16"),
			Term: investments.SideTermPromoteWaived, ActorID: staff})
		require.NoError(t, err)
		for _, i := range []int{9, 10} {
			p := commitment(c.offering, c.u[i], "30000")
			p.IdempotencyKey = fmt.Sprint("more ", i)
			if i%3 == 1 {
				p.ShareClass = "preferred"
				p.Amount = money.MustParse("100000")
			}
			_, err = c.svc.Commitments.Commit(t.Context(), c.db, p)
			require.NoError(t, err)
		}
		c.payOut("early", "400000.03", "2026-01-25")
	})
	var done int
	require.NoError(t, c.db.NewRaw("SELECT count(*) FROM investments.transfers WHERE status = 'completed'").Scan(t.Context(), &done))
	require.Equal(t, 6, done)
	for _, c := range both {
		c.payOut("late", "300000.05", "2026-03-10")
		c.proved()
	}
	sameRows(t, both[0].db, both[1].db)
}

// A receiver, or their account, whom somebody has locked holds up only the transfer to them, and
// who holds them may have anything of the others.
func TestCompleteTransfer_togetherLocksNoPeople(t *testing.T) {
	t.Parallel()
	c := transferring(t, 14, false)
	llc := c.open("llc", 9, nil)
	c.move(asked{from: 0, to: 7})
	c.move(asked{from: 1, to: 8})
	c.move(asked{from: 2, to: 9, account: llc})
	c.move(asked{from: 3, to: 10})
	c.move(asked{from: 4, to: 11})
	held, err := c.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = held.ExecContext(t.Context(), "SELECT 1 FROM auth.users WHERE id = '"+c.u[10].String()+"' FOR UPDATE")
	require.NoError(t, err)
	_, err = held.ExecContext(t.Context(), "SELECT 1 FROM investments.investor_accounts WHERE id = '"+llc.String()+"' FOR UPDATE")
	require.NoError(t, err)
	got, wg, fourth := make([]error, len(c.all)), sync.WaitGroup{}, make(chan struct{})
	j := jammed(t, c.db, c.offering)
	for i, command := range c.all {
		do := func(ctx context.Context) {
			_, got[i] = command(ctx)
			if i == 4 {
				close(fourth)
			}
		}
		if i < 2 {
			j.alone(i+1, do)
		} else {
			j.behind(do)
		}
	}
	require.NoError(t, j.held.Rollback())
	select {
	case <-fourth: // held up by nobody
	case <-time.After(20 * time.Second):
		t.Fatal("it waits for others' people")
	}
	j.blocked(1)
	_, err = held.ExecContext(t.Context(), "UPDATE auth.users SET status = 'suspended' WHERE id = '"+c.u[10].String()+"'")
	require.NoError(t, err)
	_, err = held.ExecContext(t.Context(), "SELECT 1 FROM auth.users WHERE id = '"+c.u[11].String()+"' FOR NO KEY UPDATE")
	require.NoError(t, err)
	require.NoError(t, held.Commit())
	j.wg.Wait()
	wg.Wait()
	for i, err := range got {
		if i == 3 {
			require.ErrorIs(t, err, investments.ErrInvestorInactive)
		} else {
			require.NoError(t, err, i)
		}
	}
	c.proved()
}

// What the host's code says about one transfer is not said to the others.
func TestCompleteTransfer_togetherHostFails(t *testing.T) {
	t.Parallel()
	spoil := func(ctx context.Context, tx bun.IDB) error { _, err := tx.ExecContext(ctx, "SELECT 1/0"); return err }
	ways := []struct {
		name string
		fail func(ctx context.Context, tx bun.IDB) error
	}{
		{"error", func(context.Context, bun.IDB) error { return errors.New("the host's") }},
		{"unknown", func(context.Context, bun.IDB) error { return store.ErrUnknownOutcome.With("the host's") }},
		{"refusal", func(context.Context, bun.IDB) error { return auth.ErrNotPermitted }},
		{"panic", func(context.Context, bun.IDB) error { panic("the host's") }},
		{"goexit", func(context.Context, bun.IDB) error { runtime.Goexit(); return nil }},
		{"statement", spoil},
		{"refusal behind a statement", func(ctx context.Context, tx bun.IDB) error { _ = spoil(ctx, tx); return investments.ErrNotAccredited }},
		{"statement that is kept quiet", func(ctx context.Context, tx bun.IDB) error { _ = spoil(ctx, tx); return nil }},
	}
	for _, where := range []string{"evidence", "may", "hook", "gate"} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			c := transferring(t, 2*5*len(ways), false)
			for i, way := range ways {
				if where != "gate" || !strings.Contains(way.name, "statement") {
					c.hostFails(i*5, where, way.name, way.fail)
				}
			}
			c.proved()
		})
	}
}

// hostFails completes the transfers of five who hold at once, from the first one on; the fourth
// of them fails.
func (c *transferCase) hostFails(first int, where, name string, fail func(ctx context.Context, tx bun.IDB) error) {
	c.Helper()
	at := func(ctx context.Context, tx bun.IDB, in string) error {
		if in == where && ctx.Value(callerKey{}) == 3 {
			return fail(ctx, tx)
		}
		return nil
	}
	cfg := investments.Config{
		Horizon: 3650,
		Evidence: func(ctx context.Context, tx bun.IDB, r investments.EvidenceRequest) (investments.Evidence, error) {
			e := accredited
			if r.InvestorID == c.u[len(c.u)/2+first+3] {
				e.Source = "the fourth" // by which the gate knows it
			}
			return e, at(ctx, tx, "evidence")
		},
		Gate: func(_ *investments.Offering, _ *investments.Account, e investments.Evidence) error {
			if where == "gate" && e.Source == "the fourth" {
				return fail(c.Context(), nil)
			}
			return nil
		},
		Hooks: []store.Hook{func(ctx context.Context, tx bun.IDB, _ []store.Emission) error { return at(ctx, tx, "hook") }},
	}
	if where == "may" {
		cfg.Policy.Roles = true
		cfg.May = func(ctx context.Context, tx bun.IDB, actor id.Of[auth.User], _ auth.Action, _ auth.Object) error {
			var named string
			if err := tx.NewRaw("SELECT COALESCE(current_setting('freehold.actor', TRUE), '')").Scan(ctx, &named); err != nil {
				return store.Err(err, nil)
			}
			if named != actor.String() {
				c.Errorf("%q is named, and not %s", named, actor)
			}
			return at(ctx, tx, "may")
		}
	}
	c.svc, c.all = investments.New(cfg), nil
	var panicked any
	returned := false
	for i := range 5 {
		v := c.askAs(fmt.Sprint("ask ", first+i), asked{from: first + i, to: len(c.u)/2 + first + i, fraction: []string{"1", "0.5"}[i%2], on: "2026-01-20"})
		c.carryOut(v, fmt.Sprint("move ", first+i), id.Of[auth.User]{})
	}
	fourth := c.all[3]
	c.all[3] = func(ctx context.Context) (any, error) {
		defer func() { panicked = recover() }()
		v, err := fourth(ctx)
		returned = true
		return v, err
	}
	got := c.atOnce(2)
	for i, g := range got {
		if i != 3 {
			require.NoError(c, g.Err, "%s: %d", name, i)
		}
	}
	switch name {
	case "panic":
		require.Equal(c, "the host's", panicked)
	case "goexit":
		require.False(c, returned)
	default:
		require.True(c, returned, name)
		require.Error(c, got[3].Err, name)
	}
	require.Zero(c, c.db.Stats().InUse)
}

// The same keys come at once by two services, each with a pool of its own, and each several
// times, with what they stand for, with another transfer and with other keys: each transfer is
// completed once.
func TestCompleteTransfer_togetherSameKeys(t *testing.T) {
	t.Parallel()
	c := transferring(t, 16, false)
	other, err := pgtest.Open(pgtest.DSN(t, c.db))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, other.Close()) })
	var moves []id.Of[investments.Transfer]
	for i := range 8 {
		moves = append(moves, c.askAs(fmt.Sprint("ask ", i), asked{from: i, to: 8 + i, fraction: []string{"1", "0.5"}[i%2]}))
	}
	var wg sync.WaitGroup
	j := jammed(t, c.db, c.offering)
	for _, pool := range []*bun.DB{c.db, other} {
		svc := newService()
		for i := range moves {
			for _, p := range []investments.CompleteTransferParams{
				{IdempotencyKey: fmt.Sprint("key ", i), TransferID: moves[i]},
				{IdempotencyKey: fmt.Sprint("key ", i), TransferID: moves[(i+1)%8]},
				{IdempotencyKey: fmt.Sprint("key ", i), TransferID: moves[i]},
				{IdempotencyKey: fmt.Sprint("other ", i), TransferID: moves[i]},
			} {
				p.ActorID = staff
				wg.Go(func() {
					tr, err := svc.Positions.CompleteTransfer(t.Context(), pool, p)
					switch {
					case err == nil && tr.ID != p.TransferID:
						t.Errorf("%s is not %s", tr.ID, p.TransferID)
					case err != nil && fault.CodeOf(err) != store.ErrKeyReused.Code && fault.CodeOf(err) != investments.ErrTransferStatus.Code:
						t.Error(err)
					}
				})
			}
		}
	}
	j.blocked(2)
	require.NoError(t, j.held.Rollback())
	wg.Wait()
	var n int
	require.NoError(t, c.db.NewRaw("SELECT count(*) FROM investments.capital_movements WHERE transfer_id IS NOT NULL").Scan(t.Context(), &n))
	require.Equal(t, 16, n)
	require.Equal(t, 8, events(t, c.db, "investments.transfer_completed"))
	c.proved()
}

// All that moves capital of an offering happens at once, by two services with a pool each, and
// its holders trade at another offering, too: whatever comes of it could have come of some order.
func TestCompleteTransfer_storm(t *testing.T) {
	t.Parallel()
	const n = 12
	c := transferring(t, 2*n, false)
	other, err := pgtest.Open(pgtest.DSN(t, c.db))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, other.Close()) })
	second := raise(t, c.db, "5000000")
	type sale struct {
		v  id.Of[investments.Transfer]
		by id.Of[auth.User]
	}
	var moves []sale
	for k := range 3 * n {
		a := asked{from: k % n, to: (k*7 + 3) % (2 * n), fraction: []string{"0.5", "1", "0.25"}[k/n], on: fmt.Sprintf("2026-02-%02d", 10+k%3)}
		if a.to == a.from {
			a.to = n
		}
		by := staff
		if k%4 == 3 {
			by = asker
		}
		moves = append(moves, sale{c.askAs(fmt.Sprint("ask ", k), a), by})
	}
	for i := range n { // whoever gives there, receives here
		sub := funded(t, c.db, second, c.u[2*n-1-i], "30000")
		tr := approvedTransfer(t, c.db, *sub.PositionID, c.u[i], "0.5", "2026-02-10")
		moves = append(moves, sale{tr.ID, staff})
	}
	pools, svcs := []*bun.DB{c.db, other}, []*investments.Services{newService(), newService()}
	var wg sync.WaitGroup
	each := func(do func(svc *investments.Services, db *bun.DB) error) {
		for k := range pools {
			wg.Go(func() {
				err := do(svcs[k], pools[k])
				switch {
				case err == nil:
				case store.Retryable(err), store.WorthRetry(err), fault.KindOf(err) == fault.Unavailable, fault.CodeOf(err) == "":
					t.Error(err)
				}
			})
		}
	}
	for i, m := range moves {
		each(func(svc *investments.Services, db *bun.DB) error {
			_, err := svc.Positions.CompleteTransfer(t.Context(), db, investments.CompleteTransferParams{IdempotencyKey: fmt.Sprint("move ", i), TransferID: m.v, ActorID: m.by})
			return err
		})
		switch {
		case i%5 == 0:
			who := c.u[i%(2*n)]
			p := commitment(c.offering, who, "30000")
			each(func(svc *investments.Services, db *bun.DB) error {
				sub, err := svc.Commitments.Commit(t.Context(), db, p)
				if err != nil {
					return err
				}
				_, err = svc.Commitments.ReceiveContribution(t.Context(), db, investments.ReceiveContributionParams{IdempotencyKey: "r " + p.IdempotencyKey, SubscriptionID: sub.ID,
					Date: date.MustParse("2026-02-12"), ActorID: staff})
				return err
			})
		case i%5 == 1:
			each(func(svc *investments.Services, db *bun.DB) error {
				_, err := svc.Positions.CancelTransfer(t.Context(), db, investments.CancelTransferParams{TransferID: m.v, ActorID: asker})
				return err
			})
		case i%13 == 2:
			d := declaration(c.offering, fmt.Sprint("paid ", i), fmt.Sprintf("2026-02-%02d", 9+i%4), "1000", asker)
			each(func(svc *investments.Services, db *bun.DB) error {
				paid, err := svc.Distributions.Declare(t.Context(), db, d)
				if err != nil {
					return err
				}
				if _, err := svc.Distributions.Approve(t.Context(), db, investments.ApproveDistributionParams{DistributionID: paid.ID, ActorID: staff}); err != nil {
					return err
				}
				_, err = svc.Distributions.Pay(t.Context(), db, investments.PayParams{IdempotencyKey: "pay " + d.IdempotencyKey, DistributionID: paid.ID, Date: date.MustParse("2026-02-20"), Method: investments.PayACH, ActorID: staff})
				return err
			})
		case i == 33:
			wg.Go(func() {
				_, err := ledger.NewService(ledger.Config{}).ClosePeriod(t.Context(), c.db, ledger.ClosePeriodParams{BookID: *c.offering.BookID, Through: date.MustParse("2026-02-10")})
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	var done int
	require.NoError(t, c.db.NewRaw("SELECT count(*) FROM investments.transfers WHERE status = 'completed'").Scan(t.Context(), &done))
	t.Logf("%d of %d", done, len(moves))
	require.Equal(t, "0.00", balanceOf(t, c.db, c.offering, investments.AccountTransfers))
	var negative int
	require.NoError(t, c.db.NewRaw("SELECT count(*) FROM investments.property_investments WHERE investment_amount < 0 OR units < 0").Scan(t.Context(), &negative))
	require.Zero(t, negative)
	c.proved()
}

// The server ends the pool's sessions, and callers leave, while transfers are on their way. Whoever
// does not know what came of it sends the same again, until they do: each is done once.
func TestCompleteTransfer_connectionsEnd(t *testing.T) {
	t.Parallel()
	c := transferring(t, 48, false)
	pool, err := pgtest.Open(pgtest.DSN(t, c.db) + "&application_name=victims")
	require.NoError(t, err)
	svc := newService()
	var moves []id.Of[investments.Transfer]
	for i := range 24 {
		moves = append(moves, c.askAs(fmt.Sprint("ask ", i), asked{from: i, to: 24 + i/2, fraction: "0.5"}))
	}
	var wg, ends sync.WaitGroup
	ends.Go(func() {
		for range 8 {
			time.Sleep(20 * time.Millisecond)
			_, err := c.db.ExecContext(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victims' AND random() < 0.7")
			if err != nil {
				t.Error(err)
			}
		}
	})
	for i, v := range moves {
		wg.Go(func() {
			for try := range 400 {
				ctx, leave := t.Context(), func() {}
				if try < 3 {
					ctx, leave = context.WithTimeout(ctx, time.Duration(i+5*try)*2*time.Millisecond)
				}
				_, err := svc.Positions.CompleteTransfer(ctx, pool, investments.CompleteTransferParams{IdempotencyKey: fmt.Sprint("move ", i), TransferID: v, ActorID: staff})
				leave()
				if err == nil {
					return
				}
				if !store.WorthRetry(err) && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%v", err)
					return
				}
			}
			t.Error("it never comes through")
		})
	}
	wg.Wait()
	ends.Wait()
	require.NoError(t, pool.Close())
	var n int
	require.NoError(t, c.db.NewRaw("SELECT count(*) FROM investments.capital_movements WHERE transfer_id IS NOT NULL").Scan(t.Context(), &n))
	require.Equal(t, 48, n)
	require.Equal(t, 24, events(t, c.db, "investments.transfer_completed"))
	c.proved()
}

// Who comes back after they left holds again, by a transfer or by money, and has no returns until
// they leave again, by a transfer or a refund.
func TestTransfer_comesBack(t *testing.T) {
	t.Parallel()
	c := transferring(t, 6, false)
	ctx, svc := t.Context(), newService()
	move := func(from, to int, on string) {
		t.Helper()
		_, err := complete(ctx, c.db, c.askAs("ask "+on, asked{from: from, to: to, on: on}), "move "+on)
		require.NoError(t, err)
		verified(t, c.db)
	}
	returns := func() string { return positionOf(t, c.db, c.held[0]).TotalReturns.String() }
	c.payOut("paid", "1000", "2026-01-20")
	move(0, 1, "2026-02-10")
	require.Equal(t, "330.03", returns())
	move(2, 0, "2026-02-11")
	require.Equal(t, "0.00", returns())
	move(0, 4, "2026-02-12")
	require.Equal(t, "330.03", returns())
	sub, err := svc.Commitments.Commit(ctx, c.db, commitment(c.offering, c.u[0], "30000"))
	require.NoError(t, err)
	_, err = svc.Commitments.ReceiveContribution(ctx, c.db, investments.ReceiveContributionParams{IdempotencyKey: "in", SubscriptionID: sub.ID, Amount: money.MustParse("10"),
		Date: date.MustParse("2026-02-12"), ActorID: staff})
	require.NoError(t, err)
	verified(t, c.db)
	require.Equal(t, "0.00", returns())
	_, err = svc.Commitments.RefundContribution(ctx, c.db, investments.RefundContributionParams{IdempotencyKey: "out", SubscriptionID: sub.ID, Date: date.MustParse("2026-02-13"), Reason: "so", ActorID: staff})
	require.NoError(t, err)
	verified(t, c.db)
	require.Equal(t, "330.03", returns())
	sub, err = svc.Commitments.Commit(ctx, c.db, commitment(c.offering, c.u[0], "30000"))
	require.NoError(t, err)
	_, err = svc.Commitments.ReceiveContributions(ctx, c.db, investments.ReceiveContributionsParams{IdempotencyKey: "batch", OfferingID: c.offering.ID, ActorID: staff,
		Receipts: []investments.Receipt{{SubscriptionID: sub.ID, Amount: money.MustParse("10"), Date: date.MustParse("2026-02-14")}}})
	require.NoError(t, err)
	verified(t, c.db)
	require.Equal(t, "0.00", returns())
}
