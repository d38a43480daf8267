package investments

import (
	"context"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Movement is one entry of the history of a position's capital, from which
// everything else that is known of the position is derived by package history.
// Rows are append-only and each is of a journal; one is undone by another of
// negative amounts that names it.
//
// EffectiveDate is the day of the books and of the cash, CountsOn the day from
// which it counts as capital. The kind says what the amounts mean; see
// [history.Kind].
type Movement struct {
	bun.BaseModel `bun:"table:investments.capital_movements,alias:cm" json:"-"`

	ID            id.Of[Movement] `bun:"id,pk" json:"id"`
	OfferingID    id.Of[Offering] `bun:"opportunity_id" json:"offering_id"`
	PositionID    id.Of[Position] `bun:"position_id" json:"position_id"`
	Kind          history.Kind    `bun:"kind" json:"kind"`
	EffectiveDate date.Date       `bun:"effective_date" json:"effective_date"`
	CountsOn      date.Date       `bun:"counts_on" json:"counts_on"`

	// Below zero in a reversal.
	Amount money.Amount `bun:"amount" json:"amount"`

	// Capital of it; of a distribution or payment what of it is proceeds of a sale, and the
	// capital in that; and of a transfer the capital account that went along, the unrealized
	// gains in it, and the flow of the rate of return.
	Capital       money.Amount     `bun:"capital" json:"capital"`
	Sale          money.Amount     `bun:"sale" json:"sale"`
	SaleCapital   money.Amount     `bun:"sale_capital" json:"sale_capital"`
	Carrying      money.Amount     `bun:"carrying" json:"carrying"`
	Unrealized    money.Amount     `bun:"unrealized" json:"unrealized"`
	Consideration money.Amount     `bun:"consideration" json:"consideration"`
	Units         *decimal.Decimal `bun:"units" json:"units"`

	// What it belongs to
	SubscriptionID *id.Of[Subscription]     `bun:"subscription_id" json:"subscription_id"`
	TransferID     *id.Of[Transfer]         `bun:"transfer_id" json:"transfer_id"`
	LineID         *id.Of[DistributionLine] `bun:"line_id" json:"line_id"`
	PartnerEventID *id.Of[PartnerEvent]     `bun:"partner_event_id" json:"partner_event_id"`
	ReversesID     *id.Of[Movement]         `bun:"reverses_id" json:"reverses_id"`
	BookID         id.Of[ledger.Book]       `bun:"book_id" json:"book_id"`
	JournalID      id.Of[ledger.Journal]    `bun:"journal_id" json:"journal_id"`
	RecordedAt     time.Time                `bun:"recorded_at" json:"recorded_at"`
}

// booking is where and when movements of a command are booked.
type booking struct {
	offering id.Of[Offering]
	book     id.Of[ledger.Book]
	journal  id.Of[ledger.Journal]
	date     date.Date
	at       time.Time
}

// The conditions of movements of capital.
var (
	// ErrMovement: a movement of capital whose amounts or sources are not those of its
	// kind.
	ErrMovement = fault.New(fault.Invalid, "capital_movement_malformed", "the amounts or sources are not those of the movement's kind")
	// ErrMovementReversed: the movement has been undone.
	ErrMovementReversed = fault.New(fault.Conflict, "capital_movement_reversed", "the movement has been undone already")
)

// movements is the repository of Movement rows.
var movements = store.Repo[Movement]{Constraints: constraints}

// booked is where a journal of an offering's book is.
func (c *core) booked(o id.Of[Offering], b book, journal id.Of[ledger.Journal], on date.Date) booking {
	return booking{offering: o, book: b.id, journal: journal, date: on, at: c.now()}
}

// on is the booking on another day.
func (b booking) on(day date.Date) booking {
	b.date = day
	return b
}

// movement is a row of the booking. What counts from another day than that of
// the books says so.
func (b booking) movement(pos id.Of[Position], kind history.Kind, amount money.Amount) Movement {
	return Movement{ID: id.New[Movement](), OfferingID: b.offering, PositionID: pos, Kind: kind, EffectiveDate: b.date, CountsOn: b.date,
		Amount: amount, BookID: b.book, JournalID: b.journal, RecordedAt: b.at}
}

// facts are the columns of movements that package history takes, with what their
// distribution says of them. The alias of the movements is cm.
const facts = factColumns + `investments.capital_movements cm` + factsOfLines

const factColumns = `SELECT cm.id, cm.reverses_id, cm.position_id, cm.kind, cm.effective_date, cm.counts_on, cm.amount, cm.capital, cm.carrying, cm.unrealized,
		cm.consideration, cm.units, cm.subscription_id, cm.transfer_id, LEAST(d.record_date, cm.counts_on), cm.sale, cm.sale_capital, COALESCE(d.type, '')
	FROM `

const factsOfLines = `
	LEFT JOIN investments.investor_distributions dl ON dl.id = cm.line_id
	LEFT JOIN investments.distributions d ON d.id = dl.distribution_id `

// ofKinds is the movements of some kinds on a condition, which names their offering, as
// they stand in FROM. Each kind is looked up by itself: given a list of them the server may
// read all movements of the offering, of which distributions and payments soon are most.
func ofKinds(condition string, kinds ...history.Kind) string {
	each := make([]string, len(kinds))
	for i, k := range kinds {
		each[i] = `SELECT * FROM investments.capital_movements WHERE ` + condition + ` AND kind = '` + string(k) + `'`
	}
	return "(" + strings.Join(each, " UNION ALL ") + ") cm"
}

// loadHistory reads movements. The condition is on capital_movements AS cm; it ends
// the query, with the order in which they were recorded: by number, which the database
// draws while the offering is locked.
func loadHistory(ctx context.Context, db bun.IDB, where string, args ...any) ([]history.Movement, error) {
	return readHistory(ctx, db, facts+where, args...)
}

func readHistory(ctx context.Context, db bun.IDB, query string, args ...any) ([]history.Movement, error) {
	var out []history.Movement
	err := store.NewQuery(db, constraints, query, args...).Each(ctx, func(row store.Row) error {
		var m history.Movement
		var reverses *id.Of[history.Movement]
		var commitment *id.Of[history.Commitment]
		var transfer *id.Of[history.Transfer]
		var record *date.Date
		if err := row.Scan(&m.ID, &reverses, &m.Position, &m.Kind, &m.Date, &m.CountsOn, &m.Amount, &m.Capital, &m.Carrying, &m.Unrealized,
			&m.Consideration, &m.Units, &commitment, &transfer, &record, &m.Sale, &m.SaleCapital, &m.Character); err != nil {
			return err
		}
		m.Reverses, m.Commitment, m.Transfer, m.Record = or(reverses), or(commitment), or(transfer), or(record)
		out = append(out, m)
		return nil
	})
	return out, err
}

// historyOf reads the movements of one position.
func historyOf(ctx context.Context, db bun.IDB, pos id.Of[Position]) ([]history.Movement, error) {
	return loadHistory(ctx, db, "WHERE cm.position_id = ? ORDER BY cm.number", pos)
}

// or is the value of a pointer, or zero.
func or[T any](v *T) T {
	if v == nil {
		var zero T
		return zero
	}
	return *v
}
