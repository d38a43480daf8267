package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/freehold-go/freehold/examples/quickstart/internal/screen"
	"github.com/freehold-go/freehold/investments"
)

// writeResults reads the deal back, writes the files and prints the summary.
func (q *quickstart) writeResults(ctx context.Context, dir string, w io.Writer) error {
	r, err := q.read(ctx)
	if err != nil {
		return err
	}
	files, err := r.files()
	if err != nil {
		return err
	}
	q.steps.Start("Files", len(files))
	folder := screen.NewFolder(dir)
	for _, f := range files {
		if err := folder.Write(f.name, f.data); err != nil {
			return err
		}
		q.steps.Advance()
	}
	said := fmt.Sprintf("%d written to %s", folder.Written, dir)
	if folder.Current > 0 {
		said += fmt.Sprintf(", %d were up to date", folder.Current)
	}
	q.steps.Done("%s", said)
	if err := r.summarize(w); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%d investor statements are in %s, the report is %s\n", len(r.Holders), folder.Path("statements"), folder.Path("report.md"))
	if q.made == 0 {
		fmt.Fprintln(w, "The database held all of this already; nothing was changed.")
	}
	return nil
}

// file is a result to write.
type file struct {
	name string
	data []byte
}

// files are all results: the report, a register of payments for each
// distribution, and a statement for each investor.
func (r *results) files() ([]file, error) {
	var report bytes.Buffer
	if err := r.report(&report); err != nil {
		return nil, err
	}
	pictures, err := r.charts()
	if err != nil {
		return nil, err
	}
	list := append([]file{{"report.md", report.Bytes()}}, pictures...)
	for i := range r.Distributions {
		if !r.Distributions[i].paid() {
			continue
		}
		data, err := r.register(&r.Distributions[i])
		if err != nil {
			return nil, err
		}
		list = append(list, file{"payments/" + r.Distributions[i].DistributionDate.String() + ".csv", data})
	}
	taken := map[string]int{}
	for i := range r.Holders {
		h := &r.Holders[i]
		data, err := r.statement(h)
		if err != nil {
			return nil, err
		}
		name := fileName(h.Last + " " + h.First)
		if taken[name]++; taken[name] > 1 { // of the same name; the order is the same in every run
			name = fmt.Sprintf("%s-%d", name, taken[name])
		}
		list = append(list, file{"statements/" + name + ".md", data})
	}
	return list, nil
}

// fileName makes a name of letters, digits and hyphens.
func fileName(s string) string {
	parts := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(parts) == 0 {
		return "investor"
	}
	return strings.Join(parts, "-")
}

// report writes the report of the deal.
func (r *results) report(w io.Writer) error {
	p := r.Property
	fmt.Fprintf(w, "# %s\n\n%s, %s, %s %s\n\n", p.Name, p.AddressLine1, p.City, p.State, p.ZipCode)
	fmt.Fprintf(w, "## Performance, %s to %s\n\n", r.First, r.Last)
	performance := &screen.Table{Head: []string{"", ">"}}
	for _, f := range r.statementLines() {
		performance.Add(f.name, f.value)
	}
	if err := performance.Markdown(w); err != nil {
		return err
	}
	fmt.Fprint(w, "\n## Key figures\n\n")
	key := &screen.Table{Head: []string{"", ""}}
	for _, f := range append(r.figures(), r.furtherFigures()...) {
		key.Add(f.name, f.value)
	}
	if err := key.Markdown(w); err != nil {
		return err
	}
	if r.Variance != nil {
		fmt.Fprintf(w, "\n![Net operating income, from the budget to what it was](%s)\n", noiChart)
	}
	if len(r.Let) > 0 {
		fmt.Fprintf(w, "\n![Units let at month's end, by the leases that are signed](%s)\n", occupancyChart)
	}
	fmt.Fprintf(w, "\n## Offering: %s\n\n", r.Offering.Name)
	classes, err := r.classTable()
	if err != nil {
		return err
	}
	if err := classes.Markdown(w); err != nil {
		return err
	}
	if err := points(w, r.exited()); err != nil {
		return err
	}
	if err := r.reportMoney(w); err != nil {
		return err
	}
	fmt.Fprint(w, "\n## Positions\n\n")
	if err := r.holdingTable(r.Holders...).Markdown(w); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\nThe books were verified: %d invariants hold, and %d journals are sealed.\n", r.Verified, r.Sealed)
	return err
}

