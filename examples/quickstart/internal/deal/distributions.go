package deal

import (
	"github.com/freehold-go/freehold/examples/quickstart/internal/sheet"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
)

var distributionColumns = []sheet.Column{
	{Name: "date", Also: []string{"distribution_date", "payment_date"}, Required: true},
	{Name: "record_date"},
	{Name: "amount", Also: []string{"total", "total_amount"}, Required: true},
	{Name: "method", Also: []string{"calculation_method"}},
	{Name: "type", Also: []string{"distribution_type"}},
	{Name: "note", Also: []string{"notes", "memo", "period"}},
}

// methodWords are the ways to split a distribution that this program pays by.
var methodWords = words(investments.MethodProRata)

var typeWords = words(investments.DistributionMonthlyIncome, investments.DistributionQuarterly,
	investments.DistributionRefinance, investments.DistributionSaleProceeds)

func (d *Deal) readDistributions(data []byte, log *sheet.Log) {
	t := sheet.Read(data, distributionColumns, log)
	var last date.Date
	for _, r := range t.Rows {
		x := Distribution{
			Date: r.NeedDate("date"), Record: r.Date("record_date"), Amount: r.NeedAmount("amount"),
			Type: sheet.Choice(r, "type", typeWords, list(investments.DistributionMonthlyIncome, investments.DistributionQuarterly, investments.DistributionRefinance, investments.DistributionSaleProceeds)),
			Note: r.Text("note"),
		}
		sheet.Choice(r, "method", methodWords, list(investments.MethodProRata))
		if x.Type == "" {
			x.Type = investments.DistributionQuarterly
		}
		if r.Has("amount") && x.Amount.Sign() <= 0 {
			r.Reject("amount", "an amount above zero is wanted")
		}
		if x.Record != nil && x.Record.After(x.Date) {
			r.Reject("record_date", "the record date is not after the day of payment")
		}
		if !x.Date.IsZero() {
			if !x.Date.After(last) {
				r.Reject("date", "distributions are listed by date, one a day")
			}
			last = x.Date
		}
		d.Distributions = append(d.Distributions, x)
	}
}
