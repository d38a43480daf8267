package schematest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// schemas are those of the document, then the library's own.
var schemas = []string{
	"auth", "users", "properties", "renovations", "media", "market", "financials", "investments",
	"events", "documents", "communications", "analytics", "shared", "freehold",
}

// relation is a table, a view or a materialized view.
type relation struct {
	schema, name, kind string
	comment            string
	columns            []*column
}

func (r *relation) String() string { return r.schema + "." + r.name }

func (r *relation) isTable() bool { return r.kind == "TABLE" || r.kind == "PARTITIONED TABLE" }

// isHistory reports whether r holds past versions of another table.
func (r *relation) isHistory() bool { return strings.HasSuffix(r.name, "_history") }

func (r *relation) column(name string) *column {
	for _, c := range r.columns {
		if c.name == name {
			return c
		}
	}
	return nil
}

// column is one of a relation's columns. Its type is in the canonical form of
// [typeName], its default in that of [defaultText], or what it is made of where it is generated.
type column struct {
	name, typ, def     string
	notNull, generated bool
}

// constraint is a primary key (p), unique (u), check (c) or foreign key (f).
type constraint struct {
	schema, table, name, kind string
	columns                   []string
	def, expr                 string
	target                    string
	targetColumns             []string
	validated                 bool
}

// index is an index, that of a constraint included. A key that is an
// expression has an empty name in columns.
type index struct {
	schema, table, name, method string
	columns                     []string
	def, predicate              string
	unique, valid               bool
}

type trigger struct {
	schema, table, name, def string
	enabled                  bool
}

type function struct {
	schema, name, args, config string
	definer                    bool
}

// catalog is what a database holds in our schemas, partitions left out: they
// follow their parents.
type catalog struct {
	relations   []*relation
	constraints []*constraint
	indexes     []*index
	triggers    []*trigger
	functions   []*function
	extensions  []string
	schemas     []string
	objects     map[string]bool
}

// shared is the catalog of the template that all databases of a run copy.
var shared struct {
	once    sync.Once
	catalog *catalog
}

func loadCatalog(t *testing.T) *catalog {
	t.Helper()
	shared.once.Do(func() { shared.catalog = readCatalog(t, pgtest.Tx(t)) })
	if shared.catalog == nil {
		t.Fatal("the catalog could not be read")
	}
	return shared.catalog
}

func readCatalog(t *testing.T, db bun.IDB) *catalog {
	t.Helper()
	// The server leaves out schemas that are on the path, and "$user" may be one of ours.
	exec(t, db, "SET LOCAL search_path = public")
	c := &catalog{objects: make(map[string]bool)}
	in := bun.List(schemas)
	for _, r := range rows(t, db, `SELECT nspname FROM pg_namespace WHERE nspname IN (?)`, in) {
		c.schemas = append(c.schemas, r[0])
	}
	for _, r := range rows(t, db, `SELECT extname FROM pg_extension`) {
		c.extensions = append(c.extensions, r[0])
	}
	c.readRelations(t, db)
	c.readConstraints(t, db)
	c.readIndexes(t, db)
	c.readRoutines(t, db)
	c.name()
	return c
}

func (c *catalog) readRelations(t *testing.T, db bun.IDB) {
	t.Helper()
	kinds := map[string]string{"r": "TABLE", "p": "PARTITIONED TABLE", "v": "VIEW", "m": "MATERIALIZED VIEW"}
	var last *relation
	for _, r := range rows(t, db, `
		SELECT n.nspname, c.relname, c.relkind::text, obj_description(c.oid, 'pg_class'),
			a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attgenerated <> ''
		FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
		WHERE n.nspname IN (?) AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
		ORDER BY n.nspname, c.relname, a.attnum`, bun.List(schemas)) {
		if last == nil || last.schema != r[0] || last.name != r[1] {
			last = &relation{schema: r[0], name: r[1], kind: kinds[r[2]], comment: r[3]}
			c.relations = append(c.relations, last)
		}
		last.columns = append(last.columns, &column{
			name: r[4], typ: typeName(r[5]), notNull: r[6] == "true", def: defaultText(r[7]), generated: r[8] == "true",
		})
	}
}

func (c *catalog) readConstraints(t *testing.T, db bun.IDB) {
	t.Helper()
	for _, r := range rows(t, db, `
		SELECT n.nspname, c.relname, k.conname, k.contype::text, pg_get_constraintdef(k.oid), pg_get_expr(k.conbin, k.conrelid),
			(SELECT string_agg(a.attname, ',' ORDER BY u.ord) FROM unnest(k.conkey) WITH ORDINALITY u(num, ord)
				JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num),
			(SELECT fn.nspname || '.' || fc.relname FROM pg_class fc
				JOIN pg_namespace fn ON fn.oid = fc.relnamespace WHERE fc.oid = k.confrelid),
			(SELECT string_agg(a.attname, ',' ORDER BY u.ord) FROM unnest(k.confkey) WITH ORDINALITY u(num, ord)
				JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num),
			k.convalidated
		FROM pg_constraint k
		JOIN pg_class c ON c.oid = k.conrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname IN (?) AND k.contype IN ('p', 'u', 'c', 'f', 'x') AND NOT c.relispartition
		ORDER BY n.nspname, c.relname, k.conname`, bun.List(schemas)) {
		c.constraints = append(c.constraints, &constraint{
			schema: r[0], table: r[1], name: r[2], kind: r[3], def: bare(r[4]), expr: r[5],
			columns: list(r[6]), target: r[7], targetColumns: list(r[8]), validated: r[9] == "true",
		})
	}
}

