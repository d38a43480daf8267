package investments

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// ReserveMovementKind says what moved a reserve.
type ReserveMovementKind string

// The kinds.
const (
	ReserveHeld     ReserveMovementKind = "held"      // back, by a tier of a distribution
	ReserveReleased ReserveMovementKind = "released"  // into the cash of a distribution
	ReserveSetAside ReserveMovementKind = "set_aside" // by a record of cash
	ReserveTakenOut ReserveMovementKind = "taken_out" // by a record of cash, such as to be spent
)

// Valid reports whether k is one of the kinds.
func (k ReserveMovementKind) Valid() bool {
	switch k {
	case ReserveHeld, ReserveReleased, ReserveSetAside, ReserveTakenOut:
		return true
	}
	return false
}

// ReserveMovement is what a distribution or a record of cash put into a reserve of
// an offering's entity, or below zero took out of it: table
// investments.reserve_movements. It never changes; what a cancelled or reversed
// distribution did, or reversed cash, counts no more.
type ReserveMovement struct {
	bun.BaseModel `bun:"table:investments.reserve_movements,alias:rm" json:"-"`

	ID         id.Of[ReserveMovement] `bun:"id,pk" json:"id"`
	OfferingID id.Of[Offering]        `bun:"opportunity_id" json:"offering_id"`
	Reserve    string                 `bun:"reserve" json:"reserve"` // "" is the one without a name
	Kind       ReserveMovementKind    `bun:"kind" json:"kind"`
	Amount     money.Amount           `bun:"amount" json:"amount"`
	Date       date.Date              `bun:"effective_date" json:"date"`

	// Of what a distribution did, with the tier, counted from 0, that held it back.
	DistributionID *id.Of[Distribution] `bun:"distribution_id" json:"distribution_id"`
	Tier           *int                 `bun:"tier" json:"tier"`

	// Of a record of cash.
	JournalID *id.Of[ledger.Journal] `bun:"journal_id" json:"journal_id"`
	BookID    *id.Of[ledger.Book]    `bun:"book_id" json:"book_id"`
	CreatedAt time.Time              `bun:"created_at" json:"created_at"`
}

// Reserve is what one reserve of an offering's entity holds.
type Reserve struct {
	Name    string       `bun:"reserve" json:"name"` // "" is the one without a name
	Balance money.Amount `bun:"balance" json:"balance"`
	In      money.Amount `bun:"put_in" json:"in"`     // held back and set aside so far
	Out     money.Amount `bun:"taken_out" json:"out"` // released and taken out so far
}

// The conditions of reserves.
var (
	// ErrReserveNotFound: there is no such movement of a reserve.
	ErrReserveNotFound = fault.New(fault.NotFound, "reserve_movement_not_found", "there is no such movement of a reserve")
	// ErrReserveMalformed: a movement has not the parts of its kind.
	ErrReserveMalformed = fault.New(fault.Invalid, "reserve_movement_malformed", "the movement has not the parts of its kind")
	// ErrReserveShort: the reserve holds less than is taken out of it, on that day or on a
	// later one; what is held back counts once its distribution is approved.
	ErrReserveShort = fault.New(fault.Conflict, "reserve_short", "more would be released than is set aside").On("amount")
	// ErrAllHeld: the tiers hold all of it back. Cash is set aside by a record of cash.
	ErrAllHeld = fault.New(fault.Invalid, "distribution_all_held", "reserves keep the whole amount; record it as cash that is set aside").On("amount")
)

// reserveMovements is the repository of ReserveMovement rows, newest first.
var reserveMovements = store.Repo[ReserveMovement]{
	NotFound:    ErrReserveNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *ReserveMovement) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// The SQL conditions of movements rm, with the distribution d that they may be of and the
// list of undoneReserves before them: that they count, and that they are in the book.
const (
	reserveStands = `(rm.journal_id IS NULL OR rm.journal_id NOT IN (SELECT reverses_id FROM undone))
		AND (d.id IS NULL OR d.status NOT IN ('cancelled', 'reversed'))`
	reserveBooked = reserveStands + ` AND (d.id IS NULL OR d.status <> 'pending')`
)

// undoneReserves lists the journals of movements m that were reversed, those that a
// condition on m selects. It is a list of its own, because a cluster that has the ledger on
// other machines than the deals joins the two in no other way.
func undoneReserves(of string) string {
	return `WITH undone AS MATERIALIZED (SELECT r.reverses_id FROM investments.reserve_movements m
		JOIN financials.journals r ON r.reverses_id = m.journal_id AND r.book_id = m.book_id WHERE ` + of + `) `
}

