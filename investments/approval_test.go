package investments_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/approval"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// withPolicy asks for nobody else up to 1,000, for one other person up to 5,000
// and for two above.
func withPolicy(rules ...investments.ApprovalRule) *investments.Services {
	if rules == nil {
		rules = []investments.ApprovalRule{{UpTo: amount("1000")}, {UpTo: amount("5000"), Approvers: 1}, {Approvers: 2}}
	}
	return investments.New(investments.Config{Approvals: rules, Evidence: says(accredited),
		Now: func() time.Time { return time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC) }})
}

// told lists the events of a distribution in their order.
func eventsTold(t *testing.T, db bun.IDB, v id.Of[investments.Distribution]) []string {
	t.Helper()
	var out []string
	require.NoError(t, db.NewRaw("SELECT replace(type, 'investments.', '') FROM freehold.outbox WHERE aggregate_type = 'distribution' AND aggregate_id = ? ORDER BY position", v).Scan(t.Context(), &out))
	return out
}

// booked counts the journals of a distribution.
func booked(t *testing.T, db bun.IDB, v id.Of[investments.Distribution]) int {
	t.Helper()
	var n int
	require.NoError(t, db.NewRaw("SELECT count(*) FROM financials.journals WHERE source_type = 'distribution' AND source_id = ?", v).Scan(t.Context(), &n))
	return n
}

func declared(t *testing.T, db bun.IDB, o *investments.Offering, key, day, amount string, by id.Of[auth.User]) *investments.Distribution {
	t.Helper()
	d, err := newService().Distributions.Declare(t.Context(), db, declaration(o, key, day, amount, by))
	require.NoError(t, err)
	return d
}

func TestApprove_policy(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), withPolicy()
	o, _, _ := promoted(t, tx)
	creator, second, third, late := investor(t, tx), investor(t, tx), investor(t, tx), investor(t, tx)

	small := declared(t, tx, o, "small", "2026-03-01", "1000", creator)
	small, err := svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: small.ID, ActorID: creator})
	require.NoError(t, err)
	require.Equal(t, investments.DistributionStatusApproved, small.Status, "below the limit its creator is enough")

	middle := declared(t, tx, o, "middle", "2026-03-02", "3000", creator)
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error {
		_, err := svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: middle.ID, ActorID: creator})
		return err
	}), investments.ErrSelfApproval)
	middle, err = svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: middle.ID, ActorID: second})
	require.NoError(t, err)
	require.Equal(t, investments.DistributionStatusApproved, middle.Status)

	large := declared(t, tx, o, "large", "2026-03-03", "9000", creator)
	asked, err := svc.Distributions.Approvals(ctx, tx, large.ID)
	require.NoError(t, err)
	require.Equal(t, 2, asked.Missing())
	for range 2 {
		large, err = svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: large.ID, ActorID: second})
		require.NoError(t, err)
		require.Equal(t, investments.DistributionStatusPending, large.Status, "one person counts once")
	}
	require.Zero(t, booked(t, tx, large.ID))
	asked, err = newService().Distributions.Approvals(ctx, tx, large.ID)
	require.NoError(t, err)
	require.Equal(t, 1, asked.Missing(), "another policy does not loosen what has begun")
	require.Equal(t, second, asked.Decisions[0].By)
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error {
		_, err := svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: large.ID, ActorID: creator})
		return err
	}), investments.ErrSelfApproval)
	large, err = newService().Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: large.ID, ActorID: third})
	require.NoError(t, err)
	require.Equal(t, investments.DistributionStatusApproved, large.Status)
	require.Equal(t, 1, booked(t, tx, large.ID))
	for _, who := range []id.Of[auth.User]{second, third} {
		again, err := svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: large.ID, ActorID: who})
		require.NoError(t, err)
		require.Equal(t, large.Version, again.Version)
	}
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error {
		_, err := svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: large.ID, ActorID: late})
		return err
	}), investments.ErrDistributionState)
	require.Equal(t, []string{"distribution_approval_given", "distribution_approval_given", "distribution_approved"}, eventsTold(t, tx, large.ID)[len(eventsTold(t, tx, large.ID))-3:])
	_, err = svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: id.New[investments.Distribution](), ActorID: late})
	require.ErrorIs(t, err, investments.ErrDistributionNotFound)
}

