package investments

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrNotAccredited: the evidence does not show an accredited investor.
var ErrNotAccredited = fault.New(fault.Forbidden, "not_accredited", "the investor's accreditation is not proved").On("evidence")

// ErrUnsigned: the evidence does not show signed documents.
var ErrUnsigned = fault.New(fault.Forbidden, "documents_unsigned", "the subscription documents are not signed").On("evidence")

// ErrCommitmentLimit: with the commitment the investor would have more in all
// offerings together than the platform allows.
var ErrCommitmentLimit = fault.New(fault.Forbidden, "commitment_limit", "more than one investor may have committed in all").On("amount")

// Evidence is the facts of other domains that a commitment is judged by, at the
// moment it is made. An [EvidenceFunc] loads them under lock in the verb's
// transaction, so that they still hold when it commits, and they are kept with
// the subscription.
type Evidence struct {
	// Accredited: an approved accreditation that has not expired.
	Accredited bool `json:"accredited"`
	// AccreditedUntil is when it expires; nil is never.
	AccreditedUntil *time.Time `json:"accredited_until,omitempty"`
	// DocumentsSigned: the investor has signed the latest version of every
	// document that the offering requires of them, and it requires one at least.
	DocumentsSigned bool `json:"documents_signed"`
	// Source says where the facts come from, such as "verification 0192...".
	Source string `json:"source,omitempty"`

	// Committed is what the investor has in open and funded subscriptions to all
	// offerings together, less refunds, and Requested what the commitment that is
	// judged would add. The verbs on commitments fill them in, with the investor
	// locked so that no other commitment comes between; what a caller puts there
	// is replaced. For the receiver of a transfer they are zero.
	Committed money.Amount `json:"committed"`
	Requested money.Amount `json:"requested"`
}

// EvidenceRequest says about whom evidence is wanted, and for what.
type EvidenceRequest struct {
	OfferingID id.Of[Offering]
	InvestorID id.Of[auth.User]
}

// EvidenceFunc loads the evidence about an investor from the domains that know,
// under lock and in tx. It is called before the offering is locked: people and
// papers come before offerings in the order of locks.
type EvidenceFunc func(ctx context.Context, tx bun.IDB, r EvidenceRequest) (Evidence, error)

// noEvidence proves nothing.
func noEvidence(context.Context, bun.IDB, EvidenceRequest) (Evidence, error) { return Evidence{}, nil }

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

// LimitCommitments is a gate that keeps what one investor has committed in all
// offerings together within a limit.
func LimitCommitments(limit money.Amount) Gate {
	return func(_ *Offering, _ *Account, e Evidence) error {
		total, err := e.Committed.Add(e.Requested)
		if err != nil {
			return err
		}
		if limit.Less(total) {
			return ErrCommitmentLimit.With("%s with this one > %s", total, limit)
		}
		return nil
	}
}

// AllGates is a gate that accepts what all of gates accept. It returns the
// first refusal.
func AllGates(gates ...Gate) Gate {
	return func(o *Offering, a *Account, e Evidence) error {
		for _, gate := range gates {
			if err := gate(o, a, e); err != nil {
				return err
			}
		}
		return nil
	}
}
