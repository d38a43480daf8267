package faulttest

import (
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/internal/recipes"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

var worksheetPairs = []pair{
	{"declare twice by one worksheet", declareDeclareByWorksheet, []string{"ok/worksheet_short", "worksheet_short/ok"}, 100},
	{"declare by a worksheet and prepare the next", declarePrepare, []string{"ok/ok", "worksheet_superseded/ok"}, 100},
}

// byWorksheet is two distributions of 600 out of two offerings of one property, by a
// worksheet that allows 1,000.
func (w *world) byWorksheet() (sheet financials.PrepareWorksheetParams, out [2]investments.DeclareParams) {
	w.T.Helper()
	property := realestatetest.Property(w.T, w.DB).ID
	l := w.LentOn(property)
	sheet = financials.PrepareWorksheetParams{PropertyID: property, AsOf: recipes.MovedOn, ActorID: recipes.Staff}
	ready, err := w.P.Cash.PrepareWorksheet(w.T.Context(), w.DB, sheet)
	require.NoError(w.T, err)
	require.Equal(w.T, l.Principal, ready.Distributable)
	for i := range out {
		o := realestatetest.Offering(w.T, w.DB, func(p *investments.CreateOfferingParams) {
			p.PropertyID, p.MinimumInvestment, p.ActorID = property, nil, recipes.Staff
		})
		w.Funded(o, w.Who[0], "50000")
		out[i] = w.Declaration(o, recipes.MovedOn, "600")
		out[i].WorksheetID = &ready.ID
	}
	return sheet, out
}

func declareDeclareByWorksheet(w *world) (a, b command, judge func(*world, error, error)) {
	_, p := w.byWorksheet()
	return do(w.P.Distributions.Declare, p[0]), do(w.P.Distributions.Declare, p[1]), func(w *world, a, b error) {
		w.one(a, b, investments.ErrWorksheetShort)
		w.count(1, "investments.distributions WHERE worksheet_id = ?", *p[0].WorksheetID)
	}
}

func declarePrepare(w *world) (a, b command, judge func(*world, error, error)) {
	sheet, p := w.byWorksheet()
	return do(w.P.Distributions.Declare, p[0]), do(w.P.Cash.PrepareWorksheet, sheet), func(w *world, a, b error) {
		require.NoError(w.T, b)
		declared := 1
		if a != nil {
			w.refused(a, investments.ErrWorksheetSuperseded)
			declared = 0
		}
		w.count(declared, "investments.distributions WHERE worksheet_id = ?", *p[0].WorksheetID)
		latest, err := w.P.Cash.LatestWorksheet(w.T.Context(), w.DB, sheet.PropertyID)
		require.NoError(w.T, err)
		use, err := w.P.Capital.WorksheetUse(w.T.Context(), w.DB, latest.ID)
		require.NoError(w.T, err)
		require.Equal(w.T, map[int]string{0: "1000.00", 1: "400.00"}[declared], use.Left.String())
	}
}
