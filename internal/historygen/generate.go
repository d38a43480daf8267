package main

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// table is a table whose past is kept.
type table struct {
	Schema, Name string
	// Cache are the columns that repeat facts kept elsewhere. A change of
	// nothing but these, the version and the times makes no history.
	Cache []string
	// Plain is a first change that makes no history either, nil where there is none.
	Plain *plain
}

// plain is a change that most rows of a table see once and before any other, and of which
// nothing is lost: what the row said before follows from what it says behind it.
type plain struct {
	Name   string   // as in "a row that was ..."
	Before []before // the facts that it changes; all others stay as they were
	After  string   // the condition on the row behind it, with the columns of {} in place
}

// before is what a fact was before a plain change.
type before struct{ Column, Value string }

// paid is the payment of a line of a distribution at the first attempt and straight from
// pending. Something was payable, so that it has a journal and a transaction, which say when
// it was recorded and by whom.
var paid = plain{
	Name: "paid",
	Before: []before{{"payment_method", "NULL"}, {"payment_reference", "NULL"}, {"payment_date", "NULL"},
		{"payment_status", "'pending'"}},
	After: "{}payment_status = 'completed' AND {}net_distribution > 0\n        AND {}payment_attempt = 1 AND {}failure_reason IS NULL",
}

// tracked are the tables with history.
var tracked = []table{
	{"users", "verifications", nil, nil},
	{"properties", "properties", []string{"occupancy_rate", "investment_open", "minimum_investment",
		"maximum_investment", "target_raise", "amount_raised", "investor_count", "version"}, nil},
	{"properties", "units", []string{"occupancy_as_of", "version"}, nil},
	{"renovations", "projects", []string{"version"}, nil},
	{"market", "property_valuations", []string{"version"}, nil},
	{"investments", "opportunities", []string{"committed_amount", "amount_raised", "investor_count",
		"next_waitlist_number", "distributed_through", "late_changes", "version"}, nil},
	{"investments", "property_investments", []string{"ownership_percentage", "total_distributions", "total_returns",
		"realized_gains", "unrealized_gains", "version"}, nil},
	{"investments", "distributions", []string{"version"}, nil},
	{"investments", "investor_distributions", []string{"version"}, &paid},
	{"documents", "documents", nil, nil}, // here the version is a fact
}

// column is a column of a table, with its type as SQL writes it.
type column struct {
	Name, Type string
	Eq         bool // whether = compares it without an extension's operator
}

// shortTypes turns the names of format_type into those of the other migrations.
var shortTypes = strings.NewReplacer("character varying", "VARCHAR", "timestamp with time zone", "TIMESTAMPTZ",
	"character(", "CHAR(", "numeric", "NUMERIC", "integer", "INTEGER", "bigint", "BIGINT", "uuid", "UUID",
	"text", "TEXT", "date", "DATE", "boolean", "BOOLEAN", "jsonb", "JSONB", "inet", "INET", "bytea", "BYTEA")

func (t table) String() string   { return t.Schema + "." + t.Name }
func (t table) history() string  { return t.String() + "_history" }
func (t table) function() string { return t.Schema + ".record_" + t.Name + "_history" }

// facts are the columns whose change makes a new version.
func (t table) facts(cols []column) []column {
	return slices.DeleteFunc(slices.Clone(cols), func(c column) bool {
		return slices.Contains(t.Cache, c.Name) || c.Name == "id" || c.Name == "created_at" || c.Name == "updated_at"
	})
}

