package waterfall

// The codes of findings, other than those of errors. A code never changes its meaning.
const (
	// Of preferred returns.
	findBoundariesUnused    = "boundaries_without_effect"  // boundaries of a preference that neither compounds nor lapses
	findCapitalInitial      = "later_capital_earns_not"    // a base that only the first contribution counts in
	findDayCounts           = "day_counts_differ"          // two returns that count days differently
	findDefaultBelow        = "default_rate_below_rate"    // a default that makes the preference cheaper
	findIndexUncapped       = "index_without_cap"          // a rate that floats without an upper end
	findPrefElsewhere       = "pref_not_in_list"           // a preference that one of two lists pays alone
	findPrefLapses          = "pref_lapses"                // a preference that is not cumulative
	findPrefLate            = "pref_starts_late"           // capital that earns nothing at first
	findPrefNone            = "pref_tier_pays_nobody"      // a tier for preferences where its classes have none
	findPrefUnpaid          = "pref_never_paid"            // a preference that no tier pays
	findRateExtreme         = "rate_extreme"               // a yearly rate of a half or more
	findRatesFall           = "rates_fall"                 // a later rate below the one before it
	findReturnedCompounds   = "returned_capital_compounds" // a return on capital that is back already, which compounds
	findReturnedEarns       = "returned_capital_earns"     // a return on capital that is back already
	findWithPrefWithoutPref = "with_pref_without_pref"     // contributions with a preferred return that there is none of

	// Of the order of the tiers.
	findCapitalNever   = "capital_never_returned"  // capital that earns for ever
	findCapitalTwice   = "capital_paid_twice"      // a level that counts capital, and the capital again
	findClassUnpaid    = "class_never_paid"        // a class that no tier of a list names
	findNeverReached   = "tier_never_reached"      // a tier behind one that takes all cash
	findPromoteAhead   = "promote_before_return"   // promote on a yearly return while capital is out
	findPromoteBeside  = "promote_beside_capital"  // promote out of the cash that returns capital
	findPromoteCapital = "promote_before_capital"  // a level that counts capital, with promote, before capital
	findPromoteFalls   = "promote_falls"           // less promote for more profit
	findPromoteOnAll   = "promote_on_capital"      // a split of profit that is a split of capital
	findPromoteMost    = "promote_above_half"      // more promote than is left to the investors
	findPromoteUnpaid  = "promote_never_paid"      // a recipient of promote that no tier pays
	findUndistributed  = "cash_undistributed"      // a list without an end
	findUnusedSplit    = "promote_split_unused"    // shares of promote at a tier that pays none
	findBaseDiffers    = "promote_base_differs"    // a tier that spares others than the deal does
	findInvestorsCap   = "investors_capped"        // all that is left is promote
	findSkipsClass     = "percentages_skip_class"  // percentages that leave a class out
	findVestingFalls   = "vesting_falls"           // a part that had vested is lost
	findVestingPartial = "vesting_never_full"      // a share that never vests in full
	findLossesBelow    = "losses_below_zero"       // capital accounts below zero
	findFeeEach        = "fee_every_distribution"  // a fee by the number of distributions
	findFeeLarge       = "fee_large"               // more than a tenth of the cash
	findHoldbackOpen   = "holdback_without_limit"  // a reserve that is never full
	findCatchUpCapital = "catch_up_before_capital" // a catch-up before capital is back

	// Of levels and catch-ups.
	findCatchUpCounts    = "catch_up_counts_others" // a catch-up of one class by everybody's profit
	findCatchUpEarly     = "catch_up_before_pref"   // a catch-up before the preferred return
	findCatchUpNothing   = "catch_up_without_pref"  // a catch-up that nothing has been paid before
	findCatchUpOnCapital = "catch_up_on_capital"    // a catch-up that takes capital for profit
	findCatchUpOpens     = "catch_up_opens_again"   // a catch-up above the promote that comes after it
	findCatchUpSlow      = "catch_up_below_split"   // a catch-up that pays less than the tiers after it
	findEachBeyond       = "paid_beyond_own_need"   // accounts that go on sharing beyond their own level
	findEither           = "either_test"            // the lower of two levels
	findHurdleMet        = "hurdle_already_met"     // a level that cannot bind
	findHurdleNothing    = "hurdle_pays_nothing"    // a level that is met before anything is paid
	findHurdleOthers     = "hurdle_tests_unpaid"    // a level of those whom the tier does not pay
	findHurdleSame       = "level_changes_nothing"  // a level after which everything is shared as before
	findMultipleBelow    = "multiple_below_one"     // a multiple that does not reach the capital itself
	findMultipleExtreme  = "multiple_extreme"       // ten times the capital or more
	findSurplus          = "surplus_counts"         // what is beyond a level counts later
)
