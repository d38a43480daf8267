package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of exits.
var (
	// ErrExitUnpaid: a distribution is pending, approved or not fully paid.
	ErrExitUnpaid = fault.New(fault.Illegal, "exit_unpaid", "a distribution of the offering is not fully paid")
	// ErrExitOpen: a commitment still waits for money, or has been given no
	// place yet.
	ErrExitOpen = fault.New(fault.Illegal, "exit_commitment_open", "a commitment is open or waits; it is cancelled first")
	// ErrExitBehind: cash, a transfer or an allocation of value is dated after the
	// exit.
	ErrExitBehind = fault.New(fault.Illegal, "exit_behind", "a movement of the offering is dated after the exit").On("date")
	// ErrNoProceeds: no proceeds of a sale have been paid, and the exit is not
	// said to be a write-off.
	ErrNoProceeds = fault.New(fault.Illegal, "exit_without_proceeds", "no proceeds of a sale have been paid; a total loss is said to be one").On("write_off")
	// ErrNothingToExit: no position is funded, and no gain has changed since the
	// exit.
	ErrNothingToExit = fault.New(fault.Illegal, "nothing_to_exit", "no position is left to exit and no gain has changed")
	// ErrNotExited: the offering has no exit.
	ErrNotExited = fault.New(fault.NotFound, "offering_not_exited", "the offering's positions have not exited")
)

// Exit is the end of an offering's positions as it stands: what all of them put
// in, got and gained. Over all positions, distributions are capital and
// returns, and what the sale paid is realized gains and the capital that was
// still unreturned before it.
type Exit struct {
	OfferingID    id.Of[Offering] `bun:"offering_id" json:"offering_id"`
	Date          date.Date       `bun:"day" json:"date"`
	Positions     int             `bun:"positions" json:"positions"`
	Contributed   money.Amount    `bun:"contributed" json:"contributed"`
	Distributed   money.Amount    `bun:"distributed" json:"distributed"`
	Proceeds      money.Amount    `bun:"proceeds" json:"proceeds"` // of the sale, to investors, gross
	RealizedGains money.Amount    `bun:"realized" json:"realized_gains"`
	TotalReturns  money.Amount    `bun:"returns" json:"total_returns"`
}

// OfferingExited is the event of [Capital.ExitOffering].
type OfferingExited struct {
	OfferingID         id.Of[Offering] `json:"offering_id"`
	Date               date.Date       `json:"date"`
	Positions          int             `json:"positions"` // that left, or whose gains changed
	RealizedGains      money.Amount    `json:"realized_gains"`
	UnrealizedReleased money.Amount    `json:"unrealized_released"`
	WriteOff           bool            `json:"write_off"`
}

// EventType names the event.
func (OfferingExited) EventType() (string, int) { return "investments.offering_exited", 1 }

// ExitReversed is the event of [Capital.ReverseExit].
type ExitReversed struct {
	OfferingID id.Of[Offering] `json:"offering_id"`
	Date       date.Date       `json:"date"`
	Positions  int             `json:"positions"` // that are funded again
}

// EventType names the event.
func (ExitReversed) EventType() (string, int) { return "investments.exit_reversed", 1 }

// Exit reads the exit of an offering. It returns [ErrNotExited].
func (s *Capital) Exit(ctx context.Context, db bun.IDB, v id.Of[Offering]) (*Exit, error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return nil, err
	}
	defer done()
	out := &Exit{}
	err = store.Read(ctx, db, db.NewRaw(`SELECT ?0::uuid AS offering_id, COALESCE(max(p.actual_exit_date) FILTER (WHERE p.status = 'exited' AND p.investment_amount > 0), '0001-01-01') AS day,
			count(*) FILTER (WHERE p.status = 'exited' AND p.investment_amount > 0) AS positions,
			COALESCE(sum(p.investment_amount), 0) AS contributed, COALESCE(sum(p.total_distributions), 0) AS distributed,
			COALESCE(sum(p.realized_gains), 0) AS realized, COALESCE(sum(p.total_returns), 0) AS returns,
			(SELECT COALESCE(sum(m.sale), 0) FROM investments.capital_movements m WHERE m.opportunity_id = ?0 AND m.kind = 'payment') AS proceeds
		FROM investments.property_investments p
		WHERE p.opportunity_id = ?0 AND p.status IN ('funded', 'exited') AND p.deleted_at IS NULL`, v), out)
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	if out.Positions == 0 {
		return nil, ErrNotExited
	}
	return out, nil
}

