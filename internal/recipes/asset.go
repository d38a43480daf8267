package recipes

import (
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/market"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// assetVerbs are those of houses, and of the works on them.
var assetVerbs = []Recipe{
	{"Properties.RegisterProperty", func(w *World) Call {
		return Do(w.P.Properties.RegisterProperty, properties.RegisterPropertyParams{Name: "Elm Court", Slug: Key(), AddressLine1: "1 Elm", City: "Akron", State: "OH", ZipCode: "44301",
			Units: []properties.UnitParams{{Number: "1"}}})
	}},
	{"Properties.UpdateProperty", func(w *World) Call {
		p, name := realestatetest.Property(w.T, w.DB), "Elm Court II"
		return Do(w.P.Properties.UpdateProperty, properties.UpdatePropertyParams{ID: p.ID, Version: p.Version, Name: &name})
	}},
	{"Properties.UpdateUnit", func(w *World) Call {
		units := must(w.P.Properties.AddUnits(w.T.Context(), w.DB, properties.AddUnitsParams{PropertyID: w.Property, Units: []properties.UnitParams{{Number: Key()[:20]}}}))(w)
		number := Key()[:20]
		return Do(w.P.Properties.UpdateUnit, properties.UpdateUnitParams{ID: units[0].ID, Version: units[0].Version, Number: &number})
	}},
	{"Properties.DeleteProperty", func(w *World) Call {
		return Calls(w.P.Properties.DeleteProperty, realestatetest.Property(w.T, w.DB).ID)
	}},
	{"Market.AreaByName", func(w *World) Call {
		name := Key()
		must(w.P.Market.AddArea(w.T.Context(), w.DB, market.AddAreaParams{Name: name}))(w)
		return Calls(w.P.Market.AreaByName, name, (*string)(nil))
	}},
	{"Payables.StartMaintenance", func(w *World) Call {
		r := must(w.P.Payables.ReportMaintenance(w.T.Context(), w.DB, payables.ReportMaintenanceParams{PropertyID: w.Property, Summary: "leak", Date: MovedOn, ActorID: Staff}))(w)
		v := must(w.P.Payables.AddVendor(w.T.Context(), w.DB, payables.AddVendorParams{Name: "Buckeye Plumbing", ActorID: Staff}))(w)
		must(w.P.Payables.AssignMaintenance(w.T.Context(), w.DB, payables.AssignMaintenanceParams{RequestID: r.ID, VendorID: v.ID, ActorID: Staff}))(w)
		return Do(w.P.Payables.StartMaintenance, payables.StartMaintenanceParams{RequestID: r.ID, Date: MovedOn, ActorID: Staff})
	}},
	{"Renovations.StartProject", func(w *World) Call {
		return Do(w.P.Renovations.StartProject, renovations.StartProjectParams{ProjectID: w.Project(w.Property).ID, Date: MovedOn})
	}},
	{"Renovations.StartUnitRenovation", func(w *World) Call {
		p := w.Project(w.Property, renovations.PlanUnit{UnitID: w.letting().UnitID})
		must(w.P.Renovations.StartProject(w.T.Context(), w.DB, renovations.StartProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-01-01")}))(w)
		list := must(w.P.Renovations.UnitRenovations(w.T.Context(), w.DB, p.ID, firstPage))(w)
		return Do(w.P.Renovations.StartUnitRenovation, renovations.StartUnitRenovationParams{UnitRenovationID: list.Items[0].ID, Date: MovedOn})
	}},
	{"Renovations.ReportProgress", func(w *World) Call {
		return Do(w.P.Renovations.ReportProgress, renovations.ReportProgressParams{ProjectID: w.works().ProjectID, Date: MovedOn})
	}},
	{"Renovations.HoldProject", func(w *World) Call {
		return Do(w.P.Renovations.HoldProject, renovations.HoldProjectParams{ProjectID: w.works().ProjectID, Reason: "permits"})
	}},
	{"Renovations.ResumeProject", func(w *World) Call {
		p := w.works().ProjectID
		must(w.P.Renovations.HoldProject(w.T.Context(), w.DB, renovations.HoldProjectParams{ProjectID: p, Reason: "permits"}))(w)
		return Calls(w.P.Renovations.ResumeProject, p)
	}},
	{"Renovations.MeasureProject", func(w *World) Call {
		p := w.Project(w.Property)
		must(w.P.Renovations.StartProject(w.T.Context(), w.DB, renovations.StartProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-01-01")}))(w)
		must(w.P.Renovations.CompleteProject(w.T.Context(), w.DB, renovations.CompleteProjectParams{ProjectID: p.ID, Date: MovedOn, Cost: money.MustParse("900")}))(w)
		return Do(w.P.Renovations.MeasureProject, renovations.MeasureProjectParams{ProjectID: p.ID, NOIIncrease: money.MustParse("70")})
	}},
	{"Renovations.RequestChangeOrder", func(w *World) Call { return Do(w.P.Renovations.RequestChangeOrder, w.changing()) }},
	{"Renovations.RejectChangeOrder", func(w *World) Call {
		return Do(w.P.Renovations.RejectChangeOrder, renovations.RejectChangeOrderParams{OrderID: w.ordered().ID, ActorID: w.Boss, Reason: "too much"})
	}},
	{"Renovations.ChangeOrder", func(w *World) Call { return Calls(w.P.Renovations.ChangeOrder, w.ordered().ID) }},
}

func (w *World) changing() renovations.RequestChangeOrderParams {
	w.T.Helper()
	return renovations.RequestChangeOrderParams{ProjectID: w.works().ProjectID, Description: "tiles", Amount: money.MustParse("9"), ActorID: w.Clerk}
}

// ordered is a change order that waits for its approval.
func (w *World) ordered() *renovations.BudgetChange {
	w.T.Helper()
	o, err := w.P.Renovations.RequestChangeOrder(w.T.Context(), w.DB, w.changing())
	require.NoError(w.T, err)
	return o
}
