package realestate

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// ErrRowSecurity: the role's view of the tables is limited by row-level
// security, so that nothing could be proved, and nothing be said of what is due.
var ErrRowSecurity = fault.New(fault.Forbidden, "verify_under_row_security", "this needs a role that row-level security does not limit")

// Finding is a row that breaks an invariant.
type Finding struct {
	Invariant string `json:"invariant"` // the invariant's name
	Row       string `json:"row"`       // the id of the row
	Detail    string `json:"detail"`    // what it says and what it should say; no personal data
}

// Report is what [Platform.Verify] found.
type Report struct {
	Invariants int       `json:"invariants"` // how many were checked
	Findings   []Finding `json:"findings"`   // none when everything holds; at most 100 of an invariant
	Warnings   []Finding `json:"warnings"`   // what need not be wrong, such as cash below zero in a book that not all cash is in
	Unsealed   int64     `json:"unsealed"`   // journals that no seal of their book covers yet
}

// OK reports that every invariant holds.
func (r *Report) OK() bool { return len(r.Findings) == 0 }

// String is one line when everything holds, else a line per finding.
func (r *Report) String() string {
	if r.OK() {
		return fmt.Sprintf("%d invariants hold", r.Invariants)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d findings in %d invariants", len(r.Findings), r.Invariants)
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "\n%s: row %s: %s", f.Invariant, f.Row, f.Detail)
	}
	return b.String()
}

// Verify proves the invariants of the whole database against each other: parts
// sum to their totals, nothing is oversold, books balance, cached figures equal
// their sources; every distribution, computed again from its frozen inputs
// ([investments.Distributions.Verify]); transfers, capital and portfolios, derived anew
// from the history ([investments.Positions.VerifyHistory]); and every book with its hash chain
// ([ledger.Service.Verify]).
// Given the pool it sees one snapshot; inside a caller's transaction it sees
// what that transaction sees. It writes nothing. A violation is not an error
// but a finding in the report.
//
// It reads whole tables; run it in tests, after imports, and every night, on a standby
// for preference. What is new is proved by [Platform.VerifyOffering] and
// [ledger.Proofs.VerifyNew] meanwhile. It refuses to run where row-level security hides rows ([ErrRowSecurity]).
func (p *Platform) Verify(ctx context.Context, db bun.IDB) (*Report, error) {
	report := &Report{}
	err := wholeSnapshot(ctx, db, func(tx bun.IDB) error {
		for _, i := range invariants() {
			var rows []struct{ Row, Detail string }
			if err := store.Read(ctx, tx, tx.NewRaw(`SELECT "row", detail FROM (`+i.Query+`) AS v ("row", detail) LIMIT 100`), &rows); err != nil {
				return fmt.Errorf("verify %s: %w", i.Name, store.Err(err, nil))
			}
			for _, r := range rows {
				report.Findings = append(report.Findings, Finding{i.Name, r.Row, r.Detail})
			}
			report.Invariants++
		}
		for _, i := range investments.Warnings() {
			var rows []struct{ Row, Detail string }
			if err := store.Read(ctx, tx, tx.NewRaw(`SELECT "row", detail FROM (`+i.Query+`) AS v ("row", detail) LIMIT 100`), &rows); err != nil {
				return fmt.Errorf("verify %s: %w", i.Name, store.Err(err, nil))
			}
			for _, r := range rows {
				report.Warnings = append(report.Warnings, Finding{i.Name, r.Row, r.Detail})
			}
		}
		if err := p.verifyDistributions(ctx, tx, report, nil); err != nil {
			return err
		}
		offerings, err := investments.OfferingsWithHistory(ctx, tx)
		if err != nil {
			return err
		}
		if err := p.verifyHistory(ctx, tx, report, offerings...); err != nil {
			return err
		}
		if err := p.verifyPortfolios(ctx, tx, report); err != nil {
			return err
		}
		books, err := p.books(ctx, tx)
		if err != nil {
			return err
		}
		return p.verifyBooks(ctx, tx, report, books...)
	})
	if err != nil {
		return nil, err
	}
	if !report.OK() {
		p.log.ErrorContext(ctx, "invariants are broken", "findings", len(report.Findings), "first", report.Findings[0].Invariant)
	}
	return report, nil
}

// verifyDistributions computes each distribution of an offering again, or of all.
func (p *Platform) verifyDistributions(ctx context.Context, tx bun.IDB, report *Report, offering *id.Of[investments.Offering]) error {
	all, err := investments.CalculatedDistributions(ctx, tx, offering)
	if err != nil {
		return err
	}
	for _, v := range all {
		found, err := p.Distributions.Verify(ctx, tx, v)
		if fault.KindOf(err) != "" { // what is frozen cannot be read any more
			found, err = []investments.DistributionFinding{{Detail: err.Error()}}, nil
		}
		if err != nil {
			return err
		}
		for _, f := range found[:min(len(found), 100)] {
			report.Findings = append(report.Findings, Finding{"every distribution is what its frozen inputs come to", v.String(), f.Payee + " " + f.Detail})
		}
	}
	report.Invariants++
	return nil
}

// verifyHistory derives the history of offerings anew.
func (p *Platform) verifyHistory(ctx context.Context, tx bun.IDB, report *Report, all ...id.Of[investments.Offering]) error {
	for _, v := range all {
		found, err := p.Positions.VerifyHistory(ctx, tx, v)
		if fault.KindOf(err) != "" { // the history no longer reads as one
			found, err = []investments.HistoryFinding{{Row: v.String(), Detail: err.Error()}}, nil
		}
		if err != nil {
			return err
		}
		for _, f := range found[:min(len(found), 100)] {
			report.Findings = append(report.Findings, Finding{"transfers and the waterfall's accounts are what the history comes to", f.Row, f.Detail})
		}
	}
	report.Invariants++
	return nil
}

// verifyPortfolios derives the portfolios anew.
func (p *Platform) verifyPortfolios(ctx context.Context, tx bun.IDB, report *Report) error {
	found, err := p.Reports.VerifyPortfolios(ctx, tx)
	if err != nil {
		return err
	}
	for _, f := range found[:min(len(found), 100)] {
		report.Findings = append(report.Findings, Finding{"a portfolio is what the history comes to", f.Row, f.Detail})
	}
	report.Invariants++
	return nil
}

// verifyBooks proves books and their chains.
func (p *Platform) verifyBooks(ctx context.Context, tx bun.IDB, report *Report, all ...id.Of[ledger.Book]) error {
	for _, v := range all {
		r, err := p.Ledger.Verify(ctx, tx, v)
		if err != nil {
			return err
		}
		for _, f := range r.Findings {
			report.Findings = append(report.Findings, Finding{"every book reads as it was posted and sealed", f.Table + " " + f.Row, f.Code + ": " + f.Detail})
		}
		report.Unsealed += r.Unsealed
	}
	report.Invariants++
	return nil
}

// books lists all books.
func (p *Platform) books(ctx context.Context, tx bun.IDB) ([]id.Of[ledger.Book], error) {
	var all []id.Of[ledger.Book]
	for b, err := range page.All(ctx, func(ctx context.Context, r page.Request) (page.Page[ledger.Book], error) {
		return p.Ledger.Books(ctx, tx, ledger.BookFilter{}, r)
	}) {
		if err != nil {
			return nil, err
		}
		all = append(all, b.ID)
	}
	return all, nil
}
