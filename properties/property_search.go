package properties

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// MaxFound is the largest number of properties that Search and Within return.
const MaxFound = 200

// searchPool bounds how many matches are ranked, so that a common word costs
// no more than this many rows.
const searchPool = 2000

// ErrLimit: a search asks for less than 1 or more than [MaxFound] results.
var ErrLimit = fault.New(fault.Invalid, fault.CodeOutOfRange, "a search returns 1 to 200 properties").On("limit")

// Search finds properties by the words of their name, description and summary,
// and by any part of their name. text is read as in web search engines: words,
// "quoted phrases", or, and -without. The best come first, at most limit. A
// text without any word finds nothing. It returns [ErrLimit], or [fault.CodeTooLong] of text
// for more than 1,000 bytes or 32 words.
func (s *Service) Search(ctx context.Context, db bun.IDB, text string, limit int) ([]Property, error) {
	if limit < 1 || limit > MaxFound {
		return nil, ErrLimit
	}
	text, err := store.SearchText(text)
	if err != nil || text == "" {
		return []Property{}, err
	}
	const document = `to_tsvector('english', p.property_name || ' ' || COALESCE(p.description, '') || ' ' || COALESCE(p.executive_summary, ''))`
	return assets.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		pool := db.NewSelect().TableExpr("properties.properties AS p").ColumnExpr("p.*").
			Where("p.deleted_at IS NULL").
			Where(document+" @@ websearch_to_tsquery('english', ?0) OR p.property_name ILIKE ?1", text, contains(text)).
			Limit(searchPool)
		return q.ModelTableExpr("(?) AS p", pool).
			OrderExpr("ts_rank("+document+", websearch_to_tsquery('english', ?)) DESC, p.property_name, p.id", text).
			Limit(int64(limit))
	})
}

// contains is the LIKE pattern of texts that have s in them.
func contains(s string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(strings.TrimSpace(s)) + "%"
}

// WithinParams is a circle on earth.
type WithinParams struct {
	Center Coordinates
	Meters float64 // the radius, above 0 and at most 20,100,000
	Limit  int     // 1 to MaxFound
}

// Nearby is a property with its distance from the center of a search.
type Nearby struct {
	Property `bun:",extend" json:"property"`
	Meters   float64 `bun:"meters,scanonly" json:"meters"` // along the earth's surface
}

// Within finds the properties in a circle, the nearest first. Properties
// without coordinates are not found. It returns the field errors of p.
func (s *Service) Within(ctx context.Context, db bun.IDB, p WithinParams) ([]Nearby, error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return nil, err
	}
	defer done()
	var f fault.Fields
	center, err := p.Center.point()
	f.AddErr("center", err)
	f.Check(p.Meters > 0 && p.Meters <= 20_100_000, "meters", check.OutOfRange, "a radius above 0 and at most half the earth's circumference")
	if p.Limit < 1 || p.Limit > MaxFound {
		f.AddErr("", ErrLimit)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	found := []Nearby{}
	err = store.Read(ctx, db, db.NewSelect().Model(&found).ColumnExpr("p.*").
		ColumnExpr("ST_Distance(p.location, ?::geography) AS meters", center).
		Where("p.deleted_at IS NULL").
		Where("ST_DWithin(p.location, ?::geography, ?)", center, p.Meters).
		OrderExpr("meters, p.id").Limit(int64(p.Limit)), &found)
	return found, store.Err(err, constraints)
}