// sql is everything that gives t its history.
func (t table) sql(cols []column) string {
	var b strings.Builder
	width := len("changed_by")
	for _, c := range cols {
		width = max(width, len(c.Name))
	}
	h, name := t.history(), t.Name+"_history"
	fmt.Fprintf(&b, "\nCREATE TABLE %s (\n", h)
	line := func(name, typ string) { fmt.Fprintf(&b, "    %-*s %s,\n", width, name, typ) }
	for _, c := range cols {
		typ := shortTypes.Replace(c.Type)
		if c.Name == "id" {
			typ += " NOT NULL"
		}
		line(c.Name, typ)
	}
	line("valid_from", "TIMESTAMPTZ NOT NULL")
	line("valid_to", "TIMESTAMPTZ NOT NULL")
	line("op", "CHAR(1) NOT NULL")
	line("changed_by", "TEXT")
	line("tx_id", "BIGINT NOT NULL")
	fmt.Fprintf(&b, `
    CONSTRAINT pk_%[1]s PRIMARY KEY (id, valid_from, valid_to),
    CONSTRAINT chk_%[1]s_op CHECK (op IN ('U', 'D')),
    CONSTRAINT chk_%[1]s_valid_from CHECK (isfinite(valid_from)),
    CONSTRAINT chk_%[1]s_valid_to CHECK (isfinite(valid_to)),
    CONSTRAINT chk_%[1]s_validity CHECK (valid_from < valid_to)
);
COMMENT ON TABLE %[2]s IS
    'Past versions of %[3]s; append-only.';

CREATE TRIGGER refuse_insert BEFORE INSERT ON %[2]s
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON %[2]s
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %[2]s
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();
`, name, h, t)
	fmt.Fprintf(&b, `
CREATE FUNCTION %s() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$%s$$;
REVOKE ALL ON FUNCTION %[1]s() FROM PUBLIC;

CREATE TRIGGER z_keep_updated_at BEFORE UPDATE ON %[3]s
    FOR EACH ROW WHEN (%[4]s)
    EXECUTE FUNCTION freehold.keep_updated_at();
CREATE TRIGGER history_trigger AFTER UPDATE ON %[3]s
    FOR EACH ROW WHEN (%[5]s)
    EXECUTE FUNCTION %[1]s();
CREATE TRIGGER history_trigger_delete AFTER DELETE ON %[3]s
    FOR EACH ROW EXECUTE FUNCTION %[1]s();
`, t.function(), t.body(cols), t, t.unchanged(cols), t.recorded(cols))
	if t.Plain != nil {
		fmt.Fprintf(&b, `-- The row $1 as of $2. One that was %s straight away has no history row of what it said before:
--
%s
`, t.Plain.Name, comment(t.asOf(cols)))
	}
	return b.String()
}

// down undoes sql.
func (t table) down() string {
	var b strings.Builder
	for _, trigger := range []string{"z_keep_updated_at", "history_trigger", "history_trigger_delete"} {
		fmt.Fprintf(&b, "DROP TRIGGER %s ON %s;\n", trigger, t)
	}
	fmt.Fprintf(&b, "DROP FUNCTION %s();\nDROP TABLE %s;\n", t.function(), t.history())
	return b.String()
}

// body is the text of the trigger function.
func (t table) body(cols []column) string {
	names, values := make([]string, len(cols)), make([]string, len(cols))
	for i, c := range cols {
		names[i], values[i] = c.Name, "OLD."+c.Name
	}
	return fmt.Sprintf(`
DECLARE
    ended TIMESTAMPTZ;
BEGIN
    IF TG_RELID <> '%[1]s'::regclass THEN
        RAISE EXCEPTION '%% is not for %%.%%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        ended := NEW.updated_at;
    ELSE
        ended := GREATEST(clock_timestamp(), OLD.updated_at + INTERVAL '1 microsecond');
    END IF;
    INSERT INTO %[2]s (
%[3]s,
        valid_from, valid_to, op, changed_by, tx_id)
    VALUES (
%[4]s,
        OLD.updated_at, ended, left(TG_OP, 1), NULLIF(current_setting('freehold.actor', TRUE), ''), txid_current());
    RETURN NULL;
END;
`, t, t.history(), wrap(names, 8), wrap(values, 8))
}

// recorded is the condition that an update makes a history row.
func (t table) recorded(cols []column) string {
	changed := "OLD.updated_at IS DISTINCT FROM NEW.updated_at"
	if t.Plain == nil {
		return changed
	}
	return fmt.Sprintf("%s AND NOT (\n%s)", changed, t.plainly(cols))
}

