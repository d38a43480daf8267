package analytics_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/retention"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/analytics"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
)

// hours inserts one event per hour of [from, to).
func hours(t *testing.T, db bun.IDB, from, to string) {
	t.Helper()
	exec(t, db, `INSERT INTO analytics.user_events (event_name, created_at)
		SELECT 'opened', h FROM generate_series(?::timestamptz, ?::timestamptz - interval '1 hour', interval '1 hour') h`, from, to)
}

// Rows that came before their partition move into it, and into no other; a second
// run finds nothing to do.
func TestEnsurePartitions(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	user := newUser(t, db)
	hours(t, db, "2026-02-28 00:00+00", "2026-05-02 00:00+00")
	exec(t, db, "UPDATE analytics.user_events SET user_id = ?", user)
	exec(t, db, "INSERT INTO analytics.page_views (page_path, created_at) VALUES ('/', '2026-03-31 23:59:59.999999+00'), ('/', '2026-04-01 00:00+00')")

	made, err := svc.EnsurePartitions(ctx, db, analytics.EnsurePartitionsParams{From: date.MustParse("2026-03-14"), Months: 2})
	require.NoError(t, err)
	require.Equal(t, []string{"analytics.user_events_y2026m03", "analytics.user_events_y2026m04",
		"analytics.page_views_y2026m03", "analytics.page_views_y2026m04"}, made)
	require.EqualValues(t, 31*24, number(t, db, "SELECT count(*) FROM analytics.user_events_y2026m03"))
	require.EqualValues(t, 30*24, number(t, db, "SELECT count(*) FROM analytics.user_events_y2026m04"))
	require.EqualValues(t, 48, number(t, db, "SELECT count(*) FROM analytics.user_events_default"))
	require.EqualValues(t, 1, number(t, db, "SELECT count(*) FROM analytics.page_views_y2026m03"))
	made, err = svc.EnsurePartitions(ctx, db, analytics.EnsurePartitionsParams{From: date.MustParse("2026-03-31"), Months: 2})
	require.NoError(t, err)
	require.Empty(t, made)

	// A partition has the table's rules under the table's names.
	_, err = svc.Track(ctx, db, analytics.TrackParams{Name: "x", At: ptr(noon), UserID: &user})
	require.NoError(t, err)
	_, err = db.NewRaw("INSERT INTO analytics.user_events (event_name, created_at) VALUES ('', '2026-03-02')").Exec(ctx)
	require.Equal(t, "event_name", fault.FieldErrors(store.Err(err, nil))[0].Field)
	_, err = db.NewRaw("INSERT INTO analytics.user_events (event_name, user_id, created_at) VALUES ('x', gen_random_uuid(), '2026-03-02')").Exec(ctx)
	require.ErrorIs(t, store.Err(err, nil), store.ErrReference)

	for _, n := range []int{0, 121} {
		_, err = svc.EnsurePartitions(ctx, db, analytics.EnsurePartitionsParams{From: date.MustParse("2026-03-14"), Months: n})
		require.ErrorIs(t, err, retention.ErrMonths)
	}
	_, err = svc.EnsurePartitions(ctx, db, analytics.EnsurePartitionsParams{From: date.MustParse("1969-12-31"), Months: 1})
	require.ErrorIs(t, err, retention.ErrMonths)
}

// Eight hosts see to the partitions at once while others write: nobody fails, and
// no event is lost.
func TestEnsurePartitions_race(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	var wg sync.WaitGroup
	errs := make(chan error, 12)
	made := make(chan string, 12)
	stop := make(chan struct{})
	var written [4]int
	for w := range written {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					errs <- nil
					return
				default:
				}
				at := noon.AddDate(0, written[w]%3, 0)
				if _, err := svc.Track(ctx, db, analytics.TrackParams{Name: "x", At: &at}); err != nil {
					errs <- err
					return
				}
				written[w]++
			}
		})
	}
	var hosts sync.WaitGroup
	for range 8 {
		hosts.Go(func() {
			names, err := svc.EnsurePartitions(ctx, db, analytics.EnsurePartitionsParams{From: date.MustParse("2026-03-01"), Months: 3})
			errs <- err
			for _, n := range names {
				made <- n
			}
		})
	}
	hosts.Wait()
	close(stop)
	wg.Wait()
	close(errs)
	close(made)
	for err := range errs {
		require.NoError(t, err)
	}
	require.Len(t, made, 6, "each partition is made once")
	total := int64(0)
	for _, n := range written {
		total += int64(n)
	}
	require.Equal(t, total, number(t, db, "SELECT count(*) FROM analytics.user_events"))
	require.Zero(t, number(t, db, "SELECT count(*) FROM analytics.user_events_default"))
}

