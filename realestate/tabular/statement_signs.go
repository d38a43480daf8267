package tabular

import (
	"github.com/freehold-go/freehold/realestate/money"
)

// signs are the signs by which the written figures of sections become those of
// the statement: 1 where a figure that is taken off is written as a positive
// number, -1 where it is written as a negative one.
type signs map[string]int

// finish tells the signs of the sections, checks the totals, and returns the
// statement, or nil when something is wrong.
func (r *statementReader) finish() *Statement {
	possible := []signs{{}}
	for _, s := range r.form.Sections {
		var next []signs
		for _, known := range possible {
			for _, sign := range r.vote(s) {
				with := signs{s.Name: sign}
				for name, v := range known {
					with[name] = v
				}
				next = append(next, with)
			}
		}
		possible = next
	}
	var agree []signs
	var wrong []off
	for _, p := range possible {
		if wrong = r.disagreements(p); len(wrong) == 0 {
			agree = append(agree, p)
		}
	}
	switch {
	case len(agree) > 1 || len(agree) == 0 && len(possible) > 1:
		r.refuseSigns(possible, agree)
	case len(agree) == 0:
		for _, w := range wrong {
			r.file.Reject(w.cell, w.column, "the file says %s, but its lines add up to %s", w.got, w.want)
		}
	}
	r.checkOthers()
	r.checkPositive()
	if len(r.file.problems) > 0 {
		return nil
	}
	for _, row := range append(r.totals, r.others...) {
		r.file.skip(Total, row.label, row.name)
	}
	return r.statement(agree[0])
}

// statement applies the signs.
func (r *statementReader) statement(sign signs) *Statement {
	out := &Statement{Months: r.months, lines: map[string][]money.Amount{}}
	for _, s := range r.form.Sections {
		for _, l := range s.Lines {
			row := r.lines[l.Names[0]]
			if row == nil {
				continue
			}
			values := make([]money.Amount, len(row.values))
			for i, v := range row.values {
				if values[i] = v; sign[s.Name] < 0 {
					values[i] = v.Neg()
				}
			}
			out.lines[row.name] = values
		}
	}
	return out
}

// oneSign is the sign of all figures of a row that are not zero, or 0 when they
// have both or there are none.
func (row *statementRow) oneSign() int {
	sign := 0
	for _, v := range row.values {
		switch {
		case v.Sign() == 0:
		case sign == -v.Sign():
			return 0
		default:
			sign = v.Sign()
		}
	}
	return sign
}

// figure is the first cell of a row whose figure is not zero.
func (r *statementReader) figure(row *statementRow) Cell {
	for i, v := range row.values {
		if !v.IsZero() {
			return r.cell(row, r.start+i)
		}
	}
	return row.label
}

// vote returns the signs that a section may have: one when its lines agree.
func (r *statementReader) vote(s Section) []int {
	if !s.Reduces {
		return []int{1}
	}
	plus, minus, open := 0, 0, 0
	for _, l := range s.Lines {
		row := r.lines[l.Names[0]]
		switch {
		case row == nil || r.figure(row) == row.label: // absent, or all zero
		case l.EitherSign || row.oneSign() == 0:
			open++
		case row.oneSign() > 0:
			plus++
		default:
			minus++
		}
	}
	switch {
	case plus > 0 && minus == 0, plus+minus+open == 0:
		return []int{1}
	case minus > 0 && plus == 0:
		return []int{-1}
	}
	return []int{1, -1}
}

// refuseSigns refuses the lines whose sign is not sure: of each section that
// could be read either way those that differ from most of the others.
func (r *statementReader) refuseSigns(possible, agree []signs) {
	if len(agree) > 0 {
		possible = agree
	}
	for _, s := range r.form.Sections {
		sure := true
		for _, p := range possible {
			sure = sure && p[s.Name] == possible[0][s.Name]
		}
		if sure {
			continue
		}
		balance := 0
		for _, l := range s.Lines {
			if row := r.lines[l.Names[0]]; row != nil && !l.EitherSign {
				balance += row.oneSign()
			}
		}
		for _, l := range s.Lines {
			if row := r.lines[l.Names[0]]; row != nil && r.figure(row) != row.label && (balance == 0 || row.oneSign()*balance < 0) {
				r.file.Reject(r.figure(row), row.name, "whether the line adds or takes off is not sure: the lines of its section have no sign in common, and no total settles it")
			}
		}
	}
}

// checkPositive refuses a required line that is below zero throughout, as books
// write income that is credited.
func (r *statementReader) checkPositive() {
	for _, s := range r.form.Sections {
		for _, l := range s.Lines {
			if row := r.lines[l.Names[0]]; row != nil && l.Required && !s.Reduces && row.oneSign() < 0 {
				r.file.Reject(r.figure(row), row.name, "the line is below zero throughout; a positive number is wanted")
			}
		}
	}
}
