package investments_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

func allocation(o *investments.Offering, key string, kind investments.AllocationKind, amount, day string) investments.AllocateParams {
	return investments.AllocateParams{IdempotencyKey: key, OfferingID: o.ID, Kind: kind, Amount: money.MustParse(amount), Date: date.MustParse(day), Description: "Q1 2026", ActorID: staff}
}

// tryAllocate runs in a savepoint, so that a refusal does not end the test's
// transaction.
func tryAllocate(t *testing.T, db bun.IDB, p investments.AllocateParams) (out *investments.Allocation, err error) {
	t.Helper()
	err = store.InTx(t.Context(), db, func(tx bun.IDB) (err error) {
		out, err = newService().Capital.Allocate(t.Context(), tx, p)
		return err
	})
	return out, err
}

func allocate(t *testing.T, db bun.IDB, o *investments.Offering, key string, kind investments.AllocationKind, amount, day string) *investments.Allocation {
	t.Helper()
	out, err := newService().Capital.Allocate(t.Context(), db, allocation(o, key, kind, amount, day))
	require.NoError(t, err)
	return out
}

func positionOf(t *testing.T, db bun.IDB, v id.Of[investments.Position]) *investments.Position {
	t.Helper()
	pos, err := newService().Positions.Position(t.Context(), db, v)
	require.NoError(t, err)
	return pos
}

// heldOn is what the ledger holds for a position on an account.
func heldOn(t *testing.T, db bun.IDB, o *investments.Offering, code string, pos id.Of[investments.Position]) string {
	t.Helper()
	books := ledger.NewService(ledger.Config{})
	chart, err := books.Chart(t.Context(), db, *o.BookID)
	require.NoError(t, err)
	b, err := books.SubledgerTotals(t.Context(), db, chart[code].ID, id.Cast[ledger.Subledger](pos))
	require.NoError(t, err)
	return b.Balance.String()
}

func events(t *testing.T, db bun.IDB, kind string) (n int) {
	t.Helper()
	require.NoError(t, db.NewRaw("SELECT count(*) FROM freehold.outbox WHERE type = ?", kind).Scan(t.Context(), &n))
	return n
}

func TestAllocate(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "1000000")
	a, b := *funded(t, tx, o, investor(t, tx), "60000").PositionID, *funded(t, tx, o, investor(t, tx), "30000").PositionID

	income := allocate(t, tx, o, "q1", investments.AllocationIncome, "1000.00", "2026-03-31")
	require.Equal(t, income, allocate(t, tx, o, "q1", investments.AllocationIncome, "1000.00", "2026-03-31"), "the key again")
	_, err := tryAllocate(t, tx, allocation(o, "q1", investments.AllocationIncome, "1000.01", "2026-03-31"))
	require.ErrorIs(t, err, store.ErrKeyReused)
	require.Equal(t, investments.AllocationIncome, income.Kind)
	require.Equal(t, "1000.00", income.Amount.String())
	require.Equal(t, 2, income.Positions)
	require.Equal(t, o.ID, income.OfferingID)
	require.Equal(t, "666.67", heldOn(t, tx, o, investments.AccountIncome, a))
	require.Equal(t, "333.33", heldOn(t, tx, o, investments.AccountIncome, b))

	loss := allocate(t, tx, o, "q2", investments.AllocationIncome, "-1000.01", "2026-06-30")
	require.Equal(t, "-1000.01", loss.Amount.String())
	require.Equal(t, "0.00", heldOn(t, tx, o, investments.AccountIncome, a), "666.67 of the cents go to the larger fraction")
	require.Equal(t, "-0.01", heldOn(t, tx, o, investments.AccountIncome, b))
	fees := allocate(t, tx, o, "fees", investments.AllocationFees, "90", "2026-06-30")
	require.Equal(t, "90.00", fees.Amount.String())
	require.Equal(t, "-60.00", heldOn(t, tx, o, investments.AccountFees, a), "fees lessen capital")
	up := allocate(t, tx, o, "value", investments.AllocationUnrealized, "300", "2026-06-30")
	require.Equal(t, "200.00", positionOf(t, tx, a).UnrealizedGains.String())
	down := allocate(t, tx, o, "value down", investments.AllocationUnrealized, "-30", "2026-07-31")
	require.Equal(t, "180.00", positionOf(t, tx, a).UnrealizedGains.String())
	require.Equal(t, "90.00", positionOf(t, tx, b).UnrealizedGains.String())
	require.Equal(t, map[string]string{"1000": "90000.00", "3000": "90000.00", "3300": "-0.01", "3310": "270.00", "3330": "-90.00", "3800": "-179.99"}, balances(t, tx, o))

	undo := investments.ReverseAllocationParams{IdempotencyKey: "undo", AllocationID: up.ID, Date: date.MustParse("2026-08-01"), Reason: "wrong appraisal", ActorID: staff}
	for range 2 {
		back, err := svc.Capital.ReverseAllocation(ctx, tx, undo)
		require.NoError(t, err)
		require.NotNil(t, back.ReversedBy)
	}
	require.Equal(t, "-20.00", positionOf(t, tx, a).UnrealizedGains.String())
	reverse := func(v id.Of[investments.Allocation], day string) error {
		return store.InTx(ctx, tx, func(tx bun.IDB) error {
			_, err := svc.Capital.ReverseAllocation(ctx, tx, investments.ReverseAllocationParams{IdempotencyKey: "again" + day, AllocationID: v, Date: date.MustParse(day), Reason: "x", ActorID: staff})
			return err
		})
	}
	require.ErrorIs(t, reverse(up.ID, "2026-08-02"), investments.ErrAllocationReversed)
	require.ErrorIs(t, reverse(down.ID, "2026-07-30"), investments.ErrReversalDate)
	require.ErrorIs(t, reverse(id.New[investments.Allocation](), "2026-08-03"), investments.ErrAllocationNotFound)

	var seen []string
	for x, err := range page.All(ctx, func(ctx context.Context, r page.Request) (page.Page[investments.Allocation], error) {
		r.Limit = 2
		return svc.Capital.Allocations(ctx, tx, o.ID, r)
	}) {
		require.NoError(t, err)
		seen = append(seen, string(x.Kind)+" "+x.Amount.String()+fmt.Sprint(x.ReversedBy != nil))
	}
	require.Equal(t, []string{"unrealized_change -30.00false", "unrealized_change 300.00true", "fees 90.00false", "net_income -1000.01false", "net_income 1000.00false"}, seen)
	require.Equal(t, 5, events(t, tx, "investments.income_allocated"))
	require.Equal(t, 1, events(t, tx, "investments.allocation_reversed"))
}

