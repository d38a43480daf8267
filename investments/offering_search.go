package investments

import (
	"context"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/page"
)

// searchPool bounds how many matches are ranked, so that a common word costs no
// more than this many rows.
const searchPool = 2000

// foundOffering is an offering with how well it matches.
type foundOffering struct {
	Offering `bun:",extend" json:"offering"`

	Rank decimal.Decimal `bun:"rank,scanonly" json:"rank"`
}

// foundOfferings is the repository of offerings found, the best match first.
var foundOfferings = store.Repo[foundOffering]{
	Sort: store.Sort[foundOffering]{
		Columns: []store.Column{{Name: "rank", Type: "numeric"}, {Name: "id", Type: "uuid"}},
		Desc:    true,
		Key:     func(r *foundOffering) []string { return []string{r.Rank.String(), r.ID.String()} },
	},
}

// Search finds offerings by the words of their name, description and
// summary, the best match first. text is read as in web search engines: words,
// "quoted phrases", or, and -without. A text without any word finds nothing. Of
// very many matches the newest 2,000 are ranked. More than 1,000 bytes or 32 words are
// [fault.CodeTooLong] of text.
func (s *Offerings) Search(ctx context.Context, db bun.IDB, text string, f OfferingFilter, r page.Request) (page.Page[Offering], error) {
	text, err := store.SearchText(text)
	if err != nil {
		return page.Page[Offering]{}, err
	}
	const document = `to_tsvector('english', COALESCE(o.name, '') || ' ' || COALESCE(o.description, '') || ' ' || COALESCE(o.executive_summary, ''))`
	found, err := foundOfferings.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		pool := f.narrow(db.NewSelect().TableExpr("investments.opportunities AS o").ColumnExpr("o.*")).
			ColumnExpr("ts_rank("+document+", websearch_to_tsquery('english', ?))::numeric AS rank", text).
			Where(document+" @@ websearch_to_tsquery('english', ?)", text).
			OrderExpr("o.created_at DESC, o.id DESC").Limit(searchPool)
		return q.ModelTableExpr("(?) AS o", pool).ColumnExpr("o.*")
	})
	out := page.Page[Offering]{Items: make([]Offering, len(found.Items)), Next: found.Next}
	for i := range found.Items {
		out.Items[i] = found.Items[i].Offering
	}
	return out, err
}
