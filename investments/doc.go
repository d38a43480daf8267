// Package investments is what investors commit, hold and receive: schema
// investments.
//
// # Verbs by task
//
//	raise money             Offerings.Create, SetTerms, Open, Close, CompleteRaise, Cancel     examples/deal
//	change an offering      Offerings.Update                                                   searchOfferings
//	what terms say          Offerings.PreviewTerms, TermsVersions
//	floating rates          Positions.FixRate, EnterDefault
//	between partners        Positions.LendToPartner, RepayLoan, DilutePartner, WithdrawPartnerEvent
//	side letters            Positions.EnterSideLetter
//	find offerings          Offerings.Search, Offerings, OfferingBySlug                        searchOfferings
//	accounts                Accounts.Open, SetTaxID, RequestInstruction, ApproveInstruction    examples/deal
//	commitments             Commitments.Commit, ScaleBack, CancelSubscription                  commit
//	a waitlist              Commitments.Waitlist, Admit                                        admit
//	money comes in          Commitments.ReceiveContribution, ReceiveContributions              contributions
//	money goes back         Commitments.RefundContribution                                     admit
//	call capital            Commitments.CallCapital, IssueCall, ReceiveCall, LateCallLines     capitalCall
//	who holds what          Positions.Position, PositionBalance, Ownership, RefreshOwnership   exit
//	transfer                Positions.RequestTransfer, ApproveTransfer, CompleteTransfer       transfer
//	distribute              Distributions.Preview, Declare, Approve, Reject, Pay               examples/deal
//	pay in steps            Distributions.Process, ConfirmPayments, FailPayment                payments
//	a fund of several       Reports.Clawback
//	take it back            Distributions.Reverse, Recoverables, RecordRecovery                payments
//	tax withheld            Distributions.RemitWithholding
//	reversals that two ask  Distributions.RequestReversal, Capital.RequestExitReversal
//	what is owed back       Distributions.Declare, Capital.RequestWriteOff                     payments
//	the entity's cash       Capital.RecordCash, BalanceSheet, Offerings.MarkCashComplete       exit
//	reserves                Distributions.Declare, Capital.RecordCash, Reserves
//	why, and is it right    Distributions.ExplainLine, Verify, Review                          examples/deal
//	income, gains, exit     Capital.Allocate, CapitalAccount, ExitOffering                     exit
//	undo of those           Capital.ReverseAllocation, ReverseCash, ReverseExit                exit
//	tell investors          Reports.Portfolio, RefreshPortfolios, PrepareStatement, TaxTotals  notices
//
// The last column is a program, or an ExamplePlatform_ of package realestate.
//
// # The domain
//
// An [Offering] of a property has share classes ([ShareClass]) and versioned terms
// ([TermsVersion]). Investors commit to it in person or under an [Account]; each
// commitment is a [Subscription], called for by a [CapitalCall] or paid at once.
// What they hold is a [Position], one per offering, holder and class. A
// [Distribution] splits cash into lines ([DistributionLine]) that sum to it exactly;
// each line keeps what every tier gave it ([LineTier]), and the [Calculation] explains
// every cent. A [Transfer] moves positions. Every movement of cash is a
// [Transaction]; a [Portfolio] is a projection of all that, and a [Statement] is what
// the investor receives.
//
// The results of an offering are shared among its positions by an [Allocation], and
// the [Exit] after a sale closes them with their gains. Both are journals of the
// offering's book, from which a [CapitalAccount] is read for any period. What a
// position has in and is owed on any day is its [PositionBalance], and its part of
// the whole its [Ownership].
//
// All that is known of a position, its holdings and balances, what a transfer takes
// along, its capital account, gains and figures in a portfolio, is derived by package
// history from its movements ([Movement]), which every verb that moves capital
// writes with its journal. Without terms nothing returns capital before the exit: a
// tax character is a label.
//
// # Between partners
//
// What partners agree on between each other, and what rates of the terms rest on, is
// a [PartnerEvent]. Distributions by terms that are dated later follow it; one that is
// entered late changes the past, as money that is booked late does, and a true-up
// makes it good.
//
//   - A loan ([Positions.LendToPartner]): of 500,000.00 at 6 %, compounded monthly,
//     from 10 April 2019, a debtor who is entitled to 80,000.00 on 15 January 2020
//     is paid nothing, and the lender 80,000.00 more. The line keeps both: its gross
//     is what the debtor is entitled to, and counts as received by them; Redirected
//     is what goes to the lender; the net is what is paid. What the debtor pays besides
//     ([Positions.RepayLoan]) goes on interest first, too.
//   - A dilution ([Positions.DilutePartner]): who has 50.00 of 200.00 and missed
//     50.00 of a call has 25 %, and with a factor of 1.5 loses another half of 50.00
//     over 200.00: 12.5 %.
//   - A side letter ([Positions.EnterSideLetter]): a position that bears no promote, or
//     has a preferred rate of its own, or is a member's loan to the deal. It holds for
//     all of the position's life. With 20 % promote a position that is spared keeps all
//     1,000.00 of its profit where another gets 800.00.
//   - An advance ([DeclareParams].Advances): 100,000.00 of tax that the promote was
//     advanced is taken off the next 729,096.01 that the tiers give it: 629,096.01.
//   - In kind ([DeclareParams].InKind): of 100,000.00, of which 90,000.00 are property at
//     a stated value, everybody gets nine parts of ten in property. Tax is withheld of
//     the cash.
//   - Fixings and defaults ([Positions.FixRate], [Positions.EnterDefault]) hold from
//     their own day on, also between a record date and its distribution.
//
// # What payees owe
//
// Who was paid of a distribution that was reversed owes the net of it from the day of
// the reversal, and whom a true-up bills what their line is below zero, from the day of
// the distribution ([Recoverable]). It is settled by cash ([Distributions.RecordRecovery],
// also the sponsor's in their place), by what they get next ([DeclareParams].SetOff) or
// given up ([Capital.RequestWriteOff]), and not before it was owed: the earliest debt
// first, of one day that of the distribution that was declared first. None of this
// changes capital, a gain or a return, or is a flow of a rate of return: the reversal
// and the bill did, on their days, and a line that is set off counts gross when it is
// paid. A settlement stands beside the capital account (Recovered, WrittenOff), and what
// is given up is an expense of the offering's book. A reversal undoes what the
// distribution set off, on its own day.
//
// # Reserves
//
// What the terms' holdback tiers keep of a distribution, and what records of cash set
// aside, is in reserves of the offering's entity, each by its name ([Reserve]); nobody
// owns a part of it. Of 10,000.00 with a tenth for taxes and 5,000.00 for the roof
// 4,000.00 are distributed, which is the distribution's TotalAmount; with its approval
// 6,000.00 of cash are set aside in the book. 3,000.00 for the roof are taken out of its
// reserve by [Capital.RecordCash], and the next distribution fills it up again;
// [DeclareParams].Releases distributes what is needed no more, and holds nothing back
// for that reserve. What was held back stays what it was when the past is corrected, also
// where tiers before it would need that cash today: a true-up moves money between payees
// only, and who is still short is paid by the next distribution.
//
// # What always holds
//
// What holds at any time, because the database and the verbs see to it:
//
//   - Open and funded subscriptions never exceed an offering's hard cap.
//   - A position, a distribution and its lines name one property, the offering's.
//   - Commitments of one investor are judged one after the other, whatever they
//     are to, so that a limit on all of them together holds.
//   - A batch of receipts ([Commitments.ReceiveContributions]) is what its receipts are one by
//     one: each has its own journal and transaction.
//   - An account belongs to the investor who is named with it.
//   - What is called and not received is what the lines of issued calls wait for.
//   - A transfer takes from one position what it gives to the other.
//   - A distribution is booked once as many people have agreed to it as the
//     [ApprovalPolicy] asks for, and what they agreed to is what was declared.
//   - A line is paid once or not at all. What was not is payable in the book, and
//     what was paid of a reversed distribution is owed until it comes back.
//   - Gains of a position are what the ledger holds for it; the parts of an
//     allocation sum to it.
//   - A stored ownership is that of the present holdings, or absent.
//   - Net is gross less withholding, with what goes to or comes from other partners
//     on their loans ([PartnerEvent]); a transaction is settled once and reversed
//     once; terms, calculations and tiers never change.
//   - No reserve is below zero on any day; what is taken out of one is in the book.
//   - AmountRaised and InvestorCount of an offering and TotalInvested of a
//     portfolio follow the positions, also when many transactions write at once.
//
// Every verb that changes something writes one domain event ([OfferingOpened],
// [ContributionReceived], ...) as the last write of its transaction; a capital call
// that a verb completes is an event of its own. A command on many rows is one
// event with totals. The same key again, a verb that finds nothing to change,
// [Reports.RefreshPortfolios] and [Accounts.Reseal] write none. Payloads hold ids,
// amounts, dates and statuses, no personal data and no free text.
//
// The past of offerings, positions, distributions and lines is in tables of the same name
// with _history. A line that is paid straight away is not copied there: until its payment,
// which its transaction and its journal tell of, it said the same with nothing of a payment.
// The statement that reads a line as of any time stands in the migration of the histories.
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
// investments.distribution_tiers, investments.capital_movements,
// investments.partner_events, investments.loan_payments, investments.reserve_movements,
// investments.distribution_sources, investments.write_offs, investments.transactions,
// investments.investor_portfolios (also the view investments.portfolios),
// investments.statements.
package investments