func TestAllocate_refused(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "1000000")
	try := func(p investments.AllocateParams) error { _, err := tryAllocate(t, tx, p); return err }
	p := allocation(o, "k", investments.AllocationIncome, "10", "2026-03-31")
	require.ErrorIs(t, try(p), investments.ErrNoPositions)
	funded(t, tx, o, investor(t, tx), "60000")
	early := p
	early.Date = date.MustParse("2026-01-14")
	require.ErrorIs(t, try(early), investments.ErrNoPositions, "funded on the 15th")
	fee := p
	fee.Kind, fee.Amount = investments.AllocationFees, money.MustParse("-1")
	require.Equal(t, "amount", fault.FieldErrors(try(fee))[0].Field)
	require.Len(t, fault.FieldErrors(try(investments.AllocateParams{IdempotencyKey: "x", ActorID: staff})), 4)
	p.IdempotencyKey = ""
	require.ErrorIs(t, try(p), store.ErrKeyRequired)
	p.IdempotencyKey, p.OfferingID = "k", id.New[investments.Offering]()
	require.ErrorIs(t, try(p), investments.ErrOfferingNotFound)
	_, err := svc.Capital.Allocation(ctx, tx, id.New[investments.Allocation]())
	require.ErrorIs(t, err, investments.ErrAllocationNotFound)
	_, err = svc.Capital.Allocations(ctx, tx, o.ID, page.Request{After: page.Encode("nonsense")})
	require.ErrorIs(t, err, page.ErrCursor)
}

