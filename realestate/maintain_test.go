package realestate_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/retention"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/analytics"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/communications"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/outbox"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

const days = 24 * time.Hour

// growth is a row of a kind of work: of an instant it is due, of a later one it is not.
type growth struct {
	kind       string
	keep       time.Duration
	sql        string // makes a row; ?0 is the instant, ?1 a user, ?2 what else it needs
	held       []string
	due, young time.Time // where they are not on both sides of keep ago
}

// grows is every kind of work on rows, with the periods of the documentation.
func grows(now time.Time) []growth {
	const hash = "encode(sha256(gen_random_uuid()::text::bytea), 'hex')"
	const user = "INSERT INTO auth.users (email, password_hash, status, deleted_at, erasure_hold) VALUES (gen_random_uuid() || '@example.com', '!', 'deleted', ?0, "
	const send = "INSERT INTO communications.email_sends (recipient_id, to_email, from_email, created_at, status, unsubscribed_at, campaign_id) VALUES (?1, 'a@example.com', 'b@example.com', ?0, "
	const told = "INSERT INTO communications.notifications (user_id, title, created_at, expires_at) VALUES (?1, 't', ?0, "
	const session = "INSERT INTO auth.sessions (user_id, family_id, token_hash, expires_at, refresh_expires_at) VALUES (?1, gen_random_uuid(), " + hash + ", ?0, "
	const event = "INSERT INTO freehold.outbox (aggregate_type, aggregate_id, position, type, payload, actor, occurred_at, delivered_at, dead_at) VALUES ('parcel', gen_random_uuid(), 1, 'parcel.moved', '{}', 'a', ?0, "
	archived := date.Of(now.Add(-365 * days)).StartOfMonth().Time(time.UTC)
	return []growth{
		{kind: "Audit.Purge sessions", keep: 30 * days, sql: session + "NULL)", held: []string{session + "now())"}},
		{kind: "Audit.Purge password_resets", keep: 30 * days, sql: "INSERT INTO auth.password_resets (user_id, token_hash, expires_at) VALUES (?1, " + hash + ", ?0)"},
		{kind: "Audit.Purge login_attempts", keep: 180 * days, sql: "INSERT INTO auth.login_attempts (email, created_at) VALUES ('a@example.com', ?0)"},
		{kind: "Audit.Purge one_time_codes", keep: 30 * days, sql: "INSERT INTO auth.one_time_codes (user_id, purpose, code_hash, target, expires_at) VALUES (?1, 'verify_email', " + hash + ", 'a', ?0)"},
		{kind: "Audit.Purge challenges", keep: 30 * days, sql: "INSERT INTO auth.challenges (user_id, purpose, token_hash, expires_at) VALUES (?1, 'second_factor', " + hash + ", ?0)"},
		{kind: "Audit.Purge trusted_devices", keep: 30 * days, sql: "INSERT INTO auth.trusted_devices (user_id, token_hash, expires_at) VALUES (?1, " + hash + ", ?0)"},
		{kind: "Audit.PurgeCounters attempt_counters", keep: 24*time.Hour + 15*time.Minute, sql: "INSERT INTO auth.attempt_counters (attempts, window_started_at) VALUES (1, ?0)"},
		{kind: "Platform.Erase users", keep: 30 * days, sql: user + "NULL)", held: []string{user + "'case 7')"}},
		{kind: "Communications.Purge email_sends", keep: 365 * days, sql: send + "'delivered', NULL, NULL)", held: []string{send + "'pending', NULL, NULL)", send + "'delivered', ?0, NULL)",
			"WITH c AS (INSERT INTO communications.email_campaigns (name, subject, status) VALUES ('c', 'c', 'sending') RETURNING id) " +
				strings.Replace(send, "VALUES (?1, 'a@example.com', 'b@example.com', ?0, ", "SELECT ?1, 'a@example.com', 'b@example.com', ?0, 'sent', NULL, id FROM c", 1)}},
		{kind: "Communications.Purge notifications", keep: 365 * days, sql: told + "NULL)", held: []string{told + "now())"}},
		{kind: "Analytics.ArchiveUserEvents user_events", keep: 365 * days, sql: "INSERT INTO analytics.user_events (event_name, created_at) VALUES ('e', ?0)",
			due: archived.Add(-time.Hour), young: archived.Add(time.Hour)},
		{kind: "Analytics.Purge page_views", keep: 365 * days, sql: "INSERT INTO analytics.page_views (page_path, created_at) VALUES ('/', ?0)"},
		{kind: "Analytics.Purge archived_events", keep: 1095 * days, sql: "INSERT INTO analytics.user_events_archive (event_name, created_at) VALUES ('e', ?0)"},
		{kind: "outbox.Prune outbox", keep: 30 * days, sql: event + "?0, NULL)", held: []string{event + "NULL, NULL)", event + "NULL, ?0)"}},
		{kind: "Ledger.Seal unsealed_journals", keep: days},
		{kind: "Ledger.VoidExpired pending_journals"},
		{kind: "Documents.SweepUploads uploads", keep: days, sql: "INSERT INTO documents.uploads (uploader_id, object_key, file_name, file_type, file_size, file_hash, expires_at) " +
			"VALUES (?1, 'documents/' || gen_random_uuid(), 'a.pdf', 'application/pdf', 1, " + hash + ", ?0)"},
		{kind: "Signatures.ExpireEnvelopes envelopes", sql: "INSERT INTO documents.envelopes (document_id, document_version, document_hash, requested_by, expires_at) VALUES (?2, 1, " + hash + ", ?1, ?0)"},
		{kind: "Media.FoldTourViews tour_views", keep: time.Hour, sql: "INSERT INTO media.tour_views (tour_id, views, seconds, created_at) VALUES (?2, 1, 1, ?0)"},
	}
}