// In a caller's transaction nothing happens until it commits, and the bound on
// waiting is the caller's again afterwards.
func TestEnsurePartitions_callersTx(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	tx, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	_, err = svc.EnsurePartitions(ctx, tx, analytics.EnsurePartitionsParams{From: date.MustParse("2026-03-01"), Months: 1})
	require.NoError(t, err)
	require.Zero(t, number(t, tx, "SELECT current_setting('lock_timeout')::int"))
	require.NoError(t, tx.Rollback())
	require.Zero(t, number(t, db, "SELECT count(to_regclass('analytics.user_events_y2026m03'))"))

	// A writer that does not end makes it give up, and the writer stays unharmed.
	tx, err = db.BeginTx(ctx, nil)
	require.NoError(t, err)
	hours(t, tx, "2026-03-01 00:00+00", "2026-03-02 00:00+00")
	patient, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	exec(t, patient, "SET LOCAL lock_timeout = '50ms'")
	_, err = svc.EnsurePartitions(ctx, patient, analytics.EnsurePartitionsParams{From: date.MustParse("2026-03-01"), Months: 1})
	require.ErrorIs(t, err, store.ErrUnavailable)
	require.EqualValues(t, 50, number(t, patient, "SELECT replace(current_setting('lock_timeout'), 'ms', '')::int"), "the host's own bound stays")
	require.NoError(t, patient.Rollback())
	require.NoError(t, tx.Commit())

	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	tx, err = db.BeginTx(ctx, nil)
	require.NoError(t, err)
	_, err = svc.EnsurePartitions(cancelled, tx, analytics.EnsurePartitionsParams{From: date.MustParse("2026-03-01"), Months: 1})
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, tx.Commit())
	require.Zero(t, number(t, db, "SELECT count(to_regclass('analytics.user_events_y2026m03'))"))
}

// Months move to the archive whole, what had gathered in the default partition
// too; late events join their month; the archive's errors name its own columns.
func TestArchiveUserEvents(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	user := newUser(t, db)
	_, err := svc.EnsurePartitions(ctx, db, analytics.EnsurePartitionsParams{From: date.MustParse("2025-01-01"), Months: 3})
	require.NoError(t, err)
	hours(t, db, "2024-12-31 00:00+00", "2025-03-02 00:00+00")
	exec(t, db, "UPDATE analytics.user_events SET user_id = ?", user)
	exec(t, db, "INSERT INTO analytics.user_events_archive (event_name, created_at) VALUES ('imported', '2025-01-15')")
	exec(t, db, "INSERT INTO analytics.user_events (event_name, created_at) VALUES ('clock was wrong', '1901-01-01')")

	var heard []analytics.Archived
	done, err := svc.ArchiveUserEvents(ctx, db, analytics.ArchiveUserEventsParams{Before: date.MustParse("2025-03-14"), Progress: func(a analytics.Archived) { heard = append(heard, a) }})
	require.NoError(t, err)
	require.Equal(t, []analytics.Archived{
		{date.MustParse("2024-12-01"), 24}, {date.MustParse("2025-01-01"), 31 * 24}, {date.MustParse("2025-02-01"), 28 * 24},
	}, done)
	require.Equal(t, done, heard)
	require.EqualValues(t, 24+1, number(t, db, "SELECT count(*) FROM analytics.user_events"))
	require.EqualValues(t, 24+59*24+1, number(t, db, "SELECT count(*) FROM analytics.user_events_archive"))
	require.EqualValues(t, 31*24+1, number(t, db, "SELECT count(*) FROM analytics.user_events_archive_y2025m01"))
	require.EqualValues(t, 24+59*24, number(t, db, "SELECT count(*) FROM analytics.user_events_archive WHERE user_id = ?", user))
	done, err = svc.ArchiveUserEvents(ctx, db, analytics.ArchiveUserEventsParams{Before: date.MustParse("2025-03-14")})
	require.NoError(t, err)
	require.Empty(t, done)

	// Late events.
	hours(t, db, "2025-01-10 00:00+00", "2025-01-11 00:00+00")
	done, err = svc.ArchiveUserEvents(ctx, db, analytics.ArchiveUserEventsParams{Before: date.MustParse("2025-03-01")})
	require.NoError(t, err)
	require.Equal(t, []analytics.Archived{{date.MustParse("2025-01-01"), 24}}, done)
	require.EqualValues(t, 32*24+1, number(t, db, "SELECT count(*) FROM analytics.user_events_archive_y2025m01"))
	require.Zero(t, number(t, db, "SELECT count(to_regclass('analytics.user_events_y2025m01'))"))

	for _, column := range []string{"event_name", "event_value", "created_at"} {
		require.EqualValues(t, 1, number(t, db, `SELECT count(*) FROM pg_constraint
			WHERE conrelid = 'analytics.user_events_archive_y2025m01'::regclass AND conname = ?`, "chk_user_events_archive_"+column))
	}
	_, err = db.NewRaw("INSERT INTO analytics.user_events_archive (event_name, user_id, created_at) VALUES ('x', gen_random_uuid(), '2025-01-02')").Exec(ctx)
	require.Equal(t, "user_id", fault.FieldErrors(store.Err(err, nil))[0].Field)

	for _, day := range []string{"2026-04-01", "1969-12-31"} {
		_, err = svc.ArchiveUserEvents(ctx, db, analytics.ArchiveUserEventsParams{Before: date.MustParse(day)})
		require.ErrorIs(t, err, analytics.ErrArchiveBefore)
	}
}

