package investments_test

import (
	"context"
	"os"
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
)

// side is an offering in its database.
type side struct {
	db *bun.DB
	o  *investments.Offering
}

// pair is an offering that has grown and one that has not, in one database or in one of
// its own each, so that all that differs between them is what has grown.
type pair struct {
	*testing.B
	small, large side
}

// grown is the size of what has grown: the second one with FREEHOLD_BENCH_LARGE=1.
func grown(usual, large int) int {
	if os.Getenv("FREEHOLD_BENCH_LARGE") != "" {
		return large
	}
	return usual
}

// growing is a database whose verbs find their plans kept.
func growing(b *testing.B) *bun.DB {
	b.Helper()
	db := pgtest.Clone(b)
	db.SetMaxOpenConns(2)
	return db
}

// compare runs a verb n times on both in turn, on what prepare makes before, and
// reports the medians in milliseconds and their ratio.
func (p pair) compare(n int, name string, prepare func(s side) func(ctx context.Context) error) {
	p.Helper()
	var took [2][]time.Duration
	for range n {
		for i, s := range []side{p.small, p.large} {
			verb := prepare(s)
			start := time.Now()
			require.NoError(p, verb(p.Context()))
			took[i] = append(took[i], time.Since(start))
		}
	}
	small, large := percentile(took[0], 50), percentile(took[1], 50)
	p.ReportMetric(float64(small.Microseconds())/1000, name+"-small-ms")
	p.ReportMetric(float64(large.Microseconds())/1000, name+"-large-ms")
	p.ReportMetric(float64(large)/float64(small), name+"-ratio(<=1.2)")
}

// What one command costs in an offering of 100 positions and in one of 20,000, or of
// 100,000.
func BenchmarkGrowth_positions(b *testing.B) {
	svc, db := newService(), growing(b)
	large, _ := crowd(b, db, grown(20_000, 100_000))
	small, _ := crowd(b, db, 100)
	named, err := realestate.OpenDB(b.Context(), withOption(pgtest.DSN(b, db), "default_query_exec_mode=cache_statement"))
	require.NoError(b, err)
	defer func() { require.NoError(b, named.Close()) }()
	named.SetMaxOpenConns(2)
	p := pair{b, side{db, small}, side{db, large}}
	for b.Loop() {
		p.compare(40, "commit", func(s side) func(context.Context) error {
			c := commitment(s.o, investor(b, db), "50000")
			return func(ctx context.Context) error { _, err := svc.Commitments.Commit(ctx, db, c); return err }
		})
		p.compare(40, "receive", func(s side) func(context.Context) error {
			sub, err := svc.Commitments.Commit(b.Context(), db, commitment(s.o, investor(b, db), "50000"))
			require.NoError(b, err)
			return func(ctx context.Context) error {
				_, err := svc.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: sub.ID.String(),
					SubscriptionID: sub.ID, Amount: money.MustParse("25000"), Date: date.MustParse("2026-01-15"), ActorID: staff})
				return err
			}
		})
		balance := func(db *bun.DB, day string) func(s side) func(context.Context) error {
			return func(s side) func(context.Context) error {
				var v id.Of[investments.Position]
				require.NoError(b, db.NewRaw("SELECT id FROM investments.property_investments WHERE opportunity_id = ? AND status = 'funded' LIMIT 1", s.o.ID).Scan(b.Context(), &v))
				return func(ctx context.Context) error {
					_, err := svc.Positions.PositionBalance(ctx, db, v, date.MustParse(day))
					return err
				}
			}
		}
		p.compare(40, "balance", balance(db, "2026-02-01"))
		for _, s := range []side{p.small, p.large} {
			_, err := svc.Distributions.Declare(b.Context(), db, declaration(s.o, s.o.ID.String(), "2026-02-15", "100000", investor(b, db)))
			require.NoError(b, err)
		}
		p.compare(40, "balance-distributed", balance(db, "2026-03-01"))
		p.compare(40, "balance-named", balance(named, "2026-03-01"))
	}
}

