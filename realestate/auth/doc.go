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
//	recovery       Factors.RenewRecoveryCodes; Users.RemoveFactors
//	sent codes     Factors.SetEmailFactor, SetSMSFactor
//	devices        Factors.TrustedDevices, RevokeDevice
//	passkeys       Factors.FreshUser, StartCeremony, Passkeys, AddPasskey, RemovePasskey; Sessions.SignInWithPasskey, StepUpWithPasskey, RefusedPasskey
//	who may        Access.Can, GrantRole, RevokeRole, RoleGrants
//	machines       Access.CreateAPIKey, RotateAPIKey, RevokeAPIKey, APIKeys, AuthenticateAPIKey
//	providers      Access.LinkIdentity, UnlinkIdentity, Identities; Sessions.SignInWithIdentity
//	what happened  Audit.Entries, Attempts
//	housekeeping   Audit.EnsurePartitions, Purge, PurgeCounters; Factors.Reseal
//	erasure        Users.SetErasureHold, RecordErasure, Lock; Access.KeepAdministrator
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
// What happens to an account is told by events and the audit list. Whatever changes a
// password, a factor, an address, a phone, an identity, an API key or a role returns a
// [Notice] for the host to send to the user; what is refused cannot, and is told by events
// ([UserPasswordClosed], [UserFactorsClosed]) and the list ([AuditAction.Tells]).
//
// # Guesses
//
// Whatever is guessed at is counted before it is compared. Limits bound a window; over one
// the answer is [ErrTooManyAttempts]. Beside them stands what SP 800-63B allows in a row, 100
// on one authenticator of an account, in shares, so that whoever is known does not suffer
// for what strangers do: 50 passwords of strangers, 25 of devices that are known, 25 proofs
// within sessions, 75 codes of a second factor at sign-ins. At the end of a share it is that
// way alone that closes: strangers get no further guess at the password, the device is known
// no longer, the sessions end, or the factor asks for a recovery code or a passkey. A success
// begins the count anew; a new password by [Users.RequestReset] opens what strangers have
// closed. So nobody locks a person out who has a known device, a passkey or the mailbox.
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
// What OWASP's ASVS 5.0 (levels 1 and 2, and of level 3 what is met) and SP 800-63B-4
// (AAL2) ask where this package meets them, by requirement, and the test that shows it. What
// is the host's says so.
//
//	6.1.1   limits, how they are set, no malicious lockout     Guesses, Limits; TestSignIn_rememberedDevice, TestTrustedDevice, TestSignIn_inARow
//	6.1.2, 6.2.11  words of the host's own                     the host's, by BreachList
//	6.1.3, 6.3.4  the ways in: password, passkey, identity, API key  above; TestSignIn, TestIdentities, TestAPIKeys
//	6.2.1, 6.2.9  at least 15 characters, 8 by Config, up to 128  TestPassword_rules
//	6.2.2, 6.2.3  a change asks for the present password       TestChangePassword
//	6.2.4, 6.2.12  breached passwords are refused              TestPassword_rules; the list is the host's
//	6.2.5, 6.2.8  any character, nothing cut off; NFC, as 63B asks  TestPassword_rules
//	6.2.6, 6.2.7, 7.4.4  fields, pasting, a button to sign out  the host's
//	6.2.10  no password expires                                nothing here ends one
//	6.3.1   guesses are limited, 1,000 at once too             TestSignIn_parallelGuesses, TestSessions_parallelGuesses, TestSignIn_perAddress, TestLimits_proofs
//	6.3.2   no account is made by itself                       the migrations add none
//	6.3.3   a second factor for everybody                      the host's: Authenticator.Require(LevelMFA)
//	6.3.5   suspicious attempts: NewDevice, closed ways in     TestSignIn, TestSignIn_inARow, TestCompleteSignIn_inARow
//	6.3.7   notices of whatever changes                        TestNotices, TestResetPassword_keepsFactors, TestEmailChange, TestAudit_tells
//	6.3.8   one answer after one time, also to a reset         TestSignIn_oneAnswer, TestResetPassword, BenchmarkSignIn_answers, BenchmarkRequestReset_answers; sign-up is the host's
//	6.4.1   activation links: 256 bits, once, a short life     TestSent_lives, TestResetPassword
//	6.4.2   no hints or questions                              there are none
//	6.4.3   a reset leaves second factors on                   TestResetPassword_keepsFactors; not at the first proof of the address: TestResetPassword_firstVerification
//	6.4.4   a lost factor: recovery codes, or staff who have identified the person  TestAuthenticator, TestRemoveFactors
//	6.4.6   staff begin a reset, and choose no password of others  TestPassword_rules
//	6.5.1   codes work once, of 64 at once one                 TestAuthenticator, TestSentFactors
//	6.5.2, 6.5.3, 6.5.4  recovery codes of 120 random bits, codes of 6 and 8 digits  TestAuthenticator, TestSent_lives
//	6.5.5   sent codes live 10 minutes; TOTP: a step of 30 seconds, and its neighbors for clocks that differ (RFC 6238, 5.2)  TestSent_lives, TestAuthenticator
//	6.5.6   each factor can be removed                         TestAuthenticator, TestNotices
//	6.5.8   TOTP by the database's clock                       matchTOTP
//	6.6.1   SMS to verified numbers, beside an authenticator, its risk stated  Factor; TestSentFactors, TestSMSFactor_neverAlone
//	6.6.2   a sent code counts where it was asked for          TestSentFactors_boundToSignIn
//	6.6.3   a sent code dies of 5 tries, and is counted        TestSentFactors, TestLimits_sent
//	6.8.1   identities by issuer and subject, linked signed in  TestIdentities
//	6.8.2, 6.8.3, 6.8.4  the provider's token and its strength  the host's
//	7.1.1, 7.1.2, 7.1.3  limits of sessions; any number at once; those of providers  SessionLimits; TestSessions_limitsOfIdentities
//	7.2.1, 7.2.2, 7.2.3  opaque tokens of 256 bits, verified here  TestSent_lives, TestSessions_end
//	7.2.4   new tokens at sign-in, step-up and a new factor    TestStepUp, TestAuthenticator, TestRefresh
//	7.3.1, 7.3.2  idle and absolute limits                     TestSessions_end, TestAuthenticate_slides
//	7.4.1, 7.4.2  sign-out, suspension and deletion end sessions  TestSessions_end, TestRefresh_whileSessionsEnd, TestRefresh_ends
//	7.4.3   a new password or removed factor ends the others   TestChangePassword, TestEmailChange_endsWithAccess
//	7.4.5   administrators end sessions                        TestSessions_end
//	7.5.1   a fresh proof before addresses, phones and factors  TestFactors_needFreshProof, TestStepUp_weakerProof
//	7.5.2   users see their sessions and end each or all       TestSignIn, TestSessions_end; a fresh proof for it is the host's
//	7.6.1   sessions of identities end by our limits           TestSessions_limitsOfIdentities
//	7.6.2   only a proof opens a session, nothing else does    TestResetPassword_keepsFactors
//	8.1.1   rules by role, object and ownership                DefaultPolicy; TestDefaultPolicy_separates
//	8.2.1, 8.2.2, 8.2.3  by role, object, ownership and column  TestCan, TestAccessMatrix
//	8.3.1, 8.3.2  decided here, and changed at once            TestCan, TestGrantRole, TestActiveActor_held
//	8.4.1   several tenants in one database                    none here: a database holds one platform
//	10.3.2, 10.3.4  scopes and levels of tokens are checked    TestBearer, TestCookies
//	10.4.5, 10.4.8, 10.4.9  refresh tokens rotate, end with the family, and are revoked  TestRefresh, TestRefresh_graceEnds, TestSessions_end
//	10.5.2  who is who at a provider: issuer and subject       TestIdentities
//	10      the rest: an authorization server (none here), an OAuth client (the host's)
//	3.3.1 to 3.3.4  cookie: Secure, SameSite, __Host-, HttpOnly  TestCookies, TestSession_cookie
//	3.5.1   forged requests are refused                        TestCookies, TestSession_cookie
//	3.2, 3.4, 3.7  headers and content of pages                the host's
//	16.2.1  who, what and when; from where, where the verb is told  TestAudit_actors, TestNotices, TestDelete_actors, TestColumns_reached
//	16.2.5  no secret is logged                                TestSecrets_nowhere
//	16.3.1  sign-ins and proofs, failed ones too               TestSignIn, TestLimits_proofs, TestIdentities
//	16.4.2  the audit list is append-only                      TestAppendOnly_refuses
//	63B 3.1.1  passwords: 15 characters alone, salted, memory-hard  TestPassword_rules, TestPassword_argon2
//	63B 3.1.4  TOTP: the secret sealed, a code once            TestTOTP_vectors, TestAuthenticator
//	63B 3.1.2  recovery codes: once, hashed, too long to guess  TestAuthenticator
//	63B 3.1.3  codes out of band: 10 minutes, once, 5 tries, none by e-mail as a second factor  TestSentFactors, TestSent_lives
//	63B 3.2.2  100 failures in a row, in shares                Guesses; TestSignIn_inARow, TestSignIn_deviceInARow, TestStepUp_inARow, TestCompleteSignIn_inARow
//	63B 2.2.3  again within 24 hours, or 1 hour idle           TestSessions_limitsOfIdentities
package auth
