package financials

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// AccountPropertyReserves is the code of the account for cash of a property that is set
// aside.
const AccountPropertyReserves = "1020"

// The conditions of reserves.
var (
	// ErrReserveEntryNotFound: there is no such entry.
	ErrReserveEntryNotFound = fault.New(fault.NotFound, "reserve_entry_not_found", "there is no such entry of a reserve")
	// ErrReserveEmpty: more is released than is set aside, on that day or a later one.
	ErrReserveEmpty = fault.New(fault.Invalid, "property_reserve_short", "more is released than is set aside").On("amount")
)

// ReserveKind says which way cash moves.
type ReserveKind string

// The kinds of entry of a reserve.
const (
	ReserveSetAside ReserveKind = "set_aside"
	ReserveReleased ReserveKind = "released"
)

// Valid reports whether k is one of the two.
func (k ReserveKind) Valid() bool { return k == ReserveSetAside || k == ReserveReleased }

// ReserveEntry is cash of a property that was set aside for a purpose, or released. It never
// changes.
type ReserveEntry struct {
	bun.BaseModel `bun:"table:financials.reserve_entries,alias:fre" json:"-"`

	ID          id.Of[ReserveEntry]        `bun:"id,pk" json:"id"`
	PropertyID  id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	Purpose     string                     `bun:"purpose" json:"purpose"`
	Kind        ReserveKind                `bun:"kind" json:"kind"`
	Amount      money.Amount               `bun:"amount" json:"amount"`
	EffectiveOn date.Date                  `bun:"effective_on" json:"effective_on"`
	JournalID   id.Of[ledger.Journal]      `bun:"journal_id" json:"journal_id"`
	Memo        *string                    `bun:"memo" json:"memo"`
	RecordedBy  id.Of[auth.User]           `bun:"recorded_by" json:"recorded_by"`
	RecordedAt  time.Time                  `bun:"recorded_at" json:"recorded_at"`
}

// reserveEntries is the repository of ReserveEntry rows, by day within a property.
var reserveEntries = store.Repo[ReserveEntry]{
	NotFound:    ErrReserveEntryNotFound,
	Constraints: constraints,
	Sort: store.Sort[ReserveEntry]{
		Columns: []store.Column{{Name: "effective_on", Type: "date"}, {Name: "id", Type: "uuid"}},
		Key:     func(e *ReserveEntry) []string { return []string{e.EffectiveOn.String(), e.ID.String()} },
	},
}

// ReserveMoved says that cash of a property was set aside or released.
type ReserveMoved struct {
	EntryID id.Of[ReserveEntry] `json:"entry_id"`
	Entry   ReserveKind         `json:"entry"`
	Amount  money.Amount        `json:"amount"`
	Date    date.Date           `json:"date"`
	ActorID id.Of[auth.User]    `json:"actor_id"`
}

// EventType names the event.
func (ReserveMoved) EventType() (string, int) { return "financials.reserve_moved", 1 }

// SetAsideReserveParams is cash to set aside.
type SetAsideReserveParams struct {
	IdempotencyKey string
	PropertyID     id.Of[properties.Property]
	Purpose        string // such as "roof"; at most 50 characters
	Amount         money.Amount
	Date           date.Date
	Memo           string // at most 255 characters
	ActorID        id.Of[auth.User]
}

// SetAsideReserve moves cash of a property into its reserves, for a purpose. It locks the
// property. It returns properties.ErrPropertyNotFound, ledger.ErrPeriodClosed or the field
// errors. The same key and request again return the first entry.
func (s *Cash) SetAsideReserve(ctx context.Context, db bun.IDB, p SetAsideReserveParams) (*ReserveEntry, error) {
	return s.reserve(ctx, db, VerbSetAsideReserve, p, ReserveSetAside)
}

// ReleaseReserveParams is cash to release.
type ReleaseReserveParams SetAsideReserveParams

// ReleaseReserve moves cash out of a reserve of a property, into its cash. It locks the
// property. It returns [ErrReserveEmpty], properties.ErrPropertyNotFound,
// ledger.ErrPeriodClosed or the field errors. The same key and request again return the
// first entry.
func (s *Cash) ReleaseReserve(ctx context.Context, db bun.IDB, p ReleaseReserveParams) (*ReserveEntry, error) {
	return s.reserve(ctx, db, VerbReleaseReserve, SetAsideReserveParams(p), ReserveReleased)
}

