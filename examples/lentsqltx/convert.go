package main

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/users"
)

// convert makes an investor with a commitment of a lead. The library's rows and
// the host's are one transaction, which the host commits.
func (h *host) convert(ctx context.Context, l lead) error {
	return h.inTx(ctx, func(tx *sql.Tx) error {
		s, err := h.commit(ctx, realestate.LendTx(tx), l)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE host.leads SET status = 'converted', subscription_id = $2 WHERE id = $1", l.id, s.ID)
		return err
	})
}

// convertWithAudit also wants an auditor, whose name is missing. The host's
// statement fails, the host rolls back, and the commitment is gone too.
func (h *host) convertWithAudit(ctx context.Context, l lead) error {
	return h.inTx(ctx, func(tx *sql.Tx) error {
		s, err := h.commit(ctx, realestate.LendTx(tx), l)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE host.leads SET status = 'converted', subscription_id = $2 WHERE id = $1", l.id, s.ID)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO host.audits (lead_id, auditor) VALUES ($1, '')", l.id)
		return err
	})
}

// convertOrReject keeps the transaction when the library refuses: InTx put a
// savepoint around the library's part, so that nothing of it is left and the
// host may go on and commit.
func (h *host) convertOrReject(ctx context.Context, l lead) error {
	return h.inTx(ctx, func(tx *sql.Tx) error {
		var s *investments.Subscription
		err := realestate.InTx(ctx, realestate.LendTx(tx), func(lent bun.IDB) (err error) {
			s, err = h.commit(ctx, lent, l)
			return err
		})
		switch {
		case errors.Is(err, investments.ErrOversubscribed):
			_, err = tx.ExecContext(ctx, "UPDATE host.leads SET status = 'rejected', reason = $2 WHERE id = $1", l.id, fault.CodeOf(err))
		case err == nil:
			_, err = tx.ExecContext(ctx, "UPDATE host.leads SET status = 'converted', subscription_id = $2 WHERE id = $1", l.id, s.ID)
		}
		return err
	})
}

// commit registers a lead as a user, records their accreditation, and takes their
// commitment. db is the lent transaction; the verbs neither know nor care.
func (h *host) commit(ctx context.Context, db bun.IDB, l lead) (*investments.Subscription, error) {
	if err := realestate.SetActor(ctx, db, "lead conversion"); err != nil {
		return nil, err
	}
	investor, err := h.platform.Users.Register(ctx, db, auth.RegisterParams{Email: l.email})
	if err != nil {
		return nil, err
	}
	officer, err := h.officer(ctx, db)
	if err != nil {
		return nil, err
	}
	v, err := h.platform.Profiles.SubmitVerification(ctx, db, users.SubmitVerificationParams{UserID: investor.ID, Type: users.VerificationAccredited})
	if err != nil {
		return nil, err
	}
	if _, err = h.platform.Profiles.ApproveVerification(ctx, db, users.ApproveVerificationParams{ID: v.ID, ReviewerID: officer.ID}); err != nil {
		return nil, err
	}
	return h.platform.Commitments.Commit(ctx, db, investments.CommitParams{
		IdempotencyKey: "lead-" + l.id, OfferingID: h.offering, InvestorID: investor.ID,
		Amount: l.amount, Date: date.Of(time.Now()), ActorID: investor.ID,
	})
}

// officer is the user who reviews accreditations for this host.
func (h *host) officer(ctx context.Context, db bun.IDB) (*auth.User, error) {
	const address = "compliance@host.example"
	u, err := h.platform.Users.UserByEmail(ctx, db, address)
	if errors.Is(err, fault.NotFound) {
		return h.platform.Users.Register(ctx, db, auth.RegisterParams{Email: address})
	}
	return u, err
}
