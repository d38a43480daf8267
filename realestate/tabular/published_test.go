package tabular_test

import (
	"compress/gzip"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/tabular"
)

// Of tables that others published, tens of thousands of rows with names as
// people write them, every row is a record.
func TestTable_published(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("FREEHOLD_DATA")
	if dir == "" {
		t.Skip("FREEHOLD_DATA names no folder of published tables")
	}
	for name, columns := range map[string][]tabular.Column{
		"properties_geo.csv.gz":    {{Name: "source_id", Required: true}, {Name: "name"}, {Name: "units", Adds: true}, {Name: "year_built"}},
		"king_county_sales.csv.gz": {{Name: "source_id", Required: true}, {Name: "sale_date", Required: true}, {Name: "price", Required: true, Adds: true}},
		"us_zip_centroids.csv.gz":  {{Name: "zip", Required: true}, {Name: "city"}, {Name: "lat"}},
		"market_cities.csv.gz":     {{Name: "city", Required: true}, {Name: "state"}, {Name: "population", Required: true, Adds: true}},
	} {
		packed, err := os.Open(filepath.Join(dir, name))
		require.NoError(t, err)
		unpacked, err := gzip.NewReader(packed)
		require.NoError(t, err)
		data, err := io.ReadAll(unpacked)
		require.NoError(t, err)
		require.NoError(t, packed.Close())
		records, err := csv.NewReader(strings.NewReader(string(data))).ReadAll()
		require.NoError(t, err)

		f := tabular.New(name, data, date.Date{})
		table := f.Table(columns)
		require.Empty(t, f.Problems(), name)
		require.Len(t, table.Rows, len(records)-1, name)
		for i, r := range table.Rows {
			for j, c := range records[0] {
				if c == columns[0].Name {
					require.Equal(t, strings.TrimSpace(records[i+1][j]), r.Text(c))
				}
			}
		}
	}
}
