package migrations_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// later lists what PostgreSQL 14 does not understand, by the version that brought it.
var later = []struct {
	since   int
	what    string
	pattern *regexp.Regexp
}{
	{15, "MERGE", regexp.MustCompile(`(?i)\bMERGE\s+INTO\b`)},
	{15, "NULLS NOT DISTINCT", regexp.MustCompile(`(?i)\bNULLS\s+NOT\s+DISTINCT\b`)},
	{15, "SET NULL or SET DEFAULT of listed columns", regexp.MustCompile(`(?i)\bSET\s+(NULL|DEFAULT)\s*\(`)},
	{15, "security_invoker", regexp.MustCompile(`(?i)\bsecurity_invoker\b`)},
	{15, "GRANT ON PARAMETER", regexp.MustCompile(`(?i)\bON\s+PARAMETER\b`)},
	{15, "regexp_count and its family", regexp.MustCompile(`(?i)\bregexp_(count|instr|like|substr)\s*\(`)},
	{15, "CREATE DATABASE STRATEGY", regexp.MustCompile(`(?i)\bSTRATEGY\s*=?\s*(file_copy|wal_log)\b`)},
	{15, "range_agg of multiranges", regexp.MustCompile(`(?i)\brange_intersect_agg\s*\(`)},
	{16, "ANY_VALUE", regexp.MustCompile(`(?i)\bany_value\s*\(`)},
	{16, "IS JSON", regexp.MustCompile(`(?i)\bIS\s+(NOT\s+)?JSON\b`)},
	{16, "JSON constructors", regexp.MustCompile(`(?i)\bJSON_(ARRAY|OBJECT|ARRAYAGG|OBJECTAGG)\s*\(`)},
	{16, "numbers with underscores or in hexadecimal", regexp.MustCompile(`(?i)(^|[\s(,=])(\d+_\d+|0[xob][0-9a-f]+)\b`)},
	{16, "random_normal, array_shuffle, array_sample", regexp.MustCompile(`(?i)\b(random_normal|array_shuffle|array_sample)\s*\(`)},
	{16, "date_add and date_subtract", regexp.MustCompile(`(?i)\bdate_(add|subtract)\s*\(`)},
	{17, "JSON_TABLE, JSON_VALUE, JSON_QUERY, JSON_EXISTS", regexp.MustCompile(`(?i)\bJSON_(TABLE|VALUE|QUERY|EXISTS|SCALAR|SERIALIZE)\s*\(`)},
	{17, "MAINTAIN", regexp.MustCompile(`(?i)\bGRANT\s+MAINTAIN\b`)},
	{17, "ON_ERROR of COPY", regexp.MustCompile(`(?i)\bON_ERROR\b`)},
	{17, "SET EXPRESSION", regexp.MustCompile(`(?i)\bSET\s+EXPRESSION\b`)},
	{17, "transaction_timeout", regexp.MustCompile(`(?i)\btransaction_timeout\b`)},
	{17, "uuid_extract", regexp.MustCompile(`(?i)\buuid_extract_\w+\s*\(`)},
	{17, "random with a range", regexp.MustCompile(`(?i)\brandom\s*\(\s*[^)\s]`)},
	{18, "RETURNING OLD or NEW", regexp.MustCompile(`(?i)\bRETURNING\s+(WITH\s*\(|(OLD|NEW)\.)`)},
	{18, "uuidv4 and uuidv7", regexp.MustCompile(`(?i)\buuidv[47]\s*\(`)},
	{18, "virtual generated columns", regexp.MustCompile(`(?i)\)\s*VIRTUAL\b`)},
	{18, "WITHOUT OVERLAPS and PERIOD keys", regexp.MustCompile(`(?i)\bWITHOUT\s+OVERLAPS\b|[(,]\s*PERIOD\s+\w+\s*\)`)},
	{18, "NOT ENFORCED", regexp.MustCompile(`(?i)\bNOT\s+ENFORCED\b`)},
	{18, "named or NOT VALID not-null constraints", regexp.MustCompile(`(?i)\bCONSTRAINT\s+\w+\s+NOT\s+NULL\b`)},
	{18, "casefold, array_sort, array_reverse, crc32", regexp.MustCompile(`(?i)\b(casefold|array_sort|array_reverse|crc32c?)\s*\(`)},
}

