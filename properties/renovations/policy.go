package renovations

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// Verb names a verb that a [Rule] is for.
type Verb string

// The verbs that somebody acts by.
const (
	VerbRequestChangeOrder Verb = "request_change_order"
	VerbApproveChangeOrder Verb = "approve_change_order"
	VerbRejectChangeOrder  Verb = "reject_change_order"
)

// Rule says who may use a verb. An actor is always somebody who is neither suspended
// nor deleted.
type Rule struct {
	// Action and Kind are what a role has to permit on the property, with [Config.May].
	Action auth.Action
	Kind   auth.Kind
}

// Rules are who may use which verb. Action and kind are what a role has to permit on the
// property of the project, where [Config.May] asks for roles. Who asked for a change order
// never decides it ([ErrSecondPerson]).
//
//	verb                  action   kind
//	request_change_order  edit     property
//	approve_change_order  approve  financials
//	reject_change_order   approve  financials
func Rules() map[Verb]Rule {
	return map[Verb]Rule{
		VerbRequestChangeOrder: {auth.ActionEdit, auth.KindProperty},
		VerbApproveChangeOrder: {auth.ActionApprove, auth.KindFinancials},
		VerbRejectChangeOrder:  {auth.ActionApprove, auth.KindFinancials},
	}
}

// MayFunc decides in the transaction of a verb whether an active user's roles permit an
// action on an object, such as by auth.Access.Can; its error refuses the verb.
type MayFunc func(ctx context.Context, tx bun.IDB, actor id.Of[auth.User], action auth.Action, object auth.Object) error

// acts checks, behind the locks of a verb and before its writes, that its actor is active
// and that the verb's rule lets them act. From here on they are who the transaction's
// histories name.
func (s *Service) acts(ctx context.Context, tx bun.IDB, verb Verb, actor id.Of[auth.User], p *Project) error {
	switch err := auth.ActiveActor(ctx, tx, actor); {
	case errors.Is(err, auth.ErrActorInactive):
		return auth.ErrActorInactive.On("actor_id")
	case err != nil:
		return err
	}
	if _, err := store.ExecParams(ctx, tx, constraints, "SELECT set_config('freehold.actor', $1, TRUE)", actor.String()); err != nil {
		return err
	}
	if s.may == nil {
		return nil
	}
	rule := Rules()[verb]
	return s.may(ctx, tx, actor, rule.Action, auth.ObjectOf(rule.Kind, p.PropertyID))
}
