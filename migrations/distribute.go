package migrations

import (
	"context"
	_ "embed"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"
)

// Group names tables whose rows belong together by one column, and move together.
type Group string

// GroupLedger is the books with their accounts, journals, postings, balances and seals, apart by book.
const GroupLedger Group = "ledger"

// distributable are the groups that [Distribute] spreads.
var distributable = []Group{GroupLedger}

// Plan says what to distribute. The zero value distributes all groups that can be.
type Plan struct {
	Groups []Group // none is all that can be
	Shards int     // of each group; 0 is 32
	DryRun bool    // only say what would be done, for which the extension is not needed
}

//go:embed distribution.txt
var placesText string

// place is where a table lives: with the tables of its group, by a column.
type place struct {
	table, column string
	group         Group
}

// places reads distribution.txt: the tables that have a column.
func places() (out []place) {
	for line := range strings.Lines(placesText) {
		if f := strings.Fields(line); len(f) == 3 && !strings.HasPrefix(line, "#") {
			out = append(out, place{table: f[0], group: Group(f[1]), column: f[2]})
		}
	}
	return out
}

// Distribute spreads groups of tables over the machines of a Citus cluster, and returns
// the statements that it ran, in order; a dry run returns them and changes nothing. It
// is a step of its own, after [Migrator.Up], for those who have outgrown one machine:
// see DISTRIBUTION.md beside this package for what it costs and what it no longer promises.
//
// Each group is one transaction, in which its foreign keys are dropped, its tables are
// distributed, those with partitions first, and the foreign keys inside the group are
// put back. Foreign keys between the group and other tables, and unique keys
// without the group's column, stay away: realestate.Platform.Verify finds what they
// would have refused. A group that is distributed already is left alone, so that a run that was
// ended anywhere is completed by the next. Nobody should write to the tables
// meanwhile: writers wait.
//
// It returns [ErrNoCluster], [ErrGroup], [ErrShards], and [ErrPending] when the database
// lacks migrations.
func Distribute(ctx context.Context, db *bun.DB, p Plan) ([]string, error) {
	groups := p.Groups
	if len(groups) == 0 {
		groups = distributable
	}
	for _, g := range groups {
		if !slices.Contains(distributable, g) {
			return nil, ErrGroup.With("%s", g)
		}
	}
	if p.Shards == 0 {
		p.Shards = 32
	}
	if p.Shards < 1 || p.Shards > 1024 {
		return nil, ErrShards.With("%d", p.Shards)
	}
	m, err := New(Config{})
	if err != nil {
		return nil, err
	}
	if err := m.Validate(ctx, db); err != nil {
		return nil, err
	}
	var cluster bool
	if err := db.NewRaw("SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus')").Scan(ctx, &cluster); err != nil {
		return nil, err
	}
	if !cluster && !p.DryRun {
		return nil, ErrNoCluster
	}
	var done []string
	for _, g := range groups {
		err := inTx(ctx, db, func(tx bun.IDB) error {
			steps, err := g.steps(ctx, tx, cluster, p.Shards)
			if err != nil || p.DryRun {
				done = append(done, steps...)
				return err
			}
			for _, s := range steps {
				if _, err := tx.ExecContext(ctx, s); err != nil {
					return err
				}
			}
			done = append(done, steps...)
			return nil
		})
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// steps are the statements that distribute what is left of a group, none when nothing is.
func (g Group) steps(ctx context.Context, tx bun.IDB, cluster bool, shards int) ([]string, error) {
	if err := lock(ctx, tx); err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, "SET LOCAL search_path = pg_catalog"); err != nil { // names are whole
		return nil, err
	}
	column, tables, err := g.left(ctx, tx, cluster)
	if err != nil || len(tables) == 0 {
		return nil, err
	}
	drop, put, err := g.references(ctx, tx, tables)
	if err != nil {
		return nil, err
	}
	unique, err := lostKeys(ctx, tx, column, tables)
	if err != nil {
		return nil, err
	}
	// One connection to each machine, so that later statements see what earlier ones did; triggers judge
	// their own rows alone, as the linter of the schema proves.
	steps := append([]string{"SET LOCAL citus.multi_shard_modify_mode = 'sequential'", "SET LOCAL citus.enable_unsafe_triggers = on"}, drop...)
	steps = append(steps, unique...)
	first := ""
	for _, p := range places() {
		if p.group == g && !slices.Contains(tables, p.table) {
			first = p.table // distributed earlier
		}
	}
	for _, t := range tables {
		where := "colocate_with => '" + first + "'"
		if first == "" {
			first, where = t, "shard_count => "+strconv.Itoa(shards)+", colocate_with => 'none'"
		}
		steps = append(steps, "SELECT create_distributed_table('"+t+"', '"+column[t]+"', "+where+")")
	}
	return append(steps, put...), nil
}

// left are the tables of a group that are not distributed yet, those with partitions
// first, and the columns of all of its tables.
func (g Group) left(ctx context.Context, tx bun.IDB, cluster bool) (column map[string]string, tables []string, err error) {
	column = map[string]string{}
	var names []string
	for _, p := range places() {
		if p.group == g {
			column[p.table], names = p.column, append(names, p.table)
		}
	}
	spread := "FALSE"
	if cluster {
		spread = "EXISTS (SELECT 1 FROM pg_catalog.pg_dist_partition d WHERE d.logicalrelid = c.oid AND d.partmethod <> 'n')"
	}
	err = tx.NewRaw("SELECT c.oid::regclass::text FROM pg_catalog.pg_class c WHERE c.oid::regclass::text IN (?) AND NOT "+spread+
		" ORDER BY c.relkind <> 'p', array_position(ARRAY[?], c.oid::regclass::text)", bun.List(names), bun.List(names)).Scan(ctx, &tables)
	return column, tables, err
}

// references are the statements that drop the foreign keys from and to tables, and those
// that put back what stays inside the group.
func (g Group) references(ctx context.Context, tx bun.IDB, tables []string) (drop, put []string, err error) {
	var keys []struct{ From, Name, Target, Definition string }
	err = tx.NewRaw(`SELECT conrelid::regclass::text AS "from", conname AS name, confrelid::regclass::text AS target, pg_get_constraintdef(oid) AS definition
		FROM pg_catalog.pg_constraint WHERE contype = 'f' AND conparentid = 0 AND (conrelid::regclass::text IN (?0) OR confrelid::regclass::text IN (?0))
		ORDER BY 1, 2`, bun.List(tables)).Scan(ctx, &keys)
	if err != nil {
		return nil, nil, err
	}
	inside := map[string]bool{}
	for _, p := range places() {
		inside[p.table] = p.group == g
	}
	for _, k := range keys {
		drop = append(drop, "ALTER TABLE "+k.From+" DROP CONSTRAINT "+k.Name)
		if inside[k.From] && inside[k.Target] {
			put = append(put, "ALTER TABLE "+k.From+" ADD CONSTRAINT "+k.Name+" "+k.Definition)
		}
	}
	return drop, put, nil
}

// lostKeys are the statements that make plain indexes of the unique keys that lack the
// column of their table, for no machine could prove them.
func lostKeys(ctx context.Context, tx bun.IDB, column map[string]string, tables []string) (out []string, err error) {
	var keys []struct{ From, Name, Columns string }
	err = tx.NewRaw(`SELECT conrelid::regclass::text AS "from", conname AS name, string_agg(a.attname, ', ' ORDER BY k.o) AS columns
		FROM pg_catalog.pg_constraint CROSS JOIN LATERAL unnest(conkey) WITH ORDINALITY AS k (n, o)
		JOIN pg_catalog.pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.n
		WHERE contype = 'u' AND conrelid::regclass::text IN (?) GROUP BY 1, 2 ORDER BY 1, 2`, bun.List(tables)).Scan(ctx, &keys)
	for _, k := range keys {
		if !slices.Contains(strings.Split(k.Columns, ", "), column[k.From]) {
			name := "idx_" + strings.TrimPrefix(k.Name, "uk_")
			out = append(out, "ALTER TABLE "+k.From+" DROP CONSTRAINT "+k.Name, "CREATE INDEX "+name+" ON "+k.From+" ("+k.Columns+")")
		}
	}
	return out, err
}