// checked finds DO blocks that ask for the server's version before they act.
var checked = regexp.MustCompile(`(?is)\bDO\s+\$\$.*?\$\$`)

// versionBranch finds, in any body, what is only run on a version that is asked for.
var versionBranch = regexp.MustCompile(`(?is)\bIF\s+current_setting\('server_version_num'\)::int\w*\s*>=\s*\d+\s+THEN.*?\bEND\s+IF\b`)

// comments are dropped before the search.
var comments = regexp.MustCompile(`(?m)--.*$`)

// lint lists the later constructs in a file, but for what its DO blocks do in a
// branch for later versions only.
func lint(text string) []string {
	text = comments.ReplaceAllString(text, "")
	text = checked.ReplaceAllStringFunc(text, func(block string) string {
		return versionBranch.ReplaceAllString(block, "")
	})
	var found []string
	for _, l := range later {
		if at := l.pattern.FindStringIndex(text); at != nil {
			found = append(found, l.what+": "+strings.TrimSpace(text[max(0, at[0]-20):min(len(text), at[1]+20)]))
		}
	}
	return found
}

// PostgreSQL 14 understands all statements.
func TestMigrations_postgres14(t *testing.T) {
	t.Parallel()

	for _, step := range embedded(t).Migrations() {
		require.Empty(t, lint(step.Up), "%s, up", step)
		require.Empty(t, lint(step.Down), "%s, down", step)
	}
}

// The lint finds each construct it lists, and lets a version-checked one pass.
func TestLint(t *testing.T) {
	t.Parallel()

	const guarded = `DO $$ BEGIN IF current_setting('server_version_num')::int >= 150000 THEN
		ALTER VIEW a.b SET (security_invoker = TRUE); END IF; %s END; $$;`
	for _, sample := range []string{
		"MERGE INTO a USING b", "UNIQUE NULLS NOT DISTINCT (a)", "ON DELETE SET NULL (a)", "ON DELETE SET DEFAULT (a)",
		"CREATE VIEW v WITH (security_invoker = true) AS SELECT 1", "GRANT SET ON PARAMETER x TO y",
		"SELECT regexp_count('a', 'b')", "SELECT ANY_VALUE(a)", "x IS NOT JSON", "SELECT JSON_ARRAY(1)",
		"SELECT 1_000", "SELECT 0xff", "SELECT array_shuffle(a)", "SELECT date_add(now(), '1 day')", "JSON_TABLE (a)",
		"GRANT MAINTAIN ON a TO b", "ALTER COLUMN a SET EXPRESSION AS (1)", "random(1, 6)", "SELECT uuid_extract_version(x)",
		"DELETE FROM a RETURNING old.b", "RETURNING WITH (OLD AS o) o.x", "DEFAULT uuidv7()", "GENERATED ALWAYS AS (1) VIRTUAL",
		"PRIMARY KEY (a, b WITHOUT OVERLAPS)", "FOREIGN KEY (a, PERIOD b)", "CHECK (a > 0) NOT ENFORCED",
		"CONSTRAINT nn NOT NULL a", "SELECT casefold('a')", "SET LOCAL transaction_timeout = 1",
		"COPY a FROM STDIN (ON_ERROR ignore)", "CREATE DATABASE a STRATEGY = file_copy", "SELECT range_intersect_agg(a)",
		strings.Replace(guarded, "%s", "ALTER VIEW a.c SET (security_invoker = TRUE);", 1),
	} {
		require.NotEmpty(t, lint(sample), sample)
	}
	for _, sample := range []string{
		strings.Replace(guarded, "%s", "", 1), "-- MERGE INTO a, in a comment", "SELECT random()", "ON DELETE SET NULL",
		"CONSTRAINT fk_a FOREIGN KEY (a) REFERENCES b.c (d)", "a_1 INTEGER, p1_2 TEXT", "period_start DATE",
		"a INTEGER CONSTRAINT chk_a CHECK (a IS NOT NULL)", "NUMERIC(15,2)", "RETURNING id",
	} {
		require.Empty(t, lint(sample), sample)
	}
}