// grown has two rows of each kind due and one that is not, and those that are held.
func grown(t *testing.T, db bun.IDB, p *realestate.Platform, now time.Time) {
	t.Helper()
	ctx := t.Context()
	exec := func(query string, args ...any) {
		_, err := db.NewRaw(query, args...).Exec(ctx)
		require.NoError(t, err, query)
	}
	user := realestatetest.User(t, db).ID
	document, tour := realestatetest.Document(t, db, user).ID, id.New[int]()
	exec("INSERT INTO media.virtual_tours (id, property_id) VALUES (?, ?)", tour, realestatetest.Property(t, db).ID)
	for _, g := range grows(now) {
		due, young, other := now.Add(-g.keep-time.Hour), now.Add(-g.keep+time.Hour), any(tour)
		if !g.due.IsZero() {
			due, young = g.due, g.young
		}
		if strings.HasPrefix(g.kind, "Signatures.") {
			other = document
		}
		for _, at := range []time.Time{due, due, young} {
			if g.sql == "" {
				booked(t, db, p, at, g.kind)
				continue
			}
			exec(g.sql, at, user, other)
		}
		for _, sql := range g.held {
			exec(sql, due, user, other)
		}
	}
}

// booked makes a book with a journal that was recorded, or a draft that expired, at an instant.
func booked(t *testing.T, db bun.IDB, p *realestate.Platform, at time.Time, kind string) {
	t.Helper()
	ctx := t.Context()
	b, err := p.Ledger.OpenBook(ctx, db, ledger.OpenBookParams{Code: id.New[int]().String(), Name: "Elm", Accounts: []ledger.AccountParams{
		{Code: "1", Name: "Cash", Type: ledger.Asset}, {Code: "2", Name: "Fees", Type: ledger.Expense}}})
	require.NoError(t, err)
	chart, err := p.Ledger.Chart(ctx, db, b.ID)
	require.NoError(t, err)
	post := ledger.PostParams{Actor: "clerk", IdempotencyKey: "k", BookID: b.ID, EffectiveDate: date.MustParse("2026-01-15"),
		Entries: []ledger.Entry{{Debit: chart["2"].ID, Credit: chart["1"].ID, Amount: money.MustParse("9")}}}
	if strings.HasPrefix(kind, "Ledger.Seal") {
		_, err = p.Ledger.Post(ctx, db, post)
		require.NoError(t, err)
		_, err = db.NewRaw("UPDATE financials.unsealed_journals SET recorded_at = ? WHERE book_id = ?", at, b.ID).Exec(ctx)
	} else {
		_, err = p.Ledger.Draft(ctx, db, ledger.DraftParams{PostParams: post, ExpiresAt: &at})
	}
	require.NoError(t, err)
}

