package auth

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// TrustedDevice is a device from which its user has signed in, until it expires: what is
// tried there counts by itself, so that no stranger locks it out. With SkipsFactor its
// user is not asked for the second factor there either. The token that the device keeps
// is stored as its SHA-256.
type TrustedDevice struct {
	bun.BaseModel `bun:"table:auth.trusted_devices,alias:td" json:"-"`

	ID          id.Of[TrustedDevice] `bun:"id,pk" json:"id"`
	UserID      id.Of[User]          `bun:"user_id" json:"user_id"`
	TokenHash   Secret               `bun:"token_hash" json:"token_hash"`
	Name        *string              `bun:"name" json:"name"`
	SkipsFactor bool                 `bun:"skips_factor" json:"skips_factor"`
	ExpiresAt   time.Time            `bun:"expires_at" json:"expires_at"`
	LastUsedAt  *time.Time           `bun:"last_used_at" json:"last_used_at"`
	RevokedAt   *time.Time           `bun:"revoked_at" json:"revoked_at"`
	CreatedAt   time.Time            `bun:"created_at" json:"created_at"`
	UpdatedAt   time.Time            `bun:"updated_at" json:"updated_at"`
}

var trustedDevices = store.Repo[TrustedDevice]{NotFound: ErrDeviceNotFound, Constraints: constraints}

// The conditions of trusted devices.
var (
	// ErrDeviceNotFound: the user trusts no such device.
	ErrDeviceNotFound = fault.New(fault.NotFound, "trusted_device_not_found", "there is no such device")
)

// remember adds a device and returns the token that it keeps.
func (s *Sessions) remember(ctx context.Context, tx bun.IDB, u *User, name string, skipsFactor bool, c Client) (Secret, error) {
	token := newToken()
	_, err := store.ExecParams(ctx, tx, constraints, `INSERT INTO auth.trusted_devices (id, user_id, token_hash, name, expires_at, skips_factor)
		VALUES ($1, $2, $3, $4, clock_timestamp() + $5::interval, $6)`, id.New[TrustedDevice]().String(), u.ID.String(), hashToken(token).Reveal(), orNil(kept(name, 100)),
		interval(s.cfg.Sessions.Trusted), skipsFactor)
	if err != nil {
		return Secret{}, err
	}
	action := AuditDeviceRemembered
	if skipsFactor {
		action = AuditDeviceTrusted
	}
	return token, s.audit(ctx, tx, byUser(u.ID, action).from(c))
}

// device finds the device of the user's that a token is of; nil for none.
func (s *core) device(ctx context.Context, tx bun.IDB, user id.Of[User], token Secret) (*TrustedDevice, error) {
	if !plausible(token) {
		return nil, nil
	}
	rows, err := store.Rows[TrustedDevice](ctx, tx, `UPDATE auth.trusted_devices SET last_used_at = now()
		WHERE token_hash = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > clock_timestamp() RETURNING id, skips_factor`, hashToken(token).Reveal(), user.String())
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// TrustedDevices lists the devices that are trusted or remembered now, the newest first;
// SkipsFactor tells them apart. There are few.
func (s *Factors) TrustedDevices(ctx context.Context, db bun.IDB, user id.Of[User]) ([]TrustedDevice, error) {
	return trustedDevices.AllParams(ctx, db, `td.user_id = $1 AND td.revoked_at IS NULL AND td.expires_at > now() ORDER BY td.created_at DESC, td.id LIMIT 1000`, user.String())
}

// RevokeDeviceParams forgets a device.
type RevokeDeviceParams struct {
	SessionID id.Of[Session]
	DeviceID  id.Of[TrustedDevice]
	Client    Client
}

// RevokeDevice forgets a device of the user of a session. It returns
// [ErrSession] or [ErrDeviceNotFound].
func (s *Factors) RevokeDevice(ctx context.Context, db bun.IDB, p RevokeDeviceParams) error {
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		row, err := liveSession(ctx, tx, p.SessionID)
		if err != nil {
			return err
		}
		n, err := store.ExecParams(ctx, tx, constraints, "UPDATE auth.trusted_devices SET revoked_at = now() WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL",
			p.DeviceID.String(), row.UserID.String())
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrDeviceNotFound
		}
		return s.audit(ctx, tx, AuditEntry{UserID: row.UserID, ActorID: &row.UserID, SessionID: &p.SessionID, Action: AuditDeviceRevoked}.from(p.Client))
	})
}
