package schematest

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// object is a line of objects.tsv: something the document names.
type object struct {
	schema, name, kind, number, text string
}

// label names an object in deviations.tsv.
func (o object) label() string {
	if o.schema == "" || o.schema == o.name || strings.HasPrefix(o.schema, "(") {
		return o.name
	}
	return o.schema + "." + o.name
}

func objects(t *testing.T) []object {
	t.Helper()
	var all []object
	for _, r := range table(t, "objects.tsv", 5) {
		text, _, _ := strings.Cut(r[4], " -- ")
		all = append(all, object{r[0], r[1], r[2], strings.TrimPrefix(r[3], "line "), text})
	}
	return all
}

var (
	onTable   = regexp.MustCompile(`^ON (\S+) (.*)$`)
	scratch   = "scratch_of_the_document"
	constrain = map[string]bool{"FK constraint": true, "CHECK constraint": true, "UNIQUE constraint": true}
)

// document writes what the line asks for in the form of catalog.objects. The
// statements of the document are run, so that the server itself says what they
// mean; one that fails stays as it was written.
func (o object) document(t *testing.T, tx bun.IDB) string {
	t.Helper()
	switch o.kind {
	case "schema", "extension":
		return strings.ToUpper(o.kind) + " " + o.name
	case "table", "view", "materialized view", "table (LIKE)":
		return strings.TrimSpace(strings.ToUpper(o.kind) + " " + o.schema + "." + o.name + " " + o.remark())
	case "function":
		return "FUNCTION " + o.name + "() " + o.text
	case "trigger":
		return "TRIGGER " + o.name + " " + o.text
	case "inline INDEX (invalid PG syntax)", "index":
		return o.index(t, tx)
	case "inline FULLTEXT (MySQL syntax)":
		return "FULLTEXT INDEX " + o.schema + "." + o.name + " " + o.text
	case "FK constraint", "CHECK constraint", "UNIQUE constraint":
		m := onTable.FindStringSubmatch(o.text)
		require.NotNil(t, m, o)
		return o.constraint(t, tx, m[1], o.name, m[2])
	case "table UNIQUE constraint":
		return "UNIQUE " + o.text + " ON " + o.table()
	}
	return strings.ToUpper(o.kind) + " " + o.name
}

// remark keeps the one note that makes a table line ask for more than the table.
func (o object) remark() string {
	if strings.HasPrefix(o.text, "SECOND") {
		return "(second definition)"
	}
	return ""
}

// table is the table that an unnamed constraint belongs to.
func (o object) table() string {
	return o.schema + "." + strings.TrimSuffix(strings.TrimPrefix(o.name, "(unnamed on "), ")")
}

// index runs CREATE INDEX in a savepoint and returns what the server makes of it.
func (o object) index(t *testing.T, tx bun.IDB) string {
	t.Helper()
	written := "INDEX " + o.schema + "." + o.name + " " + o.text
	made := inSavepoint(t, tx, "CREATE INDEX "+scratch+" "+o.text,
		`SELECT pg_get_indexdef(oid) FROM pg_class WHERE relname = ?`, scratch)
	if made == "" {
		return written
	}
	return strings.Replace(indexText(made), scratch, o.name, 1)
}

// constraint does the same with ALTER TABLE ... ADD CONSTRAINT.
func (o object) constraint(t *testing.T, tx bun.IDB, on, name, text string) string {
	t.Helper()
	head := fmt.Sprintf("CONSTRAINT %s ON %s ", name, on)
	made := inSavepoint(t, tx, fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s %s", on, scratch, text),
		`SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = ?`, scratch)
	if made == "" {
		return head + text
	}
	return head + bare(made)
}

// inSavepoint runs a statement, asks a question about what it made and takes it
// back. A statement that fails gives "".
func inSavepoint(t *testing.T, tx bun.IDB, statement, question string, args ...any) string {
	t.Helper()
	exec(t, tx, "SAVEPOINT document")
	defer exec(t, tx, "ROLLBACK TO SAVEPOINT document")
	if _, err := tx.ExecContext(t.Context(), statement); err != nil {
		return ""
	}
	return one(t, tx, question, args...)
}

// found reports whether the catalog, or a rule that holds, has what a line asks
// for.
func (o object) found(c *catalog, kept map[string]bool, document string) bool {
	if o.kind != "table UNIQUE constraint" {
		return c.objects[document] || kept[document]
	}
	for _, k := range c.constraints {
		if k.kind == "u" && document == "UNIQUE "+strings.TrimPrefix(k.def, "UNIQUE ")+" ON "+k.schema+"."+k.table {
			return true
		}
	}
	return false
}

// absent lists the objects of a row of deviations.tsv that do not stand in the
// catalog as the row spells them.
func (d deviation) absent(c *catalog, kept map[string]bool) []string {
	var missing []string
	for part := range strings.SplitSeq(d.database, " + ") {
		if !c.objects[part] && !kept[part] {
			missing = append(missing, part)
		}
	}
	return missing
}

// objectDeviations returns a row, still without what stands instead and why, for
// each line that the catalog does not match. documents are the canonical forms
// of the lines.
func objectDeviations(c *catalog, kept map[string]bool, lines []object, documents []string) []deviation {
	var all []deviation
	for i, o := range lines {
		if !o.found(c, kept, documents[i]) {
			all = append(all, deviation{list: "objects", line: o.number, name: o.label(), document: documents[i]})
		}
	}
	return all
}

// canonical returns the lines of objects.tsv with their canonical forms. It runs
// the statements of the document, which take strong locks.
func canonical(t *testing.T, tx bun.IDB) ([]object, []string) {
	t.Helper()
	exec(t, tx, "SET LOCAL search_path = public")
	lines := objects(t)
	documents := make([]string, len(lines))
	for i, o := range lines {
		documents[i] = o.document(t, tx)
	}
	return lines, documents
}

// Every object of the document stands in the database as written, or a row of
// deviations.tsv names the objects that stand there instead, each as the
// catalog spells it. Policies and conventions are held to by a rule, see
// rules_test.go.
func TestObjects(t *testing.T) {
	t.Parallel()
	c, l := loadCatalog(t), openLedger(t, "objects")
	kept := c.rules(t)
	lines, documents := canonical(t, inTx(t, pgtest.Clone(t)))
	require.Len(t, lines, 253)
	for _, d := range objectDeviations(c, kept, lines, documents) {
		if row, known := l.want(d); known {
			require.Empty(t, row.absent(c, kept), "line %s %s: what the row names does not stand in the database", d.line, d.name)
		}
	}
	l.close(t)
}
