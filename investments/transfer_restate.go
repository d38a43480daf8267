package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// completedMoves reads the completed transfers of an offering in the order in
// which they were done.
func completedMoves(ctx context.Context, db bun.IDB, o id.Of[Offering]) ([]history.Move, error) {
	var out []history.Move
	err := store.NewQuery(db, constraints, `SELECT id, from_investment_id, to_investment_id, effective_date, fraction, price IS NOT NULL OR kind = 'conversion'
		FROM investments.transfers WHERE opportunity_id = ? AND status = 'completed' ORDER BY effective_date, completed_at, id`, o).Each(ctx, func(row store.Row) error {
		var m history.Move
		if err := row.Scan(&m.ID, &m.From, &m.To, &m.Day, &m.Fraction, &m.Priced); err != nil {
			return err
		}
		out = append(out, m)
		return nil
	})
	return out, err
}

// transferred selects the movements of all positions that ever gave or received.
const transferred = `WHERE cm.position_id IN (SELECT from_investment_id FROM investments.transfers WHERE opportunity_id = ?0 AND status = 'completed'
	UNION SELECT to_investment_id FROM investments.transfers WHERE opportunity_id = ?0 AND status = 'completed') ORDER BY cm.number`

// restate lets what was recorded, or undone, behind completed transfers come to
// who holds now: it posts by how much they took too little along. since is the
// day that decided who held; transfers up to it are not concerned. What needs no
// posting is of the booking's journal.
func (c *core) restate(ctx context.Context, tx bun.IDB, o *Offering, b book, at booking, since date.Date, by id.Of[auth.User]) error {
	moves, err := completedMoves(ctx, tx, o.ID)
	if err != nil {
		return err
	}
	return c.restateFrom(ctx, tx, o, b, at, passed{since, moves}, by)
}

// passed is completed transfers, and the day that decided who held.
type passed struct {
	since date.Date
	moves []history.Move
}

// reads are the parts that bring them for what a distribution gave: the day is the first
// that a line of it counts on, if that is before since.
func (p *passed) reads(ctx context.Context, d *Distribution) []store.Part {
	return []store.Part{
		func(tx bun.IDB) error {
			err := store.Read(ctx, tx, tx.NewRaw(`SELECT LEAST(?0::date, min(m.day)) FROM investments.investor_distributions l
				CROSS JOIN LATERAL (SELECT min(m.counts_on) AS day FROM (SELECT * FROM investments.capital_movements WHERE line_id = l.id OFFSET 0) m WHERE m.kind = 'distribution') m
				WHERE l.distribution_id = ?1`, p.since, d.ID), &p.since)
			return store.Err(err, constraints)
		},
		store.Into(&p.moves, func(tx bun.IDB) ([]history.Move, error) { return completedMoves(ctx, tx, *d.OfferingID) }),
	}
}

// restateFrom is restate by transfers that have been read.
func (c *core) restateFrom(ctx context.Context, tx bun.IDB, o *Offering, b book, at booking, p passed, by id.Of[auth.User]) error {
	moves := p.moves
	if len(moves) == 0 || !moves[len(moves)-1].Day.After(p.since) {
		return nil
	}
	ms, err := loadHistory(ctx, tx, transferred, o.ID)
	if err != nil {
		return err
	}
	corrections, err := history.Restate(ms, moves)
	if err != nil || len(corrections) == 0 {
		return err
	}
	var touched []id.Of[Position]
	for i := range corrections {
		touched = append(touched, id.Cast[Position](corrections[i].From), id.Cast[Position](corrections[i].To))
	}
	for len(corrections) > 0 { // by the days of the transfers, which ascend
		on, n := at.date, 1
		if on.Before(corrections[0].Day) {
			on = corrections[0].Day
		}
		for n < len(corrections) && !corrections[n].Day.After(on) {
			n++
		}
		if err := c.follow(ctx, tx, o, b, at.on(on), by, corrections[:n]); err != nil {
			return err
		}
		corrections = corrections[n:]
	}
	return followReturns(ctx, tx, touched)
}

