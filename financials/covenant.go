package financials

import (
	"cmp"
	"context"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of covenants.
var (
	// ErrCovenantExists: the loan has a covenant of the kind from that day on.
	ErrCovenantExists = fault.New(fault.Conflict, "covenant_exists", "the loan has a covenant of this kind from that day on").On("starts_on")
	// ErrCovenantNotFound: there is no such covenant.
	ErrCovenantNotFound = fault.New(fault.NotFound, "covenant_not_found", "there is no such covenant")
	// ErrCovenantTested: the covenant has a test as of that day.
	ErrCovenantTested = fault.New(fault.Conflict, "covenant_tested", "the covenant has a test as of that day").On("as_of")
	// ErrCovenantLife: a covenant ends before it starts, or starts before its loan.
	ErrCovenantLife = fault.New(fault.Invalid, fault.CodeInverted, "the covenant ends before it starts, or starts before its loan").On("ends_on")
	// ErrCovenantValue: the property has no value by that day.
	ErrCovenantValue = fault.New(fault.NotFound, "covenant_value_missing", "the property has no valuation by that day").On("value")
	// ErrCovenantIncome: the statements do not cover the twelve months.
	ErrCovenantIncome = fault.New(fault.NotFound, "covenant_income_missing", "the statements in force do not cover the twelve months before that day").On("as_of")
	// ErrCovenantState: the test is none of a breach that is open, or how it ended is not
	// said whole.
	ErrCovenantState = fault.New(fault.Illegal, "covenant_not_breached", "the test is of no breach that is open").On("test_id")
	// ErrCureLate: the time to cure is over.
	ErrCureLate = fault.New(fault.Illegal, "covenant_cure_late", "the time to cure the breach is over").On("date")
)

// CovenantKind says what a covenant measures.
type CovenantKind string

// The kinds of covenant.
const (
	CovenantDSCR      CovenantKind = "dscr"       // at least: income over debt service
	CovenantLTV       CovenantKind = "ltv"        // at most: what is owed over the property's value
	CovenantDebtYield CovenantKind = "debt_yield" // at least: income over what is owed
)

// Valid reports whether k is one of the kinds.
func (k CovenantKind) Valid() bool {
	return k == CovenantDSCR || k == CovenantLTV || k == CovenantDebtYield
}

// Covenant is what a lender asks of a loan, in the twelve months before a day.
type Covenant struct {
	bun.BaseModel `bun:"table:financials.covenants,alias:fc" json:"-"`

	ID          id.Of[Covenant] `bun:"id,pk" json:"id"`
	LoanID      id.Of[Loan]     `bun:"loan_id" json:"loan_id"`
	Kind        CovenantKind    `bun:"kind" json:"kind"`
	Threshold   decimal.Decimal `bun:"threshold" json:"threshold"` // a ratio: 1.25, 0.65, 0.09
	MetricBasis MetricBasis     `bun:"metric_basis" json:"metric_basis"`
	CureDays    int             `bun:"cure_days" json:"cure_days"`
	StartsOn    date.Date       `bun:"starts_on" json:"starts_on"`
	EndsOn      *date.Date      `bun:"ends_on" json:"ends_on"`
	CreatedAt   time.Time       `bun:"created_at" json:"created_at"`
}

// CovenantStatus says how a covenant stood.
type CovenantStatus string

// The statuses of a test.
const (
	CovenantMet      CovenantStatus = "met"
	CovenantBreached CovenantStatus = "breached"
	CovenantCured    CovenantStatus = "cured"  // made good in time
	CovenantWaived   CovenantStatus = "waived" // by the lender
)

// Valid reports whether s is one of the statuses.
func (s CovenantStatus) Valid() bool {
	return s == CovenantMet || s == CovenantBreached || s == CovenantCured || s == CovenantWaived
}

// CovenantTest is what a covenant came to as of a day, with the figures that made it. Ratio
// is nil where it is undefined: without debt service, or with nothing owed, which meets any
// covenant.
type CovenantTest struct {
	bun.BaseModel `bun:"table:financials.covenant_tests,alias:ft" json:"-"`

	ID            id.Of[CovenantTest] `bun:"id,pk" json:"id"`
	CovenantID    id.Of[Covenant]     `bun:"covenant_id" json:"covenant_id"`
	AsOfDate      date.Date           `bun:"as_of_date" json:"as_of_date"`
	Income        money.Amount        `bun:"income" json:"income"` // NOI or NCF of twelve months
	DebtService   money.Amount        `bun:"debt_service" json:"debt_service"`
	Balance       money.Amount        `bun:"balance" json:"balance"`
	PropertyValue *money.Amount       `bun:"property_value" json:"property_value"`
	Ratio         *decimal.Decimal    `bun:"ratio" json:"ratio"`
	Status        CovenantStatus      `bun:"status" json:"status"`
	CureBy        *date.Date          `bun:"cure_by" json:"cure_by"`
	EndedOn       *date.Date          `bun:"ended_on" json:"ended_on"` // cured or waived
	EndedBy       *id.Of[auth.User]   `bun:"ended_by" json:"ended_by"`
	Reason        *string             `bun:"reason" json:"reason"`
	Version       int64               `bun:"version" json:"version"`
	CreatedAt     time.Time           `bun:"created_at" json:"created_at"`
	UpdatedAt     time.Time           `bun:"updated_at" json:"updated_at"`
}

var (
	// covenants is the repository of Covenant rows.
	covenants = store.Repo[Covenant]{NotFound: ErrCovenantNotFound, Constraints: constraints}
	// covenantTests is the repository of CovenantTest rows, by day.
	covenantTests = store.Repo[CovenantTest]{
		NotFound:    ErrCovenantNotFound,
		Constraints: constraints,
		Sort: store.Sort[CovenantTest]{
			Columns: []store.Column{{Name: "as_of_date", Type: "date"}, {Name: "id", Type: "uuid"}},
			Key:     func(t *CovenantTest) []string { return []string{t.AsOfDate.String(), t.ID.String()} },
		},
	}
)

// Covenants are those of a loan, by kind and first day.
func (s *Loans) Covenants(ctx context.Context, db bun.IDB, loan id.Of[Loan]) ([]Covenant, error) {
	return covenantsOf(ctx, db, loan)
}

func covenantsOf(ctx context.Context, db bun.IDB, loan id.Of[Loan]) ([]Covenant, error) {
	return covenants.AllParams(ctx, db, "fc.loan_id = $1 ORDER BY fc.kind, fc.starts_on", loan)
}

// CovenantTests lists the tests of a loan's covenants by day.
func (s *Loans) CovenantTests(ctx context.Context, db bun.IDB, loan id.Of[Loan], r page.Request) (page.Page[CovenantTest], error) {
	return covenantTests.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("ft.covenant_id IN (SELECT id FROM financials.covenants WHERE loan_id = ?)", loan)
	})
}

