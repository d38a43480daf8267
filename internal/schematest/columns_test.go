package schematest

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"
)

var twoDecimals = regexp.MustCompile(`^NUMERIC\(\d+,2\)$`)

// looseMoney finds numbers with two decimals that are not NUMERIC(15,2), and
// types that no money belongs in. A distance and the value that a host attaches
// to an event are not money.
func looseMoney(_ *testing.T, c *catalog, _ bun.IDB) []string {
	notMoney := []string{
		"properties.comparable_properties.distance_miles",
		"analytics.user_events.event_value", "analytics.user_events_archive.event_value",
	}
	var bad []string
	for _, r := range c.tables() {
		for _, col := range r.columns {
			name := r.String() + "." + col.name
			if slices.Contains([]string{"REAL", "DOUBLE PRECISION", "MONEY"}, col.typ) ||
				twoDecimals.MatchString(col.typ) && col.typ != "NUMERIC(15,2)" && !slices.Contains(notMoney, name) {
				bad = append(bad, name+" "+col.typ)
			}
		}
	}
	return bad
}

// openStatuses finds statuses of the document that take any text.
func openStatuses(t *testing.T, c *catalog, tx bun.IDB) []string {
	var bad []string
	for _, r := range c.tables() {
		if r.schema == "freehold" || r.isHistory() {
			continue
		}
		for _, col := range r.columns {
			if col.name != "status" && !strings.HasSuffix(col.name, "_status") {
				continue
			}
			if col.typ != "VARCHAR(20)" || accepts(t, tx, c, r, col, literal(col, "no such value")) {
				bad = append(bad, r.String()+"."+col.name+" "+col.typ)
			}
		}
	}
	return bad
}

func plainJSON(_ *testing.T, c *catalog, _ bun.IDB) []string { return c.typed("JSON", "XML") }

// typed lists the columns of tables that have one of the types.
func (c *catalog) typed(types ...string) []string {
	var found []string
	for _, r := range c.tables() {
		for _, col := range r.columns {
			if slices.Contains(types, strings.TrimSuffix(col.typ, "[]")) {
				found = append(found, r.String()+"."+col.name)
			}
		}
	}
	return found
}

// uncoveredKeys finds foreign keys without an index that begins with their
// columns, in any order, or with those of them that lead to a primary key: what a
// key carries along besides finds no fewer rows. A partial index serves only one that
// leaves out no row but those where the key is absent.
func uncoveredKeys(_ *testing.T, c *catalog, _ bun.IDB) []string {
	var bad []string
	for _, k := range c.constraints {
		if k.kind != "f" {
			continue
		}
		covered := slices.ContainsFunc(c.indexes, func(i *index) bool {
			if i.schema != k.schema || i.table != k.table || i.method != "btree" {
				return false
			}
			if i.predicate != "" && !slices.ContainsFunc(k.columns, func(col string) bool {
				return i.predicate == "("+col+" IS NOT NULL)"
			}) {
				return false
			}
			return beginsWith(i, k.columns) || beginsWith(i, c.leading(k))
		})
		if !covered {
			bad = append(bad, k.schema+"."+k.name)
		}
	}
	return bad
}

// beginsWith reports that an index begins with columns, in any order.
func beginsWith(i *index, columns []string) bool {
	return len(columns) > 0 && len(i.columns) >= len(columns) && sameSet(i.columns[:len(columns)], columns)
}

// leading are the columns of a foreign key that lead to the primary key of its target, none
// where it does not name all of that.
func (c *catalog) leading(k *constraint) (columns []string) {
	for _, p := range c.constraints {
		if p.kind != "p" || p.schema+"."+p.table != k.target {
			continue
		}
		for _, col := range p.columns {
			at := slices.Index(k.targetColumns, col)
			if at < 0 {
				return nil
			}
			columns = append(columns, k.columns[at])
		}
	}
	return columns
}

func sameSet(a, b []string) bool {
	return maps.Equal(set(a), set(b))
}

func set(of []string) map[string]bool {
	m := make(map[string]bool, len(of))
	for _, v := range of {
		m[v] = true
	}
	return m
}

func narrowRates(t *testing.T, c *catalog, _ bun.IDB) []string {
	wide := []string{"NUMERIC(9,6)", "NUMERIC(12,10)", "NUMERIC(18,10)", "NUMERIC(20,10)"}
	var bad []string
	for _, l := range inventory(t) {
		if (l.typ != "NUMERIC(5,2)" && l.typ != "NUMERIC(5,4)") || l.column == "distance_miles" {
			continue
		}
		if typ := c.relation(l.schema + "." + l.table).column(l.column).typ; !slices.Contains(wide, typ) {
			bad = append(bad, l.String()+" "+typ)
		}
	}
	return bad
}

func zoneless(_ *testing.T, c *catalog, _ bun.IDB) []string {
	return c.typed("TIMESTAMP", "TIME WITHOUT TIME ZONE", "TIME WITH TIME ZONE", "ABSTIME")
}
