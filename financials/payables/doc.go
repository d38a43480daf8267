// Package payables is what properties owe to others: vendors, their bills with approval
// and payment, and the maintenance requests that many of them come from. It is a part of
// schema financials.
//
// # Verbs by task
//
//	vendors       AddVendor, UpdateVendor, SetVendorTaxID, EraseVendor    ExampleService_EnterBill
//	maintenance   ReportMaintenance, AssignMaintenance, StartMaintenance  ExampleService_ReportMaintenance
//	its end       CompleteMaintenance, CancelMaintenance                  ExampleService_ReportMaintenance
//	bills         EnterBill, ApproveBill, RejectBill, VoidBill            ExampleService_EnterBill
//	money         PayBill, ReturnBillPayment                              ExampleService_EnterBill
//	reports       Aging, VendorTotals                                     ExampleService_EnterBill
//	read          Vendor, Vendors, Bill, Bills, BillPayments, Maintenance, MaintenanceList
//	housekeeping  Reseal, Obligations
//
// # The domain
//
// A [Bill] is entered by one person and approved by others; a vendor with a user account
// neither enters, approves nor pays their own. It is money that is owed from then on, and is booked
// in the property's book when it is paid: the statement's line against cash. Payments may be of a part, and
// are undone by returns; both are append-only. What is open of a bill on a day is derived
// from them ([Service.Aging]).
//
// What was paid to a vendor in a year, on bills that are reported, is what a form 1099
// tells ([Service.VendorTotals]). The vendor's tax id is sealed by the vault.
//
// A [MaintenanceRequest] is what is broken: open, assigned to a vendor, in progress, and
// completed with its cost or cancelled. A bill may name the request that it is for.
//
// Money verbs take an idempotency key. Verbs lock the property, the vendor and then the
// bill or the request.
//
// Tables: financials.vendors, financials.maintenance_requests, financials.bills,
// financials.bill_payments.
package payables
