// Package history derives everything that is known of a position from its
// movements: dated, typed rows that verbs append and nobody changes. It is pure:
// movements in, facts out; no database, no clock, no binary floating point but
// in the rate of return.
//
// # Movements
//
// A [Movement] belongs to one position and has two days. Date is the day of the
// books and of the cash. CountsOn is the day from which it counts as capital; it is
// another one for what undoes something ("never was") and for what a transfer
// takes along later than it took the rest. A reversal is a movement of negative
// amounts that names what it reverses.
//
// # Facts
//
//	holdings on a day          [Holdings]      contributed capital and units
//	events of the waterfall    [Events]        contributions and transfers
//	carrying amounts           [Carry]         what a transfer takes along
//	                           [Restate]       what it should have, once the past changed
//	capital account            [RollForward]   of a period, as of its end
//	portfolio figures          [FiguresOf]     paid in, distributed, value, multiple
//	flows and rate of return   [Figures.Flows]
//	gain at an exit            [GainOf]
//	what is owed, by tier      [Owed]          true-ups
//
// One position's facts need only its own movements.
//
// # Conventions
//
// A refund is matched with the receipts of its commitment that were there on its
// day, the latest first, and undoes them from their own date ([Net]): refunded
// cents never were there. Cash flows and the capital account keep both dates.
//
// A transfer of a fraction takes that fraction, rounded to the cent, of
// contributed and of unreturned capital and of the capital account, as they were
// before it. A day's transfers go before its contributions and those before its
// distributions; a distribution whose record date lies before the transfer goes
// before it too.
//
// Capital returned counts on the distribution's date, whenever its cash moves. A
// tax character is a label and changes no amount.
//
// What a true-up pays or takes has the tier of what it makes good, and is proceeds of a
// sale where that was: so what is owed is kept by tier and sale ([Part]). The gain at an
// exit is the sale's cash less the capital that was unreturned before it, so that a
// quarter's income which is paid late, with the sale, is no gain.
package history