// What is allocated as of a day goes to who held then, whatever has moved since.
func TestAllocate_holdingsOfTheDay(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "1000000")
	sub, other := funded(t, tx, o, investor(t, tx), "60000"), funded(t, tx, o, investor(t, tx), "40000")
	tr := approvedTransfer(t, tx, *sub.PositionID, investor(t, tx), "1", "2026-04-10")
	tr, err := complete(ctx, tx, tr.ID, "sold")
	require.NoError(t, err)
	late, err := svc.Commitments.Commit(ctx, tx, commitment(o, investor(t, tx), "100000"))
	require.NoError(t, err)
	_, err = svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: "late", SubscriptionID: late.ID, Date: date.MustParse("2026-04-20"), ActorID: staff})
	require.NoError(t, err)

	allocate(t, tx, o, "q1", investments.AllocationIncome, "100", "2026-03-31")
	require.Equal(t, "60.00", heldOn(t, tx, o, investments.AccountIncome, *sub.PositionID), "the seller held then, though he has left")
	require.Equal(t, "40.00", heldOn(t, tx, o, investments.AccountIncome, *other.PositionID))
	allocate(t, tx, o, "april", investments.AllocationIncome, "100", "2026-04-10")
	require.Equal(t, "60.00", heldOn(t, tx, o, investments.AccountIncome, *tr.ToPositionID), "at the end of the day")
	allocate(t, tx, o, "may", investments.AllocationIncome, "100", "2026-05-31")
	require.Equal(t, "90.00", heldOn(t, tx, o, investments.AccountIncome, *tr.ToPositionID))
	require.Equal(t, "50.00", heldOn(t, tx, o, investments.AccountIncome, *late.PositionID))
	_, err = tryAllocate(t, tx, allocation(o, "value", investments.AllocationUnrealized, "100", "2026-03-31"))
	require.ErrorIs(t, err, investments.ErrAllocationBehind, "value has passed on")

	// The refund undoes the contribution from its first day; the units that it
	// took back were never there.
	err = store.InTx(ctx, tx, func(tx bun.IDB) error {
		_, err := svc.Commitments.RefundContribution(ctx, tx, investments.RefundContributionParams{IdempotencyKey: "r", SubscriptionID: late.ID, Amount: money.MustParse("50000"), Date: date.MustParse("2026-06-01"), ActorID: staff})
		return err
	})
	require.ErrorIs(t, err, investments.ErrRefundAllocated)
	list, err := svc.Capital.Allocations(ctx, tx, o.ID, page.Request{})
	require.NoError(t, err)
	_, err = svc.Capital.ReverseAllocation(ctx, tx, investments.ReverseAllocationParams{IdempotencyKey: "u", AllocationID: list.Items[0].ID, Date: date.MustParse("2026-05-31"), Reason: "refund", ActorID: staff})
	require.NoError(t, err)
	_, err = svc.Commitments.RefundContribution(ctx, tx, investments.RefundContributionParams{IdempotencyKey: "r", SubscriptionID: late.ID, Amount: money.MustParse("50000"), Date: date.MustParse("2026-06-01"), ActorID: staff})
	require.NoError(t, err)
	allocate(t, tx, o, "may again", investments.AllocationIncome, "150", "2026-05-31")
	require.Equal(t, "50.00", heldOn(t, tx, o, investments.AccountIncome, *late.PositionID), "with the units that were left")
	allocate(t, tx, o, "june", investments.AllocationIncome, "150", "2026-06-30")
	require.Equal(t, "100.00", heldOn(t, tx, o, investments.AccountIncome, *late.PositionID))
}

// An unrealized change that has been reversed was not there to be taken along by a
// transfer that is recorded after that, though it lies between the two days: what
// the reversal takes back is still where the change put it.
func TestReverseAllocation_beforeTransfer(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "1000000")
	from := *funded(t, tx, o, investor(t, tx), "60000").PositionID
	up := allocate(t, tx, o, "up", investments.AllocationUnrealized, "900", "2026-02-28")
	_, err := svc.Capital.ReverseAllocation(ctx, tx, investments.ReverseAllocationParams{IdempotencyKey: "undo", AllocationID: up.ID, Date: date.MustParse("2026-05-01"), Reason: "wrong appraisal", ActorID: staff})
	require.NoError(t, err)
	tr, err := complete(ctx, tx, approvedTransfer(t, tx, from, investor(t, tx), "0.5", "2026-04-01").ID, "half")
	require.NoError(t, err)
	for _, at := range []struct {
		position  id.Of[investments.Position]
		day, want string
	}{
		{from, "2026-04-30", "30900.00"}, {from, "2026-05-01", "30000.00"}, {*tr.ToPositionID, "2026-04-30", "30000.00"}, {*tr.ToPositionID, "2026-05-01", "30000.00"},
	} {
		c, err := svc.Capital.CapitalAccount(ctx, tx, investments.CapitalAccountParams{PositionID: at.position, From: date.MustParse("2026-01-01"), To: date.MustParse(at.day)})
		require.NoError(t, err)
		require.Equal(t, at.want, c.Closing.String(), at.day)
	}
	require.Equal(t, "0.00", positionOf(t, tx, from).UnrealizedGains.String())
	require.Equal(t, "0.00", positionOf(t, tx, *tr.ToPositionID).UnrealizedGains.String())
}

