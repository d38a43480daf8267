package realestate

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of acting for an investor or for the platform.
var (
	// ErrRowSecurityOff: row-level security is off, so that nothing would keep an
	// investor to their rows; call freehold.enable_row_level_security().
	ErrRowSecurityOff = fault.New(fault.Illegal, "row_security_off", "row-level security is off")
	// ErrNotPlatform: the database role may not act for the platform.
	ErrNotPlatform = fault.New(fault.Forbidden, "not_platform", "the database role sees the rows of one investor at most")
	// ErrTokenLife: an investor token holds for a second to an hour.
	ErrTokenLife = fault.New(fault.Invalid, fault.CodeOutOfRange, "an investor token holds for a second to an hour").On("life")
)

// InvestorToken lets a database role that may only be an investor read the rows
// of one, for a while. It is a secret; no verb of formatting shows it.
type InvestorToken string

// String hides the token.
func (InvestorToken) String() string { return "investor token" }

// Format writes the same for every verb.
func (t InvestorToken) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.String()) }

// actingFor is how long AsInvestor lets its transaction read.
const actingFor = 10 * time.Minute

// AsInvestor narrows the transaction tx to what one investor may see: from here
// to its end, or to [AsPlatform], it has the role freehold_investor and reads that
// investor's rows, for ten minutes at most. Writing is refused.
//
// It is a guard against mistakes of the host's own queries, whose session can
// go back to what it may by itself: whoever can send SQL of their own can send RESET
// ROLE, and no setting of the session prevents that. Where the queries are somebody else's, give
// them a pool of a login that is a member of freehold_investor and of nothing
// else, and [UseInvestorToken].
//
// It returns [ErrNoTx], [ErrRowSecurityOff], and a fault of kind Forbidden
// where the role is neither the tables' owner nor a freehold_platform.
func AsInvestor(ctx context.Context, tx bun.IDB, investor id.Of[auth.User]) error {
	if !inTransaction(tx) {
		return ErrNoTx
	}
	return store.InTx(ctx, tx, func(tx bun.IDB) error {
		token, err := IssueInvestorToken(ctx, tx, investor, actingFor)
		if err != nil {
			return err
		}
		if err := UseInvestorToken(ctx, tx, token); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "SET LOCAL ROLE freehold_investor")
		return store.Err(err, nil)
	})
}

// IssueInvestorToken makes a token for an investor, for life, in whole seconds up
// to an hour. db is of a role that may see everything: the tables' owner or a
// freehold_platform; others get a fault of kind Forbidden. It returns [ErrRowSecurityOff]
// and [ErrTokenLife]. freehold.renew_row_security_key() ends all tokens.
func IssueInvestorToken(ctx context.Context, db bun.IDB, investor id.Of[auth.User], life time.Duration) (InvestorToken, error) {
	seconds := int(life / time.Second)
	if seconds < 1 || life > time.Hour {
		return "", ErrTokenLife
	}
	if investor.IsZero() {
		return "", fault.New(fault.Invalid, fault.CodeRequired, "a token is of an investor").On("investor")
	}
	var token *string // NULL where row-level security is off
	if err := store.Read(ctx, db, db.NewRaw("SELECT freehold.issue_investor_token(?, ?)", investor, seconds), &token); err != nil {
		return "", store.Err(err, nil)
	}
	if token == nil {
		return "", ErrRowSecurityOff
	}
	return InvestorToken(*token), nil
}

// UseInvestorToken lets the transaction tx, of a role that may only be an
// investor, read the rows of the token's investor. Reads under a token that has
// expired or was forged are refused with a fault of kind Forbidden; under none they
// find no private rows.
func UseInvestorToken(ctx context.Context, tx bun.IDB, token InvestorToken) error {
	if !inTransaction(tx) {
		return ErrNoTx
	}
	return store.Err(store.Exec(ctx, tx, "SELECT set_config('freehold.investor_token', $1, TRUE)", string(token)), nil)
}

// AsPlatform says that the transaction tx acts for the platform, and takes
// [AsInvestor] back. It returns [ErrNotPlatform] when the role of the session does
// not see every row, which reads and sums would else leave out in silence, and
// [ErrNoTx].
func AsPlatform(ctx context.Context, tx bun.IDB) error {
	if !inTransaction(tx) {
		return ErrNoTx
	}
	return store.InTx(ctx, tx, func(tx bun.IDB) error {
		if err := UseInvestorToken(ctx, tx, ""); err != nil {
			return err
		}
		sees, err := seesEverything(ctx, tx)
		if err != nil || sees {
			return err
		}
		if _, err := tx.ExecContext(ctx, "SET LOCAL ROLE NONE"); err != nil {
			return store.Err(err, nil)
		}
		if sees, err = seesEverything(ctx, tx); err == nil && !sees {
			err = ErrNotPlatform
		}
		return err
	})
}

// seesEverything reports whether the platform's policy lets the role see all rows
// of every table of ours that row-level security limits it in.
func seesEverything(ctx context.Context, tx bun.IDB) (sees bool, err error) {
	err = store.Read(ctx, tx, tx.NewRaw(`SELECT NOT EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname IN ('freehold', 'auth', 'users', 'communications', 'properties', 'renovations', 'media', 'market', 'financials',
				'investments', 'events', 'documents', 'analytics')
			AND c.relrowsecurity AND NOT c.relispartition AND c.relname <> 'row_security_keys' AND row_security_active(c.oid)
			AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_policy p, unnest(p.polroles) AS r (oid)
				WHERE p.polrelid = c.oid AND p.polname = 'freehold_platform' AND pg_has_role(r.oid, 'USAGE')))`), &sees)
	return sees, store.Err(err, nil)
}

// wholeSnapshot is a snapshot for fn, or [ErrRowSecurity] where row-level security hides rows.
func wholeSnapshot(ctx context.Context, db bun.IDB, fn func(tx bun.IDB) error) error {
	return store.Snapshot(ctx, db, func(tx bun.IDB) error {
		switch sees, err := seesEverything(ctx, tx); {
		case err != nil:
			return err
		case !sees:
			return ErrRowSecurity
		}
		return fn(tx)
	})
}

func inTransaction(db bun.IDB) bool {
	switch db.(type) {
	case *bun.DB, bun.Conn, *bun.Conn:
		return false
	}
	return true
}
