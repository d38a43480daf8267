package financials

import (
	"context"
	"time"

	"github.com/uptrace/bun"

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

// The conditions of worksheets.
var (
	// ErrWorksheetNotFound: there is no such worksheet.
	ErrWorksheetNotFound = fault.New(fault.NotFound, "worksheet_not_found", "there is no such worksheet")
	// ErrWorksheetSum: what may be distributed does not follow from the figures.
	ErrWorksheetSum = fault.New(fault.Invalid, "worksheet_inconsistent", "what may be distributed follows from the other figures").On("distributable")
)

// Worksheet is what of a property's cash may be distributed, as of a day. It never changes.
type Worksheet struct {
	bun.BaseModel `bun:"table:financials.worksheets,alias:fws" json:"-"`

	ID               id.Of[Worksheet]           `bun:"id,pk" json:"id"`
	PropertyID       id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	AsOfDate         date.Date                  `bun:"as_of_date" json:"as_of_date"`
	Cash             money.Amount               `bun:"cash" json:"cash"`         // in the book, without what is set aside
	Deposits         money.Amount               `bun:"deposits" json:"deposits"` // of tenants, which is not the owner's
	Reserves         money.Amount               `bun:"reserves" json:"reserves"` // set aside
	ReservesRequired money.Amount               `bun:"reserves_required" json:"reserves_required"`
	DebtServiceDue   money.Amount               `bun:"debt_service_due" json:"debt_service_due"`
	MinimumCash      money.Amount               `bun:"minimum_cash" json:"minimum_cash"`
	Trapped          bool                       `bun:"trapped" json:"trapped"` // by a breach of a covenant that is open
	Distributable    money.Amount               `bun:"distributable" json:"distributable"`
	RecordedBy       id.Of[auth.User]           `bun:"recorded_by" json:"recorded_by"`
	RecordedAt       time.Time                  `bun:"recorded_at" json:"recorded_at"`
}

// worksheets is the repository of Worksheet rows, newest first.
var worksheets = store.Repo[Worksheet]{
	NotFound:    ErrWorksheetNotFound,
	Constraints: constraints,
	Sort: store.Sort[Worksheet]{
		Columns: []store.Column{{Name: "as_of_date", Type: "date"}, {Name: "id", Type: "uuid"}},
		Key:     func(w *Worksheet) []string { return []string{w.AsOfDate.String(), w.ID.String()} },
	},
}

// sum computes what may be distributed: cash less deposits, what is missing of the reserves,
// the debt service due and the least to keep; nothing while cash is trapped. It touches no
// database.
func (w *Worksheet) sum() error {
	missing, err := w.ReservesRequired.Sub(w.Reserves)
	if err != nil {
		return err
	}
	free, err := money.Sum(w.Cash, w.Deposits.Neg(), money.Max(missing, money.Zero).Neg(), w.DebtServiceDue.Neg(), w.MinimumCash.Neg())
	if err != nil {
		return err
	}
	if w.Distributable = money.Max(free, money.Zero); w.Trapped {
		w.Distributable = money.Zero
	}
	return nil
}

// WorksheetPrepared says what of a property's cash may be distributed.
type WorksheetPrepared struct {
	WorksheetID   id.Of[Worksheet] `json:"worksheet_id"`
	AsOf          date.Date        `json:"as_of"`
	Distributable money.Amount     `json:"distributable"`
	Trapped       bool             `json:"trapped"`
	ActorID       id.Of[auth.User] `json:"actor_id"`
}

// EventType names the event.
func (WorksheetPrepared) EventType() (string, int) { return "financials.worksheet_prepared", 1 }

// PrepareWorksheetParams is a property and a day.
type PrepareWorksheetParams struct {
	ID               id.Of[Worksheet] // zero makes a new one
	PropertyID       id.Of[properties.Property]
	AsOf             date.Date
	DebtDays         int          // payments due so many days after AsOf are kept back; at most 366
	ReservesRequired money.Amount // that are to be set aside in all
	MinimumCash      money.Amount // to keep besides
	ActorID          id.Of[auth.User]
}

// PrepareWorksheet works out what of a property's cash may be distributed as of a day, and
// stores it: the cash of its book, less the deposits of tenants,
// what is missing of the reserves, the scheduled payments of its loans (a balloon with its
// last one) and the least to keep. While the last test of a covenant is of a breach that is
// neither cured nor waived, nothing may be distributed. A second call with the same ID and
// the same params is the first one's success.
//
// It locks the property. It returns [ErrBookMissing], properties.ErrPropertyNotFound or the
// field errors.
func (s *Cash) PrepareWorksheet(ctx context.Context, db bun.IDB, p PrepareWorksheetParams) (*Worksheet, error) {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.GivenHappened("as_of", p.AsOf, s.days())
	f.Integer("debt_days", &p.DebtDays, 0, 366)
	f.NotNegative("reserves_required", p.ReservesRequired)
	f.NotNegative("minimum_cash", p.MinimumCash)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	w := &Worksheet{ID: p.ID.OrNew(), PropertyID: p.PropertyID, AsOfDate: p.AsOf, ReservesRequired: p.ReservesRequired, MinimumCash: p.MinimumCash, RecordedBy: p.ActorID, RecordedAt: s.now()}
	k := store.Creation[Worksheet]{Scope: s.scope, Verb: "financials." + string(VerbPrepareWorksheet), Params: p, Chosen: p.ID, Kind: "worksheet", Rows: worksheets}
	return store.CreateOnce(ctx, db, k, func(tx bun.IDB) (*Worksheet, error) {
		if _, err := s.properties.LockProperty(ctx, tx, p.PropertyID); err != nil {
			return nil, err
		}
		if err := s.acts(ctx, tx, VerbPrepareWorksheet, p.ActorID, p.PropertyID); err != nil {
			return nil, err
		}
		if err := w.read(ctx, tx); err != nil {
			return nil, err
		}
		due, err := debtDue(ctx, tx, p.PropertyID, p.AsOf, p.DebtDays)
		if err != nil {
			return nil, err
		}
		w.DebtServiceDue = due
		if err := w.sum(); err != nil {
			return nil, err
		}
		if err := worksheets.Insert(ctx, tx, w); err != nil {
			return nil, err
		}
		return w, s.hooks.Emit(ctx, tx, w.RecordedAt, store.Event(aggregateProperty, w.PropertyID, WorksheetPrepared{w.ID, w.AsOfDate, w.Distributable, w.Trapped, w.RecordedBy}))
	})
}

// read fills in what the book and the tests of covenants say.
func (w *Worksheet) read(ctx context.Context, tx bun.IDB) error {
	rows, err := store.Rows[struct {
		Cash     money.Amount `bun:"cash"`
		Deposits money.Amount `bun:"deposits"`
		Reserves money.Amount `bun:"reserves"`
		Trapped  bool         `bun:"trapped"`
	}](ctx, tx, `SELECT COALESCE(sum(x.net) FILTER (WHERE x.code = '`+AccountPropertyCash+`'), 0) AS cash, COALESCE(-sum(x.net) FILTER (WHERE x.code = '`+accountDeposits+`'), 0) AS deposits,
			COALESCE(sum(x.net) FILTER (WHERE x.code = '`+AccountPropertyReserves+`'), 0) AS reserves,
			EXISTS (SELECT 1 FROM financials.covenants c JOIN financials.loans l ON l.id = c.loan_id CROSS JOIN LATERAL (SELECT t.status FROM financials.covenant_tests t
				WHERE t.covenant_id = c.id AND t.as_of_date <= $2 ORDER BY t.as_of_date DESC LIMIT 1) t WHERE l.property_id = $1 AND t.status = 'breached') AS trapped
		FROM financials.books b LEFT JOIN (SELECT a.book_id, a.code, COALESCE(d.amount, 0) - COALESCE(c.amount, 0) AS net FROM financials.accounts a
			CROSS JOIN LATERAL (SELECT sum(p.amount) AS amount FROM financials.postings p WHERE p.debit_account = a.id AND p.book_id = a.book_id AND p.effective_date <= $2) d
			CROSS JOIN LATERAL (SELECT sum(p.amount) AS amount FROM financials.postings p WHERE p.credit_account = a.id AND p.book_id = a.book_id AND p.effective_date <= $2) c
			WHERE a.code IN ('`+AccountPropertyCash+`', '`+AccountPropertyReserves+`', '`+accountDeposits+`')) x ON x.book_id = b.id
		WHERE b.property_id = $1 GROUP BY b.id`, w.PropertyID, w.AsOfDate)
	switch {
	case err != nil:
		return err
	case len(rows) == 0:
		return ErrBookMissing
	}
	w.Cash, w.Deposits, w.Reserves, w.Trapped = rows[0].Cash, rows[0].Deposits, rows[0].Reserves, rows[0].Trapped
	return nil
}

// debtDue is what the schedules of a property's active loans ask for in the days after one.
func debtDue(ctx context.Context, tx bun.IDB, property id.Of[properties.Property], day date.Date, days int) (money.Amount, error) {
	var due money.Amount
	list, err := mortgages.AllParams(ctx, tx, "fl.property_id = $1 AND fl.status IN ('active', 'defaulted') ORDER BY fl.id", property)
	if err != nil {
		return due, err
	}
	for i := range list {
		h, err := historyOf(ctx, tx, list[i].ID)
		if err != nil {
			return due, err
		}
		if b, err := h.on(list[i].ID, day); err != nil || b.Balance.Sign() == 0 {
			if err != nil {
				return due, err
			}
			continue // nothing is owed, so nothing is due
		}
		s, err := scheduleOf(ctx, tx, &list[i])
		if err != nil {
			return due, err
		}
		t, err := s.Between(day.AddDays(1), day.AddDays(days))
		if err != nil {
			return due, err
		}
		balloon := money.Zero
		if last := s.Rows[len(s.Rows)-1].Due; last.After(day) && !last.After(day.AddDays(days)) {
			balloon = s.Balloon
		}
		if due, err = money.Sum(due, t.Paid, balloon); err != nil {
			return due, err
		}
	}
	return due, nil
}

// Worksheet reads a worksheet. It returns [ErrWorksheetNotFound].
func (s *Cash) Worksheet(ctx context.Context, db bun.IDB, worksheet id.Of[Worksheet]) (*Worksheet, error) {
	return worksheets.Get(ctx, db, worksheet)
}

// LatestWorksheet reads the worksheet of a property that is in force: the one of the latest
// day, and of that day the one that was prepared last. It returns [ErrWorksheetNotFound].
func (s *Cash) LatestWorksheet(ctx context.Context, db bun.IDB, property id.Of[properties.Property]) (*Worksheet, error) {
	return worksheets.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("fws.property_id = ?", property).OrderExpr("fws.as_of_date DESC, fws.recorded_at DESC, fws.id DESC").Limit(1)
	})
}

// Worksheets lists those of a property by day.
func (s *Cash) Worksheets(ctx context.Context, db bun.IDB, property id.Of[properties.Property], r page.Request) (page.Page[Worksheet], error) {
	return worksheets.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("fws.property_id = ?", property) })
}
