package arch

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/modeltest"
	"github.com/freehold-go/freehold/internal/pgtest"
)

// withoutModel is the tables whose rows no Go program handles one by one, and why.
var withoutModel = map[string]string{
	"freehold.migrations":              "the migrator's own",
	"freehold.idempotency":             "written and read by the keyed helper of the store alone",
	"freehold.outbox":                  "written by store.Hooks, delivered by outbox.Relay",
	"freehold.outbox_heads":            "a counter inside one statement",
	"freehold.approval_requests":       "written and read by internal/approval alone",
	"freehold.approvals":               "written and read by internal/approval alone",
	"investments.distribution_sources": "written and read with its distribution alone",
	"freehold.ledger_seals":            "a chain that Ledger.Seal alone writes",
	"freehold.sealed_journals":         "written with its seal alone",
	"freehold.ledger_marks":            "a chain that Ledger.KeepMark alone writes",
	"financials.unsealed_journals":     "written by a trigger, taken away by Ledger.Seal",
	"freehold.row_security_keys":       "read by functions of the database alone",
}

// Each model has exactly its table's columns; a nullable column is a pointer, a
// slice or a map, and a column that is not null is none.
func TestModels_equalTheCatalog(t *testing.T) {
	t.Parallel()
	byTable := map[string]map[string]column{}
	for _, c := range catalog(t, pgtest.Tx(t), "r,p,v,m") {
		if byTable[c.Tab] == nil {
			byTable[c.Tab] = map[string]column{}
		}
		byTable[c.Tab][c.Col] = c
	}
	all := tables()
	for _, m := range modeltest.Tables() {
		tab := all.Get(m.Type)
		cols := byTable[name(tab)]
		require.NotEmpty(t, cols, "%s: no table %s", m.Type, name(tab))
		for _, f := range tab.Fields {
			c, ok := cols[f.Name]
			require.True(t, ok, "%s: %s has no column %s", m.Type, name(tab), f.Name)
			delete(cols, f.Name)
			kind := f.StructField.Type.Kind()
			mayBeNil := kind == reflect.Pointer || kind == reflect.Slice || kind == reflect.Map
			if !c.Nn {
				require.True(t, mayBeNil, "%s.%s: the column may be null", m.Type, f.GoName)
			} else {
				require.NotEqual(t, reflect.Pointer, kind, "%s.%s: the column is not null", m.Type, f.GoName)
			}
		}
		require.Empty(t, cols, "%s lacks columns", m.Type)
	}
}

func TestModels_coverTheCatalog(t *testing.T) {
	t.Parallel()
	have := map[string]bool{}
	all := tables()
	for _, m := range modeltest.Tables() {
		n := name(all.Get(m.Type))
		require.False(t, have[n], "two models of %s", n)
		have[n] = true
	}
	for _, c := range catalog(t, pgtest.Tx(t), "r,p") {
		if !isHistory(c.Tab) && withoutModel[c.Tab] == "" {
			require.True(t, have[c.Tab], "%s has no model", c.Tab)
		}
	}
}

// bun turns a zero into DEFAULT under these options: a stored 0.00 would become
// something else.
func TestModels_tagsLoseNoZeros(t *testing.T) {
	t.Parallel()
	all := tables()
	for _, m := range modeltest.Tables() {
		tab := all.Get(m.Type)
		require.Contains(t, string(tab.SQLName), ".", "%s: the table's name has its schema", m.Type)
		require.NotEmpty(t, tab.Alias, "%s", m.Type)
		for _, f := range tab.Fields {
			kind := f.StructField.Type.Kind()
			mayNullZero := kind == reflect.Map || kind == reflect.Slice || f.UserSQLType == "jsonb" || f.UserSQLType == "JSONB"
			require.True(t, !f.NullZero || mayNullZero || kind == reflect.Pointer, "%s.%s: nullzero turns a zero into NULL", m.Type, f.GoName)
			require.Empty(t, f.SQLDefault, "%s.%s: default: turns a zero into DEFAULT", m.Type, f.GoName)
			require.False(t, f.Tag.HasOption("omitzero"), "%s.%s", m.Type, f.GoName)
			require.False(t, f.Tag.HasOption("soft_delete"), "%s.%s: soft deletes are verbs", m.Type, f.GoName)
			require.False(t, f.Tag.HasOption("autoincrement") || f.AutoIncrement, "%s.%s: keys are UUIDs", m.Type, f.GoName)
			if kind == reflect.Map {
				require.True(t, f.NullZero, "%s.%s: a nil map would be stored as JSON null", m.Type, f.GoName)
			}
			require.NotContains(t, []reflect.Kind{reflect.Float32, reflect.Float64}, kind, "%s.%s: no floats", m.Type, f.GoName)
		}
	}
}
