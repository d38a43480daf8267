// Package auth is the identities of the platform: schema auth. It signs people and
// machines in and says who may do what; a host writes only its screens.
//
// The library sends nothing and speaks no protocol of others: what has to reach a
// person (a code, a link, a notice) is returned once, as [Delivery] or [Notice], for
// the host to send.
//
// # Verbs by task
//
//	people         Users.Register, User, UserByEmail, Users, Suspend, Reinstate, Delete
//	passwords      Users.SetPassword, ChangePassword, RequestReset, ResetPassword
//	addresses      Users.StartEmailVerification, VerifyEmail, StartEmailChange, ConfirmEmailChange, CancelEmailChange
//	phones         Users.StartPhoneVerification, VerifyPhone
//	signing in     Sessions.SignIn, CompleteSignIn, SendFactorCode, SignInWithIdentity              examples/httpapi
//	sessions       Sessions.Authenticate, Refresh, SignOut, Sessions, Revoke, RevokeAll             examples/httpapi
//	a new proof    Sessions.StepUp, StepUpWithIdentity, Proved
//	TOTP           Factors.StartAuthenticator, ConfirmAuthenticator, RemoveAuthenticator
//	recovery       Factors.RenewRecoveryCodes
//	sent codes     Factors.SetEmailFactor, SetSMSFactor
//	devices        Factors.TrustedDevices, RevokeDevice
//	passkeys       Factors.FreshUser, StartCeremony, Passkeys, AddPasskey, RemovePasskey; Sessions.SignInWithPasskey, StepUpWithPasskey, RefusedPasskey
//	who may        Access.Can, GrantRole, RevokeRole, RoleGrants
//	machines       Access.CreateAPIKey, RotateAPIKey, RevokeAPIKey, APIKeys, AuthenticateAPIKey
//	providers      Access.LinkIdentity, UnlinkIdentity, Identities; Sessions.SignInWithIdentity
//	what happened  Audit.Entries, Attempts
//	housekeeping   Audit.EnsurePartitions, Purge, PurgeCounters; Factors.Reseal
//	erasure        Users.SetErasureHold, RecordErasure, Lock
//	secrets        NewSecret                                                                        ExampleSecret
//
// # Users
//
// auth.users is the root that most other schemas refer to. A user is never removed:
// [Users.Delete] sets the status and the time of deletion together, and a guard
// trigger turns a DELETE into the same. The row stays for the money and legal records
// that refer to it, while the e-mail address becomes free. Addresses have one spelling,
// see [NormalizeEmail]. [Users.Suspend] takes every power away at once; verbs
// check their actor with [ActiveActor] and [Access.Can]. An account whose identity
// lives with the host has [UnusablePassword].
//
// # Signing in
//
//	in, err := platform.Sessions.SignIn(ctx, db, auth.SignInParams{Email: email, Password: password, Client: client})
//	if in.Asked != nil { // a second factor
//		done, err := platform.Sessions.CompleteSignIn(ctx, db, auth.CompleteSignInParams{Token: in.Asked.Token, Factor: auth.FactorAuthenticator, Code: code})
//	}
//	session, err := platform.Sessions.Authenticate(ctx, db, token) // at every request
//
// Whoever does not get in gets one answer, after one hash. Attempts are counted and
// written down before the hash, in a transaction of their own: verbs that count take
// the pool. Sessions are opaque tokens; where a client wants refresh tokens they rotate
// in families, and a replay ends the family. What is sensitive asks for a fresh proof
// ([Sessions.StepUp], [Session].Proved). Package httpauth is the middleware for net/http,
// package passkeys (a module of its own) the ceremonies of WebAuthn.
//
// The first administrator is granted by nobody ([Access.GrantRole] with RoleAdministrator and
// no GrantedBy); everybody else by an administrator. The last one keeps their powers.
//
// What happens to an account is told by events and the audit list; [Notice] goes to the
// user where a password or an address changes. A host that tells users of other changes
// too, of factors, phones, identities and keys, reads them in the audit list.
//
// # Secrets
//
// Nothing in these tables can sign anybody in by itself. Passwords are stored as
// argon2id hashes, tokens and links of 256 bits as SHA-256, codes of few digits as a
// hash that the vault keys, the secret of an authenticator sealed by the vault. All of
// them are [Secret], which no log or JSON document ever shows. Statements that carry
// them or an address send parameters and fail on no constraint, so that a server's log
// quotes no one.
//
// # Tables
//
// auth.users ([User]), auth.sessions ([Session]), auth.password_resets
// ([PasswordReset]), auth.recovery_codes ([RecoveryCode]), auth.login_attempts
// ([LoginAttempt], partitioned by month), auth.attempt_counters ([AttemptCounter]),
// auth.one_time_codes ([OneTimeCode]), auth.challenges ([Challenge]),
// auth.trusted_devices ([TrustedDevice]), auth.passkeys ([Passkey]), auth.api_keys
// ([APIKey]), auth.identities ([Identity]), auth.role_grants ([RoleGrant]) and
// auth.audit_entries ([AuditEntry], append-only). Changes of a user are domain events,
// without the address; sessions and attempts are none, and the audit list has them.
//
// # Standards
//
// What OWASP's ASVS 5 (level 2) and SP 800-63B (AAL2) ask where this package meets
// them, and the test that shows it. What is the host's stands at the end.
//
//	V6.1  attempts are limited, nobody is locked out for good  TestSignIn_parallelGuesses, TestSignIn_rememberedDevice, TestLimits_proofs
//	V6.2  length from 8, up to 128, no composition rules, any character, nothing cut off  TestPassword_rules
//	V6.2  breached passwords refused                           TestPassword_rules
//	V6.2  change asks for the present password                 TestChangePassword
//	V6.3  one answer for every failure                         TestSignIn_oneAnswer, BenchmarkSignIn_answers
//	V6.3  users hear of new devices and changes of password and address  TestSignIn, TestEmailChange, TestCancelEmailChange
//	V6.4  resets and links: one use, short life, 256 bits      TestResetPassword, TestEmailChange, TestSent_lives
//	V6.4  a reset leaves second factors on                     TestResetPassword_keepsFactors
//	V6.5  codes work once, live 10 minutes, die of 5 tries     TestAuthenticator, TestSentFactors, TestSent_lives
//	V6.5  sent codes are stored hashed with a key; recovery codes have 120 bits  TestSentFactors, TestAuthenticator
//	V6.6  SMS to verified numbers only, beside an authenticator, its risk stated  TestSentFactors, TestSMSFactor_neverAlone, Factor
//	V6.6  sent codes count at the sign-in that asked for them   TestSentFactors_boundToSignIn
//	V6.6  e-mail is no second factor at AAL2                   TestSentFactors
//	V6.8  identities by issuer and subject, linked signed in   TestIdentities
//	V7.2  tokens opaque, 256 bits, new at every sign-in, step-up and enrolled factor  TestStepUp, TestRefresh, TestAuthenticator
//	V7.3  idle and absolute limits, by the server              TestSessions_end, TestAuthenticate_slides
//	V7.4  sign-out, suspension, deletion and a new password end sessions  TestSessions_end, TestChangePassword, TestRefresh_whileSessionsEnd
//	V7.4  users see their sessions and end each or all         TestSignIn, TestSessions_end
//	V7.5  a fresh proof before factors and address change      TestFactors_needFreshProof, TestStepUp_weakerProof
//	V7.6  sessions of identities end by our limits             TestSessions_limitsOfIdentities
//	V8.2  access by role, object and ownership, at the server  TestCan, TestAccessMatrix
//	V8.3  changes of permission hold at once                   TestCan, TestGrantRole, TestActiveActor_held
//	V10   bearer tokens from the header only, scopes checked   TestBearer; authorization server: none here
//	V3.3  cookie: Secure, HttpOnly, SameSite, __Host-          TestCookies, TestSession_cookie
//	V3.5  forged requests are refused                          TestCookies, TestSession_cookie
//	V3.2, V3.4, V3.7  headers and content of pages             the host's
//	V16.2  what changed and by whom, sign-ins and proofs from where; no secrets       TestAudit_actors, TestDelete_actors, TestColumns_reached, TestSecrets_nowhere
//	63B 3.1.1  passwords: NFC, 15 characters, or from 8 where the host demands a factor of everybody, salted, memory-hard  TestPassword_rules, TestPassword_argon2
//	63B 3.1.4  TOTP: secret sealed, a code once, also of 64 at once  TestTOTP_vectors, TestAuthenticator
//	63B 3.2.2  10 failures a window; not 100 in a row for good, which would lock out  TestSignIn_parallelGuesses
//	63B 2.2.3  at AAL2 again within 24 hours, or 1 hour idle   TestSessions_limitsOfIdentities
package auth
