package schematest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// endlessNumbers finds numeric columns that take NaN, or infinity: a type with a
// precision refuses infinity by itself. Rows of history are copies that only a
// trigger writes, so that the base table's checks have seen them.
func endlessNumbers(t *testing.T, c *catalog, tx bun.IDB) []string {
	var bad []string
	for _, r := range c.tables() {
		if r.isHistory() {
			continue
		}
		for _, col := range r.columns {
			switch {
			case col.typ == "NUMERIC" || strings.HasPrefix(col.typ, "NUMERIC") && strings.HasSuffix(col.typ, "[]"):
				bad = append(bad, r.String()+"."+col.name+" has no precision")
			case strings.HasPrefix(col.typ, "NUMERIC"):
				if accepts(t, tx, c, r, col, "'NaN'::"+col.typ) {
					bad = append(bad, r.String()+"."+col.name)
				}
			case col.typ == "POINT":
				if accepts(t, tx, c, r, col, "'(NaN,0)'::point") || accepts(t, tx, c, r, col, "'(0,Infinity)'::point") {
					bad = append(bad, r.String()+"."+col.name)
				}
			}
		}
	}
	return bad
}

// infiniteTimes finds columns that take infinity for a time or a date.
func infiniteTimes(t *testing.T, c *catalog, tx bun.IDB) []string {
	var bad []string
	for _, r := range c.tables() {
		if r.isHistory() {
			continue
		}
		for _, col := range r.columns {
			if col.typ != "TIMESTAMPTZ" && col.typ != "DATE" {
				continue
			}
			for _, v := range []string{"infinity", "-infinity"} {
				if accepts(t, tx, c, r, col, fmt.Sprintf("'%s'::%s", v, col.typ)) {
					bad = append(bad, r.String()+"."+col.name+" takes "+v)
				}
			}
			require.True(t, accepts(t, tx, c, r, col, "'2024-02-29'::"+col.typ), r.String()+"."+col.name)
		}
	}
	return bad
}

// The columns that hold money, by their type, refuse NaN when a row is really
// written, with an error that names the check of that very column.
func TestMoney_refusesNaN(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	property := newProperty(t, tx)
	for _, column := range []string{"gross_rental_income", "vacancy_loss", "late_fees"} {
		err := refused(t, tx, fmt.Sprintf(`INSERT INTO financials.property_income (property_id, period_start, period_end, %s)
			VALUES (?, '2024-01-01', '2024-01-31', 'NaN')`, column), property)
		require.ErrorContains(t, err, "chk_property_income_"+column)
	}
	err := refused(t, tx, `UPDATE properties.properties SET purchase_price = 'NaN' WHERE id = ?`, property)
	require.ErrorContains(t, err, "chk_properties_purchase_price")
	err = refused(t, tx, `UPDATE properties.properties SET created_at = 'infinity', updated_at = 'infinity', purchase_date = 'infinity' WHERE id = ?`, property)
	require.ErrorContains(t, err, "chk_properties_purchase_date")
}

// NUMERIC(15,2) rounds a third decimal before a CHECK can see it, so the library
// refuses it before SQL: 1.005 never becomes an amount.
func TestMoney_thirdDecimal(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	require.Equal(t, "1.01", one(t, tx, `SELECT 1.005::numeric(15,2)::text`), "what the library guards against")

	_, err := money.Parse("1.005")
	require.ErrorIs(t, err, fault.Invalid)
	var a money.Amount
	require.Error(t, a.UnmarshalJSON([]byte(`"1.005"`)))
	require.Error(t, a.UnmarshalText([]byte("1.005")))
	require.Error(t, a.Scan("1.005"))
	_, err = money.Parse("NaN")
	require.ErrorIs(t, err, fault.Invalid)

	// Neither does an amount exist that the column could not hold.
	for _, v := range []string{"9999999999999.99", "-9999999999999.99"} {
		a, err := money.Parse(v)
		require.NoError(t, err)
		require.Equal(t, v, one(t, tx, "SELECT (?::text)::numeric(15,2)::text", a.String()))
	}
	_, err = money.Parse("10000000000000.00")
	require.ErrorIs(t, err, fault.Invalid)
	require.ErrorContains(t, refused(t, tx, "SELECT 10000000000000.00::numeric(15,2)"), "SQLSTATE 22003")
}

// Histories have no checks of their own, so nobody but their triggers writes
// them, and nobody changes the ledger.
func TestAppendOnly_refuses(t *testing.T) {
	t.Parallel()
	c, tx := loadCatalog(t), inTx(t, pgtest.Clone(t))
	histories := 0
	for _, r := range c.tables() {
		if r.isHistory() {
			histories++
			require.ErrorContains(t, refused(t, tx, `INSERT INTO ? (id, valid_from, valid_to, op, tx_id)
				VALUES (gen_random_uuid(), now(), now() + interval '1 hour', 'U', 1)`, bun.Safe(r.String())), "SQLSTATE FH001")
		}
	}
	require.Equal(t, 10, histories)
	property := newProperty(t, tx)
	exec(t, tx, `UPDATE properties.properties SET total_units = 11 WHERE id = ?`, property)
	require.Equal(t, "10", one(t, tx, `SELECT total_units FROM properties.properties_history WHERE id = ?`, property))
	for _, change := range []string{`UPDATE ? SET total_units = 12`, `DELETE FROM ?`, `TRUNCATE ?`} {
		require.ErrorContains(t, refused(t, tx, change, bun.Safe("properties.properties_history")), "SQLSTATE FH001")
	}
}
