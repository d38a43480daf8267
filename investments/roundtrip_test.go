package investments_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// roundTrips runs a verb on a pool and returns how many round trips it took, BEGIN and
// COMMIT included. A connection's first statement is a check of the session, which is
// not counted.
func roundTrips(t *testing.T, trace *pgtest.Trace, verb func() error) int {
	t.Helper()
	trace.Take()
	require.NoError(t, verb())
	all := trace.Take()
	n := 0
	for _, s := range all {
		if !strings.Contains(s.SQL, "standard_conforming_strings") {
			n++
		}
		t.Logf("%.100s", strings.Join(strings.Fields(s.SQL), " "))
	}
	return n
}

// What a verb costs in round trips, where nothing out of the ordinary follows from it,
// is what BENCHMARKS.md says.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	ctx, quiet := t.Context(), pgtest.Clone(t)
	db, trace := pgtest.Traced(t, quiet)
	_, err := db.ExecContext(ctx, "SELECT 1")
	require.NoError(t, err)
	svc := newService()
	o, who, buyer := raise(t, quiet, "1000000"), investor(t, quiet), investor(t, quiet)
	var rows []string
	count := func(name string, verb func(db bun.IDB) error) {
		rows = append(rows, fmt.Sprintf("| %s | %d |", name, roundTrips(t, trace, func() error { return verb(db) })))
	}
	var sub *investments.Subscription
	count("Commit", func(db bun.IDB) (err error) {
		sub, err = svc.Commitments.Commit(ctx, db, commitment(o, who, "100000"))
		return err
	})
	count("ReceiveContribution", func(db bun.IDB) error {
		_, err := svc.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: "in", SubscriptionID: sub.ID,
			Amount: money.MustParse("100000"), Date: date.MustParse("2026-01-15"), ActorID: staff})
		return err
	})
	called := raise(t, quiet, "1000000")
	ready, err := svc.Commitments.Commit(ctx, quiet, commitment(called, investor(t, quiet), "50000"))
	require.NoError(t, err)
	_, lines := issued(t, quiet, called, "call", "0.5")
	asked := lineOf(lines, ready).ID
	count("ReceiveCall", func(db bun.IDB) error {
		_, err := svc.Commitments.ReceiveCall(ctx, db, investments.ReceiveCallParams{IdempotencyKey: "called", LineID: asked, Date: date.MustParse("2026-02-20"), ActorID: staff})
		return err
	})
	second := funded(t, quiet, o, buyer, "50000")
	moved := approvedTransfer(t, quiet, *second.PositionID, investor(t, quiet), "1", "2026-01-20")
	count("CompleteTransfer", func(db bun.IDB) error {
		_, err := svc.Positions.CompleteTransfer(ctx, db, investments.CompleteTransferParams{IdempotencyKey: "move", TransferID: moved.ID, ActorID: staff})
		return err
	})
	var d *investments.Distribution
	count("Declare, pro rata", func(db bun.IDB) (err error) {
		d, err = svc.Distributions.Declare(ctx, db, declaration(o, "q1", "2026-01-31", "1000", staff))
		return err
	})
	approver := investor(t, quiet)
	count("Approve", func(db bun.IDB) error {
		_, err := svc.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: approver})
		return err
	})
	count("Pay", func(db bun.IDB) error {
		_, err := svc.Distributions.Pay(ctx, db, investments.PayParams{IdempotencyKey: "pay", DistributionID: d.ID, Date: date.MustParse("2026-02-01"),
			Method: investments.PayACH, Reference: "batch", ActorID: staff})
		return err
	})
	_, err = svc.Distributions.RequestReversal(ctx, quiet, investments.RequestReversalParams{DistributionID: d.ID, Date: date.MustParse("2026-02-01"), Reason: "mistake", ActorID: asker})
	require.NoError(t, err)
	count("Reverse", func(db bun.IDB) error {
		_, err := svc.Distributions.Reverse(ctx, db, investments.ReverseDistributionParams{IdempotencyKey: "back", DistributionID: d.ID, Date: date.MustParse("2026-02-01"), Reason: "mistake", ActorID: approver})
		return err
	})
	page, err := os.ReadFile("../BENCHMARKS.md")
	require.NoError(t, err)
	table := regexp.MustCompile(`(?s)### Round trips.*?\n\n\| What \| Round trips \|\n\|[-:|]+\|\n(.*?)\n\n`).FindSubmatch(page)
	require.NotNil(t, table, "BENCHMARKS.md has the table")
	require.Equal(t, strings.Join(rows, "\n"), string(table[1]))
}
