package renovations

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/acting"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// Verb names a verb that a [Rule] is for.
type Verb string

// The verbs that somebody acts by.
const (
	VerbApproveProject     Verb = "approve_project"
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
//	approve_project       approve  financials
//	request_change_order  edit     property
//	approve_change_order  approve  financials
//	reject_change_order   approve  financials
func Rules() map[Verb]Rule {
	return map[Verb]Rule{
		VerbApproveProject:     {auth.ActionApprove, auth.KindFinancials},
		VerbRequestChangeOrder: {auth.ActionEdit, auth.KindProperty},
		VerbApproveChangeOrder: {auth.ActionApprove, auth.KindFinancials},
		VerbRejectChangeOrder:  {auth.ActionApprove, auth.KindFinancials},
	}
}

// acts checks, behind the locks of a verb and before its writes, that its actor is active
// and that the verb's rule lets them act. From here on they are who the transaction's
// histories name.
func (s *Service) acts(ctx context.Context, tx bun.IDB, verb Verb, actor id.Of[auth.User], p *Project) error {
	if _, err := acting.Read(ctx, tx, actor, ""); err != nil || s.may == nil {
		return err
	}
	rule := Rules()[verb]
	return s.may(ctx, tx, actor, rule.Action, auth.ObjectOf(rule.Kind, p.PropertyID))
}