// leaver is a position on its way out: how it comes out, and what is booked of it
// so far.
type leaver struct {
	history.Gain
	id         id.Of[Position]
	funded     bool
	booked     money.Amount // realized gains so far
	unrealized money.Amount // value that it carries
}

// leavers works out the gains of each position of an offering from its history,
// and locks them. Positions without capital are there only if the sale paid them.
func leavers(ctx context.Context, tx bun.IDB, o id.Of[Offering]) ([]leaver, error) {
	gains, err := gainsOf(ctx, tx, "cm.opportunity_id = ?", o)
	if err != nil {
		return nil, err
	}
	var out []leaver
	err = store.NewQuery(tx, constraints, `SELECT id, status = 'funded', realized_gains, unrealized_gains, investment_amount FROM investments.property_investments
		WHERE opportunity_id = ? AND status IN ('funded', 'exited') AND deleted_at IS NULL ORDER BY id FOR NO KEY UPDATE`, o).Each(ctx, func(row store.Row) error {
		var l leaver
		var capital money.Amount
		if err := row.Scan(&l.id, &l.funded, &l.booked, &l.unrealized, &capital); err != nil {
			return err
		}
		if l.Gain = gains[l.id]; capital.Sign() > 0 || !l.Sale.IsZero() || !l.booked.IsZero() {
			out = append(out, l)
		}
		return nil
	})
	return out, err
}

// settle ends the funded positions of an offering on a day, or with no day makes
// those funded again that left with their capital. Gains follow the ledger. All of
// it is one statement. The caller holds the offering's lock.
func settle(ctx context.Context, tx bun.IDB, o id.Of[Offering], b book, on *date.Date) error {
	_, err := store.Write(ctx, tx, tx.NewRaw(bookedGains("?2", "?3", "?4")+`UPDATE investments.property_investments pi SET status = m.status, actual_exit_date = m.day, realized_gains = m.realized,
			unrealized_gains = m.unrealized, total_returns = CASE WHEN m.status = 'exited' THEN pi.total_returns ELSE 0 END,
			version = pi.version + CASE WHEN pi.status = m.status THEN 0 ELSE 1 END
		FROM (SELECT h.id, max(h.status) AS status, max(h.day) AS day, COALESCE(sum(h.realized), 0) AS realized, COALESCE(sum(h.unrealized), 0) AS unrealized
			FROM (SELECT id, NULL AS status, NULL::date AS day, realized, unrealized FROM booked
				UNION ALL SELECT p.id,
					CASE WHEN ?1::date IS NOT NULL AND p.status = 'funded' THEN 'exited'
						WHEN ?1::date IS NULL AND p.status = 'exited' AND p.investment_amount > 0 THEN 'funded' ELSE p.status END,
					CASE WHEN ?1::date IS NULL AND p.investment_amount > 0 THEN NULL
						WHEN p.status = 'funded' THEN ?1::date ELSE p.actual_exit_date END, NULL, NULL
				FROM investments.property_investments p
				WHERE p.opportunity_id = ?0 AND p.status IN ('funded', 'exited') AND p.deleted_at IS NULL) h
			GROUP BY 1 HAVING max(h.status) IS NOT NULL) m
		WHERE pi.id = m.id AND (pi.status, pi.actual_exit_date, pi.realized_gains, pi.unrealized_gains)
			IS DISTINCT FROM (m.status, m.day, m.realized, m.unrealized)`,
		o, on, b.account(AccountRealized), b.account(AccountUnrealized), b.id))
	return store.Err(err, constraints)
}