// Reserves reads what the reserves of an offering's entity hold at the end of a day, by
// name: what distributions that are approved held back and released, and what records
// of cash set aside and took out. A session that sees some investor's positions only
// is refused.
func (s *Capital) Reserves(ctx context.Context, db bun.IDB, v id.Of[Offering], asOf date.Date) ([]Reserve, error) {
	if asOf.IsZero() {
		return nil, errNoDay
	}
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := needsAll(ctx, db, "what is kept back is not told from some of it"); err != nil {
		return nil, err
	}
	out := []Reserve{}
	err = store.Read(ctx, db, db.NewRaw(undoneReserves("m.opportunity_id = ?0")+`SELECT rm.reserve, sum(rm.amount) AS balance, COALESCE(sum(rm.amount) FILTER (WHERE rm.amount > 0), 0) AS put_in,
			COALESCE(-sum(rm.amount) FILTER (WHERE rm.amount < 0), 0) AS taken_out
		FROM investments.reserve_movements rm LEFT JOIN investments.distributions d ON d.id = rm.distribution_id
		WHERE rm.opportunity_id = ?0 AND rm.effective_date <= ?1 AND `+reserveBooked+` GROUP BY 1 ORDER BY 1`, v, asOf), &out)
	return out, store.Err(err, constraints)
}

// ReserveMovements lists what moved the reserves of an offering's entity, newest first,
// with what counts no more.
func (s *Capital) ReserveMovements(ctx context.Context, db bun.IDB, v id.Of[Offering], r page.Request) (page.Page[ReserveMovement], error) {
	return reserveMovements.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("rm.opportunity_id = ?", v) })
}

// moveReserve writes what a record of cash moved.
func (s *Capital) moveReserve(ctx context.Context, tx bun.IDB, v id.Of[CashRecord], b book, p *RecordCashParams) error {
	if p.Kind.account() != AccountReserves {
		return nil
	}
	m := &ReserveMovement{ID: id.Cast[ReserveMovement](v), OfferingID: p.OfferingID, Reserve: p.Reserve, Kind: ReserveSetAside, Amount: p.Amount,
		Date: p.Date, JournalID: ptr(id.Cast[ledger.Journal](v)), BookID: &b.id, CreatedAt: s.now()}
	if p.Kind == CashReserveRelease {
		m.Kind, m.Amount = ReserveTakenOut, p.Amount.Neg()
	}
	return reserveMovements.Insert(ctx, tx, m)
}

// reserveChange is what is about to happen to the reserves of an offering. Zero is
// nothing.
type reserveChange struct {
	books   id.Of[Distribution]    // is booked now
	undoes  id.Of[Distribution]    // counts no more
	without id.Of[ReserveMovement] // counts no more
	more    []ReserveMovement
}

// reserveLasts reports a reserve that a change would leave below zero at the end of
// some day, by what is in the book or by what is declared besides. The caller holds
// the offering's lock.
func reserveLasts(ctx context.Context, tx bun.IDB, v id.Of[Offering], c reserveChange) error {
	var rows []struct {
		ID           id.Of[ReserveMovement] `bun:"id"`
		Reserve      string                 `bun:"reserve"`
		Amount       money.Amount           `bun:"amount"`
		Date         date.Date              `bun:"effective_date"`
		Distribution *id.Of[Distribution]   `bun:"distribution_id"`
		Pending      bool                   `bun:"pending"`
	}
	err := store.Read(ctx, tx, tx.NewRaw(undoneReserves("m.opportunity_id = ?0")+`SELECT rm.id, rm.reserve, rm.amount, rm.effective_date, rm.distribution_id, COALESCE(d.status = 'pending', FALSE) AS pending
		FROM investments.reserve_movements rm LEFT JOIN investments.distributions d ON d.id = rm.distribution_id
		WHERE rm.opportunity_id = ?0 AND `+reserveStands, v), &rows)
	if err != nil {
		return store.Err(err, constraints)
	}
	booked, all := slices.Clone(c.more), slices.Clone(c.more)
	for _, r := range rows {
		of := or(r.Distribution)
		if r.ID == c.without || !of.IsZero() && of == c.undoes {
			continue
		}
		m := ReserveMovement{Reserve: r.Reserve, Amount: r.Amount, Date: r.Date}
		all = append(all, m)
		if !r.Pending || of == c.books {
			booked = append(booked, m)
		}
	}
	if err := lasts(booked); err != nil {
		return err
	}
	return lasts(all)
}

// lasts reports a reserve that some day leaves below zero. Within a day what comes in
// comes first. It touches no database.
func lasts(all []ReserveMovement) error {
	slices.SortFunc(all, func(a, b ReserveMovement) int {
		return cmp.Or(cmp.Compare(a.Reserve, b.Reserve), a.Date.Compare(b.Date), b.Amount.Cmp(a.Amount))
	})
	var balance money.Amount
	for i, m := range all {
		if i > 0 && all[i-1].Reserve != m.Reserve {
			balance = money.Zero
		}
		next, err := balance.Add(m.Amount)
		if err != nil {
			return err
		}
		if next.Sign() < 0 {
			return ErrReserveShort.With("%s is set aside on %s", balance, m.Date)
		}
		balance = next
	}
	return nil
}
