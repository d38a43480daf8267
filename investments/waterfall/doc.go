// Package waterfall computes who gets what of a distribution: preferred
// return, return of capital, catch-ups, hurdles and splits, exact to the cent,
// and explains every cent of it.
//
// # Verbs by task
//
//	read and judge terms     ParseTerms, Terms.Validate, Terms.Describe  ExampleTerms_Describe
//	see what is unusual      Terms.Findings                              ExampleTerms_Findings
//	compute                  Open, Apply, Compute                        Example
//	explain                  Result.Explain, Result.Table, Trace.Table   ExampleTrace_Table
//	all of the past at once  Replay
//	look ahead               PrefSchedule, Projection                    ExampleProjection
//	at the end of a deal     Clawback                                    ExampleClawback
//
// # The domain
//
// It is pure: no database, no clock, no binary floating point in any amount.
// The same terms, state and distribution give the same result everywhere, in
// whatever order partners and events were handed over.
//
// # Use
//
//	terms, err := waterfall.ParseTerms(json)               // strict, all faults at once
//	state, err := waterfall.Open(terms, partners)          // before the first event
//	state, _, err = waterfall.Apply(terms, state, events)  // contributions, transfers, distributions
//	result, err := waterfall.Compute(terms, state, d)      // one distribution
//	result.Closing                                         // the state afterwards
//	result.Trace.Table()                                   // tier by tier: need, cash, rule
//	result.Explain("account-7")                            // one account's cents
//	history, err := waterfall.Replay(terms, partners, all) // the same from nothing
//
// [State.Header] and [State.Account] give what is to be stored, one row an
// account; [Restore] gives the state back, so that a distribution never needs
// the past. Replaying the past gives the same state byte for byte.
// [PrefSchedule], [Projection] and [Clawback] run the same engine.
//
// # Terms
//
// [Terms] are plain data with the JSON schema of [Schema]. A deal has one list
// of tiers or two; operating cash uses the operating list if there is one,
// refinancings and sales always the capital list. Each distribution runs
// through the tiers in order with the cash left. A tier computes its need from
// exact balances, rounds it to the cent, pays what the cash allows, and shares
// the payment by largest remainder. Preferred return accrues on unreturned
// capital by the day count; unpaid return is capitalized on the first day of
// calendar years, quarters or months, or every day. Payment goes first against
// what has been capitalized.
//
// [Terms.Hash] identifies terms whatever their spelling. [Terms.Describe]
// writes them as clauses to hold against the signed agreement, with warnings and
// notes below. New terms also pass [Terms.ValidateNew], which asks for what stored ones
// could leave unsaid.
//
// # Findings
//
// [Terms.Findings] lists errors, warnings and notes, each with its place, the
// reason and what the clause costs on a standard example. The usual example has a
// million from each class, 6 % of it distributed after a year, and a sale at 1.6 times
// capital after three. A clause that changes nothing there is shown on another, which
// the words name: sold at three times capital, or at a loss, with a refinancing, a later
// call, later investors or a default. By 9 % simple, then 70/30 until 14 %, then capital,
// then 50/50, promote of the usual example is 416,926.03 where the 14 % are an effective
// rate, which counts capital, and 151,980.43 where they are a return with capital false;
// the example of Findings has these terms. The codes are, besides those of errors:
//
//   - boundaries_without_effect: boundaries of a preference that neither compounds nor lapses.
//   - capital_never_returned: capital that earns for ever.
//   - capital_paid_twice: a level that counts capital, and the capital again.
//   - cash_undistributed: a list without an end.
//   - catch_up_before_capital: a catch-up before capital is back.
//   - catch_up_before_pref: a catch-up before the preferred return.
//   - catch_up_below_split: a catch-up that pays less than the tiers after it.
//   - catch_up_counts_others: a catch-up of one class by everybody's profit.
//   - catch_up_on_capital: a catch-up that takes capital for profit.
//   - catch_up_opens_again: a catch-up above the promote that comes after it.
//   - catch_up_without_pref: a catch-up that nothing has been paid before.
//   - class_never_paid: a class that no tier of a list names.
//   - day_counts_differ: two returns that count days differently.
//   - default_rate_below_rate: a default that makes the preference cheaper.
//   - either_test: the lower of two levels.
//   - fee_every_distribution: a fee by the number of distributions.
//   - fee_large: more than a tenth of the cash.
//   - holdback_without_limit: a reserve that is never full.
//   - hurdle_already_met: a level that cannot bind.
//   - hurdle_pays_nothing: a level that is met before anything is paid.
//   - hurdle_tests_unpaid: a level of those whom the tier does not pay.
//   - index_without_cap: a rate that floats without an upper end.
//   - investors_capped: all that is left is promote.
//   - later_capital_earns_not: a base that only the first contribution counts in.
//   - level_changes_nothing: a level after which everything is shared as before.
//   - look_back: promote that waits for the last sale, or is weighed then.
//   - losses_below_zero: capital accounts below zero.
//   - multiple_below_one: a multiple that does not reach the capital itself.
//   - multiple_extreme: ten times the capital or more.
//   - paid_beyond_own_need: accounts that go on sharing beyond their own level.
//   - percentages_skip_class: percentages that leave a class out.
//   - pref_lapses: a preference that is not cumulative.
//   - pref_never_paid: a preference that no tier pays.
//   - pref_not_in_list: a preference that one of two lists pays alone.
//   - pref_starts_late: capital that earns nothing at first.
//   - pref_tier_pays_nobody: a tier for preferences where its classes have none.
//   - promote_above_half: more promote than is left to the investors.
//   - promote_base_differs: a tier that spares others than the deal does.
//   - promote_before_capital: a level that counts capital, with promote, before capital.
//   - promote_before_return: promote on a yearly return while capital is out.
//   - promote_beside_capital: promote out of the cash that returns capital.
//   - promote_falls: less promote for more profit.
//   - promote_never_paid: a recipient of promote that no tier pays.
//   - promote_on_capital: a split of profit that is a split of capital.
//   - promote_split_unused: shares of promote at a tier that pays none.
//   - rate_extreme: a yearly rate of a half or more.
//   - rates_fall: a later rate below the one before it.
//   - returned_capital_compounds: a return on capital that is back already, which compounds.
//   - returned_capital_earns: a return on capital that is back already.
//   - surplus_counts: what is beyond a level counts later, and these terms look for later capital.
//   - tier_never_reached: a tier behind one that takes all cash.
//   - vesting_falls: a part that had vested is lost.
//   - vesting_never_full: a share that never vests in full.
//   - with_pref_without_pref: contributions with a preferred return that there is none of.
//
// # The tiers
//
// The figures are of 1,000,000.00 from one investor, 365 days ago.
//
//   - pref: pays what the preferences of its classes have accrued and not been paid,
//     shared by what each account is due. At 8 % it is 80,000.00, and 19,726.03 after
//     the first 90 days.
//   - return_of_capital: pays capital back, shared by what each account has not got
//     back, and only it makes the preferred return accrue on less.
//   - catch_up: pays gp_share g of its cash to promote, until promote is target t of
//     all payments so far other than returns of capital: (t*P - G)/(g - t), for P
//     paid and G of it promote. After 80,000.00 of preferred return 20,000.00 bring
//     a full catch-up (g = 1) to a fifth; with g = 0.5 it takes 53,333.33, of which
//     26,666.67 are promote.
//   - hurdle: pays investors until their flows have an effective yearly rate (irr), a
//     multiple of what they put in, or both ("test": "both" is the later of the two,
//     "either" the earlier), with promote p beside it: N for investors and N*p/(1-p)
//     for promote, and short cash in the same parts. With 12 % and p = 0.2 that is
//     1,120,000.00 and 280,000.00; of 700,000.00 investors get 560,000.00.
//   - split: takes all that is left, promote p of it: of 100,000.00 with 0.3 investors
//     get 70,000.00, by contributed capital.
//   - fee and holdback: below.
//
// Cents are shared by largest remainder: everyone gets the whole cents of their exact
// share, and the cents left go to the largest fractions, at a tie to the larger
// weight, then by id. 100.00 over three alike is 33.34, 33.33 and 33.33. Where the
// weights are balances that are kept to 40 digits (see below), fractions and weights
// that differ only beyond the 19th decimal are equal, and a sum that falls short of
// half a cent by less than 10^-20 of a cent is half a cent: what is a tie exactly is
// one in the 40 digits too.
//
// # Days and compounding
//
// A day on which capital comes in counts, the one on which it goes back does not. The
// part of a year between two days is by ACT/365F their days over 365, by ACT/360 over
// 360; by 30/360US and 30E/360 every month has 30 days, with the rules of each for the
// ends of months; by ACT/ACT-ISDA the days of leap years are over 366 and the others over
// 365. A million at 8 % from 28 February 2023 to 31 March has 6,794.52, 6,888.89,
// 6,666.67, 7,111.11 and 6,794.52.
//
// Unpaid return that compounds earns from the first day of the next calendar year,
// quarter or month, or from the next day. Boundaries on the day of a distribution come
// before it. From 15 February 2023, 100,000.00 at 8 % have 16,021.92 after two years if
// nothing compounds, 17,202.29 by quarters and 17,374.75 by days.
//
// # Transfers
//
// A transfer moves its fraction of contributed and unreturned capital, to the cent, and
// of what is unpaid, exactly, within a class. What was paid before stays with the
// transferor. A quarter of 1,000,000.00, sold the day after 60,000.00 of the first 80,000.00
// were paid, has 25,000.00 of the next 100,000.00.
//
// # Exact balances
//
// Capital is whole cents. Return accrued since the last capitalization is a
// whole number of parts of a cent, 10^54 times the day count's denominator of
// them: an exact fraction where accrual is simple, and otherwise finer than 40
// digits. Capitalized return, growth factors and the balances of hurdles
// tested by investor are rounded to 40 significant digits, half to even, each
// time they change, in memory and in storage alike. A power over whole years
// is exact as far as it has no more than 40 digits. Rates have at most ten
// decimals. A transfer moves exactly its fraction of accrued return.
//
// # Several recipients of promote
//
// PromoteSplit, of the terms or of one tier, shares promote cents by largest
// remainder over the shares. In [Share]'s example the first 140,000.00 of each
// of two general partners come from a hurdle they share evenly, and the last
// 30,000.00 go 24,000.00 to 6,000.00. A share may vest by date: what has not goes
// to the recipients who have all of theirs, in proportion. Of 200.00 a quarter that is
// vested by 40 % is 20.00.
//
// # Whose profit bears promote
//
// By default every investor bears promote, the sponsor's co-investment
// included: of 100 on 90/10 equity with 20 % promote the sponsor side gets 28.
// With promote_base "outside" the accounts marked Sponsor are spared; accounts
// with PromoteWaived are spared always. In a catch-up, hurdle or split:
//
//   - cash is first shared between those who bear promote and those who do
//     not, by contributed capital;
//   - need, promote and split are computed for those who bear it, on their
//     flows and profits alone;
//   - the spared get need * (their capital / the others' capital) beside it, to
//     the cent. So everyone's cash before promote stays in proportion to capital.
//
// In [PromoteBase]'s example the sponsor's tenth of the capital gets a tenth of
// all cash: 120,000.00 of 1,200,000.00. Tiers without promote make no
// difference between accounts. Where nobody is left to bear promote, a split
// pays the spared everything, and catch-ups and hurdles pay nothing.
//
// # Hurdles by class or by investor
//
// By default a hurdle looks at the flows of its classes together. By "investor"
// each account's own contributions and payments decide: its need is what it
// lacks, at least 0, the tier's need is the rounded sum, and the investors' part
// is shared by need instead of by capital. Accounts that are spared promote get
// their own need without promote beside it; short cash is shared between the
// two groups by what each would take. Transfers move the fraction of the
// past. In [By]'s example Bob, who paid in late, gets 17,539.45 for his own
// 12 %, where the class's hurdle would have given him 30,461.84.
//
// By "each" every account is tested on its own too, but all are paid by contributed
// capital until the last of them is there: the need is the largest of an account's
// need over its share. Of 1,500,000.00 to Anna (600,000.00 in for three years) and
// Ben (400,000.00 for two) with 12 % and then 70/30, Ben has 588,643.71 though his
// own 12 % are only 501,760.00.
//
// "of" names classes or accounts whose flows are tested instead of those who are
// paid. The paid get the need scaled by contributed capital. A fund of 11,000,000.00
// that is to have 14 % and 1.3 times before a local member's promote makes the tier
// 12/11 of what the fund lacks, for the 12,000,000.00 that share in it.
//
// # Returns that are not effective rates
//
// "return" tests a yearly return that accrues on an account's capital as a preferred
// return does, with compounding and day count of its own. Every payment that is no
// return of capital lowers it, whichever tier makes it. With "capital": true, the
// default, the capital itself is to be reached, too; payments count first against
// the return. With false it stands before the return of capital: 9 % simple and
// 70/30 until 14 % simple on 2,000,000.00 leave 58,000.00 to be made up where a year
// paid 222,000.00 of 280,000.00.
//
// # What is paid beyond a hurdle
//
// By default it counts against later contributions, as present values do. With
// surplus "lapses" a balance below zero becomes zero after each distribution: an
// investor who had 260,000.00 where 10 % was 110,000.00 gets all of the next
// 110,000.00 on a new 100,000.00 a year later, and would have got 55,000.00.
// A level of "return" accrues account by account, as a preferred return does, and so its
// surplus lapses account by account, also where a class is tested as one.
//
// # Looking back
//
// "look_back" lets a hurdle, catch-up or split of the capital list wait for the
// distribution of the last sale, which says so ([Distribution.Last]): it is computed then,
// once, on all that the deal paid and took in, and the cash of every other distribution
// passes it by. Of 1,000.00 that had 600.00 back after a year, a last 1,000.00 a year
// later pays 550.00 for 10 % a year and then a fifth of 450.00, 90.00, as promote. Where
// the last cash does not reach the hurdle, the trace says what is lacking beside the
// promote paid before.
//
// # Percentages, and promote beside what is due
//
// "percentages" of a split or hurdle share the investors' part by exact fractions,
// of classes or accounts, instead of contributed capital: {"aster": "4/9",
// "bluebell": "2/9", "B": "1/3"} of 900,000.00 is 400,000.00, 200,000.00 and
// 300,000.00, the last by contributed capital within class B. The tier pays those
// whom they name. An account has its percentage whatever it has paid in; that of a class
// without capital goes to the others in proportion.
//
// "promote" on a preferred return or a return of capital goes beside it: with 0.01 the
// partners get 99 % of the cash and the promote 1 % until the partners have had all
// that they are due.
//
// # Preferred returns as agreements vary them
//
// Each of these stands alone or with the others, in [Pref]. On 100,000.00 of 1
// January 2021, with 50,000.00 more and 40,000.00 returned a year later, at 8 %:
//
//   - base: two years earn 16,800.00 on unreturned capital, 20,000.00 on contributed
//     capital, 16,000.00 on the initial contribution.
//   - from: a date, or days after the first closing; before it nothing accrues.
//   - rates: later rates by date. index: a fixing of [EventRate] plus a spread,
//     within floor and cap. default_rate: from the day of an [EventDefault]. All
//     hold from their own day on, also where it lies between a record date and its
//     distribution: 365,000.00 at 4 % until 1 July and 10 % from then have earned
//     16,240.00 from 1 January 2021 to 29 September, 181 days and 90.
//   - boundaries: "anniversary" compounds and lapses on the anniversaries of the day
//     the account first had capital: 100,000.00 of 1 July 2021 at 10 % have 21,000.00
//     on 1 July 2023, and 21,274.98 with calendar years.
//   - lapse: not cumulative. What a month, quarter or year could not pay is not owed
//     later; the boundary applies after that day's distributions, so that 12,000.00
//     of a year can still be paid on 1 January, and are gone on the 2nd.
//   - day_count: of this preference.
//   - class: the preference has a name of its own, and a tier pays it by "pref". So a
//     class has a current 6 % and an accrued 3 %.
//   - on: it is earned on another class's capital. 3.43 % for class B on class A's
//     10,000,000.00 is 343,000.00 a year. The balance stands at the accounts of A and
//     moves with their capital; B gets it by contributed capital or, where B has none,
//     alike; class "promote" gets it as promote.
//
// # Latest contributions first
//
// A return of capital with lots "latest_first" returns the contributions of the
// latest day before those of the next older one, those of one day by what is left of
// each; with with_pref each brings its unpaid preferred return first. Of 150,000.00,
// where Birch put in 100,000.00 on 1 June 2021 and Alder 100,000.00 a year before,
// both at 18 % ACT/360, Birch has 109,150.00 on 1 December 2021 and Alder 40,850.00.
// Whatever else pays the capital or return of such an account pays the latest first.
//
// # Partner by partner
//
// With run "partner" the cash is apportioned to the accounts by contributed capital,
// after fees and money held back, and the tiers run on each account's part: its own
// capital, return, flows, profit and promote. Who bears no promote keeps their part.
// Of 1,250,000.00, on 500,000.00 from 2018, 400,000.00 from 2020 and 100,000.00 of an
// affiliate, with capital, 8 %, an 80 % catch-up to 20 % and 80/20, the affiliate gets
// its 125,000.00, and the promote 3,912.33 from the one and 20,000.00 from the other.
// [ClawbackResult.ByPartner] compares deals account by account.
//
// # Overrides
//
// [Partner] carries an account's own preferred rate and a promote waiver. In
// its example Ann has 9 % where the others have 8 %, and no promote.
//
// A partner of kind "loan" is money that a member lent to the deal. Its principal
// is its capital and its interest the preferred return of its class. Only tiers
// that name the class pay it, and nothing of it counts as profit in a catch-up, in
// a hurdle or for promote: 10,000.00 of interest to a member do not bring the
// sponsor one cent nearer to its catch-up.
//
// # Fees and holdbacks
//
// A fee pays a partner without capital a fixed amount per distribution, or a
// rate of the cash left, of the whole distribution or of the contributed
// capital of its classes. What the cash does not cover lapses or, with unpaid
// "carried", is owed at the next distribution: of a fee of 3 % of each sale that
// waits for capital and 8 %, 300,000.00 of a first sale of 10,000,000.00 are paid
// with the 720,000.00 of a second of 24,000,000.00. A fee that accrues by the day, such as
// for managing the assets, is a preference of the manager's class "on" the investors'
// capital; with promote waived it is no profit of a catch-up. Of 1.5 % a year on
// 1,000,000.00, of which 5,000.00 were paid after half a year, 25,000.00 are owed after
// two; then 140,000.00 for 7 % leave 35,000.00 to a full catch-up to a fifth. A
// holdback keeps cash in the reserve that it names, or in the one without a name, up
// to a balance or at a rate. A distribution may release money from reserves
// ([Distribution.Releases]); nothing is held back for those
// then. Neither counts as profit in a catch-up or as a payment in a hurdle. The
// example of [Distribution] holds 50,000.00 and releases 30,000.00 of it. With a tenth
// for taxes and then the roof's reserve up to 50,000.00, 100,000.00 leave 40,000.00;
// 10,000.00 and 20,000.00 out of the roof's leave 27,000.00 after that, since the
// tenth is of both. [Distribution.Reserves] says what they hold where money was also
// set aside or spent otherwise: once the roof is mended and its reserve empty,
// 60,000.00 fill it up again and leave 4,000.00.
//
// What a declared distribution held back lies in its reserve, whatever comes to be known
// of its past: [Distribution.Held] says so to a replay, by tier. It is set apart before
// the first tier, and the tiers share the rest of the cash, each by its need of today; a
// fee of the cash left is still worked out with what is set apart. Where today's tiers
// would hold back more, they keep what was held, and the rest runs on to the tiers below.
// With 8 %, then the roof's reserve up to 5,000.00, then the rest to the investors,
// 6,000.00 a year after Xenia put in 10,000.00 paid her 800.00, held 5,000.00 back and
// paid her 200.00 more. Then it turns out that Yuri had put in 100,000.00 on the same day,
// so that 8,800.00 of preferred return were due. All 6,000.00 would go to it today, but
// 5,000.00 are in the reserve: the 1,000.00 that were paid are what is shared, 90.91 for
// Xenia and 909.09 for Yuri, who has the 909.09 from her by a true-up ([MakeGood]).
//
// # Losses
//
// [Losses] says who bears losses that are allocated to capital accounts; no tier
// looks at it. Of a loss of 120.00 over 100.00 and 50.00 with alike weights the
// accounts bear 70.00 and 50.00: none goes below zero while others are above it.
// With below_zero it is 60.00 each. A loss of 200.00 is beyond all capital and is
// refused, or else the class that is the bearer bears the 50.00.
//
// # Clawback
//
// [Clawback] runs several deals deal by deal and pooled, by the same terms: promote
// that deals paid and the pool would not have is to be paid back, but no more than
// promote less the tax on it. A fund of ten deals of 10,000,000.00, of which two
// return 50,000,000.00 each and eight nothing, paid 16,000,000.00 by 20 %, all of
// which comes back; with tax at 40 % it is 9,600,000.00.
//
// # Several classes in one tier
//
// Pari passu, the default, pools the classes of a tier: one need, shared by
// what each account is due. Sequential tiers (pref, return_of_capital, hurdle)
// serve the classes one after the other in the order of "to". See [Order].
//
// # Between partners
//
// These are events, or come with a distribution, and none of them changes what the
// tiers count.
//
//   - [EventLoan]: a loan from one partner to another, as for a call that the other
//     did not fund, at its own rate, compounding (none) and day count (ACT/365F). What
//     the tiers give the debtor is paid to the lender, the running period's interest
//     first, then capitalized interest, then principal. [Result.Total] is what the
//     tiers give, [Result.Paid] what is paid: 500,000.00 at 6 % monthly leave a debtor
//     124,103.77 of its 600,000.00 two years later, once 80,000.00 had gone the same way.
//     A loan that is repaid to the cent has ended. [EventRepayment] is what the debtor
//     pays besides: of 1,000.00 at 10 % for a year 600.00 are 100.00 of interest and
//     500.00 of principal.
//   - [EventDilution]: who did not fund a call loses (factor - 1) times the missing
//     money over all capital, not below zero; the others get it in proportion. It holds
//     wherever contributed capital is shared by: in splits, hurdles and catch-ups, and
//     in what a class earns on the capital of another. Of 50/200 a factor of 1.5 takes
//     half. A share of promote falls in the same ratio. Where all of the others' capital
//     went back since, there is nobody to get the points, and they stay. They are kept in whole
//     cents of capital, and a transfer takes its fraction of them along.
//   - [Distribution.Advances]: paid before the tiers, such as for taxes, and credited
//     later: the tiers run on the cash and the credit used, and the account is paid less
//     by it. Of 20.00 beside a credit of 5.00 a fifth is 5.00, which had been paid.
//     Where rounding would allow several credits a cent apart, halving the cents
//     between none and all settles which one is used; where cash is held back besides,
//     the one of a replay, in which what was held back is given.
//   - [Distribution.InKind]: the stated value of what is distributed in kind, a part of
//     the cash. Everyone gets the same part of what they are paid.
//
// # Adjustments
//
// An [Adjustment] is an explicit delta with a reason, after the tiers. The
// deltas of a distribution sum to zero and leave nobody below zero. Against
// "pref" or "capital" it also pays that balance; a preferred return paid beyond
// what was due is made up by later accrual. Every delta counts as a payment in
// hurdles, and in catch-ups unless it is against capital. The result and the
// trace show it apart from the tiers.
//
// A delta may name a tier instead, and is then against what that tier pays.
// [MakeGood] lists what a past distribution lacks, tier by tier: of 60,000.00 that
// went to A alone and should have gone to A and B, B lacks 1,095.89 of preferred
// return and 28,904.11 of capital, and A has 30,000.00 of capital too much.
//
// # Record dates
//
// A distribution may have a record date. It then has its place among the events on
// that day: who held at the end of it is paid. Transfers after it, up to the
// distribution's date, apply after the distribution. Capital received after it
// neither earns nor shares in the distribution; afterwards it has earned from its
// own date: 100,000.00 at 8 % from 5 April has 219.18 unpaid on the 15th, though a
// distribution of the 15th with the record date 31 March did not know it.
//
// # Units and the method preferred
//
// A split may share the investors' part by units, which come with the
// distribution. [Preferred] makes the terms of the method preferred: the preferred
// return, at a sale or refinancing unreturned capital, then the rest by units,
// where every position has units, or by contributed capital.
//
// # Order and change
//
// On one date transfers come first, then contributions, then distributions as
// given. A state refuses what lies before it with [ErrOutOfOrder]: a correction
// of the past is a replay. Terms may change between two calls; bring the state
// to the date of the change with [Accrue] under the old terms first. What was
// unpaid under simple accrual is then capitalized if the new terms compound:
// 100,000.00 at 10 % simple from 2017-01-01, with daily compounding from
// 2021-01-01, has 108,942.11 unpaid on 2025-01-01. If the new terms do not
// compound, what has been capitalized stays owed and stops earning. The day
// count cannot change.
//
// # Year fractions
//
// The year fraction of a stretch from d to e is counted from the account's
// anchor: the day it first had capital, or the last compounding boundary at or
// before d where that is later. It is yf(anchor, e) - yf(anchor, d). This makes
// a difference with 30/360US alone, where a year cut at the end of February does
// not add up: 1,000,000.00 at 8 % from 2024-12-31 earns 80,000.00 to 2025-12-31,
// whoever else pays in on 28 February. An account that gets its first capital by
// a transfer takes the transferor's anchor.
// A transfer between an account that bears promote and one that is spared is
// refused where a catch-up or a hurdle by class depends on who bore it.
//
// # Rounding
//
// More cash never gives anyone less, but for one cent a tier. Splitting one
// distribution in two on one day moves cents only, at most three a step of the
// tiers that ran and two more for an account, with three
// exceptions that lie in the terms: fixed fees are due twice, holdbacks see a
// fuller reserve, and a catch-up in front of tiers that pay less promote than
// its target opens anew. A cent of those who bear promote stands for more than
// one cent of spared accounts with more capital, and so does a cent of the account
// that a hurdle by "each", or "of" others, depends on.
//
// # Checked
//
// What a deal does not use costs nothing: the balances that only some terms need are
// columns that other states do not carry, and a distribution by other terms takes no more
// allocations (TestCompute_unusedCostsNothing). BenchmarkPartner100k holds a run by
// partner against the same terms pooled.
//
// A second implementation in the tests, in exact fractions with powers of 60
// digits, equals this one to the cent on clauses of real agreements and on random deals:
// 2,000 in the ordinary tests, 100,000 with "make waterfall".
package waterfall
