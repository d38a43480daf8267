package auth

import (
	"context"
	"encoding/hex"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// Delivery is what the host sends: the library sends nothing. A code or link is
// handed over here once. As JSON it is empty: whoever asks is not told whether there is
// somebody, or where something goes.
type Delivery struct {
	Send bool   `json:"-"` // false: there is nobody to send to, which the host keeps to itself
	To   string `json:"-"` // an address or a phone number
	Code Secret `json:"-"`
}

// The lives of codes, and how often one may be tried.
const (
	shortCodeLife = 10 * time.Minute
	linkLife      = 24 * time.Hour
	resetLife     = 20 * time.Minute
	codeTries     = 5
	smsDigits     = 6
	mailDigits    = 8
)

// SendFactorCodeParams asks for a code during a sign-in, or within a session before
// [Sessions.StepUp].
type SendFactorCodeParams struct {
	Token     Secret         // of [PendingFactor]; zero within a session
	SessionID id.Of[Session] // zero during a sign-in
	Factor    Factor         // FactorSMS or FactorEmail
	Client    Client
}

// SendFactorCode makes a code of six digits for a text message, or of eight for an
// e-mail, which lives ten minutes, counts at this sign-in or session alone, and
// replaces the one before. It is counted. It takes the pool. It returns [ErrChallenge]
// or [ErrSession], [ErrFactorOff], [ErrFactorClosed], [ErrTooManyAttempts], vault.ErrNoVault or
// [ErrPoolRequired].
func (s *Sessions) SendFactorCode(ctx context.Context, db bun.IDB, p SendFactorCodeParams) (*Delivery, error) {
	user, at, err := sendFor(ctx, db, p)
	if err != nil {
		return nil, err
	}
	if err := s.guess(ctx, db, "send", user.String(), p.Client); err != nil {
		return nil, err
	}
	var out *Delivery
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		u, err := lockUser(ctx, tx, user)
		if err != nil {
			return err
		}
		closed, err := byFactor.closed(ctx, tx, user)
		switch {
		case err != nil:
			return err
		case closed:
			return ErrFactorClosed
		case !u.Active():
			return ErrSession
		case p.Factor == FactorSMS && u.MFASMS && u.PhoneVerified && u.Phone != nil:
			out, err = s.sendCode(ctx, tx, codeFor{u.ID, CodeSMSFactor, at}, *u.Phone, smsDigits)
			return err
		case p.Factor == FactorEmail && u.MFAType != nil && *u.MFAType == MFAEmail:
			out, err = s.sendCode(ctx, tx, codeFor{u.ID, CodeEmailFactor, at}, u.Email, mailDigits)
			return err
		}
		return ErrFactorOff
	})
	return out, err
}

// sendFor is whose code is asked for, and the sign-in or family of sessions where it
// will count.
func sendFor(ctx context.Context, db bun.IDB, p SendFactorCodeParams) (user id.Of[User], at string, err error) {
	if !p.SessionID.IsZero() {
		row, err := liveSession(ctx, db, p.SessionID)
		if err != nil {
			return user, "", err
		}
		return row.UserID, row.FamilyID.String(), nil
	}
	ch, err := pending(ctx, db, p.Token, ChallengeSecondFactor, "")
	if err != nil {
		return user, "", err
	}
	return *ch.UserID, ch.ID.String(), nil
}

// codeFor is what a code that was sent is for: a purpose of a user's, at the sign-in or
// session that asked for it.
type codeFor struct {
	user    id.Of[User]
	purpose CodePurpose
	at      string // the id of a challenge or of a session
}

// sendCode makes a short code and ends those for the same.
func (s *core) sendCode(ctx context.Context, tx bun.IDB, c codeFor, target string, n int) (*Delivery, error) {
	code := digits(n)
	hash, err := s.codeHash(c.user, c.purpose, code)
	if err != nil {
		return nil, err
	}
	return &Delivery{Send: true, To: target, Code: code}, storeCode(ctx, tx, c, target, hash, shortCodeLife)
}

