// Package investments is what investors commit, hold and receive: schema
// investments.
//
// An [Offering] of a property has share classes ([ShareClass]) and versioned terms
// ([TermsVersion]). Investors commit to it in person or under an [Account]; each
// commitment is a [Subscription], called for by a [CapitalCall] or paid at once.
// What they hold is a [Position], one per offering, holder and class. A
// [Distribution] splits cash into lines ([DistributionLine]) that sum to it exactly;
// each line keeps what every tier gave it ([LineTier]), and the [Calculation] explains
// every cent. A [Transfer] moves positions. Every movement of cash is a
// [Transaction]; a [Portfolio] is a projection of all that, and a [Statement] what the
// investor is told of it.
//
// What holds at any time, because the database and the verbs see to it:
//
//   - Open and funded subscriptions never exceed an offering's hard cap.
//   - A position, a distribution and its lines name one property, the offering's.
//   - Commitments of one investor are judged one after the other, whatever they
//     are to, so that a limit on all of them together holds.
//   - A batch of receipts ([Service.FundReceipts]) is what its receipts are one by
//     one: each has its own journal and transaction.
//   - An account belongs to the investor who is named with it.
//   - What is called and not received is what the lines of issued calls wait for.
//   - A transfer takes from one position what it gives to the other.
//   - Net is gross less withholding; a transaction is settled once and reversed
//     once; terms, calculations and tiers never change.
//   - AmountRaised and InvestorCount of an offering and TotalInvested of a
//     portfolio follow the positions, also when many transactions write at once.
//
// Money and legal rows are never deleted; they are cancelled or reversed. Rates are
// fractions. The columns opportunity_id and investment_id are called OfferingID and
// PositionID in Go.
//
// Tables: investments.opportunities, investments.share_classes,
// investments.offering_terms, investments.investor_accounts,
// investments.payment_instructions, investments.property_investments (also the view
// investments.investments), investments.subscriptions, investments.capital_calls,
// investments.capital_call_lines, investments.transfers, investments.distributions,
// investments.distribution_calculations, investments.investor_distributions,
// investments.distribution_tiers, investments.transactions,
// investments.investor_portfolios (also the view investments.portfolios),
// investments.statements.
package investments