func (c *catalog) readIndexes(t *testing.T, db bun.IDB) {
	t.Helper()
	for _, r := range rows(t, db, `
		SELECT n.nspname, c.relname, ic.relname, am.amname, pg_get_indexdef(i.indexrelid), pg_get_expr(i.indpred, i.indrelid),
			(SELECT string_agg(COALESCE(a.attname, ''), ',' ORDER BY u.ord) FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(num, ord)
				LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.num AND a.attnum > 0
				WHERE u.ord <= i.indnkeyatts),
			i.indisunique, i.indisvalid
		FROM pg_index i
		JOIN pg_class ic ON ic.oid = i.indexrelid
		JOIN pg_am am ON am.oid = ic.relam
		JOIN pg_class c ON c.oid = i.indrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname IN (?) AND NOT c.relispartition
		ORDER BY n.nspname, c.relname, ic.relname`, bun.List(schemas)) {
		c.indexes = append(c.indexes, &index{
			schema: r[0], table: r[1], name: r[2], method: r[3], def: indexText(r[4]), predicate: bare(r[5]),
			columns: strings.Split(r[6], ","), unique: r[7] == "true", valid: r[8] == "true",
		})
	}
}

func (c *catalog) readRoutines(t *testing.T, db bun.IDB) {
	t.Helper()
	for _, r := range rows(t, db, `
		SELECT n.nspname, c.relname, g.tgname, pg_get_triggerdef(g.oid), g.tgenabled::text
		FROM pg_trigger g
		JOIN pg_class c ON c.oid = g.tgrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname IN (?) AND NOT g.tgisinternal AND NOT c.relispartition
		ORDER BY n.nspname, c.relname, g.tgname`, bun.List(schemas)) {
		c.triggers = append(c.triggers, &trigger{
			schema: r[0], table: r[1], name: r[2], enabled: r[4] == "O",
			def: "TRIGGER " + strings.TrimPrefix(bare(r[3]), "CREATE TRIGGER "),
		})
	}
	for _, r := range rows(t, db, `
		SELECT n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), array_to_string(p.proconfig, '; '), p.prosecdef
		FROM pg_proc p
		JOIN pg_namespace n ON n.oid = p.pronamespace
		WHERE n.nspname IN (?)
		ORDER BY n.nspname, p.proname, 3`, bun.List(schemas)) {
		c.functions = append(c.functions, &function{
			schema: r[0], name: r[1], args: r[2], config: r[3], definer: r[4] == "true",
		})
	}
}

// name fills objects with the canonical form of everything the catalog holds.
func (c *catalog) name() {
	for _, s := range c.schemas {
		c.objects["SCHEMA "+s] = true
	}
	for _, e := range c.extensions {
		c.objects["EXTENSION "+e] = true
	}
	for _, r := range c.relations {
		c.objects[r.kind+" "+r.String()] = true
		for _, col := range r.columns {
			c.objects[fmt.Sprintf("COLUMN %s.%s %s", r, col.name, col.typ)] = true
		}
	}
	for _, k := range c.constraints {
		c.objects[fmt.Sprintf("CONSTRAINT %s ON %s.%s %s", k.name, k.schema, k.table, k.def)] = true
	}
	for _, i := range c.indexes {
		c.objects[i.def] = true
	}
	for _, g := range c.triggers {
		c.objects[g.def] = true
	}
	for _, f := range c.functions {
		c.objects[fmt.Sprintf("FUNCTION %s.%s(%s)", f.schema, f.name, f.args)] = true
	}
}

// relation returns the relation of that name, or nil.
func (c *catalog) relation(name string) *relation {
	for _, r := range c.relations {
		if r.String() == name {
			return r
		}
	}
	return nil
}

// tables returns the base tables.
func (c *catalog) tables() []*relation {
	return slices.DeleteFunc(slices.Clone(c.relations), func(r *relation) bool { return !r.isTable() })
}

// checks returns the CHECK constraints over exactly that column.
func (c *catalog) checks(r *relation, col string) []*constraint {
	var found []*constraint
	for _, k := range c.constraints {
		if k.kind == "c" && k.schema == r.schema && k.table == r.name && slices.Equal(k.columns, []string{col}) {
			found = append(found, k)
		}
	}
	return found
}

var (
	cast      = regexp.MustCompile(`::(?:character varying|timestamp with time zone|double precision|[a-z_]+)(?:\(\d+(?:,\d+)?\))?(?:\[\])?`)
	typeNames = strings.NewReplacer("character varying", "VARCHAR", "timestamp with time zone", "TIMESTAMPTZ",
		"timestamp without time zone", "TIMESTAMP", "DECIMAL", "NUMERIC")
	bracketed = regexp.MustCompile(`\(\((\w+)\)`)
	indexHead = regexp.MustCompile(`^CREATE (UNIQUE )?INDEX (\S+) ON (?:ONLY )?(\w+)\.(\w+) (?:USING btree )?`)
)

// typeName writes a type as the document does, in capitals.
func typeName(s string) string {
	s = strings.ToUpper(typeNames.Replace(s))
	if _, extension, found := strings.Cut(s, "."); found {
		return extension // wherever the host keeps its extensions
	}
	return s
}

// defaultText writes a default without casts; words are in lower case.
func defaultText(s string) string {
	s = cast.ReplaceAllString(s, "")
	if strings.HasPrefix(s, "'") {
		return s
	}
	return strings.ToLower(s)
}

// bare drops the casts that the server adds when it prints an expression, and
// the brackets that they leave around a name.
func bare(s string) string { return bracketed.ReplaceAllString(cast.ReplaceAllString(s, ""), "($1") }

// indexText turns CREATE INDEX into the canonical form of an index.
func indexText(s string) string {
	return indexHead.ReplaceAllString(bare(s), "${1}INDEX $3.$2 ON $3.$4 ")
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}
