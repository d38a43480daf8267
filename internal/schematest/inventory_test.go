package schematest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// line is a line of inventory.tsv: a column of the document.
type line struct {
	schema, table, column, typ, def string
	nullable                        bool
	values                          []string // the closed enumeration in its comment
	notes, number                   string
}

func (l line) String() string { return l.schema + "." + l.table + "." + l.column }

func inventory(t *testing.T) []line {
	t.Helper()
	var all []line
	for _, r := range table(t, "inventory.tsv", 10) {
		l := line{
			schema: r[0], table: r[1], column: r[2], typ: typeName(r[3]), nullable: r[4] == "yes",
			def: defaultText(r[5]), notes: r[7], number: r[8],
		}
		if r[6] != "" {
			l.values = strings.Split(r[6], "|")
		}
		all = append(all, l)
	}
	return all
}

var reference = regexp.MustCompile(`FK (\S+\.\S+)\((\w+)\)`)

// definition is the column in the canonical form that both sides are compared in.
type definition struct {
	typ, def, key, references string
	notNull, unique           bool
	uniqueness                string
	values                    []string
}

func (d definition) String() string {
	var parts []string
	add := func(present bool, text string) {
		if present {
			parts = append(parts, text)
		}
	}
	add(true, d.typ)
	add(d.key != "", d.key)
	add(d.notNull && d.key == "", "NOT NULL")
	add(d.def != "", "DEFAULT "+d.def)
	add(d.unique, strings.TrimSpace("UNIQUE "+d.uniqueness))
	add(d.references != "", "REFERENCES "+d.references)
	add(len(d.values) > 0, "IN ("+strings.Join(d.values, ", ")+")")
	return strings.Join(parts, " ")
}

// document is the definition that the line gives.
func (l line) document() definition {
	d := definition{typ: l.typ, def: l.def, notNull: !l.nullable, values: l.values}
	for note := range strings.SplitSeq(l.notes, "; ") {
		switch {
		case note == "PK":
			d.key = "PRIMARY KEY"
		case note == "UNIQUE":
			d.unique = true
		}
	}
	if m := reference.FindStringSubmatch(l.notes); m != nil {
		d.references = m[1] + "(" + m[2] + ")"
	}
	return d
}

// database is the definition of the line's column in the catalog.
func (c *catalog) database(l line, r *relation, col *column, values []string) definition {
	d := definition{typ: col.typ, def: col.def, notNull: col.notNull, values: values}
	for _, k := range c.constraints {
		if k.kind == "p" && k.schema == r.schema && k.table == r.name && slices.Contains(k.columns, col.name) {
			d.key = "PRIMARY KEY"
			if len(k.columns) > 1 {
				d.key += " (" + strings.Join(k.columns, ", ") + ")"
			}
		}
	}
	if l.document().unique {
		d.unique, d.uniqueness = c.uniqueness(r, col)
	}
	d.references = c.references(r, col, l.document().references)
	return d
}

// uniqueness says how a column is unique by itself: without a word when it
// simply is, else by which index.
func (c *catalog) uniqueness(r *relation, col *column) (bool, string) {
	for _, i := range c.indexes {
		if !i.unique || i.schema != r.schema || i.table != r.name || i.name == "pk_"+r.name {
			continue
		}
		if slices.Equal(i.columns, []string{col.name}) && i.predicate == "" {
			return true, ""
		}
		_, keys, _ := strings.Cut(i.def, " ("+"")
		if len(i.columns) == 1 && regexp.MustCompile(`\b`+col.name+`\b`).MatchString(keys) {
			return true, "(" + keys
		}
	}
	return false, ""
}

// references says what a column refers to: by the foreign key to the table
// that the document names if there is one, else by all that hold the column or,
// where the document names none, by the one that is named after the column.
func (c *catalog) references(r *relation, col *column, wanted string) string {
	target, _, _ := strings.Cut(wanted, "(")
	var direct, others []string
	for _, k := range c.constraints {
		if k.kind != "f" || k.schema != r.schema || k.table != r.name || !slices.Contains(k.columns, col.name) {
			continue
		}
		if k.target == target {
			direct = append(direct, k.reference())
		} else if wanted != "" || strings.HasSuffix(k.name, "_"+col.name) {
			others = append(others, k.reference())
		}
	}
	if direct == nil {
		direct = others
	}
	return strings.Join(direct, " AND ")
}

// reference is the foreign key as part of a column's definition.
func (k *constraint) reference() string {
	s := k.target + "(" + strings.Join(k.targetColumns, ", ") + ")"
	if len(k.columns) > 1 {
		s += " FROM (" + strings.Join(k.columns, ", ") + ")"
	}
	if _, action, found := strings.Cut(k.def, " ON DELETE "); found {
		s += " ON DELETE " + action
	}
	return s
}

