// Package analytics is what users do on the platform and the aggregates for
// reports: schemas analytics and shared.
//
// # Verbs by task
//
//	record                  Track, TrackAll, TrackPageView
//	how far investors come  AdvanceFunnel, SyncFunnel, Funnel, DropOff
//	report                  InvestorSummary, ActiveOfferings, Performance, EventCounts
//	housekeeping            EnsurePartitions, ArchiveUserEvents, RefreshPerformance, Purge
//
// # The domain
//
// Events and page views only grow. Their tables are partitioned by month; what no
// month claims lands in a default partition, so that nothing is ever refused. An
// event may belong to nobody, and loses its user when the user is purged. Events
// of past months move to an archive, whole partitions at a time.
//
// [Service.EnsurePartitions] and [Service.ArchiveUserEvents] are for a scheduled
// task of the host's, as is [Service.Purge], which ends what retention allows to.
//
// [Funnel] is one row per user and offering whose stages fill up.
//
// [InvestorSummary] and [ActiveOffering] are views, true at any time.
// [PortfolioPerformance] is a materialized view, as true as its last refresh.
//
// Tables: analytics.user_events, analytics.user_events_archive,
// analytics.page_views, analytics.investment_funnel; materialized view
// analytics.portfolio_performance; views shared.investor_summary and
// shared.active_opportunities. Telemetry writes no domain events; it would only
// say everything twice.
//
//	_, err := svc.Track(ctx, db, analytics.TrackParams{UserID: &user.ID, Name: "memorandum_opened"})
//	_, err = svc.AdvanceFunnel(ctx, db, analytics.AdvanceFunnelParams{
//		UserID: user.ID, OfferingID: offering.ID, Stage: analytics.StageDownloadedDocs,
//	})
package analytics
