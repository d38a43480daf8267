package auth

import (
	"time"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/vault"
)

// Config configures a [Services]. The zero value is ready for use. As the Identity of a
// platform (realestate.Config), its Now, Vault, Policy and Hooks are the platform's Now,
// Vault, Roles and Hooks, whatever stands here.
type Config struct {
	// Now is the clock; the default is time.Now. Whether something has expired is
	// judged by the database's, but for the age of a proof ([Sessions.Proved]).
	Now func() time.Time
	// Vault seals the secrets of authenticators and keys the hashes of short codes;
	// without one both are refused.
	Vault *vault.Vault
	// Policy says what each role permits; nil is [DefaultPolicy].
	Policy Policy
	// Hooks are called once per verb with all of its events, in order, after the
	// verb's writes and in its transaction; an error refuses the verb.
	Hooks []store.Hook
	// Hasher makes password hashes; nil is argon2id with Argon2.
	Hasher Hasher
	// Argon2 is the cost of a hash of the default hasher. Hashes of another cost are
	// made anew when their user signs in; until then a wrong password takes the time of
	// the old cost there.
	Argon2 Argon2Params
	// ParallelHashes is how many hashes are computed at once, each of which takes its
	// memory and a core; 0 is 4. Further ones wait.
	ParallelHashes int
	// PasswordLength is the least length of a new password in characters, 8 to 64; 0
	// is 15, what SP 800-63B asks where a password is the only factor. A host that
	// demands a second factor of everybody may set 8.
	PasswordLength int
	// Breached knows published passwords; nil knows none.
	Breached BreachList
	// Limits bounds attempts.
	Limits Limits
	// Sessions bounds sessions.
	Sessions SessionLimits
	// Issuer is the name that an authenticator shows beside the account, at most 50
	// characters without a colon; "" is "Freehold".
	Issuer string
}

// Limits bounds how often something is tried within a window. Over a limit the
// answer is [ErrTooManyAttempts], whether the account exists or not, and no hash is
// computed. A limit ends with its window, and a device that its user
// trusts, or that remembers an earlier sign-in, counts by itself, so that no stranger
// locks anybody out for good. What is allowed in a row, whatever the window, is no
// setting: see Guesses in the package's documentation.
type Limits struct {
	Window  time.Duration // 0 is 15 minutes
	Account int           // attempts on one account, or on one factor of it; 0 is 10
	Address int           // attempts from one IP address (a /64 of IPv6); 0 is 100
}

// SessionLimits bounds sessions, by the database's clock.
type SessionLimits struct {
	Access    time.Duration // how long an access token lasts beside a refresh token; 0 is 15 minutes
	Idle      time.Duration // how long a session lasts unused; 0 is 1 hour
	Absolute  time.Duration // how long a session lasts at all, refreshed or not; 0 is 24 hours
	Grace     time.Duration // how long a client may show a used refresh token again, because the answer was lost; 0 is 30 seconds
	SeenEvery time.Duration // how fresh the time of last use is kept; 0 is 1 minute
	Fresh     time.Duration // how long a proof counts as fresh for what needs one; 0 is 10 minutes
	Trusted   time.Duration // how long a device is trusted; 0 is 30 days
}

func orElse[T comparable](v *T, other T) {
	var zero T
	if *v == zero {
		*v = other
	}
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Policy == nil {
		c.Policy = DefaultPolicy()
	}
	c.Argon2 = c.Argon2.withDefaults()
	if c.Hasher == nil {
		c.Hasher = argon2id{c.Argon2}
	}
	orElse(&c.ParallelHashes, 4)
	orElse(&c.PasswordLength, defaultPassword)
	orElse(&c.Issuer, "Freehold")
	orElse(&c.Limits.Window, 15*time.Minute)
	orElse(&c.Limits.Account, 10)
	orElse(&c.Limits.Address, 100)
	orElse(&c.Sessions.Access, 15*time.Minute)
	orElse(&c.Sessions.Idle, time.Hour)
	orElse(&c.Sessions.Absolute, 24*time.Hour)
	orElse(&c.Sessions.Grace, 30*time.Second)
	orElse(&c.Sessions.SeenEvery, time.Minute)
	orElse(&c.Sessions.Fresh, 10*time.Minute)
	orElse(&c.Sessions.Trusted, 30*24*time.Hour)
	return c
}

// Validate reports what cannot be used. [New] takes what is out of range for
// its default.
func (c Config) Validate() error {
	c = c.withDefaults()
	var f fault.Fields
	f.AddErr("", c.Policy.Validate())
	f.Check(c.Argon2.valid(), "argon2", check.OutOfRange, "8 KiB a lane to 1 GiB, 1 to 16 passes, 1 to 16 lanes")
	f.Check(c.ParallelHashes >= 1 && c.ParallelHashes <= 1024, "parallel_hashes", check.OutOfRange, "1 to 1,024 hashes at once")
	f.Check(c.PasswordLength >= leastPassword && c.PasswordLength <= 64, "password_length", check.OutOfRange, "8 to 64 characters")
	f.Check(c.Limits.Window > 0 && c.Limits.Account > 0 && c.Limits.Address > 0, "limits", check.OutOfRange, "limits are above zero")
	s := c.Sessions
	for _, d := range []time.Duration{s.Access, s.Idle, s.Absolute, s.Grace, s.SeenEvery, s.Fresh, s.Trusted} {
		f.Check(d > 0 && d <= 400*24*time.Hour, "sessions", check.OutOfRange, "a duration of up to 400 days")
	}
	f.Check(s.SeenEvery < s.Idle, "sessions", check.OutOfRange, "what is kept of the last use is fresher than the idle limit")
	f.Check(len(c.Issuer) <= 50, "issuer", check.TooLong, "at most 50 bytes")
	return f.Err()
}

// usable is the configuration with defaults where it makes no sense.
func (c Config) usable() Config {
	if c.Validate() == nil {
		return c.withDefaults()
	}
	policy := c.Policy
	if policy.Validate() != nil {
		policy = nil
	}
	return Config{Now: c.Now, Vault: c.Vault, Policy: policy, Hasher: c.Hasher, Breached: c.Breached, Hooks: c.Hooks}.withDefaults()
}
