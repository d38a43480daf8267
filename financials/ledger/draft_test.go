package ledger_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/pgtest"
	st "github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

func TestDraft(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	f := open(t, tx)
	p := ledger.DraftParams{PostParams: f.full("k")}
	d, err := f.svc.Draft(ctx, tx, p)
	require.NoError(t, err)
	require.Equal(t, "0.00", f.balance(t, tx, "1000"), "a draft touches no balance")

	again, err := f.svc.Draft(ctx, tx, p)
	require.NoError(t, err)
	require.Equal(t, d.ID, again.ID, "the same key and request")
	changed := p
	changed.ExpiresAt = new(time.Time)
	*changed.ExpiresAt = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err = f.svc.Draft(ctx, tx, changed)
	require.ErrorIs(t, err, st.ErrKeyReused)

	j, err := f.svc.PostPending(ctx, tx, ledger.PostPendingParams{PendingJournalID: d.ID, Actor: "controller"})
	require.NoError(t, err)
	require.Equal(t, d.ID, id.Cast[ledger.PendingJournal](j.ID))
	require.Equal(t, "controller", j.Actor, "who released it")
	_, err = f.svc.PostPending(ctx, tx, ledger.PostPendingParams{PendingJournalID: d.ID})
	require.Equal(t, "actor", fault.FieldErrors(err)[0].Field)
	require.Equal(t, "6.00", f.balance(t, tx, "1000"))
	twice, err := f.svc.PostPending(ctx, tx, ledger.PostPendingParams{PendingJournalID: d.ID, Actor: "controller"})
	require.NoError(t, err)
	require.Equal(t, j.ID, twice.ID)
	require.Equal(t, j.ContentHash, twice.ContentHash)
	require.Equal(t, "6.00", f.balance(t, tx, "1000"), "once")
	_, err = f.svc.VoidPending(ctx, tx, ledger.VoidPendingParams{PendingJournalID: d.ID, Reason: "late"})
	require.ErrorIs(t, err, ledger.ErrDraftPosted)
	lines, err := f.svc.Postings(ctx, tx, j.ID)
	require.NoError(t, err)
	require.Len(t, lines, 2)
	require.True(t, verify(t, f, tx).OK())
	posted, err := f.svc.PendingJournal(ctx, tx, d.ID)
	require.NoError(t, err)
	require.Equal(t, ledger.PendingStatusPosted, posted.Status)
}

func TestVoidPending(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	f := open(t, tx)
	d, err := f.svc.Draft(ctx, tx, ledger.DraftParams{PostParams: f.full("v")})
	require.NoError(t, err)
	v, err := f.svc.VoidPending(ctx, tx, ledger.VoidPendingParams{PendingJournalID: d.ID, Reason: "not needed"})
	require.NoError(t, err)
	require.Equal(t, "not needed", *v.VoidReason)
	v, err = f.svc.VoidPending(ctx, tx, ledger.VoidPendingParams{PendingJournalID: d.ID, Reason: "another reason"})
	require.NoError(t, err)
	require.Equal(t, "not needed", *v.VoidReason, "the first stands")
	_, err = f.svc.PostPending(ctx, tx, ledger.PostPendingParams{PendingJournalID: d.ID, Actor: "controller"})
	require.ErrorIs(t, err, ledger.ErrDraftVoided)
	_, err = f.svc.VoidPending(ctx, tx, ledger.VoidPendingParams{PendingJournalID: d.ID, Reason: "a\x00b"})
	require.Equal(t, check.Malformed, fault.FieldErrors(err)[0].Code)
	_, err = f.svc.PostPending(ctx, tx, ledger.PostPendingParams{PendingJournalID: id.New[ledger.PendingJournal](), Actor: "controller"})
	require.ErrorIs(t, err, ledger.ErrJournalNotFound)
	_, err = f.svc.Draft(ctx, tx, ledger.DraftParams{})
	require.Len(t, fault.FieldErrors(err), 5)
}

// Expiry is judged by the database's clock, whatever the service's says.
func TestPostPending_expiry(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	f := open(t, tx)
	past, future := time.Now().Add(-time.Minute), time.Now().Add(time.Hour)
	late, err := f.svc.Draft(ctx, tx, ledger.DraftParams{PostParams: f.full("late"), ExpiresAt: &past})
	require.NoError(t, err)
	live, err := f.svc.Draft(ctx, tx, ledger.DraftParams{PostParams: f.full("live"), ExpiresAt: &future})
	require.NoError(t, err)
	_, err = f.svc.PostPending(ctx, tx, ledger.PostPendingParams{PendingJournalID: late.ID, Actor: "controller"})
	require.ErrorIs(t, err, ledger.ErrDraftExpired)
	n, err := f.svc.VoidExpired(ctx, tx, ledger.VoidExpiredParams{BookID: f.book.ID, Limit: 10})
	require.NoError(t, err)
	require.Equal(t, 1, n)
	_, err = f.svc.PostPending(ctx, tx, ledger.PostPendingParams{PendingJournalID: late.ID, Actor: "controller"})
	require.ErrorIs(t, err, ledger.ErrDraftVoided)
	_, err = f.svc.PostPending(ctx, tx, ledger.PostPendingParams{PendingJournalID: live.ID, Actor: "controller"})
	require.NoError(t, err)
}

// Posting and voiding race; one of them happens, once, and all posters get the
// same journal.
func TestPostPending_race(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	f := open(t, db)
	for range 5 {
		p := f.full("")
		p.IdempotencyKey = id.New[ledger.Journal]().String()
		var wg sync.WaitGroup
		for range 4 { // drafted by four at once, with one key
			wg.Go(func() {
				if _, err := f.svc.Draft(ctx, db, ledger.DraftParams{PostParams: p}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		d, err := f.svc.Draft(ctx, db, ledger.DraftParams{PostParams: p})
		require.NoError(t, err)
		var posted, voided sync.Map
		for i := range 4 {
			wg.Go(func() {
				if j, err := f.svc.PostPending(ctx, db, ledger.PostPendingParams{PendingJournalID: d.ID, Actor: "controller"}); err == nil {
					posted.Store(i, j.ID)
				} else if !errors.Is(err, ledger.ErrDraftVoided) {
					t.Error(err)
				}
			})
			wg.Go(func() {
				if _, err := f.svc.VoidPending(ctx, db, ledger.VoidPendingParams{PendingJournalID: d.ID, Reason: "race"}); err == nil {
					voided.Store(i, true)
				} else if !errors.Is(err, ledger.ErrDraftPosted) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		count := func(m *sync.Map) (n int) { m.Range(func(any, any) bool { n++; return true }); return n }
		require.True(t, count(&posted) == 4 && count(&voided) == 0 || count(&posted) == 0 && count(&voided) == 4)
	}
	require.True(t, verify(t, f, db).OK())
}
