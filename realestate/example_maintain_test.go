package realestate_test

import (
	"fmt"
	"time"

	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/analytics"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/communications"
)

// A job asks once a day what is due and calls the verbs: first partitions, for which there
// are none in a new database, and then what an old notification asks for.
func ExamplePlatform_Maintain() {
	ctx, db, end := exampleDB()
	defer end()
	now := time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC)
	p, err := realestate.New(realestate.Config{
		Now:       func() time.Time { return now },
		Retention: realestate.Retention{Notifications: 90 * 24 * time.Hour, Sends: realestate.Forever},
	})
	if err != nil {
		panic(err)
	}
	ada := exampleUser(ctx, db, "ada@example.com", false)
	if _, err := p.Communications.Notify(ctx, db, communications.NotifyParams{UserID: ada, Type: "statement", Title: "Statement", Message: "It is there."}); err != nil {
		panic(err)
	}
	maintain := func() {
		m, err := p.Maintain(ctx, db)
		if err != nil {
			panic(err)
		}
		for _, w := range m.Due {
			fmt.Println(w.Verb, w.What, w.Rows, "since", w.Since.Format(time.DateOnly))
			switch w.Verb {
			case "Audit.EnsurePartitions":
				for _, month := range w.Months {
					_, err = p.Audit.EnsurePartitions(ctx, db, auth.EnsurePartitionsParams{From: month, Months: 1})
				}
			case "Analytics.EnsurePartitions":
				for _, month := range w.Months {
					_, err = p.Analytics.EnsurePartitions(ctx, db, analytics.EnsurePartitionsParams{From: month, Months: 1})
				}
			case "Communications.Purge":
				_, err = p.Communications.Purge(ctx, db, communications.PurgeParams{What: communications.Purgeable(w.What), Before: w.Before})
			default:
				// and so on; what is not called stays due
			}
			if err != nil {
				panic(err)
			}
		}
		for _, h := range m.Held {
			fmt.Println("held:", h.Rows, "of", h.Table, "since", h.Oldest.Format(time.DateOnly)+",", h.Why)
		}
		fmt.Println(len(m.Due), "due")
	}
	maintain()
	maintain()
	now = now.AddDate(0, 0, 91)
	maintain()
	// Output:
	// Audit.EnsurePartitions login_attempts 0 since 2025-11-01
	// Analytics.EnsurePartitions user_events 0 since 2025-11-01
	// Analytics.EnsurePartitions page_views 0 since 2025-11-01
	// 3 due
	// 0 due
	// Audit.EnsurePartitions login_attempts 0 since 2026-03-01
	// Communications.Purge notifications 1 since 2026-05-02
	// Analytics.EnsurePartitions user_events 0 since 2026-03-01
	// Analytics.EnsurePartitions page_views 0 since 2026-03-01
	// held: 1 of freehold.outbox since 2026-02-01, they are not delivered yet
	// 4 due
}
