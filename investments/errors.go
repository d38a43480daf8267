package investments

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of this package.
var (
	// ErrOfferingNotFound: there is no such offering, or it is deleted.
	ErrOfferingNotFound = fault.New(fault.NotFound, "offering_not_found", "there is no such offering")
	// ErrShareClassNotFound: the offering has no such share class.
	ErrShareClassNotFound = fault.New(fault.NotFound, "share_class_not_found", "the offering has no such share class")
	// ErrShareClassRequired: the offering has classes, of which none was named.
	ErrShareClassRequired = fault.New(fault.Invalid, "share_class_required", "the offering has share classes; one is named").On("share_class")
	// ErrTermsNotFound: the offering has no such version of its terms.
	ErrTermsNotFound = fault.New(fault.NotFound, "terms_not_found", "the offering has no such terms")
	// ErrAccountNotFound: there is no such investor account.
	ErrAccountNotFound = fault.New(fault.NotFound, "investor_account_not_found", "there is no such investor account")
	// ErrInstructionNotFound: there are no such payment instructions.
	ErrInstructionNotFound = fault.New(fault.NotFound, "payment_instruction_not_found", "there are no such payment instructions")
	// ErrPositionNotFound: there is no such position, or it is deleted.
	ErrPositionNotFound = fault.New(fault.NotFound, "position_not_found", "there is no such position")
	// ErrSubscriptionNotFound: there is no such subscription.
	ErrSubscriptionNotFound = fault.New(fault.NotFound, "subscription_not_found", "there is no such subscription")
	// ErrCapitalCallNotFound: there is no such capital call.
	ErrCapitalCallNotFound = fault.New(fault.NotFound, "capital_call_not_found", "there is no such capital call")
	// ErrTransferNotFound: there is no such transfer.
	ErrTransferNotFound = fault.New(fault.NotFound, "transfer_not_found", "there is no such transfer")
	// ErrDistributionNotFound: there is no such distribution.
	ErrDistributionNotFound = fault.New(fault.NotFound, "distribution_not_found", "there is no such distribution")
	// ErrLineNotFound: there is no such line of a distribution.
	ErrLineNotFound = fault.New(fault.NotFound, "distribution_line_not_found", "there is no such line")
	// ErrTransactionNotFound: there is no such transaction.
	ErrTransactionNotFound = fault.New(fault.NotFound, "transaction_not_found", "there is no such transaction")
	// ErrPortfolioNotFound: the investor has no portfolio.
	ErrPortfolioNotFound = fault.New(fault.NotFound, "portfolio_not_found", "the investor has no portfolio")
	// ErrStatementNotFound: there is no such statement.
	ErrStatementNotFound = fault.New(fault.NotFound, "investor_statement_not_found", "there is no such statement")

	// ErrSlugTaken: another offering has the slug.
	ErrSlugTaken = fault.New(fault.Conflict, "offering_slug_taken", "another offering has this slug").On("slug")
	// ErrShareClassExists: the offering has a class of this code.
	ErrShareClassExists = fault.New(fault.Conflict, "share_class_exists", "the offering has a class of this code").On("code")
	// ErrTermsExist: the offering has terms of this version.
	ErrTermsExist = fault.New(fault.Conflict, "terms_exist", "the offering has terms of this version").On("version")
	// ErrPositionExists: the holder has a position of this class.
	ErrPositionExists = fault.New(fault.Conflict, "position_exists", "the holder has a position of this class already")
	// ErrInstructionActive: other payment instructions are in force.
	ErrInstructionActive = fault.New(fault.Conflict, "payment_instruction_active", "other payment instructions are in force")
	// ErrWaitlistNumber: the number on the waitlist is taken.
	ErrWaitlistNumber = fault.New(fault.Conflict, "waitlist_number_taken", "the number on the waitlist is taken").On("waitlist_number")
	// ErrCallExists: the offering has a call of this number.
	ErrCallExists = fault.New(fault.Conflict, "capital_call_exists", "the offering has a call of this number").On("number")
	// ErrCallLineExists: the call has a line for this subscription.
	ErrCallLineExists = fault.New(fault.Conflict, "capital_call_line_exists", "the call has a line for this subscription").On("subscription_id")
	// ErrLineExists: the distribution has a line for this position, or for this
	// account and role.
	ErrLineExists = fault.New(fault.Conflict, "distribution_line_exists", "the distribution pays this payee already")
	// ErrTransactionReversed: the transaction has been reversed.
	ErrTransactionReversed = fault.New(fault.Conflict, "transaction_reversed", "the transaction has been reversed already").On("reverses_id")
	// ErrTransactionExists: a transaction has this idempotency key.
	ErrTransactionExists = fault.New(fault.Conflict, "transaction_exists", "a transaction has this key").On("idempotency_key")
	// ErrPortfolioExists: the investor has a portfolio.
	ErrPortfolioExists = fault.New(fault.Conflict, "portfolio_exists", "the investor has a portfolio").On("investor_id")
	// ErrStatementExists: the investor has a statement of this type and period.
	ErrStatementExists = fault.New(fault.Conflict, "investor_statement_exists", "the investor has a statement of this type and period").On("period_start")

	// ErrOversubscribed: the commitment exceeds what the hard cap leaves.
	ErrOversubscribed = fault.New(fault.Conflict, "offering_oversubscribed", "the commitment exceeds what is left").On("amount")
	// ErrInvestmentRange: the smallest investment is above the largest.
	ErrInvestmentRange = fault.New(fault.Invalid, fault.CodeInverted, "the smallest investment is above the largest").On("maximum_investment")
	// ErrOfferingDates: the offering closes before it opens.
	ErrOfferingDates = fault.New(fault.Invalid, fault.CodeInverted, "the offering closes before it opens").On("close_date")
	// ErrRaiseGoals: the smallest raise, the goal and the cap do not ascend.
	ErrRaiseGoals = fault.New(fault.Invalid, "raise_goals_inconsistent", "the smallest raise, the goal and the hard cap ascend").On("hard_cap")
	// ErrInvestor: there is no such investor.
	ErrInvestor = fault.New(fault.Invalid, "investor_unknown", "there is no such investor").On("investor_id")
	// ErrOfferingProperty: there is no such offering of this property.
	ErrOfferingProperty = fault.New(fault.Invalid, "offering_property_mismatch", "the property has no such offering").On("offering_id")
	// ErrAccountOwners: only a joint account has a second owner, and they are
	// another person.
	ErrAccountOwners = fault.New(fault.Invalid, "account_owners_inconsistent", "only a joint account has a second owner, who is another person").On("joint_investor_id")
	// ErrTaxIDIndex: a tax id and its blind index are stored together.
	ErrTaxIDIndex = fault.New(fault.Invalid, "tax_id_index_missing", "a tax id is stored together with its index").On("tax_id")
	// ErrSecondPerson: payment instructions were decided by who asked for them.
	ErrSecondPerson = fault.New(fault.Forbidden, "second_person_required", "somebody else must decide").On("decided_by")
	// ErrInstructionState: decided instructions, and no others, say by whom and
	// when.
	ErrInstructionState = fault.New(fault.Invalid, "payment_instruction_inconsistent", "decided instructions, and no others, say by whom and when").On("status")
	// ErrExitDate: a position ends before it was funded.
	ErrExitDate = fault.New(fault.Invalid, fault.CodeInverted, "the position ends before it was funded").On("actual_exit_date")
	// ErrSubscriptionAmounts: more is called or received than was accepted, more
	// accepted than requested, or more refunded than received.
	ErrSubscriptionAmounts = fault.New(fault.Invalid, "subscription_amounts_inconsistent", "the amounts of the subscription contradict each other").On("amount")
	// ErrSubscriptionState: a subscription's status contradicts its amounts, its
	// times or its number on the waitlist.
	ErrSubscriptionState = fault.New(fault.Invalid, "subscription_state_inconsistent", "status and facts of the subscription contradict each other").On("status")
	// ErrCallSchedule: a call is due before its notice.
	ErrCallSchedule = fault.New(fault.Invalid, fault.CodeInverted, "the call is due before its notice").On("due_date")
	// ErrCallReceipt: more came in than was called, or less than the status says.
	ErrCallReceipt = fault.New(fault.Invalid, "capital_call_receipt_inconsistent", "what came in contradicts the call").On("received")
	// ErrTransferEnds: a transfer goes from a position to itself.
	ErrTransferEnds = fault.New(fault.Invalid, "transfer_to_itself", "a transfer goes to another position").On("to_position_id")
	// ErrTransferState: a completed transfer lacks its position, amount or time.
	ErrTransferState = fault.New(fault.Invalid, "transfer_state_inconsistent", "a completed transfer names the position, the amount and the time").On("status")
	// ErrDistributionPurpose: a distribution has neither type nor character.
	ErrDistributionPurpose = fault.New(fault.Invalid, "distribution_purpose_missing", "a distribution has a type or a character").On("distribution_type")
	// ErrAliases: two names of one fact of a distribution disagree.
	ErrAliases = fault.New(fault.Invalid, "distribution_aliases_disagree", "two names of one fact disagree")
	// ErrDistributionReversal: a reversed distribution, and no other, has the
	// time of its reversal.
	ErrDistributionReversal = fault.New(fault.Invalid, "distribution_reversal_inconsistent", "a reversed distribution, and no other, has the time of its reversal").On("reversed_at")
	// ErrDistributionTerms: terms without the offering that they belong to.
	ErrDistributionTerms = fault.New(fault.Invalid, "distribution_terms_inconsistent", "terms belong to an offering").On("terms_id")
	// ErrLineBilled: a line is billed if and only if it is below zero, and then nothing
	// is withheld of it or set off.
	ErrLineBilled = fault.New(fault.Invalid, "distribution_line_billed_mismatch", "a line is billed where it is below zero, and nothing else happens to it").On("payment_status")
	// ErrLineNet: a line's net is not gross less withholding and what is set off.
	ErrLineNet = fault.New(fault.Invalid, "distribution_line_net_mismatch", "net is gross less withholding and what is set off, with what goes to or comes from other partners").On("net_distribution")
	// ErrMovement: a movement of capital whose amounts or sources are not those of its
	// kind.
	ErrMovement = fault.New(fault.Invalid, "capital_movement_malformed", "the amounts or sources are not those of the movement's kind")
	// ErrMovementReversed: the movement has been undone.
	ErrMovementReversed = fault.New(fault.Conflict, "capital_movement_reversed", "the movement has been undone already")
	// ErrAdjustmentReason: an adjustment without a reason.
	ErrAdjustmentReason = fault.New(fault.Invalid, fault.CodeRequired, "an adjustment needs a reason").On("adjustment_reason")
	// ErrTransactionCompletion: the time of completion on a transaction that is
	// not completed.
	ErrTransactionCompletion = fault.New(fault.Invalid, "transaction_completion_inconsistent", "only a completed transaction has a time of completion").On("completed_at")
	// ErrStatementPeriod: a statement's period ends before it starts.
	ErrStatementPeriod = fault.New(fault.Invalid, fault.CodeInverted, "the period ends before it starts").On("period_end")
)

