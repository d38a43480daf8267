package waterfall

// checkLast checks a distribution that is said to be of the last sale.
func (e *engine) checkLast(d *Distribution) error {
	switch {
	case d.Last && d.Kind != Sale:
		return ErrEvent.With("the last distribution that tiers look back from is one of a sale").On("last")
	case d.Last && e.s.looked:
		return ErrEvent.With("the last sale has been distributed; what tiers look back on is computed once").On("last")
	}
	return nil
}

// waits reports whether a step waits for the last sale, and writes so into the trace.
func (u *run) waits(st *step, line *Step) bool {
	if !st.t.LookBack || u.d.Last {
		return false
	}
	line.rule("This tier is computed once, after the last sale; the cash passes it by.")
	line.CashAfter, line.Weight = line.CashBefore, ""
	u.r.add(line)
	return true
}

// lacking says in the trace what a hurdle that looked back still lacks, beside the
// promote paid before it, of which a deal may ask so much back.
func (u *run) lacking(st *step, line *Step, lacks int64) {
	if st.t.Type == TierHurdle && st.t.LookBack && lacks > 0 {
		line.input("lacking after the last sale", cents(lacks).Format())
		line.input("promote paid before", cents(u.s.promote).Format())
	}
}
