package schematest

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
)

var update = flag.Bool("update", false, "write migrations/SCHEMA.md anew")

const pagePath = "../../migrations/SCHEMA.md"

// migrations/SCHEMA.md is what the catalog and the tables of testdata say.
func TestSchemaPage(t *testing.T) {
	t.Parallel()
	want := schemaPage(t, loadCatalog(t))
	if *update {
		require.NoError(t, os.WriteFile(pagePath, []byte(want), 0o644))
	}
	got, err := os.ReadFile(pagePath)
	require.NoError(t, err)
	if string(got) == want {
		return
	}
	is, should := strings.Split(string(got), "\n"), strings.Split(want, "\n")
	for i := range min(len(is), len(should)) {
		require.Equal(t, should[i], is[i], "%s:%d is out of date; run go test ./internal/schematest -run SchemaPage -update", pagePath, i+1)
	}
	require.Len(t, is, len(should), "%s is out of date; run go test ./internal/schematest -run SchemaPage -update", pagePath)
}

// page collects the lines of the page.
type page struct{ strings.Builder }

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// row writes one row of a Markdown table.
func (p *page) row(cells ...string) { p.line("| %s |", strings.Join(cells, " | ")) }

func (p *page) head(cells ...string) {
	p.row(cells...)
	p.line("|%s", strings.Repeat("---|", len(cells)))
}

// code quotes a definition for a cell of a table.
func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + strings.ReplaceAll(s, "|", `\|`) + "`"
}

func schemaPage(t *testing.T, c *catalog) string {
	t.Helper()
	head, err := os.ReadFile("testdata/schema_head.md")
	require.NoError(t, err)
	p := &page{}
	p.WriteString(string(head))
	p.line("\n## Schemas")
	for _, s := range schemas {
		p.schema(c, s)
	}
	p.beyond(t, c)
	p.security(t)
	p.deviations(t)
	p.line("\n## Known defects of the document\n")
	p.line("What running the document shows, what stands instead, and the tests in `internal/schematest` that show it.\n")
	p.head("", "defect", "now", "shown by")
	for _, r := range table(t, "defects.tsv", 4) {
		p.row(r[0], r[1], r[2], strings.ReplaceAll(strings.TrimSpace(r[3]), " ", ", "))
	}
	return p.String()
}

// schema writes what a schema holds and its diagram. Histories repeat the
// columns of their tables, so they are mentioned only.
func (p *page) schema(c *catalog, name string) {
	p.line("\n### %s\n", name)
	var tables, views []*relation
	for _, r := range c.relations {
		if r.schema != name || r.isHistory() {
			continue
		}
		kind := map[string]string{"PARTITIONED TABLE": " (partitioned by month)", "VIEW": " (view)", "MATERIALIZED VIEW": " (materialized view)"}[r.kind]
		if c.objects["TABLE "+r.String()+"_history"] {
			kind = " (with history)"
		}
		p.line("- `%s`%s: %s", r.name, kind, strings.TrimSuffix(r.comment, "."))
		if r.isTable() {
			tables = append(tables, r)
		} else {
			views = append(views, r)
		}
	}
	if tables == nil {
		tables = views
	}
	p.diagram(c, name, tables)
}

// diagram writes the ER diagram of a schema, of its views where it has no
// tables. A table of another schema appears
// where a foreign key leads to it, without its columns.
func (p *page) diagram(c *catalog, schema string, tables []*relation) {
	p.line("\n```mermaid")
	p.line("erDiagram")
	for _, r := range tables {
		p.line("    %s {", r.name)
		for _, col := range r.columns {
			p.line("        %s", strings.TrimSpace(fmt.Sprintf("%s %s %s", mermaidType(col.typ), col.name, c.roles(r, col))))
		}
		p.line("    }")
	}
	for _, k := range c.constraints {
		if k.kind != "f" || k.schema != schema {
			continue
		}
		target := strings.TrimPrefix(k.target, schema+".")
		p.line("    %s %s--%s %s : \"%s\"", strings.ReplaceAll(target, ".", "_"), c.parentEnd(k), c.childEnd(k), k.table, strings.Join(k.columns, ", "))
	}
	p.line("```")
}

// mermaidType writes a type in the letters that a diagram allows.
func mermaidType(typ string) string {
	typ = strings.ReplaceAll(typ, "[]", "_array")
	return strings.TrimSuffix(strings.NewReplacer("(", "_", ",", "_", ")", "", " ", "_").Replace(typ), "_")
}

