package waterfall

import (
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/investments/returns"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// Projection asks what investors would earn if assumed events came true and the
// property were then sold, at several dates and capitalization rates. It runs
// the same engine as real distributions.
type Projection struct {
	Terms *Terms
	// State is where the deal stands. It is not changed.
	State *State
	// Events are assumed: operating distributions, further contributions. Those
	// after an exit do not happen in it.
	Events []Event
	// Exits are the sales to compare, Caps the capitalization rates to sell at,
	// above 0 and at most 10.
	Exits []Exit
	Caps  []decimal.Decimal
	// SellingCost is the part of the price that selling costs, from 0 to 1.
	SellingCost decimal.Decimal
	// Classes are those whose return is computed; all investors if empty.
	Classes []string
}

// Exit is an assumed sale.
type Exit struct {
	Date date.Date `json:"date"`
	// NOI is the yearly net operating income that the price capitalizes, by
	// custom that of the year after the sale.
	NOI money.Amount `json:"noi"`
	// Debt is what the sale has to pay off.
	Debt money.Amount `json:"debt"`
}

// Outcome is one cell of a projection.
type Outcome struct {
	Cap  decimal.Decimal `json:"cap"`
	Date date.Date       `json:"date"`
	// Price is round(NOI / Cap), Net the price less selling cost and debt. Where
	// the debt is larger, Net is 0: investors owe nothing.
	Price money.Amount `json:"price"`
	Net   money.Amount `json:"net"`
	// IRR is the investors' yearly return after promote, nil where there is none;
	// Multiple is what they got over what they paid in, nil where they paid nothing.
	IRR      *decimal.Decimal `json:"irr,omitempty"`
	Multiple *decimal.Decimal `json:"multiple,omitempty"`
	// Investors is what they got in all, Promote what its recipients got in all.
	Investors money.Amount `json:"investors"`
	Promote   money.Amount `json:"promote"`
	// Sale is the distribution of the net proceeds, with its trace.
	Sale *Result `json:"-"`
}

// Grid is a projection's outcomes, one row a capitalization rate and one column
// an exit.
type Grid [][]Outcome

// Run computes the grid. It returns [ErrProjection] with the field at fault,
// and the errors of [Apply].
func (p *Projection) Run() (Grid, error) {
	caps, cost, err := p.validate()
	if err != nil {
		return nil, err
	}
	g := make(Grid, len(caps))
	for k := range p.Exits {
		x := &p.Exits[k]
		var before []Event
		for _, ev := range p.Events {
			if !ev.Date.After(x.Date) {
				before = append(before, ev)
			}
		}
		s, _, err := Apply(p.Terms, p.State, before)
		if err != nil {
			return nil, err
		}
		for row, rate := range caps {
			o, err := p.sell(s, x, rate, cost)
			if err != nil {
				return nil, err
			}
			o.Cap = p.Caps[row]
			g[row] = append(g[row], *o)
		}
	}
	return g, nil
}

func (p *Projection) validate() (caps []int64, cost int64, err error) {
	var f fault.Fields
	f.Check(p.Terms != nil, "terms", check.Required, "a projection needs terms")
	f.Check(p.State != nil, "state", check.Required, "a projection needs a state")
	f.Check(len(p.Exits) > 0, "exits", check.Required, "a projection needs an exit")
	f.Check(len(p.Caps) > 0, "caps", check.Required, "a projection needs a capitalization rate")
	cost, ok := fixedRate(p.SellingCost)
	f.Check(ok && cost >= 0 && cost <= unit, "selling_cost", check.OutOfRange, "the selling cost is a fraction from 0 to 1")
	for i, d := range p.Caps {
		r, ok := fixedRate(d)
		f.Check(ok && r > 0 && r <= maxRate, fmt.Sprintf("caps[%d]", i), check.OutOfRange,
			"a capitalization rate is a fraction above 0 and at most 10, with at most 10 decimals")
		caps = append(caps, r)
	}
	for i := range p.Exits {
		x := &p.Exits[i]
		f.Check(!x.Date.IsZero(), fmt.Sprintf("exits[%d].date", i), check.Required, "an exit has a date")
		f.Check(x.NOI.Sign() >= 0 && x.Debt.Sign() >= 0, fmt.Sprintf("exits[%d]", i), check.OutOfRange, "income and debt are not below zero")
	}
	if err := f.Err(); err != nil {
		return nil, 0, ErrProjection.Because(err).With("%s", err)
	}
	return caps, cost, nil
}

// sell computes one cell on the state before the sale.
func (p *Projection) sell(s *State, x *Exit, rate, cost int64) (*Outcome, error) {
	price := mulDiv(x.NOI.Cents(), unit, rate)
	if price > money.MaxCents {
		return nil, ErrTooLarge.With("the price at exit").On("caps")
	}
	net := max(0, price-mulDiv(price, cost, unit)-x.Debt.Cents())
	// It is the last sale, unless the deal has had that.
	r, err := Compute(p.Terms, s, Distribution{Date: x.Date, Kind: Sale, Cash: cents(net), Last: !s.looked})
	if err != nil {
		return nil, err
	}
	o := &Outcome{Date: x.Date, Price: cents(price), Net: cents(net), Promote: r.Closing.PromotePaid(), Sale: r}
	var flows []returns.Cash
	var in, out int64
	for _, f := range r.Closing.Flows(p.Classes...) {
		in, out = in+f.In.Cents(), out+f.Out.Cents()
		flows = append(flows, returns.Cash{Date: f.Date, Amount: cents(f.Out.Cents() - f.In.Cents())})
	}
	o.Investors = cents(out)
	if m, ok := o.Investors.Ratio(cents(in), 10); ok {
		o.Multiple = &m
	}
	switch rate, err := returns.XIRR(flows); {
	case err == nil:
		d := rate.Decimal()
		o.IRR = &d
	case !errors.Is(err, returns.ErrNoSignChange) && !errors.Is(err, returns.ErrNoRoot) && !errors.Is(err, returns.ErrRateOutOfRange):
		return nil, err
	}
	return o, nil
}

// Table renders the grid as an aligned text table: IRR and multiple by
// capitalization rate and exit. A dash is where there is no return.
func (g Grid) Table() string {
	if len(g) == 0 {
		return ""
	}
	head := []string{"exit cap"}
	for _, o := range g[0] {
		head = append(head, o.Date.String())
	}
	t := grid{head}
	for _, row := range g {
		cells := []string{row[0].Cap.Shift(2).String() + " %"}
		for _, o := range row {
			cells = append(cells, o.text())
		}
		t = append(t, cells)
	}
	var b strings.Builder
	t.write(&b)
	return b.String()
}

func (o *Outcome) text() string {
	irr, multiple := "-", "-"
	if o.IRR != nil {
		irr = o.IRR.Shift(2).StringFixed(2) + " %"
	}
	if o.Multiple != nil {
		multiple = o.Multiple.StringFixed(2) + "x"
	}
	return irr + " / " + multiple
}
