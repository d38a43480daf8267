package analytics_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/analytics"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

func TestAdvanceFunnel(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	clock := noon
	svc := analytics.NewService(analytics.Config{Now: func() time.Time { return clock }})
	user, other := newUser(t, db), newUser(t, db)
	offering, _ := newOffering(t, db)
	advance := func(stage analytics.Stage, source *analytics.Source) *analytics.Funnel {
		clock = clock.Add(time.Minute)
		f, err := svc.AdvanceFunnel(ctx, db, analytics.AdvanceFunnelParams{UserID: user, OfferingID: offering, Stage: stage, Source: source})
		require.NoError(t, err)
		return f
	}
	first := advance(analytics.StageViewed, nil)
	require.Equal(t, noon.Add(time.Minute), first.ViewedAt.UTC())
	again := advance(analytics.StageViewed, ptr(analytics.SourceEmail))
	require.Equal(t, first.ViewedAt.UTC(), again.ViewedAt.UTC(), "the first time stays")
	require.Equal(t, analytics.SourceEmail, *again.Source)
	require.Equal(t, first.ID, again.ID)

	gone, err := svc.DropOff(ctx, db, analytics.DropOffParams{UserID: user, OfferingID: offering})
	require.NoError(t, err)
	require.Equal(t, analytics.StageViewed, *gone.DropOffStage)
	clock = clock.Add(time.Hour)
	still, err := svc.DropOff(ctx, db, analytics.DropOffParams{UserID: user, OfferingID: offering})
	require.NoError(t, err)
	require.Equal(t, gone.DropOffAt, still.DropOffAt)

	back := advance(analytics.StageCommitted, ptr(analytics.SourceReferral))
	require.Nil(t, back.DropOffStage)
	require.Nil(t, back.DropOffAt)
	require.Nil(t, back.ClickedDetailsAt, "stages that were passed over stay open")
	require.Equal(t, analytics.SourceEmail, *back.Source, "the first source stays")
	require.Equal(t, analytics.StageCommitted, back.Furthest())

	_, err = svc.AdvanceFunnel(ctx, db, analytics.AdvanceFunnelParams{UserID: other, OfferingID: offering, Stage: analytics.StageViewed})
	require.NoError(t, err)
	_, err = svc.DropOff(ctx, db, analytics.DropOffParams{UserID: other, OfferingID: offering})
	require.NoError(t, err)
	counts, err := svc.FunnelCounts(ctx, db, offering)
	require.NoError(t, err)
	require.Equal(t, analytics.FunnelCounts{Viewed: 2, ClickedDetails: 1, DownloadedDocs: 1, ExpressedInterest: 1, Committed: 1, DroppedOff: 1}, counts)

	advance(analytics.StageFunded, nil)
	_, err = svc.DropOff(ctx, db, analytics.DropOffParams{UserID: user, OfferingID: offering})
	require.ErrorIs(t, err, analytics.ErrFunnelFunded)
}

func TestAdvanceFunnel_refuses(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), newService()
	_, err := svc.AdvanceFunnel(ctx, db, analytics.AdvanceFunnelParams{Stage: "bought", Source: ptr(analytics.Source("radio"))})
	require.Len(t, fault.FieldErrors(err), 4)
	_, err = svc.AdvanceFunnel(ctx, db, analytics.AdvanceFunnelParams{UserID: newUser(t, db), OfferingID: id.New[investments.Offering](), Stage: analytics.StageViewed})
	require.ErrorIs(t, err, store.ErrReference)
	require.Equal(t, "offering_id", fault.FieldErrors(err)[0].Field)
	_, err = svc.DropOff(ctx, db, analytics.DropOffParams{UserID: newUser(t, db), OfferingID: id.New[investments.Offering]()})
	require.ErrorIs(t, err, analytics.ErrFunnelNotFound)
}

// Two stages that arrive at once are both recorded, in one funnel.
func TestAdvanceFunnel_race(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	offering, _ := newOffering(t, db)
	for range 10 {
		user := newUser(t, db)
		var wg sync.WaitGroup
		errs := make(chan error, 4)
		for _, stage := range []analytics.Stage{analytics.StageViewed, analytics.StageClickedDetails, analytics.StageDownloadedDocs, analytics.StageExpressedInterest} {
			wg.Go(func() {
				_, err := svc.AdvanceFunnel(ctx, db, analytics.AdvanceFunnelParams{UserID: user, OfferingID: offering, Stage: stage})
				errs <- err
			})
		}
		wg.Wait()
		close(errs)
		for err := range errs {
			require.NoError(t, err)
		}
		f, err := svc.Funnel(ctx, db, user, offering)
		require.NoError(t, err)
		require.True(t, f.ViewedAt != nil && f.ClickedDetailsAt != nil && f.DownloadedDocsAt != nil && f.ExpressedInterestAt != nil)
	}
	require.EqualValues(t, 10, number(t, db, "SELECT count(*) FROM analytics.investment_funnel"))
}
