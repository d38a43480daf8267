package investments_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// mixed is an offering with subscriptions in every state: open ones of which two
// share a position, called, partly received, funded, refunded in part, of a
// position that gave a part away later, cancelled and waitlisted.
func mixed(t *testing.T, db bun.IDB) (*investments.Offering, []*investments.Subscription) {
	t.Helper()
	ctx, svc := t.Context(), newService()
	o := raise(t, db, "1000000")
	var subs []*investments.Subscription
	who, buyer := investor(t, db), investor(t, db)
	for _, a := range []string{"33333.33", "10000.01", "25000"} { // top-ups may be small
		sub, err := svc.Commitments.Commit(ctx, db, commitment(o, who, a))
		require.NoError(t, err)
		subs = append(subs, sub)
	}
	p := commitment(o, investor(t, db), "100000.01")
	p.ShareClass = "preferred"
	sub, err := svc.Commitments.Commit(ctx, db, p)
	require.NoError(t, err)
	subs = append(subs, sub, waiting(t, db, o, "60000"), funded(t, db, o, buyer, "30000"))
	gave := funded(t, db, o, investor(t, db), "50000")
	again, err := svc.Commitments.Commit(ctx, db, commitment(o, gave.InvestorID, "40000"))
	require.NoError(t, err)
	tr := approvedTransfer(t, db, *gave.PositionID, buyer, "0.5", "2026-02-01")
	_, err = complete(ctx, db, tr.ID, "tr")
	require.NoError(t, err)
	cancelled, err := svc.Commitments.Commit(ctx, db, commitment(o, investor(t, db), "25000"))
	require.NoError(t, err)
	_, err = svc.Commitments.CancelSubscription(ctx, db, investments.CancelSubscriptionParams{IdempotencyKey: "cancel", SubscriptionID: cancelled.ID, ActorID: staff})
	require.NoError(t, err)
	_, err = svc.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: "part", SubscriptionID: subs[0].ID, Amount: money.MustParse("0.01"), Date: date.MustParse("2026-01-20"), ActorID: staff})
	require.NoError(t, err)
	issued(t, db, o, "call 1", "0.25")
	issued(t, db, o, "call 2", "0.5")
	return o, append(subs, again, cancelled)
}

// books dumps every row that receipts touch, without new ids and without times.
func books(t *testing.T, db bun.IDB, o *investments.Offering) string {
	t.Helper()
	var out string
	require.NoError(t, db.NewRaw(`SELECT string_agg(x, E'\n' ORDER BY x) FROM (
		SELECT (to_jsonb(r) - '{updated_at}'::text[])::text AS x FROM investments.opportunities r WHERE id = ?0
		UNION ALL SELECT (to_jsonb(r) - '{updated_at}'::text[])::text FROM investments.subscriptions r WHERE opportunity_id = ?0
		UNION ALL SELECT (to_jsonb(r) - '{updated_at}'::text[])::text FROM investments.property_investments r WHERE opportunity_id = ?0
		UNION ALL SELECT (to_jsonb(r) - '{updated_at}'::text[])::text FROM investments.capital_calls r WHERE opportunity_id = ?0
		UNION ALL SELECT (to_jsonb(r) - '{updated_at}'::text[])::text FROM investments.capital_call_lines r JOIN investments.capital_calls c ON c.id = r.capital_call_id WHERE c.opportunity_id = ?0
		UNION ALL SELECT (to_jsonb(t) - '{id,journal_id,command_id,created_at,completed_at}'::text[])::text || (t.command_id = j.command_id)::text
			|| (to_jsonb(j) - '{id,command_id,content_hash,recorded_at}'::text[])::text || (to_jsonb(p) - '{journal_id}'::text[])::text
			FROM financials.journals j JOIN financials.postings p ON p.journal_id = j.id AND p.book_id = j.book_id LEFT JOIN investments.transactions t ON t.journal_id = j.id WHERE j.book_id = ?1
		UNION ALL SELECT to_jsonb(b)::text FROM financials.account_balances b JOIN financials.accounts a ON a.id = b.account_id AND a.book_id = b.book_id WHERE a.book_id = ?1
		UNION ALL SELECT to_jsonb(b)::text FROM financials.subledger_balances b JOIN financials.accounts a ON a.id = b.account_id AND a.book_id = b.book_id WHERE a.book_id = ?1
		UNION ALL SELECT f.investor_id || ' ' || f.total_invested FROM investments.investor_portfolios f
			WHERE investor_id IN (SELECT investor_id FROM investments.subscriptions WHERE opportunity_id = ?0)) s`, o.ID, *o.BookID).Scan(t.Context(), &out))
	return out
}

var errBack = errors.New("take it back")

