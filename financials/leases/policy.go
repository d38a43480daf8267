package leases

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/acting"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of who may act.
var (
	// ErrActorRequired: nobody is named who acts.
	ErrActorRequired = auth.ErrActorRequired
	// ErrActorParty: who acts is a tenant or a guarantor of the lease.
	ErrActorParty = auth.ErrActorParty
)

// Verb names a verb that a [Rule] is for.
type Verb string

// The verbs that somebody acts by.
const (
	VerbEraseTenant          Verb = "erase_tenant"
	VerbSignLease            Verb = "sign_lease"
	VerbRenewLease           Verb = "renew_lease"
	VerbCancelLease          Verb = "cancel_lease"
	VerbImportRentRoll       Verb = "import_rent_roll"
	VerbGiveNotice           Verb = "give_notice"
	VerbWithdrawNotice       Verb = "withdraw_notice"
	VerbTerminateLease       Verb = "terminate_lease"
	VerbMoveIn               Verb = "move_in"
	VerbMoveOut              Verb = "move_out"
	VerbScheduleCharge       Verb = "schedule_charge"
	VerbStepByIndex          Verb = "step_by_index"
	VerbCorrectTerm          Verb = "correct_term"
	VerbChangeParties        Verb = "change_parties"
	VerbPostCharges          Verb = "post_charges"
	VerbAssessLateFees       Verb = "assess_late_fees"
	VerbReceivePayment       Verb = "receive_payment"
	VerbReturnPayment        Verb = "return_payment"
	VerbRefund               Verb = "refund"
	VerbReceiveDeposit       Verb = "receive_deposit"
	VerbSettleDeposit        Verb = "settle_deposit"
	VerbAddCharge            Verb = "add_charge"
	VerbAddCredit            Verb = "add_credit"
	VerbReverseCharge        Verb = "reverse_charge"
	VerbReconcileRecovery    Verb = "reconcile_recovery"
	VerbChargePercentageRent Verb = "charge_percentage_rent"
	VerbRequestWriteOff      Verb = "request_write_off"
	VerbApproveWriteOff      Verb = "approve_write_off"
	VerbRejectWriteOff       Verb = "reject_write_off"
	VerbCloseMonth           Verb = "close_month"
	VerbRestateMonth         Verb = "restate_month"
)

// Rule says who may use a verb. An actor is always somebody who is neither suspended
// nor deleted.
type Rule struct {
	// Action and Kind are what a role has to permit on the property, with [Config.May].
	Action auth.Action
	Kind   auth.Kind
	// NoParty refuses a tenant or a guarantor of the lease: [ErrActorParty].
	NoParty bool
}

