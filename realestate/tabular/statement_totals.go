package tabular

import (
	"github.com/freehold-go/freehold/realestate/money"
)

// disagreements are the totals of the form that contradict their lines under the
// signs, with the first month that does.
func (r *statementReader) disagreements(sign signs) []off {
	var wrong []off
	for _, row := range r.totals {
		var first *off
		for _, of := range r.sumsOf(row.name) {
			w := r.disagreement(row, of, sign)
			if w == nil {
				first = nil
				break
			}
			if first == nil {
				first = w
			}
		}
		if first != nil {
			wrong = append(wrong, *first)
		}
	}
	return wrong
}

// sumsOf are the sums that a total of the form may be.
func (r *statementReader) sumsOf(name string) []map[string]int {
	for _, t := range r.form.Totals {
		if t.Names[0] == name {
			return t.Of
		}
	}
	return nil
}

// disagreement holds a total against one of its sums. A total of sections that
// are all written as negative numbers is written as one too.
func (r *statementReader) disagreement(row *statementRow, of map[string]int, sign signs) *off {
	negative := true
	for _, s := range r.form.Sections {
		if factor := of[s.Name]; factor != 0 {
			negative = negative && s.Reduces && factor > 0 && sign[s.Name] < 0
		}
	}
	for i, got := range row.values {
		want := money.Zero
		for _, s := range r.form.Sections {
			for _, l := range s.Lines {
				line := r.lines[l.Names[0]]
				if line == nil || of[s.Name] == 0 {
					continue
				}
				v := line.values[i]
				if (of[s.Name] < 0) != (sign[s.Name] < 0) != negative {
					v = v.Neg()
				}
				var err error
				if want, err = want.Add(v); err != nil {
					return &off{cell: r.cell(row, r.start+i), column: row.name, got: got.String(), want: "more than an amount can be"}
				}
			}
		}
		if got != want {
			return &off{cell: r.cell(row, r.start+i), column: row.name, got: got.String(), want: want.String()}
		}
	}
	return nil
}

// checkOthers refuses rows that are labeled totals and are not the sum of rows
// directly above, two at least or all since a heading or a total.
func (r *statementReader) checkOthers() {
	for _, row := range r.others {
		sums, found := make([]money.Amount, len(r.months)), false
		for n := row.above - 1; n >= 0 && !found; n-- {
			line, same := r.written[n], true
			for i, v := range line.values {
				var err error
				if sums[i], err = sums[i].Add(v); err != nil {
					same = false
					break
				}
				same = same && sums[i] == row.values[i]
			}
			found = same && (row.above-n > 1 || line.starts || n == 0)
		}
		if !found {
			r.file.Reject(r.figure(row), "", "the row is labeled a total, but its figures are not the total of the rows above, and there is no such line of the statement")
		}
	}
}