// A batch does what its receipts do one by one, for any receipts, or names the
// first one that would be refused and does nothing.
func TestFundReceipts_isFundOneByOne(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, subs := mixed(t, tx)
	start := books(t, tx, o)
	refusals := map[string]int{}
	for seed := range uint64(24) {
		rnd := rand.New(rand.NewPCG(seed, 4))
		receipts := make([]investments.Receipt, 1+rnd.IntN(8))
		for i := range receipts {
			n := 5 // those that take money
			if rnd.IntN(12) == 0 {
				n = len(subs)
			}
			receipts[i] = investments.Receipt{SubscriptionID: subs[rnd.IntN(n)].ID, Date: date.MustParse("2026-01-15").AddDays(rnd.IntN(60)), Reference: fmt.Sprint("wire ", i)}
			if rnd.IntN(4) > 0 {
				cents, err := money.FromCents(rnd.Int64N(1_000_000))
				require.NoError(t, err)
				receipts[i].Amount = cents
			}
		}
		want, refused := "", -1
		var cause error
		err := store.InTx(ctx, tx, func(tx bun.IDB) error {
			for i, r := range receipts {
				_, err := svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: fmt.Sprint(i), SubscriptionID: r.SubscriptionID, Amount: r.Amount, Date: r.Date, Reference: r.Reference, ActorID: staff})
				if err != nil {
					refused, cause = i, err
					return errBack
				}
			}
			want = books(t, tx, o)
			return errBack
		})
		require.ErrorIs(t, err, errBack)
		err = store.InTx(ctx, tx, func(tx bun.IDB) error {
			got, err := svc.Commitments.ReceiveContributions(ctx, tx, investments.ReceiveContributionsParams{IdempotencyKey: "batch", OfferingID: o.ID, Receipts: receipts, ActorID: staff})
			if refused >= 0 {
				require.ErrorIs(t, err, cause)
				require.Contains(t, fault.FieldErrors(err)[0].Field, fmt.Sprintf("receipts[%d]", refused))
				refusals[fault.FieldErrors(err)[0].Code]++
				return err
			}
			require.NoError(t, err)
			require.Equal(t, len(receipts), got.Count)
			require.Equal(t, want, books(t, tx, o), "seed %d: %+v", seed, receipts)
			return errBack
		})
		require.Error(t, err)
		require.Equal(t, start, books(t, tx, o), "nothing is left of it")
	}
	require.NotEmpty(t, refusals)
	require.Subset(t, []string{"overfunded", "subscription_not_open", "behind_transfer"}, keys(refusals))
	require.Less(t, refusals["overfunded"]+refusals["subscription_not_open"], 16, "many batches pass")
}

func keys(m map[string]int) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	return out
}

func TestFundReceipts_refusesAllAtOnce(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, subs := mixed(t, tx)
	other := waiting(t, tx, raise(t, tx, "1000000"), "50000")
	before := books(t, tx, o)
	on := date.MustParse("2026-01-20")
	_, err := svc.Commitments.ReceiveContributions(ctx, tx, investments.ReceiveContributionsParams{})
	require.Len(t, fault.FieldErrors(err), 3)
	_, err = svc.Commitments.ReceiveContributions(ctx, tx, investments.ReceiveContributionsParams{OfferingID: o.ID, Receipts: []investments.Receipt{{}, {SubscriptionID: subs[0].ID, Date: on, Amount: money.MustParse("-1")}}, ActorID: staff})
	fields := fault.FieldErrors(err)
	require.Len(t, fields, 3)
	require.Equal(t, "receipts[1].amount", fields[2].Field)
	try := func(receipts ...investments.Receipt) error {
		return store.InTx(ctx, tx, func(tx bun.IDB) error {
			_, err := svc.Commitments.ReceiveContributions(ctx, tx, investments.ReceiveContributionsParams{IdempotencyKey: "x", OfferingID: o.ID, Receipts: receipts, ActorID: staff})
			return err
		})
	}
	err = try(investments.Receipt{SubscriptionID: subs[1].ID, Date: on},
		investments.Receipt{SubscriptionID: subs[1].ID, Date: on}, // the first took all
		investments.Receipt{SubscriptionID: subs[2].ID, Date: on, Amount: money.MustParse("25000.01")},
		investments.Receipt{SubscriptionID: other.ID, Date: on},
		investments.Receipt{SubscriptionID: subs[6].ID, Date: on},
		investments.Receipt{SubscriptionID: subs[7].ID, Date: on},
		investments.Receipt{SubscriptionID: id.New[investments.Subscription](), Date: on})
	got := map[string]string{}
	for _, e := range fault.FieldErrors(err) {
		got[e.Field] = e.Code
	}
	require.Equal(t, map[string]string{"receipts[1]": "subscription_not_open", "receipts[2].amount": "overfunded", "receipts[3].subscription_id": "subscription_not_found",
		"receipts[4].date": "behind_transfer", "receipts[5]": "subscription_not_open", "receipts[6].subscription_id": "subscription_not_found"}, got)
	require.ErrorIs(t, try(), fault.Invalid)
	require.Equal(t, before, books(t, tx, o))
	_, err = svc.Commitments.ReceiveContributions(ctx, tx, investments.ReceiveContributionsParams{IdempotencyKey: "y", OfferingID: id.New[investments.Offering](), Receipts: []investments.Receipt{{SubscriptionID: subs[0].ID, Date: on}}, ActorID: staff})
	require.ErrorIs(t, err, investments.ErrOfferingNotFound)
}

