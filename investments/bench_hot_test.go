package investments_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
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
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// hotClients work on one offering at once, over a pool of as many connections.
const hotClients = 16

// hot is a database with users, the set 0, and a table whose only row the floor counts on.
type hot struct {
	*testing.B
	db *bun.DB
}

// onServer runs a benchmark on a pool that names statements and on one that does not, under a
// name that says so, and whether the server writes what is committed to its disk. That of the
// tests does not; FREEHOLD_DSN names another.
func onServer(b *testing.B, users int, do func(h *hot)) {
	b.Helper()
	for name, option := range map[string]string{"unnamed": "", "named": "default_query_exec_mode=cache_statement"} {
		onPool(b, name, option, users, do)
	}
}

func onPool(b *testing.B, name, option string, users int, do func(h *hot)) {
	b.Helper()
	db, err := realestate.OpenDB(b.Context(), withOption(pgtest.DSN(b, pgtest.Clone(b)), option))
	require.NoError(b, err)
	defer func() { require.NoError(b, db.Close()) }()
	db.SetMaxOpenConns(hotClients)
	db.SetMaxIdleConns(hotClients)
	hire(b, db)
	loadUsers(b, db, users)
	for _, q := range []string{"CREATE TABLE public.bare (id int PRIMARY KEY, committed numeric NOT NULL, target numeric NOT NULL)",
		"INSERT INTO public.bare VALUES (1, 0, 1000000000000)"} {
		_, err := db.ExecContext(b.Context(), q)
		require.NoError(b, err)
	}
	var fsync string
	require.NoError(b, db.NewRaw("SHOW fsync").Scan(b.Context(), &fsync))
	b.Run(name+"/fsync "+fsync, func(b *testing.B) { do(&hot{b, db}) })
}

// rate runs do for 0 to n-1 by all clients and returns how many a second.
func (h *hot) rate(n int, do func(i int) error) float64 {
	h.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make(chan error, hotClients)
	start := time.Now()
	for range hotClients {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	took := time.Since(start)
	close(errs)
	for err := range errs {
		require.NoError(h, err)
	}
	return float64(n) / took.Seconds()
}

// bare is how many conditional updates of one row, each in a transaction of its own, the
// clients make in a second.
func (h *hot) bare(n int) float64 {
	h.Helper()
	return h.rate(n, func(int) error {
		return h.db.RunInTx(h.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
			res, err := tx.Tx.ExecContext(ctx, "UPDATE public.bare SET committed = committed + $1 WHERE id = $2 AND committed + $1 <= target", "1000", 1)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil || n != 1 {
				return errors.Join(err, errors.New("there was room"))
			}
			return nil
		})
	})
}

// against runs verb and the floor in turn, each n times in each of three rounds, and reports
// the medians and the ratio of these.
func (h *hot) against(n int, prepare func(round int) (verb func(i int) error)) {
	h.Helper()
	var verbs, floors []float64
	var spent, floor took
	for round := range 3 {
		verb := prepare(round)
		floor = floor.least(measure(h.B, h.db, func() { floors = append(floors, h.bare(2*n)) }))
		spent = spent.least(measure(h.B, h.db, func() { verbs = append(verbs, h.rate(n, verb)) }))
	}
	h.ReportMetric(float64(spent.cpu.Microseconds())/float64(n), "cpu-us/verb")
	h.ReportMetric(float64(floor.cpu.Microseconds())/float64(2*n), "cpu-us/bare")
	slices.Sort(verbs)
	slices.Sort(floors)
	h.ReportMetric(verbs[1], "verbs/s")
	h.ReportMetric(floors[1], "bare/s")
	h.ReportMetric(verbs[1]/floors[1], "ratio")
}

func hotUser(i int) id.Of[auth.User] {
	return id.MustParse[auth.User](fmt.Sprintf("01900000-0000-7%s-8000-%012x", userKind, i+1))
}

// 16 clients commit to one offering, each time for another investor, beside as many that
// make bare conditional updates of one row. Of a tenth more commitments than there is room
// for, those that fit are taken and no others.
func BenchmarkCommit_hotOffering(b *testing.B) {
	const n, more = 1000, 100
	onServer(b, 3*(n+more), func(h *hot) {
		ctx, svc := h.Context(), newService()
		for h.Loop() {
			var all []*investments.Offering
			commit := func(o *investments.Offering, i int) error {
				_, err := svc.Commitments.Commit(ctx, h.db, commitment(o, hotUser(i), "1000"))
				return err
			}
			h.against(n, func(round int) func(i int) error {
				o := benchOffering(b, h.db)
				_, err := h.db.ExecContext(ctx, fmt.Sprintf("UPDATE investments.opportunities SET hard_cap = %d WHERE id = '%s'", 1000*n, o.ID))
				require.NoError(h, err)
				all = append(all, o)
				return func(i int) error { return commit(o, round*(n+more)+i) }
			})
			for round, o := range all {
				h.rate(more, func(i int) error {
					if err := commit(o, round*(n+more)+n+i); !errors.Is(err, investments.ErrOversubscribed) {
						return errors.Join(err, errors.New("there was no room"))
					}
					return nil
				})
				var committed, subscribed money.Amount
				require.NoError(h, h.db.NewRaw(`SELECT committed_amount, (SELECT sum(amount) FROM investments.subscriptions WHERE opportunity_id = o.id)
					FROM investments.opportunities o WHERE id = ?`, o.ID).Scan(ctx, &committed, &subscribed))
				require.Equal(h, money.MustParse(fmt.Sprint(1000*n)), committed)
				require.Equal(h, committed, subscribed)
			}
		}
	})
}

