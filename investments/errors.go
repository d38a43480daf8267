package investments

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
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