func TestFundReceipts_sameKey(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o, subs := mixed(t, db)
	p := investments.ReceiveContributionsParams{IdempotencyKey: "batch", OfferingID: o.ID, Receipts: []investments.Receipt{
		{SubscriptionID: subs[0].ID, Date: date.MustParse("2026-01-20"), Amount: money.MustParse("100")}, {SubscriptionID: subs[1].ID, Date: date.MustParse("2026-01-21")}}, ActorID: staff}
	var wg sync.WaitGroup
	got := make([]*investments.ReceivedContributions, 4)
	for i := range got {
		wg.Go(func() {
			var err error
			if got[i], err = svc.Commitments.ReceiveContributions(ctx, db, p); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, g := range got {
		require.Equal(t, got[0], g)
	}
	require.Equal(t, "10100.01", got[0].Amount.String())
	var events []string
	require.NoError(t, db.NewRaw("SELECT type || ' ' || (payload->>'count') || ' ' || (payload->>'amount') FROM freehold.outbox WHERE type = 'investments.contributions_received'").Scan(ctx, &events))
	require.Equal(t, []string{"investments.contributions_received 2 10100.01"}, events)
	p.Receipts[0].Reference = "another"
	_, err := svc.Commitments.ReceiveContributions(ctx, db, p)
	require.ErrorIs(t, err, store.ErrKeyReused)
	p.IdempotencyKey = ""
	_, err = svc.Commitments.ReceiveContributions(ctx, db, p)
	require.ErrorIs(t, err, store.ErrKeyRequired)
}

func TestFundReceipts_cancelledAtEveryStatement(t *testing.T) {
	t.Parallel()
	db, svc := pgtest.Clone(t), newService()
	o, subs := mixed(t, db)
	cancelEverywhere(t, db, map[string]func(context.Context, bun.IDB) error{
		"fund receipts": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Commitments.ReceiveContributions(ctx, tx, investments.ReceiveContributionsParams{IdempotencyKey: "x", OfferingID: o.ID, Receipts: []investments.Receipt{
				{SubscriptionID: subs[0].ID, Date: date.MustParse("2026-01-20")}, {SubscriptionID: subs[3].ID, Date: date.MustParse("2026-01-20")}}, ActorID: staff})
			return err
		},
	})
}

// Batches, single receipts and cancellations race for the same subscriptions.
// Each subscription gets its money once or is cancelled; nothing deadlocks.
func TestFundReceipts_race(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o := raise(t, db, "1000000")
	var subs []*investments.Subscription
	var receipts, backwards []investments.Receipt
	for range 5 {
		s := waiting(t, db, o, "30000")
		subs = append(subs, s)
		receipts = append(receipts, investments.Receipt{SubscriptionID: s.ID, Date: date.MustParse("2026-01-20"), Amount: money.MustParse("10000")})
		backwards = append([]investments.Receipt{receipts[len(receipts)-1]}, backwards...)
	}
	verbs := []func(i int) error{
		func(i int) error {
			_, err := svc.Commitments.ReceiveContributions(ctx, db, investments.ReceiveContributionsParams{IdempotencyKey: fmt.Sprint("a", i), OfferingID: o.ID, Receipts: receipts, ActorID: staff})
			return err
		},
		func(i int) error {
			_, err := svc.Commitments.ReceiveContributions(ctx, db, investments.ReceiveContributionsParams{IdempotencyKey: fmt.Sprint("b", i), OfferingID: o.ID, Receipts: backwards, ActorID: staff})
			return err
		},
		func(i int) error {
			_, err := svc.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: fmt.Sprint("c", i), SubscriptionID: subs[i%5].ID, Date: date.MustParse("2026-01-20"), ActorID: staff})
			return err
		},
		func(i int) error {
			_, err := svc.Commitments.CancelSubscription(ctx, db, investments.CancelSubscriptionParams{IdempotencyKey: fmt.Sprint("d", i), SubscriptionID: subs[i%5].ID, ActorID: staff})
			return err
		},
	}
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			if err := verbs[i%4](i); err != nil && fault.KindOf(err) != fault.Illegal && fault.KindOf(err) != fault.Invalid {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	wg.Wait()
	var odd int
	require.NoError(t, db.NewRaw(`WITH held AS MATERIALIZED (SELECT b.subledger_id, b.credits - b.debits AS capital FROM financials.subledger_balances b
			JOIN financials.accounts a ON a.id = b.account_id AND a.book_id = b.book_id WHERE a.code = '3000')
		SELECT count(*) FROM investments.subscriptions s WHERE opportunity_id = ?0 AND (
		received <> COALESCE((SELECT sum(amount) FROM investments.transactions t WHERE t.subscription_id = s.id), 0)
		OR status = 'cancelled' AND received <> 0
		OR received <> COALESCE((SELECT h.capital FROM held h WHERE h.subledger_id = s.investment_id), 0))`, o.ID).Scan(ctx, &odd))
	require.Zero(t, odd)
}
