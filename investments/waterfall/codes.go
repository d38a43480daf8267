package waterfall

// The codes of what only terms can have wrong. What any field can have wrong has
// the codes of package fault.
const (
	codeBaseWithoutRate      = "base_without_rate"      // a base without a rate that it is the base of
	codeCatchUpNeverEnds     = "catch_up_never_ends"    // a catch-up whose share is not above its target
	codeClassInvalid         = "class_invalid"          // a name that is no class here: malformed, there twice, or promote
	codeCommonAfterPartner   = "common_after_partner"   // a fee or a holdback after a tier that runs by partner
	codeCompoundingDayCount  = "compounding_day_count"  // daily compounding by a day count other than ACT/365F and ACT/360
	codeFeeUnpaidUnsaid      = "fee_unpaid_unsaid"      // a fee that does not say what becomes of what the cash does not cover
	codeFieldNotOfType       = "field_not_of_type"      // a field that a tier of this type does not have
	codeLapseCompounds       = "lapse_compounds"        // a preference that lapses and compounds
	codeLoanBearsNoPromote   = "loan_bears_no_promote"  // a loan that is said to bear promote
	codeLookBackOperating    = "look_back_operating"    // a look-back where no sale is distributed
	codeLosses               = "losses_rule"            // losses that are shared below zero and have a bearer, or neither
	codeLotsBase             = "lots_base"              // lots that earn on something else than what is unreturned
	codeLotsByPartner        = "lots_by_partner"        // lots in tiers that run by partner
	codeLotsSequential       = "lots_sequential"        // lots with an order of classes
	codeOfByInvestor         = "of_by_investor"         // a hurdle by investor that tests others
	codeOfLapses             = "of_lapses"              // a surplus of several accounts together that lapses
	codeOfSequential         = "of_sequential"          // a hurdle that tests others and serves classes in order
	codeOnByPartner          = "on_by_partner"          // a preference on another capital in tiers that run by partner
	codePercentagesNotOne    = "percentages_not_one"    // percentages that do not sum to 1
	codePercentagesTest      = "percentages_test"       // a hurdle with percentages that does not say whom it tests
	codePrefUnknown          = "pref_unknown"           // the name of no preference of these terms
	codePromoteAll           = "promote_all"            // promote that leaves nothing to who has to be paid first
	codePromoteBesideLots    = "promote_beside_lots"    // promote beside lots
	codePromoteTwice         = "promote_twice"          // promote that goes to one recipient and to a split
	codeRatesAndIndex        = "rates_and_index"        // a rate that is stepped and floats
	codeRecipientInvalid     = "recipient_invalid"      // a recipient that is malformed or named twice
	codeReturnAndIrr         = "return_and_irr"         // a hurdle that tests a return and an effective rate
	codeSequentialByPartner  = "sequential_by_partner"  // an order of classes in tiers that run by partner
	codeShareWithPercentages = "share_with_percentages" // shares beside percentages
	codeSplitNotOne          = "split_not_one"          // shares that do not sum to 1
	codeToWithPercentages    = "to_with_percentages"    // classes beside percentages
	codeToWithPref           = "to_with_pref"           // classes beside a preference that names its own
	codeTogetherByPartner    = "together_by_partner"    // a look at several accounts in tiers that run by partner
	codeVestsToNobody        = "vests_to_nobody"        // a share that vests, and nobody to get what has not vested
	codeWithPrefWithoutLots  = "with_pref_without_lots" // with_pref without lots
)