// A transfer takes its fraction of the unrealized value along; it cannot go
// behind an allocation to the giver.
func TestAllocate_valueFollowsTransfers(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	o := raise(t, tx, "1000000")
	from := *funded(t, tx, o, investor(t, tx), "60000").PositionID
	allocate(t, tx, o, "down", investments.AllocationUnrealized, "-100.01", "2026-02-28")
	early := approvedTransfer(t, tx, from, investor(t, tx), "0.5", "2026-02-28")
	_, err := complete(ctx, tx, early.ID, "early")
	require.ErrorIs(t, err, investments.ErrTransferBehind, "a day's transfers go before its allocations")
	tr := approvedTransfer(t, tx, from, investor(t, tx), "0.5", "2026-03-01")
	tr, err = complete(ctx, tx, tr.ID, "half")
	require.NoError(t, err)
	require.Equal(t, "-50.00", positionOf(t, tx, from).UnrealizedGains.String())
	require.Equal(t, "-50.01", positionOf(t, tx, *tr.ToPositionID).UnrealizedGains.String())
	require.Equal(t, "-50.01", heldOn(t, tx, o, investments.AccountUnrealized, *tr.ToPositionID))
	require.Equal(t, "0.00", balanceOf(t, tx, o, investments.AccountTransfers))
	rest := approvedTransfer(t, tx, from, tr.ToInvestorID, "1", "2026-03-02")
	_, err = complete(ctx, tx, rest.ID, "rest")
	require.NoError(t, err)
	require.True(t, positionOf(t, tx, from).UnrealizedGains.IsZero())
	require.Equal(t, "-100.01", positionOf(t, tx, *tr.ToPositionID).UnrealizedGains.String())
}

// A book from before these accounts gets them, once, when it is used; a host's
// account of another kind under such a code is told.
func TestBook_getsWhatItLacks(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	o := raise(t, tx, "1000000")
	_, err := tx.NewRaw("DELETE FROM financials.accounts WHERE book_id = ? AND code IN ('3300', '3310', '3320', '3330', '3800')", *o.BookID).Exec(ctx)
	require.NoError(t, err)
	_, err = tx.NewRaw("UPDATE financials.accounts SET subledgered = FALSE WHERE book_id = ? AND code = '3200'", *o.BookID).Exec(ctx)
	require.NoError(t, err)
	pos := *funded(t, tx, o, investor(t, tx), "60000").PositionID
	account, err := newService().Capital.CapitalAccount(ctx, tx, investments.CapitalAccountParams{PositionID: pos, To: date.MustParse("2026-12-31")})
	require.NoError(t, err)
	require.Equal(t, "60000.00", account.Closing.String())
	allocate(t, tx, o, "q1", investments.AllocationIncome, "10", "2026-03-31")
	require.Equal(t, "10.00", heldOn(t, tx, o, investments.AccountIncome, pos))

	other := raise(t, tx, "1000000")
	_, err = tx.NewRaw("UPDATE financials.accounts SET type = 'income' WHERE book_id = ? AND code = '3310'", *other.BookID).Exec(ctx)
	require.NoError(t, err)
	sub, err := newService().Commitments.Commit(ctx, tx, commitment(other, investor(t, tx), "60000"))
	require.NoError(t, err)
	_, err = newService().Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: "f", SubscriptionID: sub.ID, Date: date.MustParse("2026-02-01"), ActorID: staff})
	require.ErrorIs(t, err, investments.ErrBookAccount)
}

// The parts of an allocation sum to it, whatever its sign and the holdings; and
// its reversal leaves nothing.
func TestAllocate_sums(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), newService()
	var raised []*investments.Offering
	for n := range 5 { // of so many and one positions, which take longer than what is tried with them
		o := raise(t, db, "10000000")
		for range n + 1 {
			held := fmt.Sprintf("%d.%02d", 25_000+rand.N(475_000), rand.N(100))
			t.Logf("offering %d: %s", n, held)
			funded(t, db, o, investor(t, db), held)
		}
		raised = append(raised, o)
	}
	rapid.Check(t, func(r *rapid.T) {
		o := raised[rapid.IntRange(0, len(raised)-1).Draw(r, "offering")]
		cents := rapid.Int64Range(1, 1e12).Draw(r, "amount")
		if rapid.Bool().Draw(r, "loss") {
			cents = -cents
		}
		err := store.InTx(ctx, db, func(tx bun.IDB) error {
			sum, err := money.FromCents(cents)
			require.NoError(t, err)
			a := allocate(t, tx, o, "k", investments.AllocationUnrealized, sum.String(), "2026-03-31")
			require.Equal(t, sum, a.Amount)
			require.Equal(t, sum.String(), balanceOf(t, tx, o, investments.AccountUnrealized))
			var cached money.Amount
			require.NoError(t, tx.NewRaw("SELECT sum(unrealized_gains) FROM investments.property_investments WHERE opportunity_id = ?", o.ID).Scan(ctx, &cached))
			require.Equal(t, sum, cached)
			_, err = svc.Capital.ReverseAllocation(ctx, tx, investments.ReverseAllocationParams{IdempotencyKey: "u", AllocationID: a.ID, Date: a.Date, Reason: "x", ActorID: staff})
			require.NoError(t, err)
			require.NoError(t, tx.NewRaw("SELECT sum(abs(unrealized_gains)) FROM investments.property_investments WHERE opportunity_id = ?", o.ID).Scan(ctx, &cached))
			require.True(t, cached.IsZero())
			return errUndo
		})
		require.ErrorIs(t, err, errUndo)
	})
}

