package main

import (
	"context"
	"slices"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/page"
)

// payout is a distribution with its lines.
type payout struct {
	*investments.Distribution
	Lines    []payoutLine
	Reversed *date.Date // the day that its reversal counts from, nil for none
}

// payoutLine is a line with what it got from each tier.
type payoutLine struct {
	investments.DistributionLine
	Tiers []investments.LineTier
}

// paid reports whether the money has left, and stayed away.
func (d *payout) paid() bool { return d.Status == investments.DistributionStatusCompleted }

// move is a completed transfer with the accounts at its ends.
type move struct {
	*investments.Transfer
	From, To *investments.Account
}

func (q *quickstart) readPayouts(ctx context.Context, r *results) error {
	for d, err := range page.All(ctx, func(ctx context.Context, p page.Request) (page.Page[investments.Distribution], error) {
		return q.Distributions.Distributions(ctx, q.db, q.offering, p)
	}) {
		if err != nil {
			return err
		}
		out := payout{Distribution: &d}
		for _, part := range []func(context.Context, *payout) error{q.readLines, q.readReversal} {
			if err := part(ctx, &out); err != nil {
				return err
			}
		}
		r.Distributions = append(r.Distributions, out)
	}
	slices.SortFunc(r.Distributions, func(a, b payout) int { return a.DistributionDate.Compare(b.DistributionDate) })
	return nil
}

func (q *quickstart) readLines(ctx context.Context, d *payout) error {
	for l, err := range page.All(ctx, func(ctx context.Context, p page.Request) (page.Page[investments.DistributionLine], error) {
		return q.Distributions.DistributionLines(ctx, q.db, d.ID, p)
	}) {
		if err != nil {
			return err
		}
		tiers, err := q.Distributions.LineTiers(ctx, q.db, l.ID)
		if err != nil {
			return err
		}
		d.Lines = append(d.Lines, payoutLine{l, tiers})
	}
	return nil
}

func (q *quickstart) readReversal(ctx context.Context, d *payout) error {
	if d.ReversalJournalID == nil {
		return nil
	}
	j, err := q.Ledger.Journal(ctx, q.db, *d.ReversalJournalID)
	if err != nil {
		return err
	}
	d.Reversed = &j.EffectiveDate
	return nil
}

func (q *quickstart) readTransfers(ctx context.Context, r *results) error {
	for t, err := range page.All(ctx, func(ctx context.Context, p page.Request) (page.Page[investments.Transfer], error) {
		return q.Positions.Transfers(ctx, q.db, investments.TransferFilter{OfferingID: &q.offering, Status: investments.TransferStatusCompleted}, p)
	}) {
		if err != nil {
			return err
		}
		m := move{Transfer: &t, To: r.Accounts[*t.ToAccountID]}
		for i := range r.Holders {
			for _, p := range r.Holders[i].Positions {
				if p.ID == t.FromPositionID {
					m.From = p.Account
				}
			}
		}
		r.Transfers = append(r.Transfers, m)
	}
	slices.Reverse(r.Transfers) // the newest came first
	slices.SortStableFunc(r.Transfers, func(a, b move) int { return a.EffectiveDate.Compare(b.EffectiveDate) })
	return nil
}
