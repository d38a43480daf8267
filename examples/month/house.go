package main

import (
	"fmt"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// month is what the steps share. A step may run again after its COMMIT, so the ids by which
// it knows its own work are chosen before it.
type month struct {
	*realestate.Platform
	today       date.Date
	property    id.Of[properties.Property]
	clerk, boss id.Of[auth.User]
	loan        id.Of[financials.Loan]
	project     id.Of[renovations.Project]
	coverage    id.Of[financials.Covenant]
	leak        id.Of[payables.MaintenanceRequest]
	vendors     []id.Of[payables.Vendor]
	bills       []id.Of[payables.Bill]
	units       [120]unit
	next        id.Of[leases.Lease] // of the unit that is renovated
	settled     *leases.MoveOutStatement
}

func newMonth() *month {
	m := &month{property: id.New[properties.Property](), clerk: id.New[auth.User](), boss: id.New[auth.User](), loan: id.New[financials.Loan](),
		coverage: id.New[financials.Covenant](), project: id.New[renovations.Project](), leak: id.New[payables.MaintenanceRequest](), next: id.New[leases.Lease]()}
	for i := range m.units {
		m.units[i] = unit{id: id.New[properties.Unit](), lease: id.New[leases.Lease](), tenant: id.New[leases.Tenant]()}
	}
	for range bills {
		m.vendors, m.bills = append(m.vendors, id.New[payables.Vendor]()), append(m.bills, id.New[payables.Bill]())
	}
	return m
}

// unit is a unit with its lease; lease and tenant are those of the next one where the
// unit is empty.
type unit struct {
	id     id.Of[properties.Unit]
	lease  id.Of[leases.Lease]
	tenant id.Of[leases.Tenant]
}

// Units with a part of their own in the story, by their place.
const (
	renews, leaves, pays9th, owes, paysHalf, bounces = 2, 3, 5, 9, 30, 40
	letNow, letLater                                 = 17, 35 // vacant, as every 18th from 17 on
)

// house is what every lease agrees about late and returned payments.
var house = leases.Conditions{LateFee: &leases.LateFee{Flat: new(usd("75"))}, ReturnedFee: new(usd("35"))}

func number(i int) string       { return fmt.Sprint(i/40+1, fmt.Sprintf("%02d", i%40+1)) }
func market(i int) money.Amount { return usd([]string{"1150", "1400", "1750"}[i%3]) }
func vacant(i int) bool         { return i%18 == letNow }

// rent is below the market, by up to 75 dollars.
func rent(i int) money.Amount { return must(market(i).Sub(usd([]string{"0", "25", "50", "75"}[i%4]))) }

// bills are the month's. The last one is not due yet.
var bills = []struct {
	vendor   string
	line     payables.ExpenseLine
	amount   money.Amount
	reported bool // on form 1099
	due      string
}{
	{"Ace Management", payables.LinePropertyManagement, usd("5600"), true, "2026-03-31"},
	{"Buckeye Plumbing", payables.LineMaintenanceRepairs, usd("480"), true, "2026-03-31"},
	{"City Power & Water", payables.LineUtilities, usd("16850"), false, "2026-03-31"},
	{"Columbus Mutual", payables.LineInsurance, usd("8000"), false, "2026-03-31"},
	{"Franklin County", payables.LinePropertyTaxes, usd("21000"), false, "2026-03-31"},
	{"Hill Renovations", payables.LineCapitalImprovements, usd("6800"), true, "2026-03-31"},
	{"Kowalski Services", payables.LineMaintenanceRepairs, usd("11240"), true, "2026-03-31"},
	{"Green Lawns", payables.LineLandscaping, usd("1900"), true, "2026-04-15"},
}

const plumber = 1

func day(s string) date.Date    { return date.MustParse(s) }
func usd(s string) money.Amount { return money.MustParse(s) }

// failed carries an error out of a step, to keep the steps short.
type failed struct{ error }

func check(err error) {
	if err != nil {
		panic(failed{err})
	}
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

// caught makes the error of a step its result.
func caught(err *error) {
	switch r := recover().(type) {
	case nil:
	case failed:
		*err = r.error
	default:
		panic(r)
	}
}
