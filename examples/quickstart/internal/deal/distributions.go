package deal

import (
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/tabular"
)

// Distribution is cash to pay out. One that turned out to be wrong is reversed
// before the money leaves.
type Distribution struct {
	Date     date.Date
	Record   *date.Date // pro rata: whoever holds shares on this day is paid; nil is Date
	Amount   money.Amount
	Method   investments.Method
	Type     investments.DistributionType
	Reversed *date.Date // nil when it is paid
	Reason   string     // of the reversal
	Note     string
}

var distributionColumns = []tabular.Column{
	{Name: "date", Also: []string{"distribution_date", "payment_date"}, Required: true},
	{Name: "record_date"},
	{Name: "amount", Adds: true, Also: []string{"total", "total_amount"}, Required: true},
	{Name: "method", Also: []string{"calculation_method"}},
	{Name: "type", Also: []string{"distribution_type"}},
	{Name: "reversed_on", Also: []string{"reversed", "reversal_date"}},
	{Name: "reason", Also: []string{"reversal_reason"}},
	{Name: "note", Also: []string{"notes", "memo", "period"}},
}

var typeWords = words(investments.DistributionMonthlyIncome, investments.DistributionQuarterly,
	investments.DistributionRefinance, investments.DistributionSaleProceeds)

func (d *Deal) readDistributions(f *tabular.File) {
	t := f.Table(distributionColumns)
	var last date.Date
	for _, r := range t.Rows {
		x := Distribution{
			Date: r.NeedDate("date"), Record: r.Date("record_date"), Amount: r.NeedAmount("amount"), Method: d.method(r),
			Type:     tabular.Choice(r, "type", typeWords, list(investments.DistributionMonthlyIncome, investments.DistributionQuarterly, investments.DistributionRefinance, investments.DistributionSaleProceeds)),
			Reversed: r.Date("reversed_on"), Reason: r.Text("reason"), Note: r.Text("note"),
		}
		if x.Type == "" {
			x.Type = investments.DistributionQuarterly
		}
		if r.Has("amount") && x.Amount.Sign() <= 0 {
			r.Reject("amount", "an amount above zero is wanted")
		}
		if !x.Date.IsZero() {
			if !x.Date.After(last) {
				r.Reject("date", "distributions are listed by date, one a day")
			}
			last = x.Date
		}
		d.checkDates(r, &x)
		d.Distributions = append(d.Distributions, x)
	}
}

// method reads how a distribution is split: by the terms where there are
// terms, else pro rata.
func (d *Deal) method(r tabular.Row) investments.Method {
	allowed := []investments.Method{investments.MethodProRata}
	if d.byTerms {
		allowed = []investments.Method{investments.MethodWaterfall, investments.MethodPreferred}
	}
	if m := tabular.Choice(r, "method", words(allowed...), list(allowed...)); m != "" {
		return m
	}
	return allowed[0]
}

// checkDates checks the further dates of a distribution against its own.
func (d *Deal) checkDates(r tabular.Row, x *Distribution) {
	switch {
	case x.Record == nil:
	case d.byTerms:
		r.Reject("record_date", "under %s capital counts by the day, and there is no record date", TermsFile)
	case x.Record.After(x.Date):
		r.Reject("record_date", "the record date is not after the day of payment")
	}
	switch {
	case x.Reversed != nil && x.Reversed.Before(x.Date):
		r.Reject("reversed_on", "a reversal is not before what it reverses")
	case x.Reversed != nil && !r.Has("reason"):
		r.Reject("reason", "a reversal has a reason")
	case !r.Has("reversed_on") && r.Has("reason"):
		r.Reject("reversed_on", "the reason is that of a reversal, whose date is missing")
	}
}
