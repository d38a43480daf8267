package leases_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// size is a number of rows: the large one only with FREEHOLD_BENCH_LARGE.
func size(large, small int) int {
	if os.Getenv("FREEHOLD_BENCH_LARGE") != "" {
		return large
	}
	return small
}

// town is many properties with one lease a unit, made by SQL: a house of one unit that
// makes the book, and copies of it.
func town(b *testing.B, db *bun.DB, homes, units int) *house {
	b.Helper()
	h := newHouse(b, db, "2026-02-15", 1)
	l := h.sign(0, "2026-01-01", "2026-12-31", "1400")
	for _, q := range []string{
		`CREATE TABLE town AS SELECT gen_random_uuid() AS property, gen_random_uuid() AS book, n FROM generate_series(1, ?0) n`,
		`CREATE TABLE home AS SELECT t.property, t.book, gen_random_uuid() AS unit, gen_random_uuid() AS lease, u AS n FROM town t, generate_series(1, ?1) u`,
		`INSERT INTO properties.properties (id, property_name, slug, address_line1, city, state, zip_code, total_units) SELECT property, 'Home', 'home-' || property, '1 Elm St', 'Columbus', 'OH', '43004', 1 FROM town`,
		`INSERT INTO financials.books (id, code, name, kind, property_id) SELECT book, 'property-' || property, 'Home', 'property', property FROM town`,
		`INSERT INTO financials.accounts (book_id, code, name, type, subledgered) SELECT t.book, a.code, a.name, a.type, a.subledgered FROM town t, financials.accounts a WHERE a.book_id = ?2`,
		`INSERT INTO properties.units (id, property_id, unit_number, market_rent, sqft, occupancy_status, occupancy_basis, occupancy_as_of)
			SELECT unit, property, lpad(n::text, 6, '0'), 1500, 800, 'occupied', 'leases', '2026-02-15' FROM home`,
		`INSERT INTO financials.leases (id, property_id, unit_id, book_id, kind) SELECT lease, property, unit, book, 'residential' FROM home`,
		`INSERT INTO financials.lease_terms (lease_id, property_id, unit_id, number, starts_on, ends_on, last_day, conditions, reason, recorded_by, recorded_at)
			SELECT lease, property, unit, 1, '2026-01-01', '2026-12-31', '2026-12-31', '{}', 'signed', ?3, '2026-01-01' FROM home`,
		`INSERT INTO financials.lease_charges (lease_id, kind, amount, starts_on, recorded_by, recorded_at) SELECT lease, 'rent', 1400, '2026-01-01', ?3, '2026-01-01' FROM home`,
		`ANALYZE`,
	} {
		_, err := db.NewRaw(q, homes, units, l.BookID, h.staff).Exec(b.Context())
		require.NoError(b, err, q)
	}
	return h
}

func (h *house) homes(b *testing.B) (out []id.Of[properties.Property]) {
	b.Helper()
	require.NoError(b, h.db.NewRaw("SELECT property FROM town ORDER BY n").Scan(b.Context(), &out))
	return out
}

