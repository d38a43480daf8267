package payables

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// AgingParams is a day whose open bills are asked for.
type AgingParams struct {
	PropertyID *id.Of[properties.Property] // nil is all properties
	AsOf       date.Date
}

// VendorAging is what is open of the approved bills of one vendor on a day, by how long it
// has been due.
type VendorAging struct {
	VendorID id.Of[Vendor] `bun:"vendor_id" json:"vendor_id"`
	Name     string        `bun:"name" json:"name"`
	Bills    int           `bun:"bills" json:"bills"`
	NotDue   money.Amount  `bun:"not_due" json:"not_due"`       // due later than the day
	To30     money.Amount  `bun:"to_30" json:"to_30"`           // 0 to 30 days
	To60     money.Amount  `bun:"to_60" json:"to_60"`           // 31 to 60
	To90     money.Amount  `bun:"to_90" json:"to_90"`           // 61 to 90
	Over90   money.Amount  `bun:"over_90" json:"over_90"`       // more
	Open     money.Amount  `bun:"open_amount" json:"open"`      // all of these
	Oldest   date.Date     `bun:"oldest_due" json:"oldest_due"` // the day that the first of them was due
}

// agingSQL reads [VendorAging] of the properties ?1, or all, on the day ?0. What is open of
// a bill is its amount less the payments by then.
const agingSQL = `SELECT v.id AS vendor_id, v.name, count(*) AS bills,
		sum(CASE WHEN late < 0 THEN left_over ELSE 0 END) AS not_due, sum(CASE WHEN late BETWEEN 0 AND 30 THEN left_over ELSE 0 END) AS to_30,
		sum(CASE WHEN late BETWEEN 31 AND 60 THEN left_over ELSE 0 END) AS to_60, sum(CASE WHEN late BETWEEN 61 AND 90 THEN left_over ELSE 0 END) AS to_90,
		sum(CASE WHEN late > 90 THEN left_over ELSE 0 END) AS over_90, sum(left_over) AS open_amount, min(due_on) AS oldest_due
	FROM (SELECT b.vendor_id, b.due_on, ?0::date - b.due_on AS late,
			b.amount - COALESCE(sum(CASE p.kind WHEN 'payment' THEN p.amount ELSE -p.amount END), 0) AS left_over
		FROM financials.bills b LEFT JOIN financials.bill_payments p ON p.bill_id = b.id AND p.paid_on <= ?0
		WHERE (b.status = 'approved' OR b.voided_on > ?0) AND b.billed_on <= ?0 AND (?1::uuid IS NULL OR b.property_id = ?1) GROUP BY b.id) o
	JOIN financials.vendors v ON v.id = o.vendor_id WHERE left_over > 0 GROUP BY v.id ORDER BY v.name, v.id`

// Aging reads what is open of approved bills on a day, by vendor and by how long it has been
// due, in one statement: bills of that day or before, less what was paid by then, whenever
// they were approved. A bill that was taken back is in it until the day from which it was. It returns the field errors.
func (s *Service) Aging(ctx context.Context, db bun.IDB, p AgingParams) ([]VendorAging, error) {
	var f check.Fields
	f.Given("as_of", p.AsOf)
	if err := f.Err(); err != nil {
		return nil, err
	}
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return nil, err
	}
	defer done()
	out := []VendorAging{}
	err = store.Read(ctx, db, db.NewRaw(agingSQL, p.AsOf, p.PropertyID), &out)
	return out, store.Err(err, constraints)
}

// VendorTotalsParams is a year whose payments are asked for.
type VendorTotalsParams struct {
	Year int // a calendar year
	// AtLeast leaves out vendors who were paid less, such as the 600 dollars of form
	// 1099-NEC for years up to 2025 and the 2,000 from 2026 on. Zero is everybody who was paid.
	AtLeast money.Amount
}

// VendorTotal is what one vendor was paid in a year that is told on form 1099.
type VendorTotal struct {
	VendorID   id.Of[Vendor] `bun:"vendor_id" json:"vendor_id"`
	Name       string        `bun:"name" json:"name"`
	TaxIDLast4 *string       `bun:"tax_id_last4" json:"tax_id_last4"` // nil where the tax id is missing
	Paid       money.Amount  `bun:"paid" json:"paid"`
}

// VendorTotals reads what reported vendors were paid in a year on bills that are reported,
// over all properties: payments of the year less what came back in it. Vendors of
// whom more came back than went are left out. It returns the field errors.
func (s *Service) VendorTotals(ctx context.Context, db bun.IDB, p VendorTotalsParams) ([]VendorTotal, error) {
	var f check.Fields
	f.Integer("year", &p.Year, 1900, 9999)
	f.NotNegative("at_least", p.AtLeast)
	if err := f.Err(); err != nil {
		return nil, err
	}
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return nil, err
	}
	defer done()
	out := []VendorTotal{}
	err = store.Read(ctx, db, db.NewRaw(`SELECT v.id AS vendor_id, v.name, v.tax_id_last4, t.paid FROM financials.vendors v
		JOIN LATERAL (SELECT sum(CASE p.kind WHEN 'payment' THEN p.amount ELSE -p.amount END) AS paid FROM financials.bills b
			JOIN financials.bill_payments p ON p.bill_id = b.id WHERE b.vendor_id = v.id AND b.reported AND p.paid_on BETWEEN ?0 AND ?1) t ON TRUE
		WHERE v.reported AND t.paid > 0 AND t.paid >= ?2 ORDER BY v.name, v.id`,
		fmt.Sprintf("%04d-01-01", p.Year), fmt.Sprintf("%04d-12-31", p.Year), p.AtLeast), &out)
	return out, store.Err(err, constraints)
}
