package realestate

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// ErrErasureHeld: the person's data must be kept for now.
var ErrErasureHeld = fault.New(fault.Illegal, "erasure_held", "this person's data is held")

// EraseParams names a person to be erased.
type EraseParams struct {
	UserID  id.Of[auth.User]
	ActorID id.Of[auth.User] // may delete users, and is somebody else
	DryRun  bool             // report, and change nothing
}

// ErasedTable is how many rows of a table an erasure changed or removed, or why it
// left them.
type ErasedTable struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
	Kept  string `json:"kept,omitempty"` // the reason, when the table is left as it is
}

// ErasureReport is what an erasure did, or would do.
type ErasureReport struct {
	UserID id.Of[auth.User] `json:"user_id"`
	DryRun bool             `json:"dry_run"`
	Tables []ErasedTable    `json:"tables"`
}

// errDryRun takes back what a dry run has counted.
var errDryRun = errors.New("dry run")

// Erase takes what a person has told about themselves out of the database: identity,
// profile, the text of messages, attempts, sends, analytics, private papers that nobody
// else was shown, notes, payloads of delivered events, what they were asked to sign
// without an account, and the earlier versions that history keeps. The user is deleted, and every way in ends. Somebody who never had an
// account is erased by documents.Signatures.EraseSigner. What the law asks to keep stays
// and names the person by id: money, tax, signatures; the report says which tables those
// are and why. Files that the host stores, and what a relay has delivered, are the host's
// to erase.
//
// Erasing again erases what came since, and tells of nothing where nothing did. Hooks run
// in a dry run too, so that it is refused as the erasure would be, and what they write is
// taken back with the rest.
// Verifications are locked first, as verbs do that judge a person by them, then the
// user, and for a moment the writers of the audit list, of decisions and of the histories
// of documents and verifications.
// It returns [ErrErasureHeld], auth.ErrOwnAccount, auth.ErrUserNotFound,
// auth.ErrLastAdministrator, what [auth.Access.Can] returns, or a hook's refusal such as [ErrPersonInvested].
func (p *Platform) Erase(ctx context.Context, db bun.IDB, params EraseParams) (*ErasureReport, error) {
	var report *ErasureReport
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		report = &ErasureReport{UserID: params.UserID, DryRun: params.DryRun}
		if err := p.mayErase(ctx, tx, params.UserID, params.ActorID); err != nil {
			return err
		}
		done, err := store.Rows[struct {
			Table string `bun:"erased_table"`
			Rows  int64  `bun:"erased_rows"`
		}](ctx, tx, "SELECT erased_table, erased_rows FROM freehold.erase_person($1)", params.UserID.String())
		if err != nil {
			return err
		}
		var changed int64
		for _, d := range done {
			changed += d.Rows
			report.Tables = append(report.Tables, ErasedTable{Table: d.Table, Rows: d.Rows})
		}
		for _, t := range personalTables() {
			if t.Kept != "" {
				report.Tables = append(report.Tables, ErasedTable{Table: t.Name, Kept: t.Kept})
			}
		}
		if changed == 0 {
			return nil // run again
		}
		if err := p.Users.RecordErasure(ctx, tx, auth.RecordErasureParams{UserID: params.UserID, ActorID: params.ActorID}); err != nil {
			return err
		}
		if params.DryRun {
			return errDryRun
		}
		return nil
	})
	if err != nil && !errors.Is(err, errDryRun) {
		return nil, err
	}
	return report, nil
}

// mayErase locks the person and judges whether the actor may erase them now.
func (p *Platform) mayErase(ctx context.Context, tx bun.IDB, person, actor id.Of[auth.User]) error {
	if err := p.Profiles.LockVerifications(ctx, tx, person); err != nil {
		return err
	}
	u, err := p.Users.Lock(ctx, tx, person)
	if err != nil {
		return err
	}
	if person == actor {
		return auth.ErrOwnAccount
	}
	if err := p.Access.Can(ctx, tx, actor, auth.ActionDelete, auth.ObjectOf(auth.KindUser, person)); err != nil {
		return err
	}
	if u.ErasureHold != nil {
		return ErrErasureHeld
	}
	return p.Access.KeepAdministrator(ctx, tx, person)
}

// HoldErasureParams keeps a person's data for now.
type HoldErasureParams struct {
	UserID  id.Of[auth.User]
	ActorID id.Of[auth.User] // may edit users
	Reason  string           // a word for why, such as the number of a case; 1 to 100 characters and no name
}

// HoldErasure keeps a person from being erased until [Platform.ReleaseErasure]. It
// locks the user. It returns field errors, auth.ErrUserNotFound, or what
// [auth.Access.Can] returns.
func (p *Platform) HoldErasure(ctx context.Context, db bun.IDB, params HoldErasureParams) error {
	return p.Users.SetErasureHold(ctx, db, auth.SetErasureHoldParams{UserID: params.UserID, ActorID: params.ActorID, Reason: &params.Reason})
}

// ReleaseErasureParams ends a hold.
type ReleaseErasureParams struct {
	UserID  id.Of[auth.User]
	ActorID id.Of[auth.User] // may edit users
}

// ReleaseErasure ends a hold; none is fine. It returns what [Platform.HoldErasure]
// returns.
func (p *Platform) ReleaseErasure(ctx context.Context, db bun.IDB, params ReleaseErasureParams) error {
	return p.Users.SetErasureHold(ctx, db, auth.SetErasureHoldParams{UserID: params.UserID, ActorID: params.ActorID})
}