// purged calls what removes rows, and returns how many.
func purged(ctx context.Context, db *bun.DB, p *realestate.Platform, w realestate.DueWork, dry bool) (int64, error) {
	switch w.Verb {
	case "Audit.Purge":
		return p.Audit.Purge(ctx, db, auth.PurgeParams{What: auth.Purgeable(w.What), Before: w.Before, DryRun: dry})
	case "Communications.Purge":
		return p.Communications.Purge(ctx, db, communications.PurgeParams{What: communications.Purgeable(w.What), Before: w.Before, DryRun: dry})
	case "Analytics.Purge":
		return p.Analytics.Purge(ctx, db, analytics.PurgeParams{What: analytics.Purgeable(w.What), Before: w.Before, DryRun: dry})
	}
	return outbox.Prune(ctx, db, outbox.PruneParams{Before: w.Before, DryRun: dry})
}

// done calls the verb of some work, and returns how many rows it was done to; of partitions none.
func done(t *testing.T, db *bun.DB, p *realestate.Platform, actor id.Of[auth.User], w realestate.DueWork) (n int64) {
	t.Helper()
	ctx, err := t.Context(), error(nil)
	switch w.Verb {
	case "Audit.EnsurePartitions", "Analytics.EnsurePartitions":
		for _, month := range w.Months {
			if w.Verb == "Audit.EnsurePartitions" {
				_, err = p.Audit.EnsurePartitions(ctx, db, auth.EnsurePartitionsParams{From: month, Months: 1})
			} else {
				_, err = p.Analytics.EnsurePartitions(ctx, db, analytics.EnsurePartitionsParams{From: month, Months: 1})
			}
			require.NoError(t, err)
		}
	case "Audit.PurgeCounters":
		n, err = p.Audit.PurgeCounters(ctx, db)
		n-- // it takes the young one along
	case "Platform.Erase":
		for _, v := range w.IDs {
			_, err = p.Erase(ctx, db, realestate.EraseParams{UserID: id.Cast[auth.User](v), ActorID: actor})
			require.NoError(t, err)
			n++
		}
	case "Analytics.ArchiveUserEvents":
		months, failed := p.Analytics.ArchiveUserEvents(ctx, db, analytics.ArchiveUserEventsParams{Before: date.Of(w.Before)})
		for _, m := range months {
			n += m.Events
		}
		err = failed
	case "Ledger.Seal":
		for _, v := range w.IDs {
			seal, failed := p.Ledger.Seal(ctx, db, ledger.SealParams{BookID: id.Cast[ledger.Book](v)})
			require.NoError(t, failed)
			n += seal.JournalCount
		}
	case "Ledger.VoidExpired":
		for _, v := range w.IDs {
			voided, failed := p.Ledger.VoidExpired(ctx, db, ledger.VoidExpiredParams{BookID: id.Cast[ledger.Book](v)})
			require.NoError(t, failed)
			n += int64(voided)
		}
	case "Documents.SweepUploads":
		r, failed := p.Documents.SweepUploads(ctx, db, documents.SweepUploadsParams{})
		n, err = int64(r.Abandoned), failed
	case "Signatures.ExpireEnvelopes":
		ended, failed := p.Signatures.ExpireEnvelopes(ctx, db, 0)
		n, err = int64(ended), failed
	case "Media.FoldTourViews":
		folded, failed := p.Media.FoldTourViews(ctx, db, 0)
		n, err = int64(folded)-1, failed // it takes the young one along
	default:
		dry, failed := purged(ctx, db, p, w, true)
		require.NoError(t, failed)
		require.Equal(t, w.Rows, dry, "%s %s: the dry run", w.Verb, w.What)
		n, err = purged(ctx, db, p, w, false)
	}
	require.NoError(t, err, w.Verb)
	return n
}

// maintained is a platform with a clock that stands still, on the machine's time.
func maintained(t *testing.T, now time.Time, keep realestate.Retention) *realestate.Platform {
	t.Helper()
	p, err := realestate.New(realestate.Config{Now: func() time.Time { return now }, Storage: storage.NewMemory(storage.MemoryConfig{}), Retention: keep})
	require.NoError(t, err)
	return p
}

