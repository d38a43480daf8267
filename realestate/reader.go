package realestate

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// Token is a position in the log of the primary, as its server writes one: whoever has
// read the log up to there has seen all that was committed before the token was taken.
// "" is the beginning of time. A token is a short text without secrets; a host keeps it
// with the session of who wrote, in a cookie for one. It means nothing to the server of
// another cluster.
type Token string

// ErrToken: what is given is no token of [Written].
var ErrToken = fault.New(fault.Invalid, "token_malformed", "a token is two hexadecimal numbers with a slash between").On("token")

// Written takes a token of the primary. Taken after a commit, a [Reader] that is given
// it sees what was committed. Inside a transaction it would not cover the COMMIT.
func Written(ctx context.Context, primary *bun.DB) (Token, error) {
	var at string
	if err := store.Read(ctx, primary, primary.NewRaw("SELECT pg_current_wal_insert_lsn()"), &at); err != nil {
		return "", store.Err(err, nil)
	}
	return Token(at).reached()
}

// logPage and logHeader are sizes of the log: where the last record ends at the end of a page, the
// next one is to begin behind the header of the next page, which no standby reports
// until there is one.
const logPage, logHeader = 8192, 40

// reached is the token, or the beginning of its page where only a header lies between.
func (t Token) reached() (Token, error) {
	high, low, ok := strings.Cut(string(t), "/")
	h, errHigh := strconv.ParseUint(high, 16, 32)
	l, errLow := strconv.ParseUint(low, 16, 32)
	if !ok || errHigh != nil || errLow != nil {
		return "", ErrToken
	}
	if l%logPage <= logHeader {
		l -= l % logPage
	}
	return Token(strings.ToUpper(strconv.FormatUint(h, 16) + "/" + strconv.FormatUint(l, 16))), nil
}

// Reader reads from a standby, and from the primary what the standby does not have yet.
type Reader struct {
	Primary *bun.DB
	// Replica is the pool of a standby, or of several behind one address. Nil is none.
	Replica *bun.DB
	// Patience is how long the standby is waited for to read the log; 0 means 50 ms. A
	// connection to it is waited for as long as its DSN and ctx say: give the DSN a
	// connect_timeout.
	Patience time.Duration
}

// Read runs fn once on a connection of the standby, when that has read the log up to
// after; otherwise on the primary: where it is too far behind for the reader's patience,
// where it cannot be reached, and once more where fn fails there by a fault that
// another try may mend, such as a query that the standby had to end.
//
// fn only reads: what a standby serves is listed in OPERATIONS.md. It gets a connection,
// so that several reads of it see one server; wrap them in a transaction where they
// have to see one moment. fn may run twice, and assigns its results.
func (r Reader) Read(ctx context.Context, after Token, fn func(db bun.IDB) error) error {
	if after != "" {
		var err error
		if after, err = after.reached(); err != nil {
			return err
		}
	}
	if r.Replica != nil {
		served, err := r.byReplica(ctx, after, fn)
		if served {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return fn(r.Primary)
}

// byReplica reports whether the standby has served fn, well or with an error that the
// primary would give too.
func (r Reader) byReplica(ctx context.Context, after Token, fn func(db bun.IDB) error) (served bool, err error) {
	conn, err := r.Replica.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.Close() }() // gives it back to the pool
	if there, err := r.reaches(ctx, conn, after); err != nil || !there {
		return false, err
	}
	err = fn(conn)
	return !store.WorthRetry(err), err
}

// reaches waits until the server of conn has read the log up to after. A standby that
// was promoted is a primary, with its own log.
func (r Reader) reaches(ctx context.Context, conn bun.Conn, after Token) (there bool, err error) {
	if after == "" {
		return true, nil
	}
	left := or(r.Patience, 50*time.Millisecond)
	for wait := time.Millisecond; ; wait = min(wait*2, 10*time.Millisecond) {
		var at sql.NullBool
		err := store.Read(ctx, conn, conn.NewRaw("SELECT NOT pg_is_in_recovery() OR pg_last_wal_replay_lsn() >= ?::pg_lsn", string(after)), &at)
		if err != nil || at.Bool || left <= 0 {
			return at.Bool, err
		}
		if err := store.Sleep(ctx, wait); err != nil {
			return false, err
		}
		left -= wait
	}
}
