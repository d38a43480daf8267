// Package leases is who rents the units of a property, on which terms, and what they
// owe: leases, tenants and their ledgers, and the rent rolls that follow from them. It
// is a part of schema financials.
//
// # Verbs by task
//
//	tenants           AddTenant, UpdateTenant, EraseTenant                         ExampleLeases_SignLease
//	sign and renew    SignLease, RenewLease, CancelLease, ImportRentRoll            ExampleLeases_SignLease
//	the end           GiveNotice, WithdrawNotice, TerminateLease, MoveIn, MoveOut   ExampleAccounts_SettleDeposit
//	what is charged   ScheduleCharge, StepByIndex, CorrectTerm, ChangeParties       ExampleLeases_ScheduleCharge
//	a month           PostCharges, AssessLateFees                                   ExampleAccounts_PostCharges
//	money             ReceivePayment, ReturnPayment, Refund                         ExampleAccounts_PostCharges
//	deposits          ReceiveDeposit, SettleDeposit                                 ExampleAccounts_SettleDeposit
//	once              AddCharge, AddCredit, ReverseCharge                           ExampleAccounts_AddCharge
//	commercial        ReconcileRecovery, ChargePercentageRent                       ExampleAccounts_ReconcileRecovery
//	give up           RequestWriteOff, ApproveWriteOff, RejectWriteOff              ExampleAccounts_RequestWriteOff
//	what is owed      Balance, Balances, OpenCharges, Entries, MoveOutStatement     ExampleAccounts_PostCharges
//	what is open      Obligations, PropertyObligations                              ExampleLeases_SignLease
//	rent rolls        RentRoll, Expirations, Collections, CloseMonth, RestateMonth  ExampleRolls_RentRoll
//	units follow      RefreshUnits, Tenancies                                       ExampleLeases_RefreshUnits
//
// # Leases
//
// A [Lease] is one tenancy of a unit by one household or company, with all of its
// renewals. It has terms ([Term]), of which each renewal is one, parties ([Party]) and
// scheduled charges ([ScheduledCharge]), of which the steps of the rent are some. These
// rows never change: a correction, a renewal or a notice supersedes them and records
// others, so that what was known at any time can be read ([Leases.Agreement],
// [Rolls.RentRoll]). A lease of the future stands beside the present one.
//
// No two leases have a unit on the same day; that is decided under the unit's lock. A
// term ends on the day that the tenants move out, else on the one that a notice names,
// else on the agreed end; a term that goes on month to month is open, and so no other
// lease can follow it before notice is given.
//
// The columns of a unit that tell of its tenancy repeat the lease in place
// ([properties.Service.ProjectOccupancy]), as of the day on which a verb last told them. A
// verb of another domain that asks whether a unit is empty asks the leases of the day
// ([Leases.Tenancies]); realestate.New wires it. A property without leases has the
// occupancy that was reported, and without a report none.
//
// A property manager's month is examples/month.
//
// # Ledgers
//
// An [Entry] is a charge, a payment, its return, a credit, a refund or a move of a
// deposit. Entries are append-only, have the day that they count on and the time when
// they were recorded, and are booked in the property's book: charges as receivables,
// deposits as a liability. Nothing is stored of how money meets charges but what its
// payer says ([Application]). All else is derived for a day: by due date, then rent
// before other charges before late fees, then id. So a balance, its age and its days of
// delinquency can be read of any day, as they were known on any day.
//
// Scheduled charges are posted by the month. Posting a month again posts the difference
// between what the leases say now and what was posted.
//
// # Locks
//
// What changes a lease locks the property, the unit and the lease, in this order, and
// what moves money the lease. A month's charges lock the property.
//
// Tables: financials.tenants, financials.leases, financials.lease_terms,
// financials.lease_parties, financials.lease_charges, financials.lease_entries,
// financials.lease_applications, financials.lease_write_offs.
package leases