// Of every kind of work it is said what is due and what is not, and what stays; the verbs
// that are named do that and no more, after which nothing is due.
func TestMaintain(t *testing.T) {
	t.Parallel()
	ctx, db, now := t.Context(), pgtest.Clone(t), time.Now().UTC().Truncate(time.Microsecond)
	p := maintained(t, now, realestate.Retention{})
	actor := realestatetest.Staff(t, db, auth.RoleAdministrator).ID
	grown(t, db, p, now)

	m, err := p.Maintain(ctx, db)
	require.NoError(t, err)
	kinds, held := map[string]realestate.DueWork{}, map[string]int{}
	for _, w := range m.Due {
		kinds[w.Verb+" "+w.What] = w
	}
	for _, w := range p.Work() {
		require.Contains(t, kinds, w.Verb+" "+w.What)
	}
	require.Len(t, kinds, len(p.Work()))
	for _, h := range m.Held {
		require.EqualValues(t, 1, h.Rows, h.Why)
		require.False(t, h.More)
		held[h.Verb+" "+h.What]++
	}
	for _, g := range grows(now) {
		w, due := kinds[g.kind], now.Add(-g.keep-time.Hour)
		since := due.Add(g.keep)
		if !g.due.IsZero() {
			due, since = g.due, g.due.Add(time.Hour+g.keep)
		}
		require.EqualValues(t, 2, w.Rows, g.kind)
		require.False(t, w.More, g.kind)
		require.Equal(t, due, *w.Oldest, g.kind)
		require.Equal(t, since, w.Since, g.kind)
		require.Len(t, g.held, held[g.kind], g.kind)
		delete(kinds, g.kind)
	}
	require.Len(t, kinds, 3, "of the rest partitions are made: %v", kinds)

	for _, w := range m.Due {
		n := done(t, db, p, actor, w)
		if w.Months == nil {
			require.Equal(t, w.Rows, n, "%s %s", w.Verb, w.What)
		}
	}
	again, err := p.Maintain(ctx, db)
	require.NoError(t, err)
	require.Empty(t, again.Due)
	require.Equal(t, m.Held, again.Held, "what is held stays")
}

// It only reads, where nobody can do more, and takes no lock but a reader's.
func TestMaintain_writesNothing(t *testing.T) {
	t.Parallel()
	ctx, db, now := t.Context(), pgtest.Clone(t), time.Now().UTC().Truncate(time.Microsecond)
	p := maintained(t, now, realestate.Retention{})
	grown(t, db, p, now)
	want, err := p.Maintain(ctx, db)
	require.NoError(t, err)
	standby, err := pgtest.Open(pgtest.DSN(t, db) + "&default_transaction_read_only=on")
	require.NoError(t, err)
	defer func() { require.NoError(t, standby.Close()) }()
	got, err := p.Maintain(ctx, standby)
	require.NoError(t, err)
	require.Equal(t, want, got)

	require.NoError(t, realestate.InTx(ctx, db, func(tx bun.IDB) error {
		if _, err := p.Maintain(ctx, tx); err != nil {
			return err
		}
		var locks []string
		require.NoError(t, tx.NewRaw("SELECT DISTINCT mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype <> 'virtualxid'").Scan(ctx, &locks))
		require.Equal(t, []string{"AccessShareLock"}, locks)
		var writes bool
		require.NoError(t, tx.NewRaw("SELECT pg_current_xact_id_if_assigned() IS NOT NULL").Scan(ctx, &writes))
		require.False(t, writes)
		return nil
	}))
}

