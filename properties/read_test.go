package properties_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/page"
)

func names[T any](list []T, name func(T) string) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = name(v)
	}
	return out
}

func TestWithin(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	for name, c := range map[string]*properties.Coordinates{
		"capitol": at("30.2747", "-97.7404"), "airport": at("30.1945", "-97.6699"), "dallas": at("32.7767", "-96.7970"), "nowhere": nil,
	} {
		register(t, db, func(p *properties.RegisterPropertyParams) { p.Name, p.Coordinates = name, c })
	}
	within := func(meters float64, limit int) []string {
		found, err := svc.Within(ctx, db, properties.WithinParams{Center: *at("30.2672", "-97.7431"), Meters: meters, Limit: limit})
		require.NoError(t, err)
		return names(found, func(n properties.Nearby) string { return fmt.Sprintf("%s %.0f", n.Name, n.Meters) })
	}
	require.Equal(t, []string{"capitol 871"}, within(1000, 10))
	require.Equal(t, []string{"capitol 871", "airport 10705"}, within(20_000, 10))
	require.Equal(t, []string{"capitol 871", "airport 10705", "dallas 292395"}, within(400_000, 10))
	require.Equal(t, []string{"capitol 871"}, within(400_000, 1))
	require.Empty(t, within(100, 10))

	_, err := svc.Within(ctx, db, properties.WithinParams{Center: *at("95", "0"), Meters: -1})
	require.Len(t, fault.FieldErrors(err), 3)
}

func TestSearch(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	for name, text := range map[string]string{
		"Lakeview Terraces": "A garden community by the water", "Hilltop Lofts": "Lofts above the lakeview park",
		"100%_Modern": "New", "Cedar Point": "Gardens and terraces", "O'Hara Place": `The "old" mill`,
	} {
		register(t, db, func(p *properties.RegisterPropertyParams) { p.Name, p.Description = name, &text })
	}
	search := func(text string) []string {
		found, err := svc.Search(ctx, db, text, 10)
		require.NoError(t, err)
		return names(found, func(p properties.Property) string { return p.Name })
	}
	require.ElementsMatch(t, []string{"Lakeview Terraces", "Hilltop Lofts"}, search("lakeview"))
	require.ElementsMatch(t, []string{"Lakeview Terraces", "Cedar Point"}, search("terrace garden"), "words are stemmed")
	require.Equal(t, []string{"Cedar Point"}, search("garden -water"))
	require.Equal(t, []string{"Cedar Point"}, search("edar poi"), "a part of a name")
	require.Equal(t, []string{"100%_Modern"}, search("%_"), "wildcards are plain characters")
	require.Equal(t, []string{"O'Hara Place"}, search("o'hara"))
	require.Equal(t, []string{"O'Hara Place"}, search(`"old mill" or ?`), "what was typed is never SQL")
	require.Empty(t, search("  "))
	require.Empty(t, search("\x00\xff"))
	_, err := svc.Search(ctx, db, "x", 0)
	require.ErrorIs(t, err, properties.ErrLimit)
	_, err = svc.Search(ctx, db, "x", 201)
	require.ErrorIs(t, err, properties.ErrLimit)
}

// Search and Within use their indexes once a table is large enough to matter.
func TestSearch_usesIndexes(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	_, err := db.ExecContext(ctx, "SET LOCAL enable_seqscan = off")
	require.NoError(t, err)
	for index, condition := range map[string]string{
		"idx_properties_search": `to_tsvector('english', p.property_name || ' ' || COALESCE(p.description, '') || ' ' ||
			COALESCE(p.executive_summary, '')) @@ websearch_to_tsquery('english', 'garden')`,
		"idx_properties_property_name": `p.property_name ILIKE '%arden%'`,
		"idx_properties_location":      `ST_DWithin(p.location, ST_MakePoint(-97.7, 30.2)::geography, 1000)`,
		"uk_properties_slug":           `p.slug = 'x' AND p.deleted_at IS NULL`,
	} {
		var plan []string
		err := db.NewRaw("EXPLAIN SELECT p.id FROM properties.properties AS p WHERE "+condition).Scan(ctx, &plan)
		require.NoError(t, err)
		require.Contains(t, fmt.Sprint(plan), index)
	}
}

// Rows made in one instant share their time, and pages still miss none and
// repeat none.
func TestProperties_pagesWithTies(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	now := time.Date(2026, 5, 1, 0, 0, 0, 1000, time.UTC)
	svc := properties.NewService(properties.Config{Now: func() time.Time { return now }})
	var want []string
	for i := range 12 {
		if i == 7 {
			now = now.Add(time.Microsecond)
		}
		p, err := svc.RegisterProperty(ctx, db, sample(func(p *properties.RegisterPropertyParams) {
			p.Class, p.Type, p.MarketName = ptr(properties.ClassA), ptr(properties.PropertyType("co_living")), ptr("Austin")
		}))
		require.NoError(t, err)
		want = append(want, p.ID.String())
	}
	register(t, db, func(p *properties.RegisterPropertyParams) { p.City = "Dallas" })
	slices.Reverse(want)

	open := false
	f := properties.PropertyFilter{Statuses: []properties.Status{properties.StatusActive}, Types: []properties.PropertyType{"co_living"},
		Classes: []properties.Class{properties.ClassA}, City: "Austin", State: "TX", MarketName: "Austin", InvestmentOpen: &open}
	var got []string
	req := page.Request{Limit: 5}
	for {
		p, err := svc.Properties(ctx, db, f, req)
		require.NoError(t, err)
		got = append(got, names(p.Items, func(p properties.Property) string { return p.ID.String() })...)
		if p.Next == "" {
			break
		}
		req.After = p.Next
	}
	require.Equal(t, want, got)

	n := 0
	for p, err := range svc.AllProperties(ctx, db, properties.PropertyFilter{}) {
		require.NoError(t, err)
		require.NotEmpty(t, p.Name)
		n++
	}
	require.Equal(t, 13, n)
	_, err := svc.Properties(ctx, db, f, page.Request{After: "bogus"})
	require.ErrorIs(t, err, page.ErrCursor)
	for _, none := range []properties.PropertyFilter{{City: "Paris"}, {State: "CA"}, {MarketName: "x"}, {InvestmentOpen: ptr(true)},
		{Statuses: []properties.Status{"sold"}}, {Classes: []properties.Class{"D"}}, {Types: []properties.PropertyType{"x"}}} {
		p, err := svc.Properties(ctx, db, none, page.Request{})
		require.NoError(t, err)
		require.Empty(t, p.Items)
	}
}
