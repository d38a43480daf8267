// Package communications is e-mail campaigns and notifications: schema
// communications.
//
// # Verbs by task
//
//	tell one person, or many  Notify, NotifyAll        realestate.ExamplePlatform_notices
//	read                      Notifications, MarkRead
//	housekeeping              Purge
//
// # The domain
//
// A [Campaign] is one e-mail to many recipients, perhaps from a [Template]; a
// [Send] is one e-mail to one recipient, and a campaign reaches nobody twice. A
// [Notification] is something the platform tells a user. The library sends
// nothing by itself: the host reads what waits and records what became of it.
// [Service.NotifyAll] writes many notifications in one statement; IssueCall and
// the payment of a distribution tell investors by it.
//
// Tables: communications.email_templates, communications.email_campaigns,
// communications.email_sends, communications.notifications. There are verbs for
// notifications; the others are models. They write no domain events: a notification
// is mostly what somebody makes of one.
//
//	n, err := svc.Notify(ctx, db, communications.NotifyParams{
//		UserID: user.ID, Type: communications.NotifyInvestmentUpdate,
//		Title: "Distribution paid", Message: "Your distribution for June has been paid.",
//	})
package communications