// reportMoney writes by what terms money was distributed, who got it and why.
func (r *results) reportMoney(w io.Writer) error {
	if r.Terms != nil {
		clauses, err := r.Terms.Describe()
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "\n## Terms\n\n%s", clauses)
	}
	fmt.Fprint(w, "\n## Distributions\n\n")
	payouts, err := r.payoutTable()
	if err != nil {
		return err
	}
	if err := payouts.Markdown(w); err != nil {
		return err
	}
	if err := points(w, r.reversals()); err != nil {
		return err
	}
	if len(r.Transfers) > 0 {
		fmt.Fprint(w, "\n## Transfers\n\n")
		if err := r.transferTable().Markdown(w); err != nil {
			return err
		}
		if err := points(w, r.reasons()); err != nil {
			return err
		}
	}
	fmt.Fprint(w, "\n## Who got what\n\n")
	receipts, err := r.receiptTable(false)
	if err != nil {
		return err
	}
	if err := receipts.Markdown(w); err != nil || r.Why == nil {
		return err
	}
	fmt.Fprint(w, "\n## Why\n\n")
	return r.Why.explain(w, r, r.Why.line())
}

// points writes a list, with a blank line before it.
func points(w io.Writer, list []string) error {
	for i, text := range list {
		if i == 0 {
			fmt.Fprintln(w)
		}
		if err := screen.Wrap(w, text); err != nil {
			return err
		}
	}
	return nil
}

// statementLines are the year's operating statement in short.
func (r *results) statementLines() []figure {
	o := r.Operating
	return []figure{
		{"Effective rental income", screen.Dollars(o.EffectiveRentalIncome)},
		{"Total income", screen.Dollars(o.TotalIncome)},
		{"Operating expenses", screen.Dollars(o.TotalOperatingExpenses)},
		{"Net operating income", screen.Dollars(o.NOI)},
		{"Debt service", screen.Dollars(o.DebtService)},
		{"Cash flow after debt service", screen.Dollars(o.CashFlowAfterDebtService)},
		{"Cash flow after capital improvements", screen.Dollars(o.CashFlowAfterCapex)},
	}
}

func (r *results) furtherFigures() []figure {
	list := []figure{
		{"Expense ratio", screen.Percent(r.Operating.ExpenseRatio)},
		{"Break-even occupancy", screen.Percent(r.Operating.BreakEvenOccupancy)},
		{"Debt yield", screen.Percent(r.Operating.DebtYield)},
		{"In-place rent a month", screen.Dollars(r.Roll.InPlaceMonthlyRent)},
		{"Loss to lease a month", screen.Dollars(r.Roll.LossToLease)},
		{"Delinquent", screen.Dollars(r.Roll.DelinquentAmount)},
		{"Collection rate", screen.Percent(r.Roll.CollectionRate)},
	}
	if v := r.Property.CurrentValuation; v != nil {
		list = append(list, figure{"Valuation", screen.Dollars(*v)})
	}
	return list
}

func (r *results) className(code string) string {
	for i := range r.Classes {
		if c := &r.Classes[i]; c.Code == code && c.Name != nil {
			return *c.Name
		}
	}
	return code
}

// register lists the payments of a distribution for a spreadsheet.
func (r *results) register(d *payout) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{{"account", "account type", "class or role", "gross", "withheld", "net", "method", "paid on"}}
	for i := range r.Holders {
		h := &r.Holders[i]
		for _, p := range h.Positions {
			if l := d.line(p.ID); l != nil {
				rows = append(rows, r.payment(l, p.ShareClass))
			}
		}
		for j := range d.Lines {
			if l := &d.Lines[j]; l.PositionID == nil && l.InvestorID == h.ID {
				rows = append(rows, r.payment(l, string(l.Role)))
			}
		}
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// payment is a row of the register. what is the class, or the role of a line
// that is for something else than capital.
func (r *results) payment(l *payoutLine, what string) []string {
	method, paid, name, kind := "", "", "", ""
	if l.AccountID != nil {
		a := r.Accounts[*l.AccountID]
		name, kind = a.Name, string(a.Type)
	}
	if l.PaymentMethod != nil {
		method = string(*l.PaymentMethod)
	}
	if l.PaymentStatus == investments.PaymentStatusCompleted && l.PaymentDate != nil {
		paid = l.PaymentDate.String()
	}
	return []string{name, kind, what, l.DistributionAmount.String(), l.TaxWithholding.String(), l.NetDistribution.String(), method, paid}
}
