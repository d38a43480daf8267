package media

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// TourView is views of a tour that are not yet in its row.
type TourView struct {
	bun.BaseModel `bun:"table:media.tour_views,alias:tv" json:"-"`

	ID        id.Of[TourView]    `bun:"id,pk" json:"id"`
	TourID    id.Of[VirtualTour] `bun:"tour_id" json:"tour_id"`
	Views     int                `bun:"views" json:"views"`
	Seconds   int64              `bun:"seconds" json:"seconds"` // all views together
	CreatedAt time.Time          `bun:"created_at" json:"created_at"`
}

var tourViews = store.Repo[TourView]{Constraints: constraints}

// CountTourViewParams is one or several views of a tour.
type CountTourViewParams struct {
	TourID  id.Of[VirtualTour]
	Seconds int // how long it lasted, or all of them together
	Views   int // 0 is one
}

// CountTourView counts a view of a tour that lasted some seconds, or several that the host
// has gathered. It writes a row of its own, so that nobody waits for anybody else who looks
// at the same tour; [Service.FoldTourViews] adds them up. It returns field errors or
// [ErrTourNotFound].
func (s *Service) CountTourView(ctx context.Context, db bun.IDB, p CountTourViewParams) error {
	if p.Views == 0 {
		p.Views = 1
	}
	var c check.Fields
	c.Count("seconds", &p.Seconds)
	c.Integer("views", &p.Views, 1, check.MaxInt)
	if err := c.Err(); err != nil {
		return err
	}
	row := &TourView{ID: id.New[TourView](), TourID: p.TourID, Views: p.Views, Seconds: int64(p.Seconds), CreatedAt: s.now()}
	if p.TourID.IsZero() {
		return ErrTourNotFound
	}
	return store.InTx(ctx, db, func(tx bun.IDB) error { return tourViews.Insert(ctx, tx, row) })
}

// foldBatch is how many rows of views are added up in a transaction.
const foldBatch = 10_000

// FoldTourViews adds the views that were counted up in the rows of their tours, at most
// limit rows of them (0 is 10,000), and returns how many those were. Call it now and then,
// as long as it returns limit; a tour says how often it was viewed as of the last time. Each
// view is added once, also where two do this at once. It locks the tours.
func (s *Service) FoldTourViews(ctx context.Context, db bun.IDB, limit int) (int, error) {
	if limit == 0 {
		limit = foldBatch
	}
	var c check.Fields
	c.Integer("limit", &limit, 1, 100_000)
	if err := c.Err(); err != nil {
		return 0, err
	}
	n := 0
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		found, err := store.Rows[TourView](ctx, tx, `DELETE FROM media.tour_views WHERE id IN (
				SELECT v.id FROM media.tour_views v ORDER BY v.id LIMIT $1 FOR UPDATE SKIP LOCKED)
			RETURNING id, tour_id, views, seconds, created_at`, limit)
		if err != nil || len(found) == 0 {
			return err
		}
		n = len(found)
		return fold(ctx, tx, found)
	})
	return n, err
}

// fold adds views up in the rows of their tours, in the order of the tours' ids.
func fold(ctx context.Context, tx bun.IDB, views []TourView) error {
	type sum struct{ views, seconds int64 }
	sums := map[id.Of[VirtualTour]]sum{}
	for _, v := range views {
		at := sums[v.TourID]
		sums[v.TourID] = sum{at.views + int64(v.Views), at.seconds + v.Seconds}
	}
	ids := make([]id.Of[VirtualTour], 0, len(sums))
	for t := range sums {
		ids = append(ids, t)
	}
	slices.SortFunc(ids, id.Of[VirtualTour].Compare)
	if _, err := tours.LockAll(ctx, tx, ids); err != nil {
		return err
	}
	column := func(of func(sum) int64) string {
		return store.TextArray(ids, func(t *id.Of[VirtualTour]) string { return strconv.FormatInt(of(sums[*t]), 10) })
	}
	_, err := store.ExecParams(ctx, tx, constraints, `UPDATE media.virtual_tours SET view_count = LEAST(view_count + n.views, 2147483647)::int, view_seconds = view_seconds + n.seconds,
			avg_view_duration = round((view_seconds + n.seconds)::numeric / (view_count + n.views))::int
		FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS n (tour, views, seconds) WHERE id = n.tour`,
		store.TextArray(ids, func(t *id.Of[VirtualTour]) string { return t.String() }),
		column(func(s sum) int64 { return s.views }), column(func(s sum) int64 { return s.seconds }))
	return err
}
