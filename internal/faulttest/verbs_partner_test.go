package faulttest

import (
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

var partnerVerbs = []verb{
	{"Positions.FixRate", func(w *world) command {
		o, _, _ := w.partners()
		return do(w.p.Positions.FixRate, investments.FixRateParams{IdempotencyKey: key(), OfferingID: o.ID, Index: "SOFR", Date: movedOn, Rate: decimal.RequireFromString("0.05"), ActorID: staff})
	}},
	{"Positions.EnterDefault", func(w *world) command {
		o, _, _ := w.partners()
		return do(w.p.Positions.EnterDefault, investments.EnterDefaultParams{IdempotencyKey: key(), OfferingID: o.ID, Preference: "common", Date: movedOn, ActorID: staff})
	}},
	{"Positions.LendToPartner", func(w *world) command {
		_, a, b := w.partners()
		return do(w.p.Positions.LendToPartner, lending(a, b))
	}},
	{"Positions.RepayLoan", func(w *world) command {
		_, a, b := w.partners()
		loan, err := w.p.Positions.LendToPartner(w.t.Context(), w.db, lending(a, b))
		require.NoError(w.t, err)
		return do(w.p.Positions.RepayLoan, investments.RepayLoanParams{IdempotencyKey: key(), LoanID: loan.ID, Date: movedOn, Amount: money.MustParse("250"), ActorID: staff})
	}},
	{"Positions.DilutePartner", func(w *world) command {
		_, a, _ := w.partners()
		return do(w.p.Positions.DilutePartner, investments.DilutePartnerParams{IdempotencyKey: key(), PositionID: a, Date: movedOn, Missing: money.MustParse("5000"),
			Factor: decimal.RequireFromString("1.5"), ActorID: staff})
	}},
	{"Positions.EnterSideLetter", func(w *world) command {
		_, a, _ := w.partners()
		rate := decimal.RequireFromString("0.09")
		return do(w.p.Positions.EnterSideLetter, investments.EnterSideLetterParams{IdempotencyKey: key(), PositionID: a, Date: movedOn, Term: investments.SideTermPrefRate, Rate: &rate, ActorID: staff})
	}},
	{"Positions.WithdrawPartnerEvent", func(w *world) command {
		_, a, b := w.partners()
		loan, err := w.p.Positions.LendToPartner(w.t.Context(), w.db, lending(a, b))
		require.NoError(w.t, err)
		return do(w.p.Positions.WithdrawPartnerEvent, investments.WithdrawPartnerEventParams{IdempotencyKey: key(), EventID: loan.ID, Date: movedOn, Reason: "no loan was made", ActorID: staff})
	}},
	{"Distributions.Declare with a loan, an advance and property", func(w *world) command {
		o, a, b := w.partners()
		_, err := w.p.Positions.LendToPartner(w.t.Context(), w.db, lending(a, b))
		require.NoError(w.t, err)
		p := w.declaration(o, quarter2, "777.77")
		p.Advances, p.InKind = []waterfall.Advance{{Account: a.String(), Amount: money.MustParse("100")}}, money.MustParse("77.77")
		return do(w.p.Distributions.Declare, p)
	}},
	{"Distributions.Pay with a loan", func(w *world) command {
		o, a, b := w.partners()
		_, err := w.p.Positions.LendToPartner(w.t.Context(), w.db, lending(a, b))
		require.NoError(w.t, err)
		return do(w.p.Distributions.Pay, payment(w.approved(o, quarter2, "777.77")))
	}},
}

// partners makes an offering of two under terms with a floating rate.
func (w *world) partners() (o *investments.Offering, a, b id.Of[investments.Position]) {
	w.t.Helper()
	o = w.offering("1000000")
	terms, err := waterfall.ParseTerms([]byte(`{"prefs": {"common": {"rate": "0.08", "index": {"name": "SOFR", "spread": "0.03"}, "default_rate": "0.12"}},
		"tiers": {"capital": [{"name": "pref", "type": "pref"}, {"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split"}]}}`))
	require.NoError(w.t, err)
	_, err = w.p.Offerings.SetTerms(w.t.Context(), w.db, investments.SetTermsParams{OfferingID: o.ID, EffectiveDate: committedOn, Terms: terms, ActorID: w.clerk})
	require.NoError(w.t, err)
	return o, *w.funded(o, w.who[0], "50000").PositionID, *w.funded(o, w.who[1], "30000").PositionID
}

func lending(lender, debtor id.Of[investments.Position]) investments.LendToPartnerParams {
	return investments.LendToPartnerParams{IdempotencyKey: key(), LenderID: lender, DebtorID: debtor, Date: movedOn, Amount: money.MustParse("1000"),
		Rate: decimal.RequireFromString("0.06"), Compounding: waterfall.CompoundMonthly, ActorID: staff}
}
