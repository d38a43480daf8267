package investments

import (
	"time"

	"github.com/freehold-go/freehold/realestate/fault"
)

// ErrNotAccredited: the evidence does not show an accredited investor.
var ErrNotAccredited = fault.New(fault.Forbidden, "not_accredited", "the investor's accreditation is not proved").On("evidence")

// ErrUnsigned: the evidence does not show signed documents.
var ErrUnsigned = fault.New(fault.Forbidden, "documents_unsigned", "the subscription documents are not signed").On("evidence")

// Evidence is the facts of other domains that a commitment is judged by, at the
// moment it is made. The caller loads them under lock in the same transaction
// (realestate.Platform.Commit does), so that they still hold when it commits,
// and they are kept with the subscription.
type Evidence struct {
	// Accredited: an approved accreditation that has not expired.
	Accredited bool `json:"accredited"`
	// AccreditedUntil is when it expires; nil is never.
	AccreditedUntil *time.Time `json:"accredited_until,omitempty"`
	// DocumentsSigned: every document that asks for the investor's signature
	// has it.
	DocumentsSigned bool `json:"documents_signed"`
	// Source says where the facts come from, such as "verification 0192...".
	Source string `json:"source,omitempty"`
}

// Gate says whether the evidence lets the account commit to the offering: nil,
// or a Forbidden fault. account is nil for an investor in person.
type Gate func(o *Offering, account *Account, e Evidence) error

// RequireAccreditation is the usual gate of a Regulation D 506(c) offering: the
// investor is accredited.
func RequireAccreditation(_ *Offering, _ *Account, e Evidence) error {
	if !e.Accredited {
		return ErrNotAccredited
	}
	return nil
}

// RequireSignedDocuments is [RequireAccreditation] and signed documents.
func RequireSignedDocuments(o *Offering, a *Account, e Evidence) error {
	if err := RequireAccreditation(o, a, e); err != nil {
		return err
	}
	if !e.DocumentsSigned {
		return ErrUnsigned
	}
	return nil
}