func (s *Cash) reserve(ctx context.Context, db bun.IDB, verb Verb, p SetAsideReserveParams, kind ReserveKind) (*ReserveEntry, error) {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.Required("purpose", p.Purpose, 50)
	f.Above("amount", p.Amount)
	f.GivenHappened("date", p.Date, s.days())
	f.Text("memo", p.Memo, 255)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	e := &ReserveEntry{ID: id.New[ReserveEntry](), PropertyID: p.PropertyID, Purpose: p.Purpose, Kind: kind, Amount: p.Amount, EffectiveOn: p.Date,
		JournalID: id.New[ledger.Journal](), Memo: store.Optional(p.Memo), RecordedBy: p.ActorID, RecordedAt: s.now()}
	k := store.Keyed[ReserveEntry]{Scope: s.scope, Verb: "financials." + string(verb), Params: p, Kind: "reserve_entry", Result: e.ID}
	return store.RunOnce(ctx, db, k, reserveEntries.Get, func(tx bun.IDB) (*ReserveEntry, error) {
		if _, err := s.properties.LockProperty(ctx, tx, p.PropertyID); err != nil {
			return nil, err
		}
		if err := s.acts(ctx, tx, verb, p.ActorID, p.PropertyID); err != nil {
			return nil, err
		}
		all, err := reserveEntries.AllParams(ctx, tx, "fre.property_id = $1 AND fre.purpose = $2 ORDER BY fre.effective_on", p.PropertyID, p.Purpose)
		if err != nil {
			return nil, err
		}
		if err := e.fits(all); err != nil {
			return nil, err
		}
		if err := s.bookReserve(ctx, tx, e); err != nil {
			return nil, err
		}
		return e, s.hooks.Emit(ctx, tx, e.RecordedAt, store.Event(aggregateProperty, e.PropertyID, ReserveMoved{e.ID, e.Kind, e.Amount, e.EffectiveOn, e.RecordedBy}))
	})
}

// fits reports that a reserve would be below zero at the end of a day. It touches no
// database.
func (e *ReserveEntry) fits(all []ReserveEntry) error {
	with := append(append([]ReserveEntry{}, all...), *e)
	for i := range with {
		if with[i].EffectiveOn.Before(e.EffectiveOn) {
			continue
		}
		held, err := setAside(with, with[i].EffectiveOn)
		if err != nil {
			return err
		}
		if held.Sign() < 0 {
			return ErrReserveEmpty
		}
	}
	return nil
}

// setAside is what entries come to at the end of a day.
func setAside(list []ReserveEntry, day date.Date) (held money.Amount, err error) {
	for i := range list {
		by := list[i].Amount
		if list[i].Kind == ReserveReleased {
			by = by.Neg()
		}
		if list[i].EffectiveOn.After(day) {
			continue
		}
		if held, err = held.Add(by); err != nil {
			return held, err
		}
	}
	return held, nil
}

// bookReserve books an entry and stores it.
func (s *Cash) bookReserve(ctx context.Context, tx bun.IDB, e *ReserveEntry) error {
	book, err := s.bookOf(ctx, tx, e.PropertyID)
	if err != nil {
		return err
	}
	chart, err := s.chart(ctx, tx, book)
	if err != nil {
		return err
	}
	debit, credit := AccountPropertyReserves, AccountPropertyCash
	if e.Kind == ReserveReleased {
		debit, credit = credit, debit
	}
	_, err = s.books.Post(ctx, tx, ledger.PostParams{ID: e.JournalID, BookID: book, EffectiveDate: e.EffectiveOn, Description: "reserve " + string(e.Kind), SourceType: aggregateProperty,
		SourceID: id.Cast[ledger.Source](e.PropertyID), Actor: e.RecordedBy.String(),
		Entries: []ledger.Entry{{Debit: chart[debit], Credit: chart[credit], Amount: e.Amount, Subledger: id.Cast[ledger.Subledger](e.PropertyID)}}})
	if err != nil {
		return err
	}
	return reserveEntries.Insert(ctx, tx, e)
}

// ReserveEntries lists what was set aside and released of a property by day.
func (s *Cash) ReserveEntries(ctx context.Context, db bun.IDB, property id.Of[properties.Property], r page.Request) (page.Page[ReserveEntry], error) {
	return reserveEntries.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("fre.property_id = ?", property) })
}

// ReserveBalance is what is set aside for a purpose.
type ReserveBalance struct {
	Purpose string       `bun:"purpose" json:"purpose"`
	Amount  money.Amount `bun:"amount" json:"amount"`
}

// ReserveBalancesParams is a property and a day.
type ReserveBalancesParams struct {
	PropertyID id.Of[properties.Property]
	On         date.Date
}

// ReserveBalances is what is set aside of a property at the end of a day, by purpose. It
// returns the field errors.
func (s *Cash) ReserveBalances(ctx context.Context, db bun.IDB, p ReserveBalancesParams) ([]ReserveBalance, error) {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.Given("on", p.On)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return store.Rows[ReserveBalance](ctx, db, `SELECT purpose, sum(CASE kind WHEN 'set_aside' THEN amount ELSE -amount END) AS amount FROM financials.reserve_entries
		WHERE property_id = $1 AND effective_on <= $2 GROUP BY purpose ORDER BY purpose`, p.PropertyID, p.On)
}