// 16 clients receive the money of commitments to one offering, each of another investor.
func BenchmarkReceive_hotOffering(b *testing.B) {
	const n = 1000
	onServer(b, n, func(h *hot) {
		ctx, svc, k := h.Context(), newService(), 0
		for h.Loop() {
			h.against(n, func(int) func(i int) error {
				_, receipts := h.committed(n, &k)
				return func(i int) error {
					v := receipts[i].SubscriptionID
					_, err := svc.Commitments.ReceiveContribution(ctx, h.db, investments.ReceiveContributionParams{IdempotencyKey: v.String(), SubscriptionID: v,
						Date: date.MustParse("2026-01-15"), ActorID: staff})
					return err
				}
			})
		}
	})
}

// 16 clients receive the money of one capital call, each on the line of another investor.
func BenchmarkReceiveCall_hotOffering(b *testing.B) {
	const n = 200
	onServer(b, n, func(h *hot) {
		ctx, svc, k := h.Context(), newService(), 0
		for h.Loop() {
			h.against(n, func(int) func(i int) error {
				o, _ := h.committed(n, &k)
				call, err := svc.Commitments.CallCapital(ctx, h.db, investments.CallCapitalParams{IdempotencyKey: o.ID.String(), OfferingID: o.ID, Fraction: fraction("0.5"),
					DueDate: date.MustParse("2026-03-01"), ActorID: asker})
				require.NoError(h, err)
				_, err = svc.Commitments.IssueCall(ctx, h.db, investments.IssueCallParams{CallID: call.ID, NoticeDate: date.MustParse("2026-02-15"), ActorID: staff})
				require.NoError(h, err)
				lines, err := svc.Commitments.CallLines(ctx, h.db, call.ID, page.Request{Limit: n})
				require.NoError(h, err)
				require.Len(h, lines.Items, n)
				return func(i int) error {
					v := lines.Items[i].ID
					_, err := svc.Commitments.ReceiveCall(ctx, h.db, investments.ReceiveCallParams{IdempotencyKey: v.String(), LineID: v,
						Date: date.MustParse("2026-02-20"), ActorID: staff})
					return err
				}
			})
		}
	})
}

// 16 clients pass positions of one offering on, each to another investor: asked for by its
// holder, approved and completed by others.
func BenchmarkTransfer_hotOffering(b *testing.B) {
	const n = 300
	onServer(b, 2*n, func(h *hot) {
		ctx, svc, k := h.Context(), newService(), 0
		transfer := func(v id.Of[investments.Subscription], i int) error {
			sub, err := svc.Commitments.Subscription(ctx, h.db, v)
			if err != nil {
				return err
			}
			tr, err := svc.Positions.RequestTransfer(ctx, h.db, investments.RequestTransferParams{IdempotencyKey: "ask " + v.String(), PositionID: *sub.PositionID,
				ToInvestorID: hotUser(n + i), Fraction: decimal.NewFromInt(1), EffectiveDate: date.MustParse("2026-01-20"), ActorID: hotUser(i)})
			if err != nil {
				return err
			}
			if _, err := svc.Positions.ApproveTransfer(ctx, h.db, investments.ApproveTransferParams{TransferID: tr.ID, ActorID: staff}); err != nil {
				return err
			}
			_, err = svc.Positions.CompleteTransfer(ctx, h.db, investments.CompleteTransferParams{IdempotencyKey: "do " + v.String(), TransferID: tr.ID, ActorID: staff})
			return err
		}
		for h.Loop() {
			h.against(n, func(int) func(i int) error {
				o, receipts := h.committed(n, &k)
				_, err := svc.Commitments.ReceiveContributions(ctx, h.db, investments.ReceiveContributionsParams{IdempotencyKey: o.ID.String(), OfferingID: o.ID,
					Receipts: receipts, ActorID: staff})
				require.NoError(h, err)
				return func(i int) error { return transfer(receipts[i].SubscriptionID, i) }
			})
		}
	})
}

// committed is an offering with n commitments, set k of the database, and the money
// that they wait for.
func (h *hot) committed(n int, k *int) (*investments.Offering, []investments.Receipt) {
	h.Helper()
	o := benchOffering(h.B, h.db)
	*k++
	receipts := loadCommitments(h.B, h.db, o, *k, n)
	settle(h.B, h.db, "investments.subscriptions", "investments.property_investments")
	return o, receipts
}