var errUndo = fault.New(fault.Invalid, "undo", "takes the savepoint back")

func TestLifeVerbs_sameKeyAtOnce(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o := sold(t, db)
	a := allocate(t, db, o, "to undo", investments.AllocationIncome, "10", "2026-12-31")
	verbs := []func() (string, error){
		func() (string, error) {
			out, err := svc.Capital.Allocate(ctx, db, allocation(o, "x", investments.AllocationUnrealized, "100", "2026-12-31"))
			return out.ID.String(), err
		},
		func() (string, error) {
			out, err := svc.Capital.ReverseAllocation(ctx, db, investments.ReverseAllocationParams{IdempotencyKey: "x", AllocationID: a.ID, Date: a.Date, Reason: "x", ActorID: staff})
			return out.ReversedBy.String(), err
		},
		func() (string, error) {
			out, err := svc.Capital.ExitOffering(ctx, db, exit(o, "x"))
			return out.RealizedGains.String(), err
		},
		func() (string, error) {
			out, err := reverseExit(ctx, db, svc.Capital, investments.ReverseExitParams{IdempotencyKey: "x", OfferingID: o.ID, Date: date.MustParse("2026-12-31"), Reason: "x", ActorID: staff})
			return out.ID.String(), err
		},
	}
	for i, verb := range verbs {
		var wg sync.WaitGroup
		got := make([]string, 4)
		for n := range got {
			wg.Go(func() {
				v, err := verb()
				if err != nil {
					t.Errorf("%d: %v", i, err)
				}
				got[n] = v
			})
		}
		wg.Wait()
		require.Equal(t, []string{got[0], got[0], got[0], got[0]}, got, i)
	}
	var n int
	require.NoError(t, db.NewRaw("SELECT count(*) FROM financials.journals WHERE source_id = ?", o.ID).Scan(ctx, &n))
	require.Equal(t, 5, n, "two allocations, one reversal, one exit, one reversal of it")
}

func TestLifeVerbs_cancelledAtEveryStatement(t *testing.T) {
	t.Parallel()
	db, svc := pgtest.Clone(t), newService()
	o, done := sold(t, db), sold(t, db)
	a := allocate(t, db, o, "value", investments.AllocationUnrealized, "10", "2026-12-31")
	_, err := svc.Capital.ExitOffering(t.Context(), db, exit(done, "done"))
	require.NoError(t, err)
	_, err = svc.Capital.RequestExitReversal(t.Context(), db, investments.RequestExitReversalParams{OfferingID: done.ID, Date: date.MustParse("2026-12-31"), Reason: "x", ActorID: asker})
	require.NoError(t, err)
	cancelEverywhere(t, db, map[string]func(context.Context, bun.IDB) error{
		"allocate": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Capital.Allocate(ctx, tx, allocation(o, "x", investments.AllocationUnrealized, "100", "2026-12-31"))
			return err
		},
		"reverse allocation": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Capital.ReverseAllocation(ctx, tx, investments.ReverseAllocationParams{IdempotencyKey: "x", AllocationID: a.ID, Date: a.Date, Reason: "x", ActorID: staff})
			return err
		},
		"exit": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Capital.ExitOffering(ctx, tx, exit(o, "x"))
			return err
		},
		"reverse exit": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Capital.ReverseExit(ctx, tx, investments.ReverseExitParams{IdempotencyKey: "x", OfferingID: done.ID, Date: date.MustParse("2026-12-31"), Reason: "x", ActorID: staff})
			return err
		},
		"ownership": func(ctx context.Context, tx bun.IDB) error { return svc.Positions.RefreshOwnership(ctx, tx, o.ID) },
	})
}
