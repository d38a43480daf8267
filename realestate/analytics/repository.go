package analytics

import (
	"time"

	"github.com/freehold-go/freehold/internal/store"
)

// userEvents is the repository of Event rows, newest first.
var userEvents = store.Repo[Event]{
	NotFound:    ErrEventNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *Event) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// archivedEvents is the repository of ArchivedEvent rows, newest first.
var archivedEvents = store.Repo[ArchivedEvent]{
	NotFound:    ErrEventNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *ArchivedEvent) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// pageViews is the repository of PageView rows, newest first.
var pageViews = store.Repo[PageView]{
	NotFound:    ErrEventNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *PageView) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// funnels is the repository of Funnel rows, newest first.
var funnels = store.Repo[Funnel]{
	NotFound:    ErrFunnelNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *Funnel) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}
