package investments_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
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
	joint    *id.Of[investments.Account]         // of u[9], and u[10] jointly
	llc      *id.Of[investments.Account]         // of u[11]
	all      []func(ctx context.Context) (any, error)
	apart    map[int]bool // the commands that queue behind no other
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
	from, to       int
	account        *id.Of[investments.Account]
	class          string // another: a conversion, or with wrong a correction
	wrong          bool
	fraction, on   string
	price          string
	pending        bool // nobody has approved it
	key            string
	by             id.Of[auth.User] // who completes it
	behind, cancel bool
	again          int // the number of the command whose transfer this is of; counts from 1
}

func (c *transferCase) ask(a asked) id.Of[investments.Transfer] {
	c.Helper()
	if a.fraction == "" {
		a.fraction = "1"
	}
	if a.on == "" {
		a.on = "2026-02-10"
	}
	ctx, part, on, key := c.Context(), decimal.RequireFromString(a.fraction), date.MustParse(a.on), fmt.Sprint("ask ", len(c.all))
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
	} else {
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
