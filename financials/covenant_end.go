package financials

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// BreachEnded says that the breach of a covenant was cured or waived.
type BreachEnded struct {
	TestID  id.Of[CovenantTest] `json:"test_id"`
	Status  CovenantStatus      `json:"status"`
	Date    date.Date           `json:"date"`
	ActorID id.Of[auth.User]    `json:"actor_id"`
}

// EventType names the event.
func (BreachEnded) EventType() (string, int) { return "financials.breach_ended", 1 }

// CureBreachParams is a breach that was made good.
type CureBreachParams struct {
	TestID  id.Of[CovenantTest]
	Date    date.Date // by the day until which it may be cured
	Reason  string    // how
	ActorID id.Of[auth.User]
}

// CureBreach records that a breach was made good in time, such as by paying the loan down.
// The figures of the test stay. Curing it again in the same way changes nothing.
//
// It locks the property, the loan and the test. It returns [ErrCovenantState], [ErrCureLate],
// [ErrCovenantNotFound] or the field errors.
func (s *Loans) CureBreach(ctx context.Context, db bun.IDB, p CureBreachParams) (*CovenantTest, error) {
	return s.endBreach(ctx, db, VerbCureBreach, p, CovenantCured)
}

// WaiveBreachParams is a breach that the lender waived.
type WaiveBreachParams CureBreachParams

// WaiveBreach records that the lender waived a breach, also after the time to cure it is
// over. Waiving it again in the same way changes nothing.
//
// It locks the property, the loan and the test. It returns [ErrCovenantState],
// [ErrCovenantNotFound] or the field errors.
func (s *Loans) WaiveBreach(ctx context.Context, db bun.IDB, p WaiveBreachParams) (*CovenantTest, error) {
	return s.endBreach(ctx, db, VerbWaiveBreach, CureBreachParams(p), CovenantWaived)
}

func (s *Loans) endBreach(ctx context.Context, db bun.IDB, verb Verb, p CureBreachParams, status CovenantStatus) (*CovenantTest, error) {
	var f check.Fields
	f.Given("test_id", p.TestID)
	f.GivenHappened("date", p.Date, s.days())
	f.Required("reason", p.Reason, check.Long)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	var out *CovenantTest
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		known, err := covenantTests.Get(ctx, tx, p.TestID) // to learn the covenant, which never changes
		if err != nil {
			return err
		}
		c, err := covenants.Get(ctx, tx, known.CovenantID)
		if err != nil {
			return err
		}
		if _, _, err := s.lockLoan(ctx, tx, verb, c.LoanID, p.ActorID); err != nil {
			return err
		}
		if out, err = covenantTests.Lock(ctx, tx, p.TestID); err != nil {
			return err
		}
		if out.Status == status && *out.EndedOn == p.Date && *out.EndedBy == p.ActorID && *out.Reason == p.Reason {
			return nil
		}
		if err := out.ends(status, p.Date); err != nil {
			return err
		}
		version := out.Version
		out.Status, out.EndedOn, out.EndedBy, out.Reason, out.Version = status, &p.Date, &p.ActorID, &p.Reason, version+1
		if err := covenantTests.UpdateVersion(ctx, tx, out, version, "status", "ended_on", "ended_by", "reason"); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateLoan, c.LoanID, BreachEnded{out.ID, status, p.Date, p.ActorID}))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ends reports why a breach does not end so.
func (t *CovenantTest) ends(status CovenantStatus, day date.Date) error {
	switch {
	case t.Status != CovenantBreached, day.Before(t.AsOfDate):
		return ErrCovenantState
	case status == CovenantCured && day.After(*t.CureBy):
		return ErrCureLate
	}
	return nil
}
