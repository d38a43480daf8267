package communications

import (
	"context"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// NotifyAll is [Service.Notify] for many notifications, in one statement: all of
// them are written or none. It returns them in the order given. What is wrong
// with them is reported at once, as "notifications[i]"; none is fine.
func (s *Service) NotifyAll(ctx context.Context, db bun.IDB, list []NotifyParams) ([]Notification, error) {
	var f fault.Fields
	now, rows := s.now(), make([]Notification, len(list))
	for i := range list {
		p := list[i] // the caller's stays as it is
		if err := p.check(); err != nil {
			f.AddErr("notifications["+strconv.Itoa(i)+"]", err)
			continue
		}
		rows[i] = p.notification(now)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	err := store.InTx(ctx, db, func(tx bun.IDB) error { return notifications.InsertAll(ctx, tx, rows) })
	if err != nil {
		return nil, err
	}
	return rows, nil
}