// plainly is the condition that an update is the first change of a row, and a plain one.
// The version tells it from the change of a row that came with a past of its own.
func (t table) plainly(cols []column) string {
	var b strings.Builder
	b.WriteString("        OLD.version = 1 AND NEW.version = 2 AND OLD.updated_at = OLD.created_at\n        AND ")
	for _, f := range t.Plain.Before {
		fmt.Fprintf(&b, "OLD.%s IS NOT DISTINCT FROM %s\n        AND ", f.Column, f.Value)
	}
	b.WriteString(strings.ReplaceAll(t.Plain.After, "{}", "NEW.") + "\n        AND ")
	rest := table{t.Schema, t.Name, t.Cache, nil}
	for _, f := range t.Plain.Before {
		rest.Cache = append(slices.Clone(rest.Cache), f.Column)
	}
	b.WriteString(rest.unchanged(cols))
	return b.String()
}

// asOf is the statement that reads the row $1 as of $2 where there is a plain change: where
// the first version that is kept is what such a change left, the one before it is that, with
// the facts that it changed as they were.
func (t table) asOf(cols []column) string {
	names, first := make([]string, len(cols)), make([]string, len(cols))
	for i, c := range cols {
		names[i], first[i] = c.Name, c.Name
		switch c.Name {
		case "version":
			first[i] = "1"
		case "updated_at":
			first[i] = "created_at"
		}
		for _, f := range t.Plain.Before {
			if f.Column == c.Name {
				first[i] = f.Value
			}
		}
	}
	return fmt.Sprintf(`    WITH kept AS (
        SELECT
%[1]s,
            updated_at AS valid_from, 'infinity'::timestamptz AS valid_to
        FROM %[4]s WHERE id = $1
        UNION ALL
        SELECT
%[1]s,
            valid_from, valid_to
        FROM %[5]s WHERE id = $1)
    SELECT
%[2]s
    FROM kept WHERE valid_from <= $2 AND $2 < valid_to
    UNION ALL
    SELECT
%[3]s
    FROM (SELECT * FROM kept ORDER BY valid_from LIMIT 1) AS known
    WHERE version = 2 AND %[6]s
        AND created_at <= $2 AND $2 < valid_from`,
		wrap(names, 12), wrap(names, 8), wrap(first, 8), t, t.history(), strings.ReplaceAll(t.Plain.After, "{}", ""))
}

// comment makes lines a comment.
func comment(sql string) string { return "-- " + strings.ReplaceAll(sql, "\n", "\n-- ") }

// unchanged is the condition that an update leaves every fact as it was.
func (t table) unchanged(cols []column) string {
	facts := t.facts(cols)
	olds, news := make([]string, len(facts)), make([]string, len(facts))
	for i, c := range facts {
		cast := ""
		if !c.Eq {
			cast = "::text"
		}
		olds[i], news[i] = "OLD."+c.Name+cast, "NEW."+c.Name+cast
	}
	return fmt.Sprintf("(\n%s)\n        IS NOT DISTINCT FROM (\n%s)", wrap(news, 8), wrap(olds, 8))
}

// wrap joins words with commas into indented lines.
func wrap(words []string, indent int) string {
	var b strings.Builder
	pad := strings.Repeat(" ", indent)
	line := pad
	for i, w := range words {
		if i < len(words)-1 {
			w += ","
		}
		if len(line)+len(w) > 116 {
			b.WriteString(strings.TrimRight(line, " ") + "\n")
			line = pad
		}
		line += w + " "
	}
	b.WriteString(strings.TrimRight(line, " "))
	return b.String()
}

// columns reads the columns of a table in their order, without those that the server makes of the
// others.
func columns(ctx context.Context, db *sql.DB, schema, name string) ([]column, error) {
	rows, err := db.QueryContext(ctx, `
		SELECT a.attname, format_type(a.atttypid, a.atttypmod), t.typnamespace = 'pg_catalog'::regnamespace
		FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
		WHERE a.attrelid = to_regclass(format('%I.%I', $1::text, $2::text)) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
		ORDER BY a.attnum`, schema, name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var cols []column
	for rows.Next() {
		var c column
		if err := rows.Scan(&c.Name, &c.Type, &c.Eq); err != nil {
			return nil, err
		}
		cols = append(cols, c)
	}
	if len(cols) == 0 && rows.Err() == nil {
		return nil, fmt.Errorf("no table %s.%s", schema, name)
	}
	return cols, rows.Err()
}
