package investments

import (
	"context"
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

// AllocationKind says what an allocation shares among the positions.
type AllocationKind string

// The kinds of allocation.
const (
	AllocationIncome     AllocationKind = "net_income"        // of a period, before the fees charged beside it; a loss is below zero
	AllocationUnrealized AllocationKind = "unrealized_change" // in the value of what is held, up or down
	AllocationFees       AllocationKind = "fees"              // charged to the investors, above zero
)

// Valid reports whether k is one of the kinds of allocation.
func (k AllocationKind) Valid() bool { return k.account() != "" }

// account is where the kind is kept by position.
func (k AllocationKind) account() string {
	switch k {
	case AllocationIncome:
		return AccountIncome
	case AllocationUnrealized:
		return AccountUnrealized
	case AllocationFees:
		return AccountFees
	}
	return ""
}

// What journals say that they come from. Their source is the offering.
const (
	sourceAllocation   = "allocation:" // and the kind
	sourceReversal     = "allocation reversal"
	sourceExit         = "exit"
	sourceExitReversal = "exit reversal"
)

// Allocation is a result of an offering, shared among the positions that were
// held on its date. It is a journal of the offering's book and nothing else; ID
// is the journal's. Amount is the sum of the parts.
type Allocation struct {
	ID          id.Of[Allocation]      `json:"id"`
	OfferingID  id.Of[Offering]        `json:"offering_id"`
	Kind        AllocationKind         `json:"kind"`
	Amount      money.Amount           `json:"amount"`
	Date        date.Date              `json:"date"`
	Description *string                `json:"description"`
	Positions   int                    `json:"positions"`   // that got a part
	ReversedBy  *id.Of[ledger.Journal] `json:"reversed_by"` // nil while it stands
	RecordedAt  time.Time              `json:"recorded_at"`
}

// The conditions of allocations.
var (
	// ErrAllocationNotFound: there is no such allocation.
	ErrAllocationNotFound = fault.New(fault.NotFound, "allocation_not_found", "there is no such allocation")
	// ErrAllocationReversed: the allocation has been reversed.
	ErrAllocationReversed = fault.New(fault.Illegal, "allocation_reversed", "the allocation has been reversed already")
	// ErrAllocationBehind: value cannot be changed behind the transfer or the
	// exit that has moved or released it.
	ErrAllocationBehind = fault.New(fault.Illegal, "allocation_behind", "a later transfer or exit has taken the unrealized value along").On("date")
)

// IncomeAllocated is the event of [Capital.Allocate].
type IncomeAllocated struct {
	AllocationID id.Of[Allocation] `json:"allocation_id"`
	OfferingID   id.Of[Offering]   `json:"offering_id"`
	Kind         AllocationKind    `json:"kind"`
	Amount       money.Amount      `json:"amount"`
	Date         date.Date         `json:"date"`
	Basis        string            `json:"basis"` // units or capital
	Positions    int               `json:"positions"`
}

// EventType names the event.
func (IncomeAllocated) EventType() (string, int) { return "investments.income_allocated", 1 }

// AllocationReversed is the event of [Capital.ReverseAllocation].
type AllocationReversed struct {
	AllocationID id.Of[Allocation] `json:"allocation_id"`
	OfferingID   id.Of[Offering]   `json:"offering_id"`
	Kind         AllocationKind    `json:"kind"`
	Amount       money.Amount      `json:"amount"` // that was allocated
	Date         date.Date         `json:"date"`   // of the reversal
}

// EventType names the event.
func (AllocationReversed) EventType() (string, int) { return "investments.allocation_reversed", 1 }

// Allocation reads an allocation. It returns [ErrAllocationNotFound].
func (s *Capital) Allocation(ctx context.Context, db bun.IDB, v id.Of[Allocation]) (*Allocation, error) {
	all, err := allocations(ctx, db, "lj.id = ?", v)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, ErrAllocationNotFound
	}
	return &all[0], nil
}

// Allocations lists the allocations of an offering, reversed ones too, the
// newest first.
func (s *Capital) Allocations(ctx context.Context, db bun.IDB, v id.Of[Offering], r page.Request) (page.Page[Allocation], error) {
	limit, last, err := store.AfterID[Allocation](r)
	if err != nil {
		return page.Page[Allocation]{}, err
	}
	where, args := "lj.source_id = ?", []any{v}
	if !last.IsZero() {
		where, args = where+" AND lj.id < ?", append(args, last)
	}
	rows, err := allocations(ctx, db, where+" ORDER BY lj.id DESC LIMIT ?", append(args, limit+1)...)
	if err != nil {
		return page.Page[Allocation]{}, err
	}
	return store.Cut(rows, limit, func(row *Allocation) page.Cursor { return store.IDCursor(row.ID) }), nil
}

// allocations reads the allocations among the journals that a condition
// selects. The parts are summed up by the account they were taken out of.
func allocations(ctx context.Context, db bun.IDB, where string, args ...any) ([]Allocation, error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return nil, err
	}
	defer done()
	out := []Allocation{}
	err = store.Read(ctx, db, db.NewRaw(`SELECT lj.id, lj.source_id AS offering_id, substr(lj.source_type, length('allocation:') + 1) AS kind, lj.effective_date AS date,
			lj.description, lj.recorded_at, r.id AS reversed_by, m.positions,
			CASE WHEN lj.source_type = 'allocation:fees' THEN -m.amount ELSE m.amount END AS amount
		FROM financials.journals lj
		LEFT JOIN financials.journals r ON r.reverses_id = lj.id AND r.book_id = lj.book_id
		CROSS JOIN LATERAL (
			SELECT COALESCE(sum(CASE WHEN d.code = '`+AccountAllocated+`' THEN p.amount ELSE -p.amount END), 0) AS amount, count(DISTINCT p.subledger_id) AS positions
			FROM financials.postings p JOIN financials.accounts d ON d.id = p.debit_account AND d.book_id = p.book_id
			WHERE p.journal_id = lj.id AND p.book_id = lj.book_id AND p.effective_date = lj.effective_date) m
		WHERE lj.source_type LIKE 'allocation:%' AND `+where, args...), &out)
	return out, store.Err(err, constraints)
}
