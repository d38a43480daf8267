package payables

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/acting"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of who may act.
var (
	// ErrActorRequired: nobody is named who acts.
	ErrActorRequired = auth.ErrActorRequired
	// ErrActorParty: who acts is the vendor.
	ErrActorParty = auth.ErrActorParty
)

// Verb names a verb that a [Rule] is for.
type Verb string

// The verbs that somebody acts by.
const (
	VerbAddVendor           Verb = "add_vendor"
	VerbUpdateVendor        Verb = "update_vendor"
	VerbSetVendorTaxID      Verb = "set_vendor_tax_id"
	VerbEraseVendor         Verb = "erase_vendor"
	VerbEnterBill           Verb = "enter_bill"
	VerbApproveBill         Verb = "approve_bill"
	VerbRejectBill          Verb = "reject_bill"
	VerbVoidBill            Verb = "void_bill"
	VerbPayBill             Verb = "pay_bill"
	VerbReturnBillPayment   Verb = "return_bill_payment"
	VerbReportMaintenance   Verb = "report_maintenance"
	VerbAssignMaintenance   Verb = "assign_maintenance"
	VerbStartMaintenance    Verb = "start_maintenance"
	VerbCompleteMaintenance Verb = "complete_maintenance"
	VerbCancelMaintenance   Verb = "cancel_maintenance"
)

// Rule says who may use a verb. An actor is always somebody who is neither suspended
// nor deleted.
type Rule struct {
	// Action and Kind are what a role has to permit on the property, with [Config.May].
	Action auth.Action
	Kind   auth.Kind
	// NoVendor refuses the vendor that it is about: [ErrActorParty].
	NoVendor bool
}

// Rules are who may use which verb. Action and kind are what a role has to permit on the
// property, where [Config.May] asks for roles. A vendor is any or none: one who has a user
// account acts like anybody else, or is refused what is about themselves.
//
//	verb                  action   kind        vendor
//	add_vendor            create   financials  any
//	update_vendor         edit     financials  any
//	set_vendor_tax_id     edit     financials  any
//	erase_vendor          delete   financials  any
//	enter_bill            create   financials  none
//	approve_bill          approve  financials  none
//	reject_bill           approve  financials  none
//	void_bill             edit     financials  none
//	pay_bill              pay      financials  none
//	return_bill_payment   edit     financials  none
//	report_maintenance    create   property    any
//	assign_maintenance    edit     property    none
//	start_maintenance     edit     property    any
//	complete_maintenance  edit     property    none
//	cancel_maintenance    edit     property    any
//
// Vendors are of no property, and the object of the verbs about them has a zero id. What a
// vendor tells of themselves, that something is broken, that work has begun or will not be
// done is theirs to say; what money follows from is not.
func Rules() map[Verb]Rule {
	return map[Verb]Rule{
		VerbAddVendor:           {auth.ActionCreate, auth.KindFinancials, false},
		VerbUpdateVendor:        {auth.ActionEdit, auth.KindFinancials, false},
		VerbSetVendorTaxID:      {auth.ActionEdit, auth.KindFinancials, false},
		VerbEraseVendor:         {auth.ActionDelete, auth.KindFinancials, false},
		VerbEnterBill:           {auth.ActionCreate, auth.KindFinancials, true},
		VerbApproveBill:         {auth.ActionApprove, auth.KindFinancials, true},
		VerbRejectBill:          {auth.ActionApprove, auth.KindFinancials, true},
		VerbVoidBill:            {auth.ActionEdit, auth.KindFinancials, true},
		VerbPayBill:             {auth.ActionPay, auth.KindFinancials, true},
		VerbReturnBillPayment:   {auth.ActionEdit, auth.KindFinancials, true},
		VerbReportMaintenance:   {auth.ActionCreate, auth.KindProperty, false},
		VerbAssignMaintenance:   {auth.ActionEdit, auth.KindProperty, true},
		VerbStartMaintenance:    {auth.ActionEdit, auth.KindProperty, false},
		VerbCompleteMaintenance: {auth.ActionEdit, auth.KindProperty, true},
		VerbCancelMaintenance:   {auth.ActionEdit, auth.KindProperty, false},
	}
}

// acts checks, behind the locks of a verb and before its writes, that its actor is
// active and that the verb's rule lets them act on a property and a vendor; either may be
// none. From here on they are who the transaction's events and histories name. The actor's
// row stays locked in share mode, so that a suspension waits for the verb, or the verb sees
// it.
func (s *Service) acts(ctx context.Context, tx bun.IDB, verb Verb, actor id.Of[auth.User], property id.Of[properties.Property], vendor id.Of[Vendor]) error {
	party, err := acting.Read(ctx, tx, actor, "EXISTS (SELECT 1 FROM financials.vendors v WHERE v.id = ?1 AND v.user_id = u.id)", vendor)
	rule := Rules()[verb]
	switch {
	case err != nil:
		return err
	case rule.NoVendor && party:
		return ErrActorParty
	case s.may == nil:
		return nil
	}
	return s.may(ctx, tx, actor, rule.Action, auth.ObjectOf(rule.Kind, property))
}