// The rent roll of a property of 1,000 units among 1,000,000 leases, against the raw SQL
// of the same facts: both with the balances left out.
func BenchmarkRentRoll(b *testing.B) {
	db := pgtest.Clone(b)
	h := town(b, db, size(1000, 100), 1000)
	home := h.homes(b)[3]
	b.Run("Rolls.RentRoll", func(b *testing.B) {
		for b.Loop() {
			r, err := h.Rolls.RentRoll(b.Context(), db, leases.RentRollParams{PropertyID: home, Day: day("2026-06-15"), RentsOnly: true})
			require.NoError(b, err)
			require.Equal(b, 1000, r.Metrics.OccupiedUnits)
		}
	})
	b.Run("SQL", func(b *testing.B) {
		for b.Loop() {
			rows, err := db.QueryContext(b.Context(), `SELECT u.id, u.unit_number, u.building_number, u.unit_type, u.bedrooms, u.sqft, u.market_rent::text, t.lease_id, t.starts_on::text, t.ends_on::text,
					t.last_day::text, f.starts_on::text, t.notice_on::text, c.amount::text, d.amount::text, (SELECT min(n.starts_on) FROM financials.lease_terms n
						WHERE n.unit_id = u.id AND n.number = 1 AND n.superseded_at IS NULL AND n.starts_on > '2026-06-15')::text
				FROM properties.units u
				LEFT JOIN financials.lease_terms t ON t.unit_id = u.id AND t.property_id = u.property_id AND t.superseded_at IS NULL AND t.starts_on <= '2026-06-15' AND (t.last_day IS NULL OR t.last_day >= '2026-06-15')
				LEFT JOIN financials.lease_terms f ON f.lease_id = t.lease_id AND f.property_id = u.property_id AND f.number = 1 AND f.superseded_at IS NULL
				LEFT JOIN financials.lease_charges c ON c.lease_id = t.lease_id AND c.kind = 'rent' AND c.superseded_at IS NULL AND c.starts_on <= '2026-06-15' AND (c.ends_on IS NULL OR c.ends_on >= '2026-06-15')
				LEFT JOIN financials.lease_charges d ON d.lease_id = t.lease_id AND d.kind = 'concession' AND d.superseded_at IS NULL AND d.starts_on <= '2026-06-15' AND (d.ends_on IS NULL OR d.ends_on >= '2026-06-15')
				WHERE u.property_id = ? ORDER BY u.unit_number`, home)
			require.NoError(b, err)
			n := 0
			for rows.Next() {
				var s [16]*string
				require.NoError(b, rows.Scan(&s[0], &s[1], &s[2], &s[3], &s[4], &s[5], &s[6], &s[7], &s[8], &s[9], &s[10], &s[11], &s[12], &s[13], &s[14], &s[15]))
				n++
			}
			require.NoError(b, rows.Close())
			require.Equal(b, 1000, n)
		}
	})
}

// line is a posting in a table of the same shape that nothing guards.
type line struct {
	bun.BaseModel `bun:"table:lines,alias:l"`

	JournalID     id.Of[ledger.Journal] `bun:"journal_id,pk"`
	Line          int                   `bun:"line,pk"`
	LineCount     int                   `bun:"line_count"`
	BookID        id.Of[ledger.Book]    `bun:"book_id"`
	EffectiveDate date.Date             `bun:"effective_date"`
	DebitAccount  id.Of[ledger.Account] `bun:"debit_account"`
	CreditAccount id.Of[ledger.Account] `bun:"credit_account"`
	Amount        money.Amount          `bun:"amount"`

	SubledgerID *id.Of[ledger.Subledger] `bun:"subledger_id"`
	Memo        *string                  `bun:"memo"`
}