// sendLink makes a token of 256 bits and ends those of the same purpose.
func (s *core) sendLink(ctx context.Context, tx bun.IDB, user id.Of[User], purpose CodePurpose, target string) (*Delivery, error) {
	token := newToken()
	return &Delivery{Send: true, To: target, Code: token}, storeCode(ctx, tx, codeFor{user: user, purpose: purpose}, target, hashToken(token), linkLife)
}

func storeCode(ctx context.Context, tx bun.IDB, c codeFor, target string, hash Secret, life time.Duration) error {
	_, err := store.ExecParams(ctx, tx, constraints, `UPDATE auth.one_time_codes SET used_at = clock_timestamp()
		WHERE user_id = $1 AND purpose = $2 AND used_at IS NULL AND asked_by IS NOT DISTINCT FROM $3::uuid`, c.user.String(), string(c.purpose), c.where())
	if err != nil {
		return err
	}
	_, err = store.ExecParams(ctx, tx, constraints, `INSERT INTO auth.one_time_codes (id, user_id, purpose, asked_by, code_hash, target, expires_at)
		VALUES ($1, $2, $3, $4::uuid, $5, $6, clock_timestamp() + $7::interval)`, id.New[OneTimeCode]().String(), c.user.String(), string(c.purpose), c.where(), hash.Reveal(), target, interval(life))
	return err
}

// where is the parameter of what asked for the code, NULL for a link, which counts
// wherever it is opened.
func (c codeFor) where() any {
	if c.at == "" {
		return nil
	}
	return c.at
}

// codeHash is how a short code is stored: keyed, since all of them could be tried.
func (s *core) codeHash(user id.Of[User], purpose CodePurpose, code Secret) (Secret, error) {
	if s.vault == nil {
		return Secret{}, errNoVault
	}
	return NewSecret(hex.EncodeToString(s.vault.Index("auth.one_time_codes", string(purpose)+" "+user.String(), strings.TrimSpace(code.Reveal())))), nil
}

// useCode uses up a short code of a user's. A wrong one counts against the code that
// is open, which dies of the fifth. target, when it is not nil, hears what the code
// proves.
func (s *core) useCode(ctx context.Context, tx bun.IDB, c codeFor, code Secret, target *string) (refused, err error) {
	hash, err := s.codeHash(c.user, c.purpose, code)
	if err != nil {
		return nil, err
	}
	open, err := store.Rows[struct {
		ID     id.Of[OneTimeCode]
		Hash   Secret `bun:"code_hash"`
		Target string
	}](ctx, tx, `SELECT id, code_hash, target FROM auth.one_time_codes WHERE user_id = $1 AND purpose = $2 AND used_at IS NULL
		AND asked_by = $4::uuid AND expires_at > clock_timestamp() AND attempts < $3 ORDER BY created_at DESC LIMIT 1 FOR NO KEY UPDATE`,
		c.user.String(), string(c.purpose), codeTries, c.where())
	if err != nil {
		return nil, err
	}
	if len(open) == 0 {
		return ErrFactor, nil
	}
	if !open[0].Hash.Equal(hash) {
		_, err = store.ExecParams(ctx, tx, constraints, "UPDATE auth.one_time_codes SET attempts = attempts + 1 WHERE id = $1", open[0].ID.String())
		return ErrFactor, err
	}
	if target != nil {
		*target = open[0].Target
	}
	_, err = store.ExecParams(ctx, tx, constraints, "UPDATE auth.one_time_codes SET used_at = clock_timestamp() WHERE id = $1", open[0].ID.String())
	return nil, err
}

// useLink uses up a token that was sent, once, and returns whose it is and what it
// proves.
func useLink(ctx context.Context, tx bun.IDB, purpose CodePurpose, token Secret) (*OneTimeCode, error) {
	if !plausible(token) {
		return nil, ErrCode
	}
	return oneTimeCodes.OneParams(ctx, tx, `oc.id = (SELECT id FROM auth.one_time_codes WHERE code_hash = $1 AND purpose = $2 AND used_at IS NULL
		AND expires_at > clock_timestamp() FOR NO KEY UPDATE)`, hashToken(token).Reveal(), string(purpose))
}
