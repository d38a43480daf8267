package auth

import (
	"bytes"
	"context"
	"crypto/sha256"
	"net/netip"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of attempts.
var (
	// ErrTooManyAttempts: too much was tried in this window. It says nothing about
	// whether the account exists or the secret was right.
	ErrTooManyAttempts = fault.New(fault.Unavailable, "too_many_attempts", "too many attempts; try again later")
	// ErrPoolRequired: a verb that counts attempts was given a transaction. What it
	// counts must stand whatever becomes of the caller's work.
	ErrPoolRequired = fault.New(fault.Illegal, "pool_required", "give this verb the pool, not a transaction")
)

// Client is where a request comes from. All of it is optional, and none of it is
// proof of anything.
type Client struct {
	IPAddress  netip.Addr // the zero value is unknown; attempts from there count together
	Place      string     // what the host makes of the address, such as a city; at most 100 characters are kept
	UserAgent  string     // at most 500 characters are kept
	DeviceID   string     // at most 100 characters are kept
	DeviceType DeviceType // "" is unknown
}

func (c Client) addr() *netip.Addr {
	if !c.IPAddress.IsValid() {
		return nil
	}
	a := c.IPAddress.Unmap().WithZone("")
	return &a
}

// kept cuts a text that a client says of itself to what the column holds, without
// what could not be stored.
func kept(s string, most int) *string {
	out := make([]rune, 0, min(len(s), most))
	for _, r := range s {
		if len(out) == most {
			break
		}
		if r >= ' ' && r != '\uFFFD' {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return nil
	}
	t := string(out)
	return &t
}

// bucket is what attempts are counted by.
func bucket(kind, of string) id.Of[AttemptCounter] {
	sum := sha256.Sum256([]byte(kind + "\x00" + of))
	return id.Of[AttemptCounter](sum[:16])
}

// network is the address whose attempts count together.
func (c Client) network() string {
	a := c.addr()
	if a == nil {
		return "unknown"
	}
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return "unknown"
	}
	return p.String()
}

// limit is a bucket with how many attempts it allows in a window.
type limit struct {
	of   id.Of[AttemptCounter]
	most int
}

// count counts one attempt in each bucket and reports whether all allow it. The
// rows' locks put parallel attempts in a row, so that no more pass than the limits
// say; they are taken in one order.
func (s *core) count(ctx context.Context, tx bun.IDB, limits ...limit) (allowed bool, err error) {
	slices.SortFunc(limits, func(a, b limit) int { return bytes.Compare(a.of[:], b.of[:]) })
	allowed = true
	for _, l := range limits {
		var n int
		err := store.Scan(ctx, tx, []any{&n}, `INSERT INTO auth.attempt_counters AS c (id, attempts, window_started_at) VALUES ($1, 1, clock_timestamp())
			ON CONFLICT (id) DO UPDATE SET
				attempts = CASE WHEN c.window_started_at + $2::interval <= clock_timestamp() THEN 1 ELSE least(c.attempts + 1, 1000000) END,
				window_started_at = CASE WHEN c.window_started_at + $2::interval <= clock_timestamp() THEN clock_timestamp() ELSE c.window_started_at END
			RETURNING attempts`, l.of.String(), interval(s.cfg.Limits.Window))
		if err != nil {
			return false, err
		}
		allowed = allowed && n <= l.most
	}
	return allowed, nil
}

// forget lets counts begin anew, after a success. They are locked in the order in which
// attempts lock them: those of devices in a row, those of windows, others in a row.
func forget(ctx context.Context, tx bun.IDB, of ...id.Of[AttemptCounter]) error {
	_, err := store.ExecParams(ctx, tx, nil, `WITH locked AS (SELECT id FROM auth.attempt_counters WHERE id = ANY($1::uuid[])
			ORDER BY array_position($1::uuid[], id) FOR UPDATE)
		DELETE FROM auth.attempt_counters c USING locked l WHERE c.id = l.id`, store.TextArray(of, func(o *id.Of[AttemptCounter]) string { return o.String() }))
	return err
}

// The reasons that an attempt failed, as the table keeps them. Nobody is told.
const (
	failedUnfinished = "unfinished" // so far, or the program ended in the middle
	failedTooMany    = "too_many_attempts"
	failedUnknown    = "unknown_account"
	failedWrong      = "wrong_secret"
	failedHash       = "password_hash_malformed" // the stored one is of another kind
	failedInactive   = "inactive_account"
	failedClosed     = "closed" // too many in a row; nothing was compared
)

var loginAttempts = store.Repo[LoginAttempt]{
	Constraints: constraints,
	Sort:        store.NewestFirst(func(a *LoginAttempt) (time.Time, string) { return a.CreatedAt, a.ID.String() }),
}

// AttemptFilter narrows [Audit.Attempts].
type AttemptFilter struct {
	UserID id.Of[User] // zero: at every account, and at none
	Kind   AttemptKind // "": all
	Failed bool        // those that failed alone
	Since  *time.Time
	Until  *time.Time // excluded
}

// Attempts lists what was tried at accounts, the latest first.
func (s *Audit) Attempts(ctx context.Context, db bun.IDB, filter AttemptFilter, req page.Request) (page.Page[LoginAttempt], error) {
	return loginAttempts.List(ctx, db, req, func(q *bun.SelectQuery) *bun.SelectQuery {
		if !filter.UserID.IsZero() {
			q = q.Where("?TableAlias.user_id = ?", filter.UserID)
		}
		if filter.Kind != "" {
			q = q.Where("?TableAlias.kind = ?", filter.Kind)
		}
		if filter.Failed {
			q = q.Where("NOT ?TableAlias.success")
		}
		if filter.Since != nil {
			q = q.Where("?TableAlias.created_at >= ?", check.Clamp(*filter.Since))
		}
		if filter.Until != nil {
			q = q.Where("?TableAlias.created_at < ?", check.Clamp(*filter.Until))
		}
		return q
	})
}

// attempted writes an attempt down before anything is compared.
func (s *core) attempted(ctx context.Context, tx bun.IDB, kind AttemptKind, email *string, user *id.Of[User], c Client) (*LoginAttempt, error) {
	reason := failedUnfinished
	a := &LoginAttempt{ID: id.New[LoginAttempt](), Email: email, UserID: user, Kind: kind, IPAddress: c.addr(), UserAgent: kept(c.UserAgent, 500),
		FailureReason: &reason, CreatedAt: s.now()}
	_, err := loginAttempts.InsertParams(ctx, tx, a, "")
	return a, err
}

// settle says how an attempt ended; "" is a success.
func (a *LoginAttempt) settle(ctx context.Context, tx bun.IDB, reason string) error {
	var why any
	if reason != "" {
		why = reason
	}
	_, err := store.ExecParams(ctx, tx, constraints, "UPDATE auth.login_attempts SET success = $1, failure_reason = $2 WHERE id = $3 AND created_at = $4",
		reason == "", why, a.ID.String(), store.TimeKey(a.CreatedAt))
	return err
}

// failed writes a proof within a session that was not accepted down, and says why.
func (s *core) failed(ctx context.Context, db bun.IDB, kind AttemptKind, user id.Of[User], c Client, why error) error {
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		attempt, err := s.attempted(ctx, tx, kind, nil, &user, c)
		if err != nil {
			return err
		}
		return attempt.settle(ctx, tx, failedWrong)
	})
	if err != nil {
		return err
	}
	return why
}

