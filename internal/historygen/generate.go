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
}

// tracked are the tables with history.
var tracked = []table{
	{"users", "verifications", nil},
	{"properties", "properties", []string{"occupancy_rate", "investment_open", "minimum_investment",
		"maximum_investment", "target_raise", "amount_raised", "investor_count", "version"}},
	{"properties", "units", []string{"occupancy_as_of", "version"}},
	{"renovations", "projects", []string{"version"}},
	{"market", "property_valuations", []string{"version"}},
	{"investments", "opportunities", []string{"committed_amount", "amount_raised", "investor_count",
		"next_waitlist_number", "distributed_through", "late_changes", "version"}},
	{"investments", "property_investments", []string{"ownership_percentage", "total_distributions", "total_returns",
		"realized_gains", "unrealized_gains", "version"}},
	{"investments", "distributions", []string{"version"}},
	{"investments", "investor_distributions", []string{"version"}},
	{"documents", "documents", nil}, // here the version is a fact
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
    FOR EACH ROW WHEN (OLD.updated_at IS DISTINCT FROM NEW.updated_at)
    EXECUTE FUNCTION %[1]s();
CREATE TRIGGER history_trigger_delete AFTER DELETE ON %[3]s
    FOR EACH ROW EXECUTE FUNCTION %[1]s();
`, t.function(), t.body(cols), t, t.unchanged(cols))
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
