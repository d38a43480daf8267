package investments_test

import (
	"context"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
)

// cancelEverywhere ends the context of each verb at its k-th statement, inside
// a caller's transaction that then commits, for every k, and sees nothing of it.
func cancelEverywhere(t *testing.T, db *bun.DB, verbs map[string]func(context.Context, bun.IDB) error) {
	t.Helper()
	before := fingerprint(t, db)
	for name, verb := range verbs {
		for k := 1; ; k++ {
			ctx, cancel := context.WithCancel(t.Context())
			tx, err := db.WithQueryHook(&cancelAt{n: k, cancel: cancel}).BeginTx(t.Context(), nil)
			require.NoError(t, err)
			err = verb(ctx, tx)
			finished := err == nil
			cancel()
			if finished {
				require.NoError(t, tx.Rollback())
				require.Greater(t, k, 3, "%s has more than a few statements", name)
				break
			}
			require.ErrorIs(t, err, context.Canceled, "%s at statement %d", name, k)
			require.NoError(t, tx.Commit(), "%s at statement %d: the caller goes on and commits", name, k)
			require.Equal(t, before, fingerprint(t, db), "%s at statement %d left something", name, k)
		}
	}
}

func TestCapitalVerbs_cancelledAtEveryStatement(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o, who, buyer := raise(t, db, "300000"), investor(t, db), investor(t, db)
	paid := funded(t, db, o, who, "100000")
	open := waiting(t, db, o, "100000")
	_, lines := issued(t, db, o, "call", "0.5")
	draft, err := svc.Commitments.CallCapital(ctx, db, investments.CallCapitalParams{IdempotencyKey: "draft", OfferingID: o.ID, Fraction: fraction("0.1"),
		DueDate: date.MustParse("2026-06-01"), ActorID: who})
	require.NoError(t, err)
	blocker := waiting(t, db, o, "100000")
	first := waiting(t, db, o, "50000")
	_, err = svc.Commitments.CancelSubscription(ctx, db, investments.CancelSubscriptionParams{IdempotencyKey: "room", SubscriptionID: blocker.ID, ActorID: staff})
	require.NoError(t, err)
	tr := approvedTransfer(t, db, *paid.PositionID, buyer, "0.5", "2026-02-01")

	cancelEverywhere(t, db, map[string]func(context.Context, bun.IDB) error{
		"refund": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Commitments.RefundContribution(ctx, tx, refund(paid, "x", ""))
			return err
		},
		"call": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Commitments.CallCapital(ctx, tx, investments.CallCapitalParams{IdempotencyKey: "x", OfferingID: o.ID, Fraction: fraction("0.1"),
				DueDate: date.MustParse("2026-06-01"), ActorID: who})
			return err
		},
		"issue": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Commitments.IssueCall(ctx, tx, investments.IssueCallParams{CallID: draft.ID, NoticeDate: date.MustParse("2026-05-01"), ActorID: staff})
			return err
		},
		"cancel call": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Commitments.CancelCall(ctx, tx, investments.CancelCallParams{CallID: lines[0].CapitalCallID, ActorID: staff})
			return err
		},
		"receive": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Commitments.ReceiveCall(ctx, tx, investments.ReceiveCallParams{IdempotencyKey: "x", LineID: lines[0].ID, Date: date.MustParse("2026-03-01"), ActorID: staff})
			return err
		},
		"cancel subscription with a call": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Commitments.CancelSubscription(ctx, tx, investments.CancelSubscriptionParams{IdempotencyKey: "x", SubscriptionID: open.ID, ActorID: staff})
			return err
		},
		"promote": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Commitments.Admit(ctx, tx, investments.AdmitParams{IdempotencyKey: "x", SubscriptionID: first.ID, ActorID: staff})
			return err
		},
		"scale back": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Commitments.ScaleBack(ctx, tx, investments.ScaleBackParams{IdempotencyKey: "x", OfferingID: o.ID, Total: amount("10000"), Waitlist: true, ActorID: staff})
			return err
		},
		"request transfer": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Positions.RequestTransfer(ctx, tx, investments.RequestTransferParams{IdempotencyKey: "x", PositionID: *paid.PositionID, ToInvestorID: buyer,
				Fraction: decimal.NewFromInt(1), EffectiveDate: date.MustParse("2026-02-01"), ActorID: ownerOf(t, tx, *paid.PositionID)})
			return err
		},
		"complete transfer": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Positions.CompleteTransfer(ctx, tx, investments.CompleteTransferParams{IdempotencyKey: "x", TransferID: tr.ID, ActorID: staff})
			return err
		},
	})
}