// Two at once archive each month once.
func TestArchiveUserEvents_race(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	hours(t, db, "2025-01-01 00:00+00", "2025-05-01 00:00+00")
	errs, moved := make(chan error), make(chan int64, 2)
	for range 2 {
		go func() {
			done, err := svc.ArchiveUserEvents(ctx, db, analytics.ArchiveUserEventsParams{Before: date.MustParse("2025-05-01")})
			n := int64(0)
			for _, a := range done {
				n += a.Events
			}
			moved <- n
			errs <- err
		}()
	}
	require.NoError(t, <-errs)
	require.NoError(t, <-errs)
	require.EqualValues(t, 120*24, <-moved+<-moved)
	require.EqualValues(t, 120*24, number(t, db, "SELECT count(*) FROM analytics.user_events_archive"))
}

func TestPurge(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	exec(t, db, `INSERT INTO analytics.page_views (page_path, created_at)
		SELECT '/', h FROM generate_series('2025-12-31 00:00+00'::timestamptz, '2026-03-14 11:00+00', interval '1 hour') h`)
	total := number(t, db, "SELECT count(*) FROM analytics.page_views")
	_, err := svc.EnsurePartitions(ctx, db, analytics.EnsurePartitionsParams{From: date.MustParse("2026-01-01"), Months: 2})
	require.NoError(t, err)
	before := time.Date(2026, 2, 10, 0, 0, 0, 0, time.UTC)
	gone := int64(24 + 31*24 + 9*24)

	n, err := svc.Purge(ctx, db, analytics.PurgeParams{What: analytics.PurgePageViews, Before: before, DryRun: true})
	require.NoError(t, err)
	require.Equal(t, gone, n)
	require.Equal(t, total, number(t, db, "SELECT count(*) FROM analytics.page_views"))

	var heard []int64
	n, err = svc.Purge(ctx, db, analytics.PurgeParams{What: analytics.PurgePageViews, Before: before, Batch: 100, Progress: func(rows int64) { heard = append(heard, rows) }})
	require.NoError(t, err)
	require.Equal(t, gone, n)
	require.Equal(t, []int64{744, 844, 944, 984}, heard, "January goes as a whole, the rest by hundreds")
	require.Equal(t, total-gone, number(t, db, "SELECT count(*) FROM analytics.page_views"))
	require.Zero(t, number(t, db, "SELECT count(*) FROM analytics.page_views WHERE created_at < ?", before))
	n, err = svc.Purge(ctx, db, analytics.PurgeParams{What: analytics.PurgePageViews, Before: before})
	require.NoError(t, err)
	require.Zero(t, n)

	hours(t, db, "2025-01-01 00:00+00", "2025-02-01 00:00+00")
	_, err = svc.ArchiveUserEvents(ctx, db, analytics.ArchiveUserEventsParams{Before: date.MustParse("2025-03-01")})
	require.NoError(t, err)
	n, err = svc.Purge(ctx, db, analytics.PurgeParams{What: analytics.PurgeArchivedEvents, Before: before})
	require.NoError(t, err)
	require.EqualValues(t, 31*24, n)
	require.Zero(t, number(t, db, "SELECT count(*) FROM analytics.user_events_archive"))

	for want, p := range map[*fault.Error]analytics.PurgeParams{
		retention.ErrPurgeWhat:   {What: "users", Before: before},
		retention.ErrPurgeBatch:  {What: analytics.PurgePageViews, Before: before, Batch: -1},
		retention.ErrPurgeBefore: {What: analytics.PurgePageViews, Before: noon.Add(time.Second)},
	} {
		_, err = svc.Purge(ctx, db, p)
		require.ErrorIs(t, err, want, fmt.Sprint(p.What))
	}
	_, err = svc.Purge(ctx, db, analytics.PurgeParams{What: analytics.PurgePageViews})
	require.ErrorIs(t, err, retention.ErrPurgeBefore)
}
