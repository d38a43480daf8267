package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
)

// tables lists the platform's tables, with the columns whose values do not
// depend on when and in which transaction a row was written; what is numbered has gaps
// where a transaction did not come to its end.
func tables(t *testing.T, db *bun.DB) map[string]string {
	t.Helper()
	var found []struct{ Name, Columns string }
	require.NoError(t, db.NewRaw(`
		SELECT format('%I.%I', n.nspname, c.relname) AS name,
			COALESCE(string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FILTER (WHERE t.typname IN
				('numeric', 'int2', 'int4', 'int8', 'date', 'varchar', 'text', 'bool', '_text', '_varchar')), '') AS columns
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'tx_id' AND a.attidentity = '' JOIN pg_type t ON t.oid = a.atttypid
		WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
			AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
		GROUP BY 1`).Scan(t.Context(), &found))
	out := make(map[string]string, len(found))
	for _, f := range found {
		out[f.Name] = f.Columns
	}
	require.Greater(t, len(out), 50)
	return out
}

// fingerprint changes with every row that is inserted, updated or deleted.
func fingerprint(t *testing.T, db *bun.DB) map[string]string {
	t.Helper()
	return digest(t, db, tables(t, db), func(string) string { return "r.ctid, r.xmin" })
}

// content is what the tables say, without ids and times.
func content(t *testing.T, db *bun.DB) map[string]string {
	t.Helper()
	all := tables(t, db)
	// A balance is spread over as many rows as there were connections.
	delete(all, "financials.account_balances")
	all[`(SELECT a.code, sum(b.debits) AS debits, sum(b.credits) AS credits FROM financials.account_balances b
		JOIN financials.accounts a ON a.id = b.account_id GROUP BY 1)`] = "code, debits, credits"
	// A chain has as many links as runs that found something to seal.
	delete(all, "freehold.ledger_seals")
	delete(all, "freehold.sealed_journals")
	all["(SELECT count(DISTINCT journal_id) AS sealed FROM freehold.sealed_journals)"] = "sealed"
	// Each link has an event, the last ones of its book. Any event may be handed
	// out again after a kill.
	all["(SELECT o.*, delivered_at IS NOT NULL AS delivered FROM freehold.outbox o WHERE type <> 'ledger.book_sealed')"] =
		strings.Replace(all["freehold.outbox"], "attempts", "delivered", 1)
	delete(all, "freehold.outbox")
	all["(SELECT * FROM freehold.outbox_heads WHERE aggregate_type <> 'book')"] = all["freehold.outbox_heads"]
	delete(all, "freehold.outbox_heads")
	return digest(t, db, all, func(columns string) string { return columns })
}

func digest(t *testing.T, db *bun.DB, tables map[string]string, of func(columns string) string) map[string]string {
	t.Helper()
	var queries []string
	for name, columns := range tables {
		if name == "freehold.migrations" {
			continue // when it was migrated is no part of the deal
		}
		queries = append(queries, fmt.Sprintf(`SELECT %s AS name, count(*) || ' ' || COALESCE(md5(string_agg(x.v, E'\n' ORDER BY x.v)), '') AS said
			FROM (SELECT ROW(%s)::text AS v FROM %s r) x`, "'"+strings.ReplaceAll(name, "'", "''")+"'", of(columns), name))
	}
	var found []struct{ Name, Said string }
	require.NoError(t, db.NewRaw(strings.Join(queries, " UNION ALL ")).Scan(t.Context(), &found))
	out := make(map[string]string, len(found))
	for _, f := range found {
		out[f.Name] = f.Said
	}
	return out
}
