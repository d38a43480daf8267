package waterfall

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/freehold-go/freehold/realestate/money"
)

// Table renders the trace as an aligned text table, one row a step, followed by
// each step's rule and inputs.
func (t *Trace) Table() string {
	var b strings.Builder
	b.WriteString(t.title())
	if !t.Released.IsZero() {
		b.WriteString(t.releaseText())
	}
	b.WriteString("\n\n")
	g := grid{{"tier", "cash before", "need", "investors", "promote", "fees and reserve", "cash after"}}
	for i := range t.Steps {
		s := &t.Steps[i]
		need := "all"
		if s.Need != nil {
			need = s.Need.Format()
		}
		g = append(g, []string{s.label(), s.CashBefore.Format(), need, cents(s.Investors.Cents() + s.Spared.Cents()).Format(),
			s.Promote.Format(), cents(s.Fee.Cents() + s.Held.Cents()).Format(), s.CashAfter.Format()})
	}
	g.write(&b)
	fmt.Fprintf(&b, "undistributed: %s\n\n", t.Undistributed.Format())
	for i := range t.Steps {
		s := &t.Steps[i]
		fmt.Fprintf(&b, "%s: %s\n", s.label(), s.Rule)
		for _, in := range s.Inputs {
			fmt.Fprintf(&b, "    %s: %s\n", in.Name, in.Value)
		}
	}
	for _, a := range t.Advances {
		fmt.Fprintf(&b, "advance of %s to %s, before the tiers\n", a.Amount.Format(), a.Account)
	}
	if !t.Credit.IsZero() {
		fmt.Fprintf(&b, "the tiers ran on %s more than the cash: advances that had been paid\n", t.Credit.Format())
	}
	for _, l := range t.Loans {
		fmt.Fprintf(&b, "loan of %s to %s: interest of %s and principal of %s are paid to the lender\n", l.Lender, l.Debtor, l.Interest.Format(), l.Principal.Format())
	}
	for _, a := range t.Adjustments {
		fmt.Fprintf(&b, "adjustment of %s for %s: %s\n", a.Delta.Format(), a.Account, a.Reason)
	}
	return b.String()
}

// Table renders who gets what, one row an account and one column a tier. Given
// accounts it shows those only; without, everyone who gets money.
func (r *Result) Table(accounts ...string) string {
	head := []string{"account"}
	for i := range r.Tiers {
		head = append(head, r.Tiers[i].Name)
	}
	if r.adjusted != nil {
		head = append(head, "adjustment")
	}
	g := grid{append(head, "total")}
	want := map[string]bool{}
	for _, a := range accounts {
		want[a] = true
	}
	sum := make([]int64, len(r.Tiers)+2)
	for i := range r.totals {
		if len(want) > 0 && !want[r.ID(i)] || len(want) == 0 && !r.touched(i) {
			continue
		}
		row := []string{r.ID(i)}
		for k := range r.Tiers {
			row = append(row, r.Amount(k, i).Format())
			sum[k] += r.Amount(k, i).Cents()
		}
		if r.adjusted != nil {
			row = append(row, r.Adjusted(i).Format())
			sum[len(r.Tiers)] += r.Adjusted(i).Cents()
		}
		sum[len(r.Tiers)+1] += r.totals[i]
		g = append(g, append(row, r.Total(i).Format()))
	}
	foot := []string{"total"}
	for k := range sum {
		if k != len(r.Tiers) || r.adjusted != nil {
			foot = append(foot, cents(sum[k]).Format())
		}
	}
	g = append(g, foot)
	var b strings.Builder
	g.write(&b)
	return b.String()
}

// touched reports whether an account gets money or was adjusted.
func (r *Result) touched(i int) bool {
	return r.totals[i] != 0 || (r.adjusted != nil && r.adjusted[i] != 0)
}

// grid is rows of cells, the first row the heads.
type grid [][]string

// write aligns the first column left, the others right, and rules off the head.
func (g grid) write(b *strings.Builder) {
	width := make([]int, len(g[0]))
	for _, row := range g {
		for c, cell := range row {
			width[c] = max(width[c], utf8.RuneCountInString(cell))
		}
	}
	for n, row := range g {
		line := ""
		for c, cell := range row {
			pad := strings.Repeat(" ", width[c]-utf8.RuneCountInString(cell))
			if c == 0 {
				line += cell + pad
			} else {
				line += "  " + pad + cell
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
		if n == 0 {
			for c, w := range width {
				if c > 0 {
					b.WriteString("  ")
				}
				b.WriteString(strings.Repeat("-", w))
			}
			b.WriteString("\n")
		}
	}
}

// dash writes an amount, and a dash for nothing.
func dash(a money.Amount) string {
	if a.IsZero() {
		return "-"
	}
	return a.Format()
}
