package investments

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// LoanPayment is what a distribution paid on a loan between partners, out of what it
// gave the debtor: table investments.loan_payments. It is never changed.
type LoanPayment struct {
	bun.BaseModel `bun:"table:investments.loan_payments,alias:lp" json:"-"`

	DistributionID id.Of[Distribution] `bun:"distribution_id,pk" json:"distribution_id"`
	LoanID         id.Of[PartnerEvent] `bun:"loan_id,pk" json:"loan_id"`
	Interest       money.Amount        `bun:"interest" json:"interest"`
	Principal      money.Amount        `bun:"principal" json:"principal"`
}

// loanPayments is the repository of LoanPayment rows; they are found by their loan or
// distribution.
var loanPayments = store.Repo[LoanPayment]{NotFound: ErrPartnerEventNotFound, Constraints: constraints}

// LoanPayments reads what a distribution paid on loans between partners, by loan. A
// true-up's have what past ones should have paid, and below zero what they should
// not have.
func (s *Distributions) LoanPayments(ctx context.Context, db bun.IDB, v id.Of[Distribution]) ([]LoanPayment, error) {
	return loanPayments.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("lp.distribution_id = ?", v).OrderExpr("lp.loan_id")
	})
}

// loansBy notes what a result pays on loans.
func (d *Draft) loansBy(r *waterfall.Result) error {
	for _, l := range r.Trace.Loans {
		loan, err := id.Parse[PartnerEvent](l.Name)
		if err != nil {
			return ErrPartnerEventNotFound.Because(err)
		}
		d.Loans = append(d.Loans, LoanPayment{DistributionID: d.Distribution.ID, LoanID: loan, Interest: l.Interest, Principal: l.Principal})
	}
	return nil
}

// loansPaid adds up what distributions come to on loans.
func loansPaid(results []*waterfall.Result) ([]LoanPayment, error) {
	var d Draft
	for _, r := range results {
		if err := d.loansBy(r); err != nil {
			return nil, err
		}
	}
	var out []LoanPayment
	for _, p := range d.Loans {
		if err := addLoan(&out, p, false); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// addLoan adds a payment to that of its loan, or takes it off.
func addLoan(list *[]LoanPayment, p LoanPayment, off bool) (err error) {
	if off {
		p.Interest, p.Principal = p.Interest.Neg(), p.Principal.Neg()
	}
	i := slices.IndexFunc(*list, func(x LoanPayment) bool { return x.LoanID == p.LoanID })
	if i < 0 {
		*list = append(*list, p)
		return nil
	}
	x := &(*list)[i]
	if x.Interest, err = x.Interest.Add(p.Interest); err == nil {
		x.Principal, err = x.Principal.Add(p.Principal)
	}
	return err
}

// trueUpLoans adds to what the distribution pays on loans what past ones should have,
// and takes off what they should not have.
func (d *Draft) trueUpLoans(ctx context.Context, tx bun.IDB, h *past) error {
	booked, err := loanPayments.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Join("JOIN investments.distributions AS d ON d.id = lp.distribution_id").Where("d.opportunity_id = ?", h.offering.ID).
			Where("d.status NOT IN ('cancelled', 'reversed')").OrderExpr("lp.loan_id")
	})
	if err != nil {
		return err
	}
	for _, list := range []struct {
		of  []LoanPayment
		off bool
	}{{h.repaid, false}, {booked, true}} {
		for _, p := range list.of {
			if err := addLoan(&d.Loans, p, list.off); err != nil {
				return err
			}
		}
	}
	d.Loans = slices.DeleteFunc(d.Loans, func(p LoanPayment) bool { return p.Interest.IsZero() && p.Principal.IsZero() })
	for i := range d.Loans {
		d.Loans[i].DistributionID = d.Distribution.ID
	}
	return nil
}

// repaid posts what a distribution repays of the claims between partners.
func (b book) repaid(ctx context.Context, tx bun.IDB, d *Distribution) (entries []ledger.Entry, err error) {
	var rows []struct {
		Lender    id.Of[Position] `bun:"lender_id"`
		Debtor    id.Of[Position] `bun:"position_id"`
		Principal money.Amount    `bun:"principal"`
	}
	err = store.Read(ctx, tx, tx.NewRaw(`SELECT e.lender_id, e.position_id, p.principal FROM investments.loan_payments p JOIN investments.partner_events e ON e.id = p.loan_id
		WHERE p.distribution_id = ? AND p.principal <> 0 ORDER BY p.loan_id`, d.ID), &rows)
	for _, r := range rows {
		if r.Principal.Sign() > 0 {
			entries = append(entries, b.claim(r.Debtor, r.Lender, r.Principal)...)
		} else { // a true-up takes back what should not have been repaid
			entries = append(entries, b.claim(r.Lender, r.Debtor, r.Principal.Neg())...)
		}
	}
	return entries, store.Err(err, constraints)
}

// redirect adds what goes from a debtor to a lender; below zero the line's payee is
// the debtor.
func (l *DistributionLine) redirect(x money.Amount) (err error) {
	if l.Redirected, err = l.Redirected.Add(x); err != nil {
		return err
	}
	l.NetDistribution, err = l.NetDistribution.Add(x)
	return err
}

// shareInKind gives every line its part of what is distributed in kind, by what it is
// paid.
func (d *Draft) shareInKind(x money.Amount) error {
	if x.IsZero() {
		return nil
	}
	shares := make([]money.Share, len(d.Lines))
	for i := range d.Lines {
		l := &d.Lines[i]
		shares[i] = money.Share{ID: l.partner() + string(l.Role), Weight: money.Max(l.NetDistribution, money.Zero).Decimal()}
	}
	parts, err := money.Allocate(x, shares)
	if err != nil {
		return err
	}
	for i := range parts {
		d.Lines[i].InKind = parts[i]
	}
	return nil
}