// Partitions are due for the months ahead and for those of which rows have gathered, unless
// these are over and go anyway.
func TestMaintain_partitions(t *testing.T) {
	t.Parallel()
	ctx, tx, now := t.Context(), pgtest.Tx(t), time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)
	p := maintained(t, now, realestate.Retention{PartitionsAhead: 1, LoginAttempts: 90 * days})
	_, err := tx.NewRaw(`INSERT INTO auth.login_attempts (created_at) VALUES ('2025-11-30'), ('2025-12-02'), ('2026-02-05'), ('2026-02-06'), ('2026-03-02'), ('2027-01-01')`).Exec(ctx)
	require.NoError(t, err)
	months := func(list ...string) (out []date.Date) {
		for _, m := range list {
			out = append(out, date.MustParse(m))
		}
		return out
	}
	due := func(of *realestate.Platform) (w realestate.DueWork) {
		m, err := of.Maintain(ctx, tx)
		require.NoError(t, err)
		for _, w := range m.Due {
			if w.Verb == "Audit.EnsurePartitions" {
				return w
			}
		}
		return realestate.DueWork{}
	}
	w := due(p)
	require.Equal(t, months("2025-12-01", "2026-02-01", "2026-03-01", "2026-04-01"), w.Months, "January has no rows, November's are over")
	require.EqualValues(t, 4, w.Rows)
	require.Equal(t, "2025-12-02", w.Oldest.Format(time.DateOnly))
	require.Equal(t, "2025-11-01", w.Since.Format(time.DateOnly), "a month ahead of the first")
	for _, month := range w.Months {
		_, err := p.Audit.EnsurePartitions(ctx, tx, auth.EnsurePartitionsParams{From: month, Months: 1})
		require.NoError(t, err)
	}
	require.Empty(t, due(p).Verb)
	require.Equal(t, months("2025-11-01"), due(maintained(t, now, realestate.Retention{PartitionsAhead: 1, LoginAttempts: realestate.Forever})).Months,
		"what is kept forever has its month")
	require.Equal(t, months("2026-05-01"), due(maintained(t, now, realestate.Retention{PartitionsAhead: 2, LoginAttempts: 90 * days})).Months)
	require.Empty(t, due(maintained(t, now, realestate.Retention{PartitionsAhead: realestate.Forever})).Verb)
}

// What never ends is never due; a count says where it stopped.
func TestMaintain_bounds(t *testing.T) {
	t.Parallel()
	ctx, tx, now := t.Context(), pgtest.Tx(t), time.Now()
	_, err := tx.NewRaw("INSERT INTO auth.attempt_counters (attempts, window_started_at) SELECT 1, '2026-01-01' FROM generate_series(0, ?)", retention.MaxRows).Exec(ctx)
	require.NoError(t, err)
	grown(t, tx, maintained(t, now, realestate.Retention{}), now)
	all := realestate.Retention{PartitionsAhead: realestate.Forever}
	for v, i := reflect.ValueOf(&all).Elem(), 0; i < v.NumField(); i++ {
		v.Field(i).SetInt(realestate.Forever)
	}
	m, err := maintained(t, now, all).Maintain(ctx, tx)
	require.NoError(t, err)
	require.Empty(t, m.Held)
	require.Len(t, m.Due, 3, "what has its time in its own row")
	require.Equal(t, "Audit.PurgeCounters", m.Due[0].Verb)
	require.EqualValues(t, retention.MaxRows, m.Due[0].Rows)
	require.True(t, m.Due[0].More)
}

// A role that row-level security does not limit is told everything, and another nothing.
func TestMaintain_rowSecurity(t *testing.T) {
	t.Parallel()
	ctx, db, now := t.Context(), pgtest.Clone(t), time.Now()
	p := maintained(t, now, realestate.Retention{})
	grown(t, db, p, now)
	_, err := db.ExecContext(ctx, "SELECT freehold.enable_row_level_security()")
	require.NoError(t, err)
	want, err := p.Maintain(ctx, db)
	require.NoError(t, err)
	got, err := p.Maintain(ctx, loginDB(t, db, "freehold_platform"))
	require.NoError(t, err)
	require.Equal(t, want, got)
	_, err = p.Maintain(ctx, loginDB(t, db, "freehold_investor"))
	require.ErrorIs(t, err, realestate.ErrRowSecurity)
}

// Periods that make no sense name their fields.
func TestNew_retention(t *testing.T) {
	t.Parallel()
	_, err := realestate.New(realestate.Config{Retention: realestate.Retention{SignIn: -2, TourViews: -time.Hour, PartitionsAhead: 120, ArchivedEvents: 90 * days}})
	var fields []string
	for _, f := range fault.FieldErrors(err) {
		fields = append(fields, f.Field)
	}
	require.Equal(t, []string{"retention.sign_in", "retention.tour_views", "retention.partitions_ahead", "retention.archived_events"}, fields)
	_, err = realestate.New(realestate.Config{Retention: realestate.Retention{LiveEvents: realestate.Forever, ArchivedEvents: 1, PartitionsAhead: realestate.Forever}})
	require.NoError(t, err)
}
