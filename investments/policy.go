package investments

import (
	"maps"
	"slices"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/auth"
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
	VerbRequestReversal      Verb = "request_reversal"
	VerbReverseDistribution  Verb = "reverse_distribution"
	VerbRecordRecovery       Verb = "record_recovery"
	VerbRequestWriteOff      Verb = "request_write_off"
	VerbApproveWriteOff      Verb = "approve_write_off"
	VerbRejectWriteOff       Verb = "reject_write_off"
	VerbRemitWithholding     Verb = "remit_withholding"
	VerbRecordCash           Verb = "record_cash"
	VerbReverseCash          Verb = "reverse_cash"
	VerbMarkCashComplete     Verb = "mark_cash_complete"
	VerbAllocate             Verb = "allocate"
	VerbReverseAllocation    Verb = "reverse_allocation"
	VerbExitOffering         Verb = "exit_offering"
	VerbRequestExitReversal  Verb = "request_exit_reversal"
	VerbReverseExit          Verb = "reverse_exit"
	VerbPrepareStatement     Verb = "prepare_statement"
	VerbFixRate              Verb = "fix_rate"
	VerbEnterDefault         Verb = "enter_default"
	VerbLendToPartner        Verb = "lend_to_partner"
	VerbDilutePartner        Verb = "dilute_partner"
	VerbRepayLoan            Verb = "repay_loan"
	VerbEnterSideLetter      Verb = "enter_side_letter"
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
	// Approval, of a reversal: one person asks for it and somebody else does it.
	Approval bool
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

// partyless are the verbs over an offering as a whole, which nobody is a party to: a rule
// of them that told parties apart would do nothing, or refuse everybody.
var partyless = []Verb{
	VerbCreateOffering, VerbUpdateOffering, VerbSetTerms, VerbOpenOffering, VerbCloseOffering, VerbCompleteRaise, VerbCancelOffering,
	VerbCallCapital, VerbIssueCall, VerbCancelCall, VerbDeclareDistribution, VerbRemitWithholding, VerbRecordCash, VerbReverseCash,
	VerbMarkCashComplete, VerbAllocate, VerbReverseAllocation, VerbExitOffering, VerbRequestExitReversal, VerbReverseExit, VerbFixRate, VerbEnterDefault,
}

// Validate reports rules for verbs that there are not, rules that are not complete, and
// those that tell parties apart where there are none.
func (p Policy) Validate() error {
	var f check.Fields
	known := DefaultRules()
	for _, v := range slices.Sorted(maps.Keys(p.Rules)) {
		r, at := p.Rules[v], "rules."+string(v)
		_, there := known[v]
		f.Check(there, at, check.NotAllowed, "no verb has this name")
		f.Check(r.Action != "" && r.Kind != "", at, check.Required, "a rule has an action and a kind")
		f.Check(r.Party == AnyParty || r.Party == NoParty || r.Party == OwnParty, at, check.NotAllowed, "a party is any, none or own")
		f.Check(!slices.Contains(partyless, v) || r.Party != NoParty && r.Party != OwnParty, at, check.NotAllowed, "nobody is a party to this verb")
	}
	return f.Err()
}

// rules are the default ones with those of the policy.
func (p Policy) rules() map[Verb]Rule {
	out := DefaultRules()
	maps.Copy(out, p.Rules)
	return out
}

// DefaultRules are the rules of a policy that names no others. Action and kind are
// what a role has to permit, where the policy asks for roles. A party is any, none or
// own, see [Standing]; what needs two people is asked for by one and done by another.
// Verbs over an offering as a whole have no parties, and a rule of theirs says any.
//
//	verb                    action   kind                 party approval
//	create_offering         create   offering             any
//	update_offering         edit     offering             any
//	set_terms               edit     offering             any
//	open_offering           edit     offering             any
//	close_offering          close    offering             any
//	complete_raise          close    offering             any
//	cancel_offering         close    offering             any
//	open_account            create   account              any
//	set_tax_id              edit     account              any
//	request_instruction     request  payment_instruction  own
//	approve_instruction     approve  payment_instruction  none
//	reject_instruction      approve  payment_instruction  none
//	commit                  create   commitment           own
//	cancel_subscription     edit     commitment           any
//	admit                   edit     commitment           none
//	scale_back              edit     commitment           none
//	call_capital            create   capital_call         any
//	issue_call              edit     capital_call         any
//	cancel_call             edit     capital_call         any
//	receive_call            create   contribution         none
//	receive_contribution    create   contribution         none
//	receive_contributions   create   contribution         none
//	refund_contribution     pay      refund               none
//	request_transfer        request  transfer             own
//	request_conversion      request  transfer             own
//	request_correction      request  transfer             any
//	approve_transfer        approve  transfer             none
//	complete_transfer       edit     position             none
//	cancel_transfer         request  transfer             any
//	declare_distribution    create   distribution         any
//	approve_distribution    approve  distribution         none
//	reject_distribution     approve  distribution         none
//	cancel_distribution     edit     distribution         any
//	pay_distribution        pay      distribution         none
//	process_distribution    pay      distribution         none
//	confirm_payments        pay      distribution         none
//	fail_payment            edit     distribution         none
//	reissue_payment         pay      distribution         none
//	request_reversal        request  distribution         any
//	reverse_distribution    reverse  distribution         none  two people
//	record_recovery         create   contribution         none
//	request_write_off       edit     distribution         none
//	approve_write_off       approve  distribution         none
//	reject_write_off        approve  distribution         none
//	record_cash             create   ledger               any
//	reverse_cash            reverse  ledger               any
//	mark_cash_complete      edit     offering             any
//	remit_withholding       pay      distribution         any
//	allocate                create   ledger               any
//	reverse_allocation      reverse  ledger               any
//	exit_offering           close    offering             any
//	request_exit_reversal   close    offering             any
//	reverse_exit            reverse  offering             any   two people
//	fix_rate                edit     offering             any
//	enter_default           edit     offering             any
//	lend_to_partner         edit     position             none
//	dilute_partner          edit     position             none
//	repay_loan              edit     position             none
//	enter_side_letter       edit     position             none
//	withdraw_partner_event  edit     offering             none
//	prepare_statement       create   document             any
//
// Distributions, transfers and payment instructions are approved by verbs of their
// own, by somebody else than who asked for them.
func DefaultRules() map[Verb]Rule {
	return map[Verb]Rule{
		VerbCreateOffering:       {Action: auth.ActionCreate, Kind: auth.KindOffering, Party: AnyParty},
		VerbUpdateOffering:       {Action: auth.ActionEdit, Kind: auth.KindOffering, Party: AnyParty},
		VerbSetTerms:             {Action: auth.ActionEdit, Kind: auth.KindOffering, Party: AnyParty},
		VerbOpenOffering:         {Action: auth.ActionEdit, Kind: auth.KindOffering, Party: AnyParty},
		VerbCloseOffering:        {Action: auth.ActionClose, Kind: auth.KindOffering, Party: AnyParty},
		VerbCompleteRaise:        {Action: auth.ActionClose, Kind: auth.KindOffering, Party: AnyParty},
		VerbCancelOffering:       {Action: auth.ActionClose, Kind: auth.KindOffering, Party: AnyParty},
		VerbOpenAccount:          {Action: auth.ActionCreate, Kind: auth.KindAccount, Party: AnyParty},
		VerbSetTaxID:             {Action: auth.ActionEdit, Kind: auth.KindAccount, Party: AnyParty},
		VerbRequestInstruction:   {Action: auth.ActionRequest, Kind: auth.KindInstruction, Party: OwnParty},
		VerbApproveInstruction:   {Action: auth.ActionApprove, Kind: auth.KindInstruction, Party: NoParty},
		VerbRejectInstruction:    {Action: auth.ActionApprove, Kind: auth.KindInstruction, Party: NoParty},
		VerbCommit:               {Action: auth.ActionCreate, Kind: auth.KindCommitment, Party: OwnParty},
		VerbCancelSubscription:   {Action: auth.ActionEdit, Kind: auth.KindCommitment, Party: AnyParty},
		VerbAdmit:                {Action: auth.ActionEdit, Kind: auth.KindCommitment, Party: NoParty},
		VerbScaleBack:            {Action: auth.ActionEdit, Kind: auth.KindCommitment, Party: NoParty},
		VerbCallCapital:          {Action: auth.ActionCreate, Kind: auth.KindCapitalCall, Party: AnyParty},
		VerbIssueCall:            {Action: auth.ActionEdit, Kind: auth.KindCapitalCall, Party: AnyParty},
		VerbCancelCall:           {Action: auth.ActionEdit, Kind: auth.KindCapitalCall, Party: AnyParty},
		VerbReceiveCall:          {Action: auth.ActionCreate, Kind: auth.KindContribution, Party: NoParty},
		VerbReceiveContribution:  {Action: auth.ActionCreate, Kind: auth.KindContribution, Party: NoParty},
		VerbReceiveContributions: {Action: auth.ActionCreate, Kind: auth.KindContribution, Party: NoParty},
		VerbRefundContribution:   {Action: auth.ActionPay, Kind: auth.KindRefund, Party: NoParty},
		VerbRequestTransfer:      {Action: auth.ActionRequest, Kind: auth.KindTransfer, Party: OwnParty},
		VerbRequestConversion:    {Action: auth.ActionRequest, Kind: auth.KindTransfer, Party: OwnParty},
		VerbRequestCorrection:    {Action: auth.ActionRequest, Kind: auth.KindTransfer, Party: AnyParty},
		VerbApproveTransfer:      {Action: auth.ActionApprove, Kind: auth.KindTransfer, Party: NoParty},
		VerbCompleteTransfer:     {Action: auth.ActionEdit, Kind: auth.KindPosition, Party: NoParty},
		VerbCancelTransfer:       {Action: auth.ActionRequest, Kind: auth.KindTransfer, Party: AnyParty},
		VerbDeclareDistribution:  {Action: auth.ActionCreate, Kind: auth.KindDistribution, Party: AnyParty},
		VerbApproveDistribution:  {Action: auth.ActionApprove, Kind: auth.KindDistribution, Party: NoParty},
		VerbRejectDistribution:   {Action: auth.ActionApprove, Kind: auth.KindDistribution, Party: NoParty},
		VerbCancelDistribution:   {Action: auth.ActionEdit, Kind: auth.KindDistribution, Party: AnyParty},
		VerbPayDistribution:      {Action: auth.ActionPay, Kind: auth.KindDistribution, Party: NoParty},
		VerbProcessDistribution:  {Action: auth.ActionPay, Kind: auth.KindDistribution, Party: NoParty},
		VerbConfirmPayments:      {Action: auth.ActionPay, Kind: auth.KindDistribution, Party: NoParty},
		VerbFailPayment:          {Action: auth.ActionEdit, Kind: auth.KindDistribution, Party: NoParty},
		VerbReissuePayment:       {Action: auth.ActionPay, Kind: auth.KindDistribution, Party: NoParty},
		VerbRequestReversal:      {Action: auth.ActionRequest, Kind: auth.KindDistribution, Party: AnyParty},
		VerbReverseDistribution:  {Action: auth.ActionReverse, Kind: auth.KindDistribution, Party: NoParty, Approval: true},
		VerbRecordRecovery:       {Action: auth.ActionCreate, Kind: auth.KindContribution, Party: NoParty},
		VerbRequestWriteOff:      {Action: auth.ActionEdit, Kind: auth.KindDistribution, Party: NoParty},
		VerbApproveWriteOff:      {Action: auth.ActionApprove, Kind: auth.KindDistribution, Party: NoParty},
		VerbRejectWriteOff:       {Action: auth.ActionApprove, Kind: auth.KindDistribution, Party: NoParty},
		VerbRecordCash:           {Action: auth.ActionCreate, Kind: auth.KindLedger, Party: AnyParty},
		VerbReverseCash:          {Action: auth.ActionReverse, Kind: auth.KindLedger, Party: AnyParty},
		VerbMarkCashComplete:     {Action: auth.ActionEdit, Kind: auth.KindOffering, Party: AnyParty},
		VerbRemitWithholding:     {Action: auth.ActionPay, Kind: auth.KindDistribution, Party: AnyParty},
		VerbAllocate:             {Action: auth.ActionCreate, Kind: auth.KindLedger, Party: AnyParty},
		VerbReverseAllocation:    {Action: auth.ActionReverse, Kind: auth.KindLedger, Party: AnyParty},
		VerbExitOffering:         {Action: auth.ActionClose, Kind: auth.KindOffering, Party: AnyParty},
		VerbRequestExitReversal:  {Action: auth.ActionClose, Kind: auth.KindOffering, Party: AnyParty},
		VerbReverseExit:          {Action: auth.ActionReverse, Kind: auth.KindOffering, Party: AnyParty, Approval: true},
		VerbPrepareStatement:     {Action: auth.ActionCreate, Kind: auth.KindDocument, Party: AnyParty},
		VerbFixRate:              {Action: auth.ActionEdit, Kind: auth.KindOffering, Party: AnyParty},
		VerbEnterDefault:         {Action: auth.ActionEdit, Kind: auth.KindOffering, Party: AnyParty},
		VerbLendToPartner:        {Action: auth.ActionEdit, Kind: auth.KindPosition, Party: NoParty},
		VerbDilutePartner:        {Action: auth.ActionEdit, Kind: auth.KindPosition, Party: NoParty},
		VerbRepayLoan:            {Action: auth.ActionEdit, Kind: auth.KindPosition, Party: NoParty},
		VerbEnterSideLetter:      {Action: auth.ActionEdit, Kind: auth.KindPosition, Party: NoParty},
		VerbWithdrawPartnerEvent: {Action: auth.ActionEdit, Kind: auth.KindOffering, Party: NoParty},
	}
}