func TestRejectDistribution(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), withPolicy()
	o, _, _ := promoted(t, tx)
	creator, second, third := investor(t, tx), investor(t, tx), investor(t, tx)
	first := declared(t, tx, o, "first", "2026-03-01", "6000", creator)
	later := declared(t, tx, o, "later", "2026-03-02", "6000", creator)
	reject := func(d *investments.Distribution, who id.Of[auth.User], reason string) error {
		return attempt(t, tx, func(tx bun.IDB) error {
			_, err := svc.Distributions.Reject(ctx, tx, investments.RejectDistributionParams{DistributionID: d.ID, ActorID: who, Reason: reason})
			return err
		})
	}
	_, err := svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: later.ID, ActorID: second})
	require.NoError(t, err)
	require.Error(t, reject(later, third, ""), "a reason is needed")
	require.ErrorIs(t, reject(first, third, "x"), investments.ErrDistributionOrder, "the later one rests on it")
	require.ErrorIs(t, reject(later, creator, "x"), investments.ErrSelfApproval)
	require.ErrorIs(t, reject(later, second, "x"), investments.ErrApprovalDecided, "who approved it has decided")
	for range 2 {
		d, err := svc.Distributions.Reject(ctx, tx, investments.RejectDistributionParams{DistributionID: later.ID, ActorID: third, Reason: "wrong total"})
		require.NoError(t, err)
		require.Equal(t, investments.DistributionStatusCancelled, d.Status)
		require.Equal(t, "wrong total", *d.StatusReason)
	}
	for _, who := range []id.Of[auth.User]{second, third, creator} {
		require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error {
			_, err := svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: later.ID, ActorID: who})
			return err
		}), investments.ErrDistributionState)
	}
	asked, err := svc.Distributions.Approvals(ctx, tx, later.ID)
	require.NoError(t, err)
	require.Len(t, asked.Decisions, 2)
	require.Zero(t, asked.Missing())
	require.Zero(t, booked(t, tx, later.ID))

	// Cancelling withdraws what was agreed to.
	_, err = svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: first.ID, ActorID: second})
	require.NoError(t, err)
	_, err = svc.Distributions.Cancel(ctx, tx, investments.CancelDistributionParams{DistributionID: first.ID, Reason: "again next week", ActorID: staff})
	require.NoError(t, err)
	var status string
	require.NoError(t, tx.NewRaw("SELECT status FROM freehold.approval_requests WHERE subject_id = ?", first.ID).Scan(ctx, &status))
	require.Equal(t, approval.Withdrawn, status)
	require.ErrorIs(t, attempt(t, tx, func(tx bun.IDB) error {
		_, err := svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: first.ID, ActorID: second})
		return err
	}), investments.ErrDistributionState)
}

// The second approver agrees to what the first one saw, or to nothing.
func TestApprove_frozen(t *testing.T) {
	t.Parallel()
	ctx, svc := t.Context(), withPolicy()
	for name, change := range map[string]string{
		"date":      "UPDATE investments.distributions SET distribution_date = distribution_date + 1 WHERE id = ?",
		"record":    "UPDATE investments.distributions SET record_date = record_date - 1 WHERE id = ?",
		"type":      "UPDATE investments.distributions SET distribution_type = 'refinance' WHERE id = ?",
		"character": "UPDATE investments.distributions SET type = 'return_of_capital' WHERE id = ?",
		"lines":     "UPDATE investments.investor_distributions SET distribution_amount = distribution_amount + 1, net_distribution = net_distribution + 1 WHERE distribution_id = ?",
		"tax":       "UPDATE investments.investor_distributions SET tax_withholding = 1, net_distribution = net_distribution - 1 WHERE distribution_id = ?",
	} {
		tx := pgtest.Tx(t)
		o, _, _ := promoted(t, tx)
		d := declared(t, tx, o, "frozen "+name, "2026-03-01", "9000", investor(t, tx))
		_, err := svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: investor(t, tx)})
		require.NoError(t, err)
		_, err = tx.NewRaw(change, d.ID).Exec(ctx)
		require.NoError(t, err, name)
		_, err = svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: investor(t, tx)})
		require.ErrorIs(t, err, investments.ErrApprovalChanged, name)
	}
}

// Eight people approve at once what two have to: it is booked once, and the
// others hear that it is done.
func TestApprove_race(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), withPolicy()
	o, _, _ := promoted(t, db)
	d := declared(t, db, o, "q1", "2026-03-01", "9000", investor(t, db))
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for range 8 {
		who := investor(t, db)
		wg.Go(func() {
			_, err := svc.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: who})
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	agreed := 0
	for err := range errs {
		if err == nil {
			agreed++
			continue
		}
		require.ErrorIs(t, err, investments.ErrDistributionState)
	}
	require.Equal(t, 2, agreed)
	require.Equal(t, 1, booked(t, db, d.ID))
	asked, err := svc.Distributions.Approvals(ctx, db, d.ID)
	require.NoError(t, err)
	require.Len(t, asked.Decisions, 2)
}