// What the completion of a transfer costs on a platform with the cash of 1,000 payments and
// on one with that of 200,000 more, or of 2,000,000.
func BenchmarkGrowth_transactions(b *testing.B) {
	const transfers = 40
	svc := newService()
	begin := func(paid int) side {
		db := growing(b)
		loadUsers(b, db, 20_000)
		loadHeld(b, db, benchOffering(b, db), 1, 100, 9)
		if paid > 0 {
			loadHeld(b, db, benchOffering(b, db), 2, 20_000, paid-1)
		}
		o := benchOffering(b, db)
		receipts := loadCommitments(b, db, o, 3, transfers)
		settle(b, db, "investments.subscriptions", "investments.property_investments", "investments.transactions", "investments.capital_movements")
		_, err := svc.Commitments.ReceiveContributions(b.Context(), db, investments.ReceiveContributionsParams{IdempotencyKey: "all", OfferingID: o.ID, Receipts: receipts, ActorID: staff})
		require.NoError(b, err)
		return side{db, o}
	}
	p := pair{b, begin(0), begin(grown(10, 100))}
	for b.Loop() {
		next := map[side]int{}
		p.compare(transfers, "transfer", func(s side) func(context.Context) error {
			var v id.Of[investments.Position]
			require.NoError(b, s.db.NewRaw("SELECT id FROM investments.property_investments WHERE opportunity_id = ? AND status = 'funded' ORDER BY id LIMIT 1", s.o.ID).Scan(b.Context(), &v))
			tr, err := svc.Positions.RequestTransfer(b.Context(), s.db, investments.RequestTransferParams{IdempotencyKey: v.String(), PositionID: v,
				ToInvestorID: hotUser(1000 + next[s]), Fraction: decimal.NewFromInt(1), EffectiveDate: date.MustParse("2026-01-20"), ActorID: ownerOf(b, s.db, v)})
			require.NoError(b, err)
			next[s]++
			_, err = svc.Positions.ApproveTransfer(b.Context(), s.db, investments.ApproveTransferParams{TransferID: tr.ID, ActorID: staff})
			require.NoError(b, err)
			return func(ctx context.Context) error {
				_, err := svc.Positions.CompleteTransfer(ctx, s.db, investments.CompleteTransferParams{IdempotencyKey: tr.ID.String(), TransferID: tr.ID, ActorID: staff})
				return err
			}
		})
	}
}

// What declaring, approving and paying a distribution of 20 positions costs after 10 of them
// and after 300 more, or 1,000.
func BenchmarkGrowth_distributions(b *testing.B) {
	svc := newService()
	begin := func() (side, id.Of[auth.User]) {
		db := growing(b)
		o, creator := crowd(b, db, 20)
		return side{db, o}, creator
	}
	small, creator := begin()
	large, creator2 := begin()
	by, approver := map[side]id.Of[auth.User]{small: creator, large: creator2}, map[side]id.Of[auth.User]{small: investor(b, small.db), large: investor(b, large.db)}
	days := map[side]date.Date{small: date.MustParse("2026-01-20"), large: date.MustParse("2026-01-20")}
	var declared *investments.Distribution
	declare := func(s side) func(context.Context) error {
		params := declaration(s.o, days[s].String(), days[s].String(), "10000", by[s])
		days[s] = days[s].AddDays(1)
		return func(ctx context.Context) (err error) {
			declared, err = svc.Distributions.Declare(ctx, s.db, params)
			return err
		}
	}
	approve := func(s side) func(context.Context) error {
		v := declared.ID
		return func(ctx context.Context) error {
			_, err := svc.Distributions.Approve(ctx, s.db, investments.ApproveDistributionParams{DistributionID: v, ActorID: approver[s]})
			return err
		}
	}
	pay := func(s side) func(context.Context) error {
		v := declared.ID
		return func(ctx context.Context) error {
			_, err := svc.Distributions.Pay(ctx, s.db, investments.PayParams{IdempotencyKey: v.String(), DistributionID: v, Date: days[s], Method: investments.PayACH, Reference: "batch", ActorID: staff})
			return err
		}
	}
	whole := func(s side) {
		for _, verb := range []func(side) func(context.Context) error{declare, approve, pay} {
			require.NoError(b, verb(s)(b.Context()))
		}
	}
	for range 10 {
		whole(small)
	}
	for range 10 + grown(300, 1_000) {
		whole(large)
	}
	for _, s := range []side{small, large} { // as the server would in time
		settle(b, s.db, "investments.capital_movements", "investments.distributions", "investments.distribution_calculations", "investments.investor_distributions",
			"investments.investor_portfolios", "financials.journals", "financials.postings")
	}
	p := pair{b, small, large}
	for b.Loop() {
		p.compare(40, "cycle", func(s side) func(context.Context) error {
			return func(context.Context) error { whole(s); return nil }
		})
		p.compare(20, "declare", declare)
		p.compare(20, "approve", func(s side) func(context.Context) error {
			require.NoError(b, declare(s)(b.Context()))
			return approve(s)
		})
		p.compare(20, "pay", func(s side) func(context.Context) error {
			require.NoError(b, declare(s)(b.Context()))
			require.NoError(b, approve(s)(b.Context()))
			return pay(s)
		})
	}
}