// guessInSession is guess for the user of a session: a refresh gives no new tries. It
// returns [ErrSession] too.
func (s *core) guessInSession(ctx context.Context, db bun.IDB, kind string, session id.Of[Session], c Client) error {
	if !store.IsPool(db) {
		return ErrPoolRequired
	}
	row, err := liveSession(ctx, db, session)
	if err != nil {
		return err
	}
	return s.guess(ctx, db, kind, row.UserID.String(), c)
}

// mails counts a mail with a link that a user asks for, in the transaction of the verb:
// where that fails, nothing was sent.
func (s *core) mails(ctx context.Context, tx bun.IDB, user id.Of[User]) error {
	allowed, err := s.count(ctx, tx, limit{bucket("mail", user.String()), s.cfg.Limits.Account})
	if err == nil && !allowed {
		return ErrTooManyAttempts
	}
	return err
}

// guess counts an attempt at something of a user's, other than the password at
// sign-in, in a transaction of its own. It returns [ErrTooManyAttempts].
func (s *core) guess(ctx context.Context, db bun.IDB, kind, of string, c Client) error {
	if !store.IsPool(db) {
		return ErrPoolRequired
	}
	allowed := false
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		allowed, err = s.count(ctx, tx, limit{bucket(kind, of), s.cfg.Limits.Account}, limit{bucket("address", c.network()), s.cfg.Limits.Address})
		return err
	})
	if err == nil && !allowed {
		return ErrTooManyAttempts
	}
	return err
}