// Rules are who may use which verb. Action and kind are what a role has to permit on the
// property of the lease, where [Config.May] asks for roles. A party is any or none: a
// tenant or guarantor of the lease, as it stands, acts like anybody else or is refused.
//
//	verb                    action   kind        party
//	erase_tenant            delete   property    any
//	sign_lease              create   property    none
//	renew_lease             edit     property    none
//	cancel_lease            edit     property    none
//	import_rent_roll        create   property    any
//	give_notice             edit     property    any
//	withdraw_notice         edit     property    none
//	terminate_lease         edit     property    none
//	move_in                 edit     property    none
//	move_out                edit     property    none
//	schedule_charge         edit     property    none
//	step_by_index           edit     property    none
//	correct_term            edit     property    none
//	change_parties          edit     property    none
//	post_charges            create   financials  any
//	assess_late_fees        create   financials  any
//	receive_payment         create   financials  none
//	return_payment          edit     financials  none
//	refund                  pay      financials  none
//	receive_deposit         create   financials  none
//	settle_deposit          pay      financials  none
//	add_charge              create   financials  none
//	add_credit              create   financials  none
//	reverse_charge          edit     financials  none
//	reconcile_recovery      create   financials  none
//	charge_percentage_rent  create   financials  none
//	request_write_off       edit     financials  none
//	approve_write_off       approve  financials  none
//	reject_write_off        approve  financials  none
//	close_month             close    financials  any
//	restate_month           close    financials  any
//
// The verbs of any party are those over a whole property, the erasure of a tenant, which is
// of no property (the object has a zero id), and the notice, which is the tenant's own to give.
func Rules() map[Verb]Rule {
	return map[Verb]Rule{
		VerbEraseTenant:          {auth.ActionDelete, auth.KindProperty, false},
		VerbSignLease:            {auth.ActionCreate, auth.KindProperty, true},
		VerbRenewLease:           {auth.ActionEdit, auth.KindProperty, true},
		VerbCancelLease:          {auth.ActionEdit, auth.KindProperty, true},
		VerbImportRentRoll:       {auth.ActionCreate, auth.KindProperty, false},
		VerbGiveNotice:           {auth.ActionEdit, auth.KindProperty, false},
		VerbWithdrawNotice:       {auth.ActionEdit, auth.KindProperty, true},
		VerbTerminateLease:       {auth.ActionEdit, auth.KindProperty, true},
		VerbMoveIn:               {auth.ActionEdit, auth.KindProperty, true},
		VerbMoveOut:              {auth.ActionEdit, auth.KindProperty, true},
		VerbScheduleCharge:       {auth.ActionEdit, auth.KindProperty, true},
		VerbStepByIndex:          {auth.ActionEdit, auth.KindProperty, true},
		VerbCorrectTerm:          {auth.ActionEdit, auth.KindProperty, true},
		VerbChangeParties:        {auth.ActionEdit, auth.KindProperty, true},
		VerbPostCharges:          {auth.ActionCreate, auth.KindFinancials, false},
		VerbAssessLateFees:       {auth.ActionCreate, auth.KindFinancials, false},
		VerbReceivePayment:       {auth.ActionCreate, auth.KindFinancials, true},
		VerbReturnPayment:        {auth.ActionEdit, auth.KindFinancials, true},
		VerbRefund:               {auth.ActionPay, auth.KindFinancials, true},
		VerbReceiveDeposit:       {auth.ActionCreate, auth.KindFinancials, true},
		VerbSettleDeposit:        {auth.ActionPay, auth.KindFinancials, true},
		VerbAddCharge:            {auth.ActionCreate, auth.KindFinancials, true},
		VerbAddCredit:            {auth.ActionCreate, auth.KindFinancials, true},
		VerbReverseCharge:        {auth.ActionEdit, auth.KindFinancials, true},
		VerbReconcileRecovery:    {auth.ActionCreate, auth.KindFinancials, true},
		VerbChargePercentageRent: {auth.ActionCreate, auth.KindFinancials, true},
		VerbRequestWriteOff:      {auth.ActionEdit, auth.KindFinancials, true},
		VerbApproveWriteOff:      {auth.ActionApprove, auth.KindFinancials, true},
		VerbRejectWriteOff:       {auth.ActionApprove, auth.KindFinancials, true},
		VerbCloseMonth:           {auth.ActionClose, auth.KindFinancials, false},
		VerbRestateMonth:         {auth.ActionClose, auth.KindFinancials, false},
	}
}

// matter is what a verb is about: the property that a role is over, and whose it is.
type matter struct {
	property id.Of[properties.Property]
	lease    id.Of[Lease]  // whose tenants are parties, if any
	tenants  []PartyParams // who are to be parties
}

// matter is the lease as what a verb is about.
func (l *Lease) matter() matter { return matter{property: l.PropertyID, lease: l.ID} }

// acts checks, behind the locks of a verb and before its writes, that its actor is
// active and that the verb's rule lets them act. From here on they are who the
// transaction's events and histories name. The actor's row stays locked in share mode,
// so that a suspension waits for the verb, or the verb sees it.
func (c *core) acts(ctx context.Context, tx bun.IDB, verb Verb, actor id.Of[auth.User], m matter) error {
	named := make([]string, len(m.tenants))
	for i := range m.tenants {
		named[i] = m.tenants[i].TenantID.String()
	}
	party, err := acting.Read(ctx, tx, actor, `EXISTS (SELECT 1 FROM financials.tenants t WHERE t.user_id = u.id
		AND (t.id::text = ANY (?2::text[]) OR EXISTS (SELECT 1 FROM financials.lease_parties p WHERE p.tenant_id = t.id AND p.lease_id = ?1 AND p.superseded_at IS NULL)))`,
		m.lease, store.TextArray(named, func(v *string) string { return *v }))
	rule := c.rules[verb]
	switch {
	case err != nil:
		return err
	case rule.NoParty && party:
		return ErrActorParty
	case c.may == nil:
		return nil
	}
	return c.may(ctx, tx, actor, rule.Action, auth.ObjectOf(rule.Kind, m.property))
}