// constraints are the names that say more than the convention can tell.
var constraints = store.Constraints{
	"uk_opportunities_slug":                                     ErrSlugTaken,
	"uk_share_classes_opportunity_id_code":                      ErrShareClassExists,
	"uk_offering_terms_opportunity_id_version":                  ErrTermsExist,
	"uk_property_investments_opportunity_holder":                ErrPositionExists,
	"uk_property_investments_property_holder":                   ErrPositionExists,
	"uk_payment_instructions_active":                            ErrInstructionActive,
	"uk_subscriptions_opportunity_id_waitlist_number":           ErrWaitlistNumber,
	"uk_capital_calls_opportunity_id_number":                    ErrCallExists,
	"uk_capital_call_lines_capital_call_id_subscription_id":     ErrCallLineExists,
	"uk_investor_distributions_distribution_id_investment_id":   ErrLineExists.On("position_id"),
	"uk_investor_distributions_distribution_id_account_id_role": ErrLineExists.On("account_id"),
	"uk_transactions_reverses_id":                               ErrTransactionReversed,
	"uk_transactions_idempotency_key":                           ErrTransactionExists,
	"uk_investor_portfolios_investor_id_currency":               ErrPortfolioExists,
	"uk_statements_investor_id_currency_type_period":            ErrStatementExists,
	"fk_investment_investor":                                    ErrInvestor,
	"fk_investment_opportunity":                                 ErrOfferingProperty,
	"fk_distributions_opportunity_id":                           ErrOfferingProperty,
	"fk_distributions_worksheet_id":                             ErrWorksheet,
	"fk_transfers_opportunity_id":                               ErrOfferingProperty,
	"fk_property_investments_share_class":                       ErrShareClassNotFound.On("share_class"),
	"fk_subscriptions_share_class":                              ErrShareClassNotFound.On("share_class"),
	"chk_investment_amounts":                                    ErrInvestmentRange,
	"chk_dates":                                                 ErrOfferingDates,
	"chk_opportunities_capacity":                                ErrOversubscribed,
	"chk_opportunities_raise_goals":                             ErrRaiseGoals,
	"chk_investor_accounts_owners":                              ErrAccountOwners,
	"chk_investor_accounts_blind_index":                         ErrTaxIDIndex,
	"chk_payment_instructions_second_person":                    ErrSecondPerson,
	"chk_payment_instructions_decision":                         ErrInstructionState,
	"chk_property_investments_exit":                             ErrExitDate,
	"chk_subscriptions_amounts":                                 ErrSubscriptionAmounts,
	"chk_subscriptions_funding":                                 ErrSubscriptionState,
	"chk_subscriptions_cancellation":                            ErrSubscriptionState,
	"chk_subscriptions_waitlist":                                ErrSubscriptionState,
	"chk_capital_calls_schedule":                                ErrCallSchedule,
	"chk_capital_call_lines_receipt":                            ErrCallReceipt,
	"chk_transfers_ends":                                        ErrTransferEnds,
	"chk_transfers_completion":                                  ErrTransferState,
	"chk_distributions_purpose":                                 ErrDistributionPurpose,
	"chk_distributions_aliases":                                 ErrAliases,
	"chk_distributions_reversal":                                ErrDistributionReversal,
	"chk_distributions_terms":                                   ErrDistributionTerms,
	"chk_investor_distributions_payable":                        ErrLineNet,
	"chk_investor_distributions_billed":                         ErrLineBilled,
	"chk_write_offs_decision":                                   ErrWriteOffState,
	"chk_investor_distributions_net":                            ErrLineNet,
	"chk_investor_distributions_explanation":                    ErrAdjustmentReason,
	"chk_capital_movements_self_reversal":                       ErrMovement,
	"chk_capital_movements_source":                              ErrMovement,
	"chk_capital_movements_something":                           ErrMovement,
	"chk_capital_movements_sign":                                ErrMovement,
	"chk_capital_movements_parts":                               ErrMovement,
	"chk_capital_movements_of_sale":                             ErrMovement,
	"uk_capital_movements_reverses_id":                          ErrMovementReversed,
	"chk_transactions_completion":                               ErrTransactionCompletion,
	"chk_statements_period":                                     ErrStatementPeriod,
	"chk_investor_distributions_means":                          ErrInKind,
	"chk_reserve_movements_direction":                           ErrReserveMalformed,
	"chk_reserve_movements_parts":                               ErrReserveMalformed,
	"chk_partner_events_interest":                               ErrPartnerEventMalformed,
	"uk_partner_events_opportunity_id_kind_name_effective_date": ErrPartnerEventExists,
	"uk_partner_events_position_id_name":                        ErrSideLetterExists,
	"chk_partner_events_side_letter":                            ErrPartnerEventMalformed,
	"chk_partner_events_parts":                                  ErrPartnerEventMalformed,
	"chk_partner_events_withdrawal":                             ErrPartnerEventMalformed,
	"chk_partner_events_repaid":                                 ErrPartnerEventMalformed,
	"chk_partner_events_lender":                                 ErrPartners,
}

// Constraints maps the names of constraints that say more than the convention can
// tell to their errors, for hosts that write to the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