// columnDeviations compares every column of the document with the catalog and
// returns a row, still without a reason, for each that differs.
func columnDeviations(t *testing.T, c *catalog, tx bun.IDB) []deviation {
	t.Helper()
	var all []deviation
	values := closedValues(t, c, tx)
	for _, line := range inventory(t) {
		d := deviation{list: "inventory", line: line.number, name: line.String(), document: line.document().String()}
		if r := c.relation(line.schema + "." + line.table); r == nil || !r.isTable() {
			d.database = "no table"
		} else if col := r.column(line.column); col == nil {
			d.database = "no column"
		} else {
			d.database = c.database(line, r, col, values[line.String()]).String()
		}
		if d.document != d.database {
			all = append(all, d)
		}
	}
	return all
}

// Every column of the document stands in the database as written, or a row of
// deviations.tsv says how it stands there and why.
func TestInventory(t *testing.T) {
	t.Parallel()
	require.Len(t, inventory(t), 722)
	l := openLedger(t, "inventory")
	for _, d := range columnDeviations(t, loadCatalog(t), pgtest.Tx(t)) {
		l.want(d)
		require.NotContains(t, []string{"no table", "no column"}, d.database, d.name)
	}
	l.close(t)
}

// Every closed enumeration of the document is held by a CHECK that takes each
// of its values and refuses any other.
func TestInventory_enumerations(t *testing.T) {
	t.Parallel()
	c, tx := loadCatalog(t), pgtest.Tx(t)
	open := make(map[string]bool)
	for _, d := range deviations(t) {
		if d.list == "inventory" && strings.Contains(d.document, " IN (") && !strings.Contains(d.database, " IN (") {
			open[d.name] = true
		}
	}
	closed := 0
	for _, l := range inventory(t) {
		if l.values == nil {
			continue
		}
		r := c.relation(l.schema + "." + l.table)
		col := r.column(l.column)
		for _, v := range l.values {
			require.Truef(t, accepts(t, tx, c, r, col, literal(col, v)), "%s refuses %q", l, v)
		}
		require.Equalf(t, open[l.String()], accepts(t, tx, c, r, col, literal(col, "no such value")),
			"%s and a value that is not in its list", l)
		if !open[l.String()] {
			closed++
		}
	}
	require.Greater(t, closed, 60)
}

var quoted = regexp.MustCompile(`'((?:[^']|'')*)'`)

// closedValues returns the values of every column whose CHECK is a list of them.
// A text that is not in the list is tried, so that a list which does not close
// the column does not count.
func closedValues(t *testing.T, c *catalog, tx bun.IDB) map[string][]string {
	t.Helper()
	all := make(map[string][]string)
	for _, r := range c.tables() {
		for _, col := range r.columns {
			if !strings.HasPrefix(col.typ, "VARCHAR") && !strings.HasPrefix(col.typ, "TEXT") {
				continue
			}
			for _, k := range c.checks(r, col.name) {
				if !strings.Contains(k.expr, "ARRAY[") && !regexp.MustCompile(`= '`).MatchString(k.expr) {
					continue
				}
				var values []string
				for _, m := range quoted.FindAllStringSubmatch(k.expr, -1) {
					values = append(values, m[1])
				}
				if !accepts(t, tx, c, r, col, literal(col, "no such value")) {
					all[r.String()+"."+col.name] = values
				}
			}
		}
	}
	return all
}

// literal writes a value for a text column, or an array column, of one element.
func literal(col *column, value string) string {
	value = "'" + strings.ReplaceAll(value, "'", "''") + "'"
	if strings.HasSuffix(col.typ, "[]") {
		return "ARRAY[" + value + "]::" + col.typ
	}
	return value + "::" + col.typ
}

// accepts reports whether the single-column CHECKs of a column let a value
// pass, by asking the server for the value of their very expressions.
func accepts(t *testing.T, tx bun.IDB, c *catalog, r *relation, col *column, value string) bool {
	t.Helper()
	checks := c.checks(r, col.name)
	if len(checks) == 0 {
		return true
	}
	exprs := make([]string, len(checks))
	for i, k := range checks {
		exprs[i] = "(" + k.expr + ")"
	}
	// A CHECK is violated by false only.
	return one(t, tx, fmt.Sprintf("SELECT (%s) IS NOT FALSE FROM (SELECT %s AS %q) AS v",
		strings.Join(exprs, " AND "), value, col.name)) == "true"
}