// A month's charges of 100,000 leases, against two COPY of the rows that it writes, and then
// the balances of all of them in one statement. "COPY" is the least that stores the same:
// entries, journals and postings into the same tables, with their indexes, foreign keys and
// guards, one COPY each for all properties, and the balances in one statement. "COPY without
// keys" has no foreign key, no guard, no journal and no balance of the ledger's.
func BenchmarkPostCharges(b *testing.B) {
	db := pgtest.Clone(b)
	h := town(b, db, size(100, 5), size(1000, 200))
	homes := h.homes(b)
	h.today("2026-12-15")
	month := day("2026-01-01")
	b.Run("Accounts.PostCharges", func(b *testing.B) {
		for b.Loop() {
			for _, p := range homes {
				_, err := h.Accounts.PostCharges(b.Context(), db, leases.PostChargesParams{PropertyID: p, Month: month, ActorID: h.staff})
				require.NoError(b, err)
			}
			month = month.AddMonths(1)
		}
	})
	rows := readMonth(b, db, len(homes)*size(1000, 200))
	b.Run("COPY", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			rows.renew()
			b.StartTimer()
			require.NoError(b, store.InTx(b.Context(), db, func(tx bun.IDB) error {
				for _, part := range []func() error{
					func() error { return store.Bulk(b.Context(), tx, rows.journals) }, func() error { return store.Bulk(b.Context(), tx, rows.postings) },
					func() error { return store.Bulk(b.Context(), tx, rows.entries) },
					func() error {
						return store.Exec(b.Context(), tx, `INSERT INTO financials.account_balances AS b (account_id, shard, debits, credits) SELECT account, 0, debits, credits FROM sums
							ON CONFLICT (account_id, shard) DO UPDATE SET debits = b.debits + EXCLUDED.debits, credits = b.credits + EXCLUDED.credits`)
					},
				} {
					if err := part(); err != nil {
						return err
					}
				}
				return nil
			}))
		}
	})
	b.Run("COPY without keys", func(b *testing.B) {
		_, err := db.ExecContext(b.Context(), "CREATE TABLE lines (LIKE financials.postings INCLUDING ALL)")
		require.NoError(b, err)
		lines := make([]line, len(rows.postings))
		for i, l := range rows.postings {
			lines[i] = line{JournalID: l.JournalID, Line: l.Line, LineCount: l.LineCount, BookID: l.BookID, EffectiveDate: l.EffectiveDate, DebitAccount: l.DebitAccount,
				CreditAccount: l.CreditAccount, Amount: l.Amount, SubledgerID: l.SubledgerID, Memo: l.Memo}
		}
		for b.Loop() {
			b.StopTimer()
			rows.renew()
			_, err := db.ExecContext(b.Context(), "TRUNCATE lines")
			require.NoError(b, err)
			b.StartTimer()
			require.NoError(b, store.Bulk(b.Context(), db, rows.entries))
			require.NoError(b, store.Bulk(b.Context(), db, lines))
		}
	})
	b.Run("Accounts.Balances", func(b *testing.B) {
		for b.Loop() {
			list, err := h.Accounts.Balances(b.Context(), db, leases.BalancesParams{Day: day("2026-02-10")})
			require.NoError(b, err)
			require.Len(b, list, len(homes)*size(1000, 200))
		}
	})
}

// monthRows is what posting the charges of a month wrote.
type monthRows struct {
	entries  []leases.Entry
	journals []ledger.Journal
	postings []ledger.Posting
}

// readMonth reads what the first month wrote, with n entries, and makes a table of what it
// added to the balances.
func readMonth(b *testing.B, db *bun.DB, n int) *monthRows {
	b.Helper()
	var m monthRows
	require.NoError(b, db.NewSelect().Model(&m.entries).Where("period = '2026-01-01'").OrderExpr("journal_id, id").Scan(b.Context()))
	require.NoError(b, db.NewSelect().Model(&m.journals).Where("effective_date = '2026-01-01' AND source_type = 'property'").OrderExpr("id").Scan(b.Context()))
	require.NoError(b, db.NewSelect().Model(&m.postings).Where("effective_date = '2026-01-01'").OrderExpr("journal_id, line").Scan(b.Context()))
	require.Len(b, m.entries, n)
	require.Len(b, m.postings, n)
	_, err := db.ExecContext(b.Context(), `CREATE TABLE sums AS SELECT account, sum(debit) AS debits, sum(credit) AS credits FROM (
		SELECT debit_account AS account, amount AS debit, 0 AS credit FROM financials.postings WHERE effective_date = '2026-01-01'
		UNION ALL SELECT credit_account, 0, amount FROM financials.postings WHERE effective_date = '2026-01-01') s GROUP BY 1 ORDER BY 1`)
	require.NoError(b, err)
	return &m
}

// renew gives all rows ids of their own, so that they can be written again.
func (m *monthRows) renew() {
	as := make(map[id.Of[ledger.Journal]]id.Of[ledger.Journal], len(m.journals))
	for i := range m.journals {
		j := &m.journals[i]
		as[j.ID] = id.New[ledger.Journal]()
		j.ID = as[j.ID]
	}
	for i := range m.postings {
		m.postings[i].JournalID = as[m.postings[i].JournalID]
	}
	for i := range m.entries {
		m.entries[i].ID, m.entries[i].JournalID = id.New[leases.Entry](), as[m.entries[i].JournalID]
	}
}
