package financials

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/acting"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// Verb names a verb that a [Rule] is for.
type Verb string

// The verbs that somebody acts by.
const (
	VerbDrawLoan          Verb = "draw_loan"
	VerbPayLoan           Verb = "pay_loan"
	VerbDisburseEscrow    Verb = "disburse_escrow"
	VerbPayOffLoan        Verb = "pay_off_loan"
	VerbRefinanceLoan     Verb = "refinance_loan"
	VerbReverseLoanEntry  Verb = "reverse_loan_entry"
	VerbRecordIndexValues Verb = "record_index_values"
	VerbResetRate         Verb = "reset_rate"
	VerbAgreeCovenant     Verb = "agree_covenant"
	VerbTestCovenants     Verb = "test_covenants"
	VerbCureBreach        Verb = "cure_breach"
	VerbWaiveBreach       Verb = "waive_breach"
	VerbSetAsideReserve   Verb = "set_aside_reserve"
	VerbReleaseReserve    Verb = "release_reserve"
	VerbPrepareWorksheet  Verb = "prepare_worksheet"
)

// Rule says who may use a verb: what a role has to permit on the property, with
// [Config.May]. An actor is always somebody who is neither suspended nor deleted.
type Rule struct {
	Action auth.Action
	Kind   auth.Kind
}

// Rules are who may use which verb. Action and kind are what a role has to permit on the
// property of the loan, where [Config.May] asks for roles; values of an index are of no
// property (the object has a zero id).
//
//	verb                    action   kind
//	draw_loan               create   financials
//	pay_loan                pay      financials
//	disburse_escrow         pay      financials
//	pay_off_loan            pay      financials
//	refinance_loan          pay      financials
//	reverse_loan_entry      edit     financials
//	record_index_values     create   financials
//	reset_rate              edit     financials
//	agree_covenant          create   financials
//	test_covenants          edit     financials
//	cure_breach             edit     financials
//	waive_breach            approve  financials
//	set_aside_reserve       create   financials
//	release_reserve         pay      financials
//	prepare_worksheet       create   financials
func Rules() map[Verb]Rule {
	return map[Verb]Rule{
		VerbDrawLoan:          {auth.ActionCreate, auth.KindFinancials},
		VerbPayLoan:           {auth.ActionPay, auth.KindFinancials},
		VerbDisburseEscrow:    {auth.ActionPay, auth.KindFinancials},
		VerbPayOffLoan:        {auth.ActionPay, auth.KindFinancials},
		VerbRefinanceLoan:     {auth.ActionPay, auth.KindFinancials},
		VerbReverseLoanEntry:  {auth.ActionEdit, auth.KindFinancials},
		VerbRecordIndexValues: {auth.ActionCreate, auth.KindFinancials},
		VerbResetRate:         {auth.ActionEdit, auth.KindFinancials},
		VerbAgreeCovenant:     {auth.ActionCreate, auth.KindFinancials},
		VerbTestCovenants:     {auth.ActionEdit, auth.KindFinancials},
		VerbCureBreach:        {auth.ActionEdit, auth.KindFinancials},
		VerbWaiveBreach:       {auth.ActionApprove, auth.KindFinancials},
		VerbSetAsideReserve:   {auth.ActionCreate, auth.KindFinancials},
		VerbReleaseReserve:    {auth.ActionPay, auth.KindFinancials},
		VerbPrepareWorksheet:  {auth.ActionCreate, auth.KindFinancials},
	}
}

// acts checks, behind the locks of a verb and before its writes, that its actor is
// active and that the verb's rule lets them act. From here on they are who the
// transaction's events and histories name. The actor's row stays locked in share mode,
// so that a suspension waits for the verb, or the verb sees it.
func (s *core) acts(ctx context.Context, tx bun.IDB, verb Verb, actor id.Of[auth.User], property id.Of[properties.Property]) error {
	if _, err := acting.Read(ctx, tx, actor, ""); err != nil || s.may == nil {
		return err
	}
	rule := s.rules[verb]
	return s.may(ctx, tx, actor, rule.Action, auth.ObjectOf(rule.Kind, property))
}