// CovenantAgreed says that a lender asks something of a loan.
type CovenantAgreed struct {
	CovenantID id.Of[Covenant]  `json:"covenant_id"`
	Kind       CovenantKind     `json:"kind"`
	Threshold  decimal.Decimal  `json:"threshold"`
	StartsOn   date.Date        `json:"starts_on"`
	ActorID    id.Of[auth.User] `json:"actor_id"`
}

// EventType names the event.
func (CovenantAgreed) EventType() (string, int) { return "financials.covenant_agreed", 1 }

// AgreeCovenantParams is what a lender asks.
type AgreeCovenantParams struct {
	ID          id.Of[Covenant] // zero makes a new one
	LoanID      id.Of[Loan]
	Kind        CovenantKind
	Threshold   decimal.Decimal // a ratio above zero with at most ten decimals
	MetricBasis MetricBasis     // "" is NOI
	CureDays    int             // after the day of the test
	StartsOn    date.Date
	EndsOn      *date.Date
	ActorID     id.Of[auth.User]
}

// AgreeCovenant puts a covenant on record. A second call with the same ID and the same
// params is the first one's success. It locks the property and the loan. It returns
// [ErrCovenantExists], [ErrCovenantLife], [ErrLoanNotFound] or the field errors.
func (s *Loans) AgreeCovenant(ctx context.Context, db bun.IDB, p AgreeCovenantParams) (*Covenant, error) {
	var f check.Fields
	f.Given("loan_id", p.LoanID)
	check.One(&f, "kind", p.Kind)
	f.Number("threshold", &p.Threshold, 10, 0, 1_000)
	f.Check(p.Threshold.Sign() > 0, "threshold", check.OutOfRange, "a ratio above zero")
	basis := cmp.Or(p.MetricBasis, OnNOI)
	check.One(&f, "metric_basis", basis)
	f.Integer("cure_days", &p.CureDays, 0, 3660)
	f.GivenWithin("starts_on", p.StartsOn, s.days())
	f.Day("ends_on", p.EndsOn)
	if p.EndsOn != nil && p.EndsOn.Before(p.StartsOn) {
		f.AddErr("", ErrCovenantLife)
	}
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	now := s.now()
	c := &Covenant{ID: p.ID.OrNew(), LoanID: p.LoanID, Kind: p.Kind, Threshold: p.Threshold, MetricBasis: basis, CureDays: p.CureDays, StartsOn: p.StartsOn, EndsOn: p.EndsOn, CreatedAt: now}
	k := store.Creation[Covenant]{Scope: s.scope, Verb: "financials." + string(VerbAgreeCovenant), Params: p, Chosen: p.ID, Kind: "covenant", Rows: covenants}
	return store.CreateOnce(ctx, db, k, func(tx bun.IDB) (*Covenant, error) {
		loan, _, err := s.lockLoan(ctx, tx, VerbAgreeCovenant, p.LoanID, p.ActorID)
		if err != nil {
			return nil, err
		}
		if p.StartsOn.Before(loan.StartDate) {
			return nil, ErrCovenantLife.On("starts_on").With("the loan begins on %s", loan.StartDate)
		}
		if err := covenants.Insert(ctx, tx, c); err != nil {
			return nil, err
		}
		return c, s.hooks.Emit(ctx, tx, now, store.Event(aggregateLoan, p.LoanID, CovenantAgreed{c.ID, c.Kind, c.Threshold, c.StartsOn, p.ActorID}))
	})
}
