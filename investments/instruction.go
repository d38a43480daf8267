package investments

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// PaymentMethod is how money reaches an investor.
type PaymentMethod string

// The payment methods.
const (
	PayACH   PaymentMethod = "ach"
	PayWire  PaymentMethod = "wire"
	PayCheck PaymentMethod = "check"
)

// The conditions of payment instructions.
var (
	// ErrInstructionNotFound: there are no such payment instructions.
	ErrInstructionNotFound = fault.New(fault.NotFound, "payment_instruction_not_found", "there are no such payment instructions")
	// ErrInstructionActive: other payment instructions are in force.
	ErrInstructionActive = fault.New(fault.Conflict, "payment_instruction_active", "other payment instructions are in force")
	// ErrSecondPerson: payment instructions were decided by who asked for them.
	ErrSecondPerson = fault.New(fault.Forbidden, "second_person_required", "somebody else must decide").On("decided_by")
	// ErrInstructionState: decided instructions, and no others, say by whom and
	// when.
	ErrInstructionState = fault.New(fault.Invalid, "payment_instruction_inconsistent", "decided instructions, and no others, say by whom and when").On("status")
)

// paymentInstructions is the repository of PaymentInstruction rows, newest first.
var paymentInstructions = store.Repo[PaymentInstruction]{
	NotFound:    ErrInstructionNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *PaymentInstruction) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// Valid reports whether p is one of the payment methods.
func (p PaymentMethod) Valid() bool {
	switch p {
	case PayACH, PayWire, PayCheck:
		return true
	}
	return false
}

// InstructionStatus says whether payment instructions are in force.
type InstructionStatus string

// The instruction statuses.
const (
	InstructionStatusPending    InstructionStatus = "pending" // waits for a second person
	InstructionStatusActive     InstructionStatus = "active"
	InstructionStatusRejected   InstructionStatus = "rejected"
	InstructionStatusSuperseded InstructionStatus = "superseded"
)

// Valid reports whether i is one of the instruction statuses.
func (i InstructionStatus) Valid() bool {
	switch i {
	case InstructionStatusPending, InstructionStatusActive, InstructionStatusRejected, InstructionStatusSuperseded:
		return true
	}
	return false
}

// PaymentInstruction says where an account is paid, or the investor in person where
// AccountID is nil. It takes effect when somebody other than RequestedBy lets it
// pass. Details are ciphertext and never printed.
type PaymentInstruction struct {
	bun.BaseModel `bun:"table:investments.payment_instructions,alias:pn" json:"-"`

	ID         id.Of[PaymentInstruction] `bun:"id,pk" json:"id"`
	InvestorID id.Of[auth.User]          `bun:"investor_id" json:"investor_id"`
	AccountID  *id.Of[Account]           `bun:"account_id" json:"account_id"`
	Method     PaymentMethod             `bun:"payment_method" json:"method"`

	// Bank details or postal address: ciphertext with its key id.
	Details     auth.Secret       `bun:"details" json:"details"`
	Last4       *string           `bun:"last4" json:"last4"`
	Status      InstructionStatus `bun:"status" json:"status"`
	RequestedBy id.Of[auth.User]  `bun:"requested_by" json:"requested_by"`
	DecidedBy   *id.Of[auth.User] `bun:"decided_by" json:"decided_by"`
	DecidedAt   *time.Time        `bun:"decided_at" json:"decided_at"`
	Version     int64             `bun:"version" json:"version"`
	CreatedAt   time.Time         `bun:"created_at" json:"created_at"`
	UpdatedAt   time.Time         `bun:"updated_at" json:"updated_at"`
}
