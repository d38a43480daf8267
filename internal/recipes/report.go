package recipes

import (
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/analytics"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// reportVerbs look at what investors have, and where they stopped.
var reportVerbs = []Recipe{
	{"Accounts.ActiveInstruction", func(w *World) Call {
		in := must(w.P.Accounts.RequestInstruction(w.T.Context(), w.DB, w.instruction()))(w)
		must(w.P.Accounts.ApproveInstruction(w.T.Context(), w.DB, investments.ApproveInstructionParams{InstructionID: in.ID, ActorID: Staff}))(w)
		return Calls(w.P.Accounts.ActiveInstruction, w.Who[0], (*id.Of[investments.Account])(nil))
	}},
	{"Accounts.RevealInstruction", func(w *World) Call {
		return Calls(w.P.Accounts.RevealInstruction, must(w.P.Accounts.RequestInstruction(w.T.Context(), w.DB, w.instruction()))(w).ID)
	}},
	{"Accounts.RevealTaxID", func(w *World) Call {
		a := must(w.P.Accounts.Open(w.T.Context(), w.DB, investments.OpenAccountParams{InvestorID: w.Who[0], Type: investments.AccountLLC, Name: "Elm LLC", ActorID: w.Who[0]}))(w)
		must(w.P.Accounts.SetTaxID(w.T.Context(), w.DB, investments.SetTaxIDParams{AccountID: a.ID, TaxID: auth.NewSecret("12-3456789"), ActorID: Staff}))(w)
		return Calls(w.P.Accounts.RevealTaxID, a.ID)
	}},
	{"Capital.CashRecord", func(w *World) Call {
		o, _ := w.ToApprove()
		return Calls(w.P.Capital.CashRecord, must(w.P.Capital.RecordCash(w.T.Context(), w.DB, w.cashIn(o)))(w).ID)
	}},
	{"Capital.Exit", func(w *World) Call {
		o := w.Sold()
		must(w.P.Capital.ExitOffering(w.T.Context(), w.DB, Exit(o)))(w)
		return Calls(w.P.Capital.Exit, o.ID)
	}},
	{"Capital.WriteOff", func(w *World) Call {
		return Calls(w.P.Capital.WriteOff, must(w.P.Capital.RequestWriteOff(w.T.Context(), w.DB, w.writeOff()))(w).ID)
	}},
	{"Offerings.PreviewTerms", func(w *World) Call {
		return Do(w.P.Offerings.PreviewTerms, w.termsFor(w.Offering("100000")))
	}},
	{"Reports.Clawback", func(w *World) Call {
		o := w.Offering("1000000")
		w.WaterfallTerms(o)
		w.Funded(o, w.Who[0], "50000")
		return Do(w.P.Reports.Clawback, investments.ClawbackParams{OfferingIDs: []id.Of[investments.Offering]{o.ID}})
	}},
	{"Reports.Portfolio", func(w *World) Call {
		w.ToApprove()
		return Calls(w.P.Reports.Portfolio, w.Who[0])
	}},
	{"Analytics.Funnel", func(w *World) Call {
		p := w.seen()
		return Calls(w.P.Analytics.Funnel, p.UserID, p.OfferingID)
	}},
	{"Analytics.DropOff", func(w *World) Call { return Do(w.P.Analytics.DropOff, w.seen()) }},
	{"Analytics.Performance", func(w *World) Call {
		w.ToApprove()
		if err := w.P.Analytics.RefreshPerformance(w.T.Context(), w.DB); err != nil {
			w.T.Fatal(err)
		}
		return Calls(w.P.Analytics.Performance, w.Who[0])
	}},
}

// seen is an offering that somebody looked at.
func (w *World) seen() analytics.DropOffParams {
	w.T.Helper()
	o, who := w.Offering("100000"), w.Person()
	must(w.P.Analytics.AdvanceFunnel(w.T.Context(), w.DB, analytics.AdvanceFunnelParams{UserID: who, OfferingID: o.ID, Stage: analytics.StageViewed}))(w)
	return analytics.DropOffParams{UserID: who, OfferingID: o.ID}
}
