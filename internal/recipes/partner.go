package recipes

import (
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

var partnerVerbs = []Recipe{
	{"Positions.FixRate", func(w *World) Call {
		o, _, _ := w.partners()
		return Do(w.P.Positions.FixRate, investments.FixRateParams{IdempotencyKey: Key(), OfferingID: o.ID, Index: "SOFR", Date: MovedOn, Rate: decimal.RequireFromString("0.05"), ActorID: Staff})
	}},
	{"Positions.EnterDefault", func(w *World) Call {
		o, _, _ := w.partners()
		return Do(w.P.Positions.EnterDefault, investments.EnterDefaultParams{IdempotencyKey: Key(), OfferingID: o.ID, Preference: "common", Date: MovedOn, ActorID: Staff})
	}},
	{"Positions.LendToPartner", func(w *World) Call {
		_, a, b := w.partners()
		return Do(w.P.Positions.LendToPartner, lending(a, b))
	}},
	{"Positions.RepayLoan", func(w *World) Call {
		_, a, b := w.partners()
		loan, err := w.P.Positions.LendToPartner(w.T.Context(), w.DB, lending(a, b))
		require.NoError(w.T, err)
		return Do(w.P.Positions.RepayLoan, investments.RepayLoanParams{IdempotencyKey: Key(), LoanID: loan.ID, Date: MovedOn, Amount: money.MustParse("250"), ActorID: Staff})
	}},
	{"Positions.DilutePartner", func(w *World) Call {
		_, a, _ := w.partners()
		return Do(w.P.Positions.DilutePartner, investments.DilutePartnerParams{IdempotencyKey: Key(), PositionID: a, Date: MovedOn, Missing: money.MustParse("5000"),
			Factor: decimal.RequireFromString("1.5"), ActorID: Staff})
	}},
	{"Positions.EnterSideLetter", func(w *World) Call {
		_, a, _ := w.partners()
		rate := decimal.RequireFromString("0.09")
		return Do(w.P.Positions.EnterSideLetter, investments.EnterSideLetterParams{IdempotencyKey: Key(), PositionID: a, Date: MovedOn, Term: investments.SideTermPrefRate, Rate: &rate, ActorID: Staff})
	}},
	{"Positions.WithdrawPartnerEvent", func(w *World) Call {
		_, a, b := w.partners()
		loan, err := w.P.Positions.LendToPartner(w.T.Context(), w.DB, lending(a, b))
		require.NoError(w.T, err)
		return Do(w.P.Positions.WithdrawPartnerEvent, investments.WithdrawPartnerEventParams{IdempotencyKey: Key(), EventID: loan.ID, Date: MovedOn, Reason: "no loan was made", ActorID: Staff})
	}},
	{"Distributions.Declare with a loan, an advance and property", func(w *World) Call {
		o, a, b := w.partners()
		_, err := w.P.Positions.LendToPartner(w.T.Context(), w.DB, lending(a, b))
		require.NoError(w.T, err)
		p := w.Declaration(o, Quarter2, "777.77")
		p.Advances, p.InKind = []waterfall.Advance{{Account: a.String(), Amount: money.MustParse("100")}}, money.MustParse("77.77")
		return Do(w.P.Distributions.Declare, p)
	}},
	{"Distributions.Pay with a loan", func(w *World) Call {
		o, a, b := w.partners()
		_, err := w.P.Positions.LendToPartner(w.T.Context(), w.DB, lending(a, b))
		require.NoError(w.T, err)
		return Do(w.P.Distributions.Pay, Payment(w.Approved(o, Quarter2, "777.77")))
	}},
}

// partners makes an offering of two under terms with a floating Rate.
func (w *World) partners() (o *investments.Offering, a, b id.Of[investments.Position]) {
	w.T.Helper()
	o = w.Offering("1000000")
	terms, err := waterfall.ParseTerms([]byte(`{"prefs": {"common": {"rate": "0.08", "index": {"name": "SOFR", "spread": "0.03"}, "default_rate": "0.12"}},
		"tiers": {"capital": [{"name": "pref", "type": "pref"}, {"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split"}]}}`))
	require.NoError(w.T, err)
	_, err = w.P.Offerings.SetTerms(w.T.Context(), w.DB, investments.SetTermsParams{OfferingID: o.ID, EffectiveDate: CommittedOn, Terms: terms, ActorID: w.Clerk})
	require.NoError(w.T, err)
	return o, *w.Funded(o, w.Who[0], "50000").PositionID, *w.Funded(o, w.Who[1], "30000").PositionID
}

func lending(lender, debtor id.Of[investments.Position]) investments.LendToPartnerParams {
	return investments.LendToPartnerParams{IdempotencyKey: Key(), LenderID: lender, DebtorID: debtor, Date: MovedOn, Amount: money.MustParse("1000"),
		Rate: decimal.RequireFromString("0.06"), Compounding: waterfall.CompoundMonthly, ActorID: Staff}
}