// follow books corrections of transfers on one day: that of what was recorded
// behind them, or of the transfer where that is later.
func (c *core) follow(ctx context.Context, tx bun.IDB, o *Offering, b book, at booking, by id.Of[auth.User], corrections []history.Correction) error {
	var entries []ledger.Entry
	for i := range corrections {
		x := &corrections[i]
		entries = append(entries, b.passOn(AccountCarried, id.Cast[Position](x.From), id.Cast[Position](x.To), x.Carrying)...)
	}
	if len(entries) > 0 {
		j, err := c.ledger.Post(ctx, tx, ledger.PostParams{BookID: b.id, EffectiveDate: at.date, Description: "transfers follow what was recorded behind them", CommandID: id.New[ledger.Command](),
			SourceType: "offering", SourceID: id.Cast[ledger.Source](o.ID), Actor: actor(by), Entries: entries})
		if err != nil {
			return err
		}
		at.journal = j.ID
	}
	rows := make([]Movement, 0, 2*len(corrections))
	for i := range corrections {
		from, to := corrections[i].Movements()
		for _, m := range []history.Movement{from, to} {
			row := at.movement(id.Cast[Position](m.Position), m.Kind, m.Amount)
			row.CountsOn, row.Capital, row.Carrying, row.Consideration = m.CountsOn, m.Capital, m.Carrying, m.Consideration
			row.TransferID = ptr(id.Cast[Transfer](m.Transfer))
			rows = append(rows, row)
		}
	}
	return movements.InsertAll(ctx, tx, rows)
}

// passOn are the postings that move an amount of a capital account from one
// position to another, none for zero. A posting is about one position, so it goes
// through the clearing account.
func (b book) passOn(code string, from, to id.Of[Position], amount money.Amount) []ledger.Entry {
	clearing := b.account(AccountTransfers)
	out, ok := b.between(clearing, code, from, amount.Neg())
	if !ok {
		return nil
	}
	in, _ := b.between(clearing, code, to, amount)
	return []ledger.Entry{out, in}
}

// followReturns brings the total returns of positions that have left in line with
// their history.
func followReturns(ctx context.Context, tx bun.IDB, of []id.Of[Position]) error {
	gains, err := gainsOfPositions(ctx, tx, of)
	if err != nil {
		return err
	}
	return writeReturns(ctx, tx, gains)
}

func gainsOfPositions(ctx context.Context, tx bun.IDB, of []id.Of[Position]) (map[id.Of[Position]]history.Gain, error) {
	return gainsOf(ctx, tx, "cm.position_id = ANY (?::uuid[])", store.TextArray(of, func(v *id.Of[Position]) string { return v.String() }))
}

// writeReturns sets the total returns of positions that have left to how they came out.
func writeReturns(ctx context.Context, tx bun.IDB, gains map[id.Of[Position]]history.Gain) error {
	rows := make([]id.Of[Position], 0, len(gains))
	returns := make([]money.Amount, 0, len(gains))
	for pos, g := range gains {
		r, err := g.Returns()
		if err != nil {
			return err
		}
		rows, returns = append(rows, pos), append(returns, r)
	}
	err := store.Exec(ctx, tx, `UPDATE investments.property_investments pi SET total_returns = r.returns
		FROM unnest($1::uuid[], $2::numeric[]) AS r (id, returns) WHERE pi.id = r.id AND pi.status = 'exited' AND pi.total_returns <> r.returns`,
		store.TextArray(rows, func(v *id.Of[Position]) string { return v.String() }),
		store.TextArray(returns, func(v *money.Amount) string { return v.String() }))
	return store.Err(err, constraints)
}

// gainsOf works out how positions came out, by their movements that a condition
// on capital_movements AS cm selects. They are added up by kind first, since there
// may be many.
func gainsOf(ctx context.Context, db bun.IDB, where string, args ...any) (map[id.Of[Position]]history.Gain, error) {
	out := map[id.Of[Position]]history.Gain{}
	var own []history.Movement
	flush := func() (err error) {
		if len(own) > 0 {
			out[id.Cast[Position](own[0].Position)], err = history.GainOf(own)
		}
		return err
	}
	err := store.NewQuery(db, constraints, `SELECT cm.position_id, cm.kind, sum(cm.amount), sum(cm.capital), sum(cm.sale), sum(cm.sale_capital), sum(cm.consideration)
		FROM investments.capital_movements cm WHERE `+where+` GROUP BY 1, 2 ORDER BY 1`, args...).Each(ctx, func(row store.Row) error {
		var m history.Movement
		if err := row.Scan(&m.Position, &m.Kind, &m.Amount, &m.Capital, &m.Sale, &m.SaleCapital, &m.Consideration); err != nil {
			return err
		}
		if len(own) > 0 && own[0].Position != m.Position {
			if err := flush(); err != nil {
				return err
			}
			own = own[:0]
		}
		own = append(own, m)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, flush()
}
