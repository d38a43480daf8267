package conformance

import (
	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

func allocation(v *vector) (_ object, err error) {
	in := read(v, &err)
	in.only("total", "weights")
	total := in.money("total")
	var members []money.Share
	for _, w := range in.objects("weights") {
		w.only("id", "weight")
		members = append(members, money.Share{ID: w.text("id"), Weight: w.decimal("weight")})
	}
	if err != nil {
		return nil, err
	}
	parts, err := money.Allocate(total, members)
	if err != nil {
		return nil, err
	}
	got := amounts{}
	for i, m := range members {
		got[m.ID] = parts[i]
	}
	sum, err := money.Sum(parts...)
	return object{"amounts": got, "total": sum}, err
}

func dayCount(v *vector) (_ object, err error) {
	in := read(v, &err)
	in.only("start", "end")
	start, end := in.date("start"), in.date("end")
	if err != nil {
		return nil, err
	}
	got := object{
		"days_actual":   end.Sub(start),
		"days_30_360US": date.Thirty360US.Days(start, end),
		"days_30E_360":  date.Thirty360E.Days(start, end),
	}
	for _, c := range []date.DayCount{date.Act365F, date.Act360, date.Thirty360US, date.Thirty360E, date.ActActISDA} {
		num, den, err := c.Fraction(start, end)
		if err != nil {
			return nil, err
		}
		got[string(c)] = decimal.NewFromInt(num).DivRound(decimal.NewFromInt(den), 30)
	}
	return got, nil
}
