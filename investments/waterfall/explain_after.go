package waterfall

import "fmt"

// after explains what is between what the tiers give an account and what it is paid.
func (r *Result) after(i int) (out []ExplanationLine) {
	id := r.roster.ids[i]
	if r.advanced != nil {
		back := -r.advanced[i]
		for _, a := range r.Trace.Advances {
			if a.Account == id {
				back += a.Amount.Cents()
				out = append(out, ExplanationLine{"advance", a.Amount, "It is paid before the tiers, as an advance on what they give the account later."})
			}
		}
		if back != 0 {
			out = append(out, ExplanationLine{"advances paid before", cents(-back), "So much of what the tiers give it the account has had already."})
		}
	}
	for _, l := range r.Trace.Loans {
		paid := cents(l.Interest.Cents() + l.Principal.Cents())
		parts := fmt.Sprintf("interest %s, principal %s.", l.Interest.Format(), l.Principal.Format())
		if l.Debtor == id {
			out = append(out, ExplanationLine{"loan of " + l.Lender, paid.Neg(), "It goes to the lender: " + parts})
		}
		if l.Lender == id {
			out = append(out, ExplanationLine{"loan to " + l.Debtor, paid, "It comes out of what the tiers give the debtor: " + parts})
		}
	}
	return out
}
