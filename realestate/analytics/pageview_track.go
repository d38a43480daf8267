package analytics

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// pageViews is the repository of PageView rows, newest first.
var pageViews = store.Repo[PageView]{
	NotFound:    ErrEventNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *PageView) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// TrackPageViewParams describes a page view. Only the path is required.
type TrackPageViewParams struct {
	ID         id.Of[PageView] // optional; a new one by default
	UserID     *id.Of[auth.User]
	SessionID  *id.Of[auth.Session]
	Path       string // at most 500 characters
	Title      *string
	TimeOnPage *int // seconds
	Bounce     bool
	Entrance   bool
	Exit       bool
	At         *time.Time // the default is now
}

// TrackPageView records that somebody looked at a page. It returns field errors,
// reference_not_found when there is no such user, or already_exists when the id
// is another view's. Run again with the same id and params, it returns the first
// view.
func (s *Service) TrackPageView(ctx context.Context, db bun.IDB, p TrackPageViewParams) (*PageView, error) {
	var f check.Fields
	f.Required("path", p.Path, 500)
	check.OptionalText(&f, "title", p.Title, 255)
	f.Count("time_on_page", p.TimeOnPage)
	if err := f.Err(); err != nil {
		return nil, err
	}
	v := &PageView{
		ID: p.ID.OrNew(), UserID: p.UserID, SessionID: p.SessionID, PagePath: &p.Path, PageTitle: p.Title, TimeOnPage: p.TimeOnPage,
		Bounce: p.Bounce, IsEntrance: p.Entrance, IsExit: p.Exit, CreatedAt: s.now(),
	}
	if p.At != nil {
		v.CreatedAt = micros(*p.At)
	}
	c := store.Creation[PageView]{Verb: "analytics.track_page_view", Params: p, Chosen: p.ID, Kind: "page_view", Rows: pageViews}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*PageView, error) { return v, pageViews.Insert(ctx, tx, v) })
}

// PageViews lists page views, newest first; user nil is everybody's.
func (s *Service) PageViews(ctx context.Context, db bun.IDB, user *id.Of[auth.User], req page.Request) (page.Page[PageView], error) {
	return pageViews.List(ctx, db, req, func(q *bun.SelectQuery) *bun.SelectQuery {
		if user != nil {
			q = q.Where("?TableAlias.user_id = ?", *user)
		}
		return q
	})
}
