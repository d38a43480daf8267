package investments_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// besides runs n commands while somebody holds the offering's row: the first ones, alone, wait
// for it, and the others for their turn.
func besides(t *testing.T, db *bun.DB, o *investments.Offering, alone, n int, do func(ctx context.Context, i int) error) {
	t.Helper()
	commands := make([]func(context.Context) (any, error), n)
	for i := range n {
		commands[i] = func(ctx context.Context) (any, error) { return nil, do(ctx, i) }
	}
	for _, out := range jammed(t, db, o).together(alone, commands) {
		require.NoError(t, out.Err)
	}
}

// transactionsOf is how many transactions wrote the rows of an offering last.
func transactionsOf(t *testing.T, db bun.IDB, table string, o *investments.Offering) (n int) {
	t.Helper()
	require.NoError(t, db.NewRaw("SELECT count(DISTINCT xmin::text) FROM investments."+table+" WHERE opportunity_id = ?", o.ID).Scan(t.Context(), &n))
	return n
}

// Commands on one offering that come at once are done by a few transactions, each for what it
// asked.
func TestCommands_shareTransactions(t *testing.T) {
	t.Parallel()
	const n = 12
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	db.SetMaxOpenConns(20)
	o := raise(t, db, "1000000")
	subs := make([]*investments.Subscription, n)
	params := make([]investments.CommitParams, n)
	for i := range n {
		params[i] = commitment(o, investor(t, db), fmt.Sprint(30000+i))
	}
	besides(t, db, o, 1, n, func(ctx context.Context, i int) (err error) {
		subs[i], err = svc.Commitments.Commit(ctx, db, params[i])
		return err
	})
	require.LessOrEqual(t, transactionsOf(t, db, "subscriptions", o), 3)
	for i, sub := range subs {
		stored, err := svc.Commitments.Subscription(ctx, db, sub.ID)
		require.NoError(t, err)
		require.Equal(t, params[i].InvestorID, stored.InvestorID)
		require.Equal(t, params[i].Amount, stored.Amount)
		require.Equal(t, stored.PositionID, sub.PositionID)
		again, err := svc.Commitments.Commit(ctx, db, params[i])
		require.NoError(t, err)
		require.Equal(t, sub.ID, again.ID)
	}

	_, lines := issued(t, db, o, "call", "0.5")
	besides(t, db, o, 2, n, func(ctx context.Context, i int) error {
		line := lineOf(lines, subs[i])
		got, err := svc.Commitments.ReceiveCall(ctx, db, investments.ReceiveCallParams{IdempotencyKey: fmt.Sprint("called ", i), LineID: line.ID,
			Date: date.MustParse("2026-02-20"), ActorID: staff})
		if err == nil {
			require.Equal(t, line.ID, got.ID)
			require.Equal(t, investments.CallLineStatusReceived, got.Status)
		}
		return err
	})
	require.LessOrEqual(t, transactionsOf(t, db, "subscriptions", o), 4)
	require.Equal(t, 1, events(t, db, "investments.capital_call_completed"))
	besides(t, db, o, 2, n, func(ctx context.Context, i int) error {
		got, err := svc.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: fmt.Sprint("rest ", i), SubscriptionID: subs[i].ID,
			Date: date.MustParse("2026-02-21"), ActorID: staff})
		if err == nil {
			require.Equal(t, subs[i].ID, got.ID)
			require.Equal(t, investments.SubscriptionStatusFunded, got.Status)
			require.Equal(t, params[i].Amount, got.Received)
		}
		return err
	})
	require.LessOrEqual(t, transactionsOf(t, db, "subscriptions", o), 4)
	require.Equal(t, 2*n, events(t, db, "investments.contribution_received"))

	moves := make([]*investments.Transfer, n)
	for i, sub := range subs {
		moves[i] = approvedTransfer(t, db, *sub.PositionID, investor(t, db), "1", "2026-03-01")
	}
	besides(t, db, o, 2, n, func(ctx context.Context, i int) error {
		got, err := svc.Positions.CompleteTransfer(ctx, db, investments.CompleteTransferParams{IdempotencyKey: fmt.Sprint("move ", i), TransferID: moves[i].ID, ActorID: staff})
		if err == nil {
			require.Equal(t, moves[i].ID, got.ID)
			require.Equal(t, params[i].Amount, *got.Amount)
		}
		return err
	})
	require.LessOrEqual(t, transactionsOf(t, db, "transfers", o), 4)
	require.Equal(t, n, events(t, db, "investments.transfer_completed"))
	var raised money.Amount
	var investors int
	require.NoError(t, db.NewRaw("SELECT amount_raised, investor_count FROM investments.opportunities WHERE id = ?", o.ID).Scan(ctx, &raised, &investors))
	require.Equal(t, money.MustParse("360066"), raised)
	require.Equal(t, 2*n, investors)
	verified(t, db)
}
