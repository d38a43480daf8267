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
	ErrAttendanceTimes = fault.New(fault.Invalid, "attendance_times_inverted", "nobody leaves before they join").On("left_at")
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
	bun.BaseModel `bun:"table:events.registrations,alias:r"`

	ID                  id.Of[Registration] `bun:"id,pk"`
	EventID             id.Of[Event]        `bun:"event_id"`
	UserID              id.Of[auth.User]    `bun:"user_id"`
	Status              RegistrationStatus  `bun:"status"`
	RegistrationType    *RegistrationType   `bun:"registration_type"`
	WaitlistNumber      *int                `bun:"waitlist_number"` // drawn from the event, never reused
	PaymentStatus       *PaymentStatus      `bun:"payment_status"`
	PaymentAmount       *money.Amount       `bun:"payment_amount"`
	PaymentReference    *string             `bun:"payment_reference"`
	CheckedIn           bool                `bun:"checked_in"`
	CheckedInAt         *time.Time          `bun:"checked_in_at"`
	CheckInMethod       *CheckInMethod      `bun:"check_in_method"`
	JoinedAt            *time.Time          `bun:"joined_at"`
	LeftAt              *time.Time          `bun:"left_at"`
	AttendanceDuration  *int                `bun:"attendance_duration"` // minutes
	Notes               *string             `bun:"notes"`
	DietaryRequirements *string             `bun:"dietary_requirements"`
	SpecialRequirements *string             `bun:"special_requirements"`
	CancelledAt         *time.Time          `bun:"cancelled_at"`
	CreatedAt           time.Time           `bun:"created_at"`
	UpdatedAt           time.Time           `bun:"updated_at"`
}
