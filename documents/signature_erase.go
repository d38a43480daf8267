package documents

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// EraseSignerParams names somebody without an account by their address.
type EraseSignerParams struct {
	Email   string
	ActorID id.Of[auth.User] // whose role permits to delete users (Config.Can)
}

// EraseSigner takes what is known of somebody without an account out of the requests to
// sign that went to their address, and returns how many those were. What they are being
// asked is voided. Where they have signed, their name stays: nothing else says who did.
// Somebody with an account is erased by the platform's Erase, which does the same. It locks
// the documents, and returns field errors, or what Config.Can returns. Again, it finds
// none.
func (s *Signatures) EraseSigner(ctx context.Context, db bun.IDB, p EraseSignerParams) (int, error) {
	var f check.Fields
	f.Required("email", p.Email, 255)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return 0, err
	}
	n := 0
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		now := s.now()
		var told []store.Emission
		for look := 0; ; look++ {
			wrote, events, err := eraseFor(ctx, tx, p, now)
			if err == nil && look == 0 {
				err = s.mayErase(ctx, tx, p.ActorID) // behind the documents, as everywhere
			}
			if err != nil {
				return err
			}
			if n, told = n+wrote, append(told, events...); wrote == 0 {
				return s.hooks.Emit(ctx, tx, now, told...)
			}
		}
	})
	return n, err
}

// mayErase is an error unless a role of somebody's permits to delete users.
func (s *core) mayErase(ctx context.Context, tx bun.IDB, actor id.Of[auth.User]) error {
	if s.can == nil {
		return ErrForbidden
	}
	return s.can(ctx, tx, actor, auth.ActionDelete, auth.Object{Kind: auth.KindUser})
}

// eraseFor locks the documents that an address was asked to sign, voids what is open of its
// envelopes, and takes the address out of those and no others: who is asked meanwhile is
// found by the next look, and never left in an envelope that is open.
func eraseFor(ctx context.Context, tx bun.IDB, p EraseSignerParams, now time.Time) (n int, events []store.Emission, err error) {
	asked, err := store.Rows[askedOf](ctx, tx, `SELECT DISTINCT e.id, COALESCE(d.parent_document_id, d.id) AS root FROM documents.signature_requests r
		JOIN documents.envelopes e ON e.id = r.envelope_id JOIN documents.documents d ON d.id = e.document_id
		WHERE r.signer_id IS NULL AND lower(r.signer_email) = lower($1)`, p.Email)
	if err != nil || len(asked) == 0 {
		return 0, nil, err
	}
	if events, err = closeAll(ctx, tx, asked, EnvelopeVoided, &p.ActorID, "the data of a signer was erased", now); err != nil {
		return 0, nil, err
	}
	// As freehold.erase_person does.
	wrote, err := store.ExecParams(ctx, tx, constraints, `UPDATE documents.signature_requests SET signer_email = 'erased@erased.invalid',
			signer_name = CASE WHEN status = 'signed' THEN signer_name ELSE 'erased' END,
			token_hash = encode(sha256(convert_to(gen_random_uuid() || '.' || gen_random_uuid(), 'UTF8')), 'hex')
		WHERE signer_id IS NULL AND lower(signer_email) = lower($1) AND envelope_id = ANY ($2::uuid[])`, p.Email,
		store.TextArray(asked, func(a *askedOf) string { return a.ID.String() }))
	return int(wrote), events, err
}