// roles says whether a column belongs to the primary key or a foreign key, or is
// unique by itself.
func (c *catalog) roles(r *relation, col *column) string {
	var found []string
	for _, role := range []struct{ kind, name string }{{"p", "PK"}, {"f", "FK"}, {"u", "UK"}} {
		if slices.ContainsFunc(c.constraints, func(k *constraint) bool {
			return k.kind == role.kind && k.schema == r.schema && k.table == r.name && slices.Contains(k.columns, col.name) &&
				(k.kind != "u" || len(k.columns) == 1)
		}) {
			found = append(found, role.name)
		}
	}
	return strings.Join(found, ", ")
}

// parentEnd is how many rows a foreign key leads to: none or one, or exactly one.
func (c *catalog) parentEnd(k *constraint) string {
	r := c.relation(k.schema + "." + k.table)
	if slices.ContainsFunc(k.columns, func(name string) bool { return !r.column(name).notNull }) {
		return "|o"
	}
	return "||"
}

// childEnd is how many rows may refer to one: one where the key is unique.
func (c *catalog) childEnd(k *constraint) string {
	if slices.ContainsFunc(c.constraints, func(u *constraint) bool {
		return (u.kind == "u" || u.kind == "p") && u.schema == k.schema && u.table == k.table && sameSet(u.columns, k.columns)
	}) {
		return "o|"
	}
	return "o{"
}

// beyond lists the tables and columns that the document does not have.
func (p *page) beyond(t *testing.T, c *catalog) {
	t.Helper()
	known, tables := make(map[string]bool), set(documentTables(t))
	for _, l := range inventory(t) {
		known[l.String()] = true
	}
	p.line("\n## Beyond the document\n")
	p.line("Tables that the document does not define, histories left out:\n")
	var added []string
	for _, r := range c.tables() {
		switch {
		case r.isHistory():
		case !tables[r.String()]:
			p.line("- `%s`", r)
		default:
			var columns []string
			for _, col := range r.columns {
				if !known[r.String()+"."+col.name] {
					columns = append(columns, "`"+col.name+"`")
				}
			}
			if columns != nil {
				added = append(added, fmt.Sprintf("- `%s`: %s", r, strings.Join(columns, ", ")))
			}
		}
	}
	p.line("\nColumns that the document's tables have besides its own:\n")
	p.line("%s", strings.Join(added, "\n"))
}

// security writes which rows an investor sees, table by table, and why a relation
// needs no policy.
func (p *page) security(t *testing.T) {
	t.Helper()
	p.line("\n## Row-level security\n")
	p.line("What `freehold.enable_row_level_security()` protects. The role of a schema sees every row of its tables,")
	p.line("`freehold_investor` those that the policy lets it see, and any other role none; the owner of the tables is not limited.\n")
	p.head("table", "an investor sees")
	for _, r := range rows(t, pgtest.Tx(t), "SELECT schema_name || '.' || table_name, visible FROM freehold.protected_tables()") {
		visible := "nothing"
		if r[1] != "" {
			visible = code(r[1])
		}
		p.row("`"+r[0]+"`", visible)
	}
	p.line("\nRelations without a policy:\n")
	p.head("relation", "why it needs none")
	for _, r := range table(t, "open_relations.tsv", 2) {
		p.row("`"+r[0]+"`", r[1])
	}
}

// deviations writes the rows of deviations.tsv, by schema.
func (p *page) deviations(t *testing.T) {
	t.Helper()
	rows := deviations(t)
	p.line("\n## Deviations\n")
	p.line("The rows of `internal/schematest/testdata/deviations.tsv`. Each is the one reason why a line of the document")
	p.line("does not match the catalog; what stands under \"database\" is looked up there by a test.")
	for _, s := range schemas {
		p.columnDeviations(rows, s)
	}
	p.line("\n### Objects, policies and conventions\n")
	p.head("line", "document", "database", "why")
	for _, d := range rows {
		if d.list == "objects" {
			var parts []string
			for part := range strings.SplitSeq(d.database, " + ") {
				parts = append(parts, code(part))
			}
			p.row(d.line, code(d.document), strings.Join(parts, "<br>"), d.reason)
		}
	}
}

func (p *page) columnDeviations(rows []deviation, schema string) {
	first := true
	for _, d := range rows {
		name, ours := strings.CutPrefix(d.name, schema+".")
		if d.list != "inventory" || !ours {
			continue
		}
		if first {
			p.line("\n### Columns of %s\n", schema)
			p.head("line", "column", "document", "database", "why")
			first = false
		}
		p.row(d.line, code(name), code(d.document), code(d.database), d.reason)
	}
}
