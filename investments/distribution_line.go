package investments

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Role says what a line of a distribution is for.
type Role string

// The roles.
const (
	RoleInvestor Role = "investor"
	RolePromote  Role = "promote"
	RoleFee      Role = "fee"
)

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool {
	switch r {
	case RoleInvestor, RolePromote, RoleFee:
		return true
	}
	return false
}

// PaymentStatus says whether a line has been paid: pending, then sent when it is
// with the bank, completed when the money left, failed when it did not or came
// back, and reversed with its distribution. A line below zero is never paid but
// billed, with the approval: its payee owes it. A payment that is made again is a
// further attempt of its line.
type PaymentStatus string

// The payment statuses.
const (
	PaymentStatusPending   PaymentStatus = "pending"
	PaymentStatusSent      PaymentStatus = "sent"
	PaymentStatusCompleted PaymentStatus = "completed"
	PaymentStatusFailed    PaymentStatus = "failed"
	PaymentStatusBilled    PaymentStatus = "billed"
	PaymentStatusReversed  PaymentStatus = "reversed"
)

// Valid reports whether p is one of the payment statuses.
func (p PaymentStatus) Valid() bool {
	switch p {
	case PaymentStatusPending, PaymentStatusSent, PaymentStatusCompleted, PaymentStatusFailed, PaymentStatusBilled, PaymentStatusReversed:
		return true
	}
	return false
}

// DistributionLine is what one position, promote recipient or fee payee gets
// from a distribution: table investments.investor_distributions. Net is gross
// less withholding and what is set off against the payee's debts, and with
// Redirected, which the database checks. Adjustment is the part of the gross
// amount that a person changed, and needs a reason.
type DistributionLine struct {
	bun.BaseModel `bun:"table:investments.investor_distributions,alias:dl" json:"-"`

	ID             id.Of[DistributionLine]    `bun:"id,pk" json:"id"`
	DistributionID id.Of[Distribution]        `bun:"distribution_id" json:"distribution_id"`
	PropertyID     id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	InvestorID     id.Of[auth.User]           `bun:"investor_id" json:"investor_id"`
	AccountID      *id.Of[Account]            `bun:"account_id" json:"account_id"`
	PositionID     *id.Of[Position]           `bun:"investment_id" json:"position_id"`
	Role           Role                       `bun:"role" json:"role"`

	// Gross, withheld, set off, net. What is below zero is billed.
	DistributionAmount money.Amount `bun:"distribution_amount" json:"distribution_amount"`
	TaxWithholding     money.Amount `bun:"tax_withholding" json:"tax_withholding"`
	SetOff             money.Amount `bun:"set_off" json:"set_off"`
	NetDistribution    money.Amount `bun:"net_distribution" json:"net_distribution"`

	// What of the gross amount goes to the payee's lenders (below zero), or comes from
	// the payee's debtors besides it; and what of the net is paid in kind, at its stated
	// value. The gross is what the payee is entitled to, the net what they are paid.
	Redirected money.Amount `bun:"redirected" json:"redirected"`
	InKind     money.Amount `bun:"in_kind" json:"in_kind"`

	// The part of the gross amount that a person changed, and why.
	Adjustment       money.Amount `bun:"adjustment" json:"adjustment"`
	AdjustmentReason *string      `bun:"adjustment_reason" json:"adjustment_reason"`

	// Payment
	PaymentMethod    *PaymentMethod `bun:"payment_method" json:"payment_method"`
	PaymentReference *string        `bun:"payment_reference" json:"payment_reference"`
	// PaymentDate is when it was handed to the bank, then when it was paid. A
	// reversed line without one was never paid.
	PaymentDate    *date.Date    `bun:"payment_date" json:"payment_date"`
	PaymentStatus  PaymentStatus `bun:"payment_status" json:"payment_status"`
	PaymentAttempt int           `bun:"payment_attempt" json:"payment_attempt"`
	FailureReason  *string       `bun:"failure_reason" json:"failure_reason"`
	Version        int64         `bun:"version" json:"version"`
	CreatedAt      time.Time     `bun:"created_at" json:"created_at"`
	UpdatedAt      time.Time     `bun:"updated_at" json:"updated_at"`
}

// LineTier is what a line got from one tier, counted from 0. The tiers of a line sum
// to its gross amount. Sale is what of it is proceeds of a sale: all of it in a
// distribution of sale proceeds, but for what a true-up makes good of others there, and
// elsewhere what a true-up makes good of a sale. It is never changed.
type LineTier struct {
	bun.BaseModel `bun:"table:investments.distribution_tiers,alias:dt" json:"-"`

	LineID id.Of[DistributionLine] `bun:"line_id,pk" json:"line_id"`
	Tier   int                     `bun:"tier,pk" json:"tier"`
	Kind   string                  `bun:"kind" json:"kind"`
	Amount money.Amount            `bun:"amount" json:"amount"`
	Sale   money.Amount            `bun:"sale" json:"sale"`
}

// tier is what a line gets of the distribution itself from one tier.
func (d *Draft) tier(t int, kind string, a money.Amount) LineTier {
	out := LineTier{Tier: t, Kind: kind, Amount: a}
	if d.Distribution.sale() {
		out.Sale = a
	}
	return out
}
