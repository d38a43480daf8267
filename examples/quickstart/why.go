package main

import (
	"context"
	"fmt"
	"io"

	"github.com/freehold-go/freehold/examples/quickstart/internal/screen"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/id"
)

// why explains the lines of one distribution, the last that was paid.
type why struct {
	*payout
	shown id.Of[investments.DistributionLine] // the one in the summary
	lines map[id.Of[investments.DistributionLine]]*waterfall.Explanation
}

// readWhy has the platform explain who got what of the last distribution. Each
// call computes the distribution again from what was frozen with it.
func (q *quickstart) readWhy(ctx context.Context, r *results) error {
	w := &why{lines: map[id.Of[investments.DistributionLine]]*waterfall.Explanation{}}
	for i := range r.Distributions {
		if d := &r.Distributions[i]; d.paid() {
			w.payout = d
		}
	}
	if w.payout == nil {
		return nil
	}
	for i := range w.Lines {
		l := &w.Lines[i]
		x, err := q.Distributions.ExplainLine(ctx, q.db, l.ID)
		if err != nil {
			return err
		}
		w.lines[l.ID] = x
	}
	w.shown = w.first(q)
	r.Why = w
	return nil
}

// first is the line of the first account in the files that is not the
// sponsor's.
func (w *why) first(q *quickstart) id.Of[investments.DistributionLine] {
	for _, a := range q.deal.Accounts() {
		for i := range w.Lines {
			if l := &w.Lines[i]; !a.Sponsor && l.Role == investments.RoleInvestor && l.AccountID != nil && *l.AccountID == accountID(a) {
				return l.ID
			}
		}
	}
	return w.Lines[0].ID
}

// explain writes where the cents of a line come from, step by step.
func (w *why) explain(out io.Writer, r *results, l *payoutLine) error {
	x := w.lines[l.ID]
	fmt.Fprintf(out, "%s got %s on %s:\n\n", r.payee(l), screen.Dollars(x.Total), w.DistributionDate)
	for _, step := range x.Lines {
		if err := screen.Wrap(out, fmt.Sprintf("- %s, %s. %s", screen.Sentence(step.Tier), screen.Dollars(step.Amount), step.Text)); err != nil {
			return err
		}
	}
	return nil
}

// explainTo explains everything that an investor got. The promote and the fees
// of an account are one explanation.
func (w *why) explainTo(out io.Writer, r *results, h *holder) error {
	told := map[id.Of[investments.Account]]bool{}
	for i := range w.Lines {
		l := &w.Lines[i]
		if l.InvestorID != h.ID {
			continue
		}
		if l.PositionID == nil {
			if told[*l.AccountID] {
				continue
			}
			told[*l.AccountID] = true
		}
		fmt.Fprintln(out)
		if err := w.explain(out, r, l); err != nil {
			return err
		}
	}
	return nil
}

// line finds the line that the summary shows.
func (w *why) line() *payoutLine {
	for i := range w.Lines {
		if w.Lines[i].ID == w.shown {
			return &w.Lines[i]
		}
	}
	return &w.Lines[0]
}
