package conformance

import (
	"github.com/freehold-go/freehold/investments/returns"
)

func flows(in reader, key string) []returns.Flow {
	out := []returns.Flow{}
	for _, f := range in.objects(key) {
		f.only("date", "amount")
		out = append(out, returns.Flow{Date: f.date("date"), Amount: f.decimal("amount")})
	}
	return out
}

func xirr(v *vector) (_ object, err error) {
	in := read(v, &err)
	in.only("flows", "guess")
	fs := flows(in, "flows")
	if err != nil {
		return nil, err
	}
	r, err := returns.XIRR(fs)
	return rates(in, r), err
}

func irr(v *vector) (_ object, err error) {
	in := read(v, &err)
	in.only("values", "guess")
	values := in.decimals("values")
	if err != nil {
		return nil, err
	}
	r, err := returns.IRR(values)
	return rates(in, r), err
}

// rates lists the roots, and the one nearest to the guess.
func rates(in reader, r returns.Result) object {
	guess := returns.DefaultGuess
	if in.has("guess") {
		guess = in.decimal("guess").InexactFloat64()
	}
	roots := []any{}
	for _, root := range r.Roots {
		roots = append(roots, root.Decimal())
	}
	return object{"rate": r.Near(guess).Decimal(), "unique": r.Unique, "roots": roots}
}

func xnpv(v *vector) (_ object, err error) {
	in := read(v, &err)
	in.only("rate", "flows")
	rate, fs := in.decimal("rate"), flows(in, "flows")
	if err != nil {
		return nil, err
	}
	value, err := returns.XNPV(rate, fs)
	return object{"xnpv": value}, err
}

func npv(v *vector) (_ object, err error) {
	in := read(v, &err)
	in.only("rate", "values")
	rate, values := in.decimal("rate"), in.decimals("values")
	if err != nil {
		return nil, err
	}
	first, err := returns.NPV(rate, values)
	if err != nil {
		return nil, err
	}
	later, err := returns.NPVExcel(rate, values)
	return object{"npv_t0": first, "npv_excel": later}, err
}

func mirr(v *vector) (_ object, err error) {
	in := read(v, &err)
	in.only("values", "finance_rate", "reinvest_rate")
	values, finance, reinvest := in.decimals("values"), in.decimal("finance_rate"), in.decimal("reinvest_rate")
	if err != nil {
		return nil, err
	}
	rate, err := returns.MIRR(values, finance, reinvest)
	return object{"mirr": rate}, err
}

// performance tells the kinds of return apart by their inputs, since a case may
// name no family.
func performance(v *vector) (object, error) {
	switch in := v.Inputs; {
	case in["sub_period_returns"] != nil:
		return timeWeighted(v)
	case in["start"] != nil:
		return modifiedDietz(v)
	case in["noi"] != nil || in["capital_improvements"] != nil || in["partial_sales"] != nil:
		return ncreif(v)
	}
	return fundMultiples(v)
}

func timeWeighted(v *vector) (_ object, err error) {
	in := read(v, &err)
	in.only("sub_period_returns")
	parts := in.decimals("sub_period_returns")
	if err != nil {
		return nil, err
	}
	r, err := returns.TimeWeighted(parts)
	return object{"return": r}, err
}

func modifiedDietz(v *vector) (_ object, err error) {
	in := read(v, &err)
	in.only("start", "end", "begin_value", "end_value", "flows")
	params := returns.DietzParams{Start: in.date("start"), End: in.date("end"), BeginValue: in.decimal("begin_value"),
		EndValue: in.decimal("end_value"), Flows: flows(in, "flows")}
	if err != nil {
		return nil, err
	}
	r, err := returns.ModifiedDietz(params)
	return object{"return": r.Return, "average_capital": r.AverageCapital, "gain": r.Gain}, err
}

func ncreif(v *vector) (_ object, err error) {
	in := read(v, &err)
	in.only("begin_value", "end_value", "noi", "capital_improvements", "partial_sales")
	params := returns.QuarterParams{BeginValue: in.decimal("begin_value"), EndValue: in.decimal("end_value"), NOI: in.decimal("noi"),
		CapitalImprovements: in.decimal("capital_improvements"), PartialSales: in.decimal("partial_sales")}
	if err != nil {
		return nil, err
	}
	r, err := returns.NCREIFQuarter(params)
	return object{"income_return": r.Income, "capital_return": r.Capital, "total_return": r.Total, "denominator": r.Denominator}, err
}

func fundMultiples(v *vector) (_ object, err error) {
	in := read(v, &err)
	in.only("paid_in", "distributions", "nav", "committed", "commitment")
	paidIn, paidOut, nav := in.decimal("paid_in"), in.decimal("distributions"), in.decimal("nav")
	if err != nil {
		return nil, err
	}
	m, err := returns.FundMultiples(paidIn, paidOut, nav)
	return object{"dpi": m.DPI, "rvpi": m.RVPI, "tvpi": m.TVPI, "equity_multiple": m.TVPI}, err
}
