package realestate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/reached"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// A paper is found by each of the things that it is about, and by no other of their kind: so
// there is a data room for an offering, a property, an account, a position and a statement.
func TestDocuments_about(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	p, err := realestate.New(realestate.Config{})
	require.NoError(t, err)
	o := realestatetest.Offering(t, db)
	who := realestatetest.Investor(t, db).ID
	account := realestatetest.Account(t, db, who)
	position := realestatetest.Position(t, db, o.ID, who, money.MustParse("25000"))
	property := realestatetest.Property(t, db)
	statement, err := p.Reports.PrepareStatement(ctx, db, investments.PrepareStatementParams{InvestorID: who, Type: investments.StatementQuarterly,
		PeriodStart: date.MustParse("2025-01-01"), PeriodEnd: date.MustParse("2025-03-31"), ActorID: realestatetest.User(t, db).ID})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		add          func(*documents.AddDocumentParams)
		found, other documents.DocumentFilter
	}{
		"offering": {func(a *documents.AddDocumentParams) { a.OfferingID = &o.ID }, documents.DocumentFilter{OfferingID: &o.ID},
			documents.DocumentFilter{OfferingID: ptr(id.New[investments.Offering]())}},
		"property": {func(a *documents.AddDocumentParams) { a.PropertyID = &property.ID }, documents.DocumentFilter{PropertyID: &property.ID},
			documents.DocumentFilter{PropertyID: &o.PropertyID}},
		"account": {func(a *documents.AddDocumentParams) { a.AccountID = &account.ID }, documents.DocumentFilter{AccountID: &account.ID},
			documents.DocumentFilter{AccountID: ptr(id.New[investments.Account]())}},
		"position": {func(a *documents.AddDocumentParams) { a.PositionID = &position.ID }, documents.DocumentFilter{PositionID: &position.ID},
			documents.DocumentFilter{PositionID: ptr(id.New[investments.Position]())}},
		"statement": {func(a *documents.AddDocumentParams) { a.StatementID = &statement.ID }, documents.DocumentFilter{StatementID: &statement.ID},
			documents.DocumentFilter{StatementID: ptr(id.New[investments.Statement]())}},
	} {
		d := realestatetest.Document(t, db, who, c.add)
		for n, f := range []documents.DocumentFilter{c.other, c.found} {
			f.ViewerID = who
			list, err := p.Documents.Documents(ctx, db, f, page.Request{})
			require.NoError(t, err, name)
			require.Len(t, list.Items, n, name)
			if n == 1 {
				require.Equal(t, d.ID, list.Items[0].ID, name)
			}
		}
	}
	for _, column := range []string{"account_id", "opportunity_id", "position_id", "property_id", "statement_id"} {
		require.NotContains(t, reached.Never(t, db, "documents"), "documents."+column)
	}
}
