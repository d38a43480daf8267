package investments

import (
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// Verb names a verb that a [Rule] is for.
type Verb string

// The verbs that somebody acts by. All others only read, or bring up to date what
// follows from the rows.
const (
	VerbCreateOffering       Verb = "create_offering"
	VerbUpdateOffering       Verb = "update_offering"
	VerbSetTerms             Verb = "set_terms"
	VerbOpenOffering         Verb = "open_offering"
	VerbCloseOffering        Verb = "close_offering"
	VerbCompleteRaise        Verb = "complete_raise"
	VerbCancelOffering       Verb = "cancel_offering"
	VerbOpenAccount          Verb = "open_account"
	VerbSetTaxID             Verb = "set_tax_id"
	VerbRequestInstruction   Verb = "request_instruction"
	VerbApproveInstruction   Verb = "approve_instruction"
	VerbRejectInstruction    Verb = "reject_instruction"
	VerbCommit               Verb = "commit"
	VerbCancelSubscription   Verb = "cancel_subscription"
	VerbAdmit                Verb = "admit"
	VerbScaleBack            Verb = "scale_back"
	VerbCallCapital          Verb = "call_capital"
	VerbIssueCall            Verb = "issue_call"
	VerbCancelCall           Verb = "cancel_call"
	VerbReceiveCall          Verb = "receive_call"
	VerbReceiveContribution  Verb = "receive_contribution"
	VerbReceiveContributions Verb = "receive_contributions"
	VerbRefundContribution   Verb = "refund_contribution"
	VerbRequestTransfer      Verb = "request_transfer"
	VerbRequestConversion    Verb = "request_conversion"
	VerbRequestCorrection    Verb = "request_correction"
	VerbApproveTransfer      Verb = "approve_transfer"
	VerbCompleteTransfer     Verb = "complete_transfer"
	VerbCancelTransfer       Verb = "cancel_transfer"
	VerbDeclareDistribution  Verb = "declare_distribution"
	VerbApproveDistribution  Verb = "approve_distribution"
	VerbRejectDistribution   Verb = "reject_distribution"
	VerbCancelDistribution   Verb = "cancel_distribution"
	VerbPayDistribution      Verb = "pay_distribution"
	VerbProcessDistribution  Verb = "process_distribution"
	VerbConfirmPayments      Verb = "confirm_payments"
	VerbFailPayment          Verb = "fail_payment"
	VerbReissuePayment       Verb = "reissue_payment"
	VerbReverseDistribution  Verb = "reverse_distribution"
	VerbRecordRecovery       Verb = "record_recovery"
	VerbRemitWithholding     Verb = "remit_withholding"
	VerbAllocate             Verb = "allocate"
	VerbReverseAllocation    Verb = "reverse_allocation"
	VerbExitOffering         Verb = "exit_offering"
	VerbReverseExit          Verb = "reverse_exit"
	VerbPrepareStatement     Verb = "prepare_statement"
	VerbFixRate              Verb = "fix_rate"
	VerbEnterDefault         Verb = "enter_default"
	VerbLendToPartner        Verb = "lend_to_partner"
	VerbDilutePartner        Verb = "dilute_partner"
	VerbWithdrawPartnerEvent Verb = "withdraw_partner_event"
)

// Standing says what a rule makes of an actor who is a party: an owner, alone or
// jointly, of an account that the money or the right comes from or goes to.
type Standing string

// The standings.
const (
	AnyParty Standing = "any"  // a party acts like anybody else
	NoParty  Standing = "none" // a party is refused: [ErrActorParty]
	// OwnParty: nobody but an owner of what is to be given acts, and, with
	// [Policy.Roles], whom a role permits it for others: [ErrActorStranger].
	OwnParty Standing = "own"
)

// Rule says who may use a verb. An actor is always somebody who is neither
// suspended nor deleted.
type Rule struct {
	// Action and Kind are what a role has to permit, with [Policy.Roles].
	Action auth.Action
	Kind   auth.Kind
	// Party says what holds for a party to the matter.
	Party Standing
}

// Policy says who may use which verb. It is data: [DefaultRules] has the table. The
// zero value is the default of a host that does not use roles: every active user
// may use every verb that the rules do not keep from them as a party, or keep for
// the owners.
type Policy struct {
	// Roles asks Config.May for every verb, so that nobody acts without a role that
	// permits it.
	Roles bool
	// SponsorLines counts the owners of accounts with a line of promote or fee of a
	// distribution as its parties too; those with an investor's line always are.
	SponsorLines bool
	// Rules are other rules than those of [DefaultRules], by verb.
	Rules map[Verb]Rule
}

// MayFunc decides in the transaction of a verb whether an active user's roles
// permit an action on an object, such as by auth.Service.Can; its error refuses the
// verb.
type MayFunc func(ctx context.Context, tx bun.IDB, actor id.Of[auth.User], action auth.Action, object auth.Object) error

// Validate reports rules for verbs that there are not, and rules that are not
// complete.
func (p Policy) Validate() error {
	var f fault.Fields
	known := DefaultRules()
	for _, v := range slices.Sorted(maps.Keys(p.Rules)) {
		r, at := p.Rules[v], "rules."+string(v)
		_, there := known[v]
		f.Check(there, at, "unknown", "no verb has this name")
		f.Check(r.Action != "" && r.Kind != "", at, "required", "a rule has an action and a kind")
		f.Check(r.Party == AnyParty || r.Party == NoParty || r.Party == OwnParty, at, "unknown", "a party is any, none or own")
	}
	return f.Err()
}

// rules are the default ones with those of the policy.
func (p Policy) rules() map[Verb]Rule {
	out := DefaultRules()
	maps.Copy(out, p.Rules)
	return out
}

// DefaultRules are the rules of a policy that names no others; the table in the
// package's documentation shows them.
func DefaultRules() map[Verb]Rule {
	return map[Verb]Rule{
		VerbCreateOffering:       {auth.ActionCreate, auth.KindOffering, AnyParty},
		VerbUpdateOffering:       {auth.ActionEdit, auth.KindOffering, AnyParty},
		VerbSetTerms:             {auth.ActionEdit, auth.KindOffering, AnyParty},
		VerbOpenOffering:         {auth.ActionEdit, auth.KindOffering, AnyParty},
		VerbCloseOffering:        {auth.ActionClose, auth.KindOffering, AnyParty},
		VerbCompleteRaise:        {auth.ActionClose, auth.KindOffering, AnyParty},
		VerbCancelOffering:       {auth.ActionClose, auth.KindOffering, AnyParty},
		VerbOpenAccount:          {auth.ActionCreate, auth.KindAccount, AnyParty},
		VerbSetTaxID:             {auth.ActionEdit, auth.KindAccount, AnyParty},
		VerbRequestInstruction:   {auth.ActionRequest, auth.KindInstruction, OwnParty},
		VerbApproveInstruction:   {auth.ActionApprove, auth.KindInstruction, NoParty},
		VerbRejectInstruction:    {auth.ActionApprove, auth.KindInstruction, NoParty},
		VerbCommit:               {auth.ActionCreate, auth.KindCommitment, OwnParty},
		VerbCancelSubscription:   {auth.ActionEdit, auth.KindCommitment, AnyParty},
		VerbAdmit:                {auth.ActionEdit, auth.KindCommitment, NoParty},
		VerbScaleBack:            {auth.ActionEdit, auth.KindCommitment, NoParty},
		VerbCallCapital:          {auth.ActionCreate, auth.KindCapitalCall, AnyParty},
		VerbIssueCall:            {auth.ActionEdit, auth.KindCapitalCall, AnyParty},
		VerbCancelCall:           {auth.ActionEdit, auth.KindCapitalCall, AnyParty},
		VerbReceiveCall:          {auth.ActionCreate, auth.KindContribution, NoParty},
		VerbReceiveContribution:  {auth.ActionCreate, auth.KindContribution, NoParty},
		VerbReceiveContributions: {auth.ActionCreate, auth.KindContribution, NoParty},
		VerbRefundContribution:   {auth.ActionPay, auth.KindRefund, NoParty},
		VerbRequestTransfer:      {auth.ActionRequest, auth.KindTransfer, OwnParty},
		VerbRequestConversion:    {auth.ActionRequest, auth.KindTransfer, OwnParty},
		VerbRequestCorrection:    {auth.ActionRequest, auth.KindTransfer, AnyParty},
		VerbApproveTransfer:      {auth.ActionApprove, auth.KindTransfer, NoParty},
		VerbCompleteTransfer:     {auth.ActionEdit, auth.KindPosition, NoParty},
		VerbCancelTransfer:       {auth.ActionRequest, auth.KindTransfer, AnyParty},
		VerbDeclareDistribution:  {auth.ActionCreate, auth.KindDistribution, AnyParty},
		VerbApproveDistribution:  {auth.ActionApprove, auth.KindDistribution, NoParty},
		VerbRejectDistribution:   {auth.ActionApprove, auth.KindDistribution, NoParty},
		VerbCancelDistribution:   {auth.ActionEdit, auth.KindDistribution, AnyParty},
		VerbPayDistribution:      {auth.ActionPay, auth.KindDistribution, NoParty},
		VerbProcessDistribution:  {auth.ActionPay, auth.KindDistribution, NoParty},
		VerbConfirmPayments:      {auth.ActionPay, auth.KindDistribution, NoParty},
		VerbFailPayment:          {auth.ActionEdit, auth.KindDistribution, NoParty},
		VerbReissuePayment:       {auth.ActionPay, auth.KindDistribution, NoParty},
		VerbReverseDistribution:  {auth.ActionReverse, auth.KindDistribution, NoParty},
		VerbRecordRecovery:       {auth.ActionCreate, auth.KindContribution, NoParty},
		VerbRemitWithholding:     {auth.ActionPay, auth.KindDistribution, AnyParty},
		VerbAllocate:             {auth.ActionCreate, auth.KindLedger, AnyParty},
		VerbReverseAllocation:    {auth.ActionReverse, auth.KindLedger, AnyParty},
		VerbExitOffering:         {auth.ActionClose, auth.KindOffering, AnyParty},
		VerbReverseExit:          {auth.ActionReverse, auth.KindOffering, AnyParty},
		VerbPrepareStatement:     {auth.ActionCreate, auth.KindDocument, AnyParty},
		VerbFixRate:              {auth.ActionEdit, auth.KindOffering, AnyParty},
		VerbEnterDefault:         {auth.ActionEdit, auth.KindOffering, AnyParty},
		VerbLendToPartner:        {auth.ActionEdit, auth.KindPosition, NoParty},
		VerbDilutePartner:        {auth.ActionEdit, auth.KindPosition, NoParty},
		VerbWithdrawPartnerEvent: {auth.ActionEdit, auth.KindOffering, AnyParty},
	}
}
