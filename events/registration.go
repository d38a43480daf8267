package events

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of registrations.
var (
	// ErrAttendanceTimes: somebody left before they joined.
	ErrAttendanceTimes = fault.New(fault.Invalid, fault.CodeInverted, "nobody leaves before they join").On("left_at")
	// ErrRegistered: the user has a registration for this event.
	ErrRegistered = fault.New(fault.Conflict, "event_registered", "the user has a registration for this event already").On("user_id")
)

// RegistrationStatus says whether somebody has a seat.
type RegistrationStatus string

// The statuses of a registration.
const (
	RegistrationRegistered RegistrationStatus = "registered"
	RegistrationWaitlisted RegistrationStatus = "waitlisted"
	RegistrationCancelled  RegistrationStatus = "cancelled"
)

// Valid reports whether s is one of the statuses.
func (s RegistrationStatus) Valid() bool {
	switch s {
	case RegistrationRegistered, RegistrationWaitlisted, RegistrationCancelled:
		return true
	}
	return false
}

// RegistrationType says in what role somebody comes.
type RegistrationType string

// The types of registration.
const (
	RegistrationAttendee RegistrationType = "attendee"
	RegistrationSpeaker  RegistrationType = "speaker"
	RegistrationSponsor  RegistrationType = "sponsor"
)

// Valid reports whether t is one of the types.
func (t RegistrationType) Valid() bool {
	switch t {
	case RegistrationAttendee, RegistrationSpeaker, RegistrationSponsor:
		return true
	}
	return false
}

// PaymentStatus says whether the fee has been paid.
type PaymentStatus string

// The statuses of a payment.
const (
	PaymentPending  PaymentStatus = "pending"
	PaymentPaid     PaymentStatus = "paid"
	PaymentRefunded PaymentStatus = "refunded"
)

// Valid reports whether s is one of the statuses.
func (s PaymentStatus) Valid() bool {
	switch s {
	case PaymentPending, PaymentPaid, PaymentRefunded:
		return true
	}
	return false
}

// CheckInMethod says how an attendee was checked in.
type CheckInMethod string

// The methods of checking in.
const (
	CheckInQRCode  CheckInMethod = "qr_code"
	CheckInManual  CheckInMethod = "manual"
	CheckInVirtual CheckInMethod = "virtual"
)

// Valid reports whether m is one of the methods.
func (m CheckInMethod) Valid() bool {
	switch m {
	case CheckInQRCode, CheckInManual, CheckInVirtual:
		return true
	}
	return false
}

// Registration is a user's place at an event. There is one per event and user:
// who cancels and comes back takes up the same row again.
type Registration struct {
	bun.BaseModel `bun:"table:events.registrations,alias:r" json:"-"`

	ID                  id.Of[Registration] `bun:"id,pk" json:"id"`
	EventID             id.Of[Event]        `bun:"event_id" json:"event_id"`
	UserID              id.Of[auth.User]    `bun:"user_id" json:"user_id"`
	Status              RegistrationStatus  `bun:"status" json:"status"`
	RegistrationType    *RegistrationType   `bun:"registration_type" json:"registration_type"`
	WaitlistNumber      *int                `bun:"waitlist_number" json:"waitlist_number"` // drawn from the event, never reused
	PaymentStatus       *PaymentStatus      `bun:"payment_status" json:"payment_status"`
	PaymentAmount       *money.Amount       `bun:"payment_amount" json:"payment_amount"`
	PaymentReference    *string             `bun:"payment_reference" json:"payment_reference"`
	CheckedIn           bool                `bun:"checked_in" json:"checked_in"`
	CheckedInAt         *time.Time          `bun:"checked_in_at" json:"checked_in_at"`
	CheckInMethod       *CheckInMethod      `bun:"check_in_method" json:"check_in_method"`
	JoinedAt            *time.Time          `bun:"joined_at" json:"joined_at"`
	LeftAt              *time.Time          `bun:"left_at" json:"left_at"`
	AttendanceDuration  *int                `bun:"attendance_duration" json:"attendance_duration"` // minutes
	Notes               *string             `bun:"notes" json:"notes"`
	DietaryRequirements *string             `bun:"dietary_requirements" json:"dietary_requirements"`
	SpecialRequirements *string             `bun:"special_requirements" json:"special_requirements"`
	CancelledAt         *time.Time          `bun:"cancelled_at" json:"cancelled_at"`
	CreatedAt           time.Time           `bun:"created_at" json:"created_at"`
	UpdatedAt           time.Time           `bun:"updated_at" json:"updated_at"`
}
