package communications

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// NotifyParams describes a notification.
type NotifyParams struct {
	ID         id.Of[Notification] // optional; a new one by default
	UserID     id.Of[auth.User]
	Type       NotificationType
	Title      string
	Message    string
	Channels   []Channel // the default is in_app alone
	Priority   Priority  // the default is PriorityNormal
	ActionType *ActionType
	ActionURL  *string
	ActionData map[string]any
	ExpiresAt  *time.Time // nil: it does not expire
}

// check fills in defaults and reports every bad field.
func (p *NotifyParams) check() error {
	if p.Priority == "" {
		p.Priority = PriorityNormal
	}
	if len(p.Channels) == 0 {
		p.Channels = []Channel{ChannelInApp}
	}
	var f check.Fields
	f.Given("user_id", p.UserID)
	f.Required("type", string(p.Type), 50)
	f.Required("title", p.Title, 255)
	f.Text("message", p.Message, check.Long)
	check.OptionalText(&f, "action_type", p.ActionType, 50)
	check.OptionalText(&f, "action_url", p.ActionURL, 500)
	f.Object("action_data", p.ActionData)
	check.One(&f, "priority", p.Priority)
	for i, c := range p.Channels {
		check.One(&f, "channels["+strconv.Itoa(i)+"]", c)
	}
	return f.Err()
}

// notification is the row of checked params.
func (p NotifyParams) notification(at time.Time) Notification {
	return Notification{
		ID: p.ID.OrNew(), UserID: p.UserID, Type: &p.Type, Title: &p.Title, Message: &p.Message, Channels: p.Channels,
		ActionType: p.ActionType, ActionURL: p.ActionURL, ActionData: p.ActionData, Priority: p.Priority,
		ExpiresAt: p.ExpiresAt, CreatedAt: at, UpdatedAt: at,
	}
}

// Notify tells a user something. It returns field errors, already_exists when
// the id is another notification's, or reference_not_found when there is no such
// user. Run again with the same id and params, it returns the notification as it
// is then.
func (s *Service) Notify(ctx context.Context, db bun.IDB, p NotifyParams) (*Notification, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	n := p.notification(s.now())
	c := store.Creation[Notification]{Verb: "communications.notify", Params: p, Chosen: p.ID, Kind: "notification", Rows: notifications}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Notification, error) { return &n, notifications.Insert(ctx, tx, &n) })
}

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
