// Package auth is the identities of the platform: schema auth.
//
// # Verbs by task
//
//	people        Register, User, UserByEmail, DeleteUser
//	housekeeping  EnsurePartitions, Purge
//	secrets       NewSecret                                ExampleSecret
//
// # The domain
//
// auth.users is the root that most other schemas refer to. A user is never
// removed: [Service.DeleteUser] sets the status and the time of deletion
// together, and a guard trigger turns a DELETE into the same. The row stays
// for the money and legal records that refer to it, while the e-mail address
// becomes free. Addresses are compared without regard to case.
//
// Nothing in these tables can sign anybody in by itself: passwords, tokens and
// recovery codes are stored as hashes, a second factor's secret as ciphertext,
// and all of them as [Secret], which no log or JSON document ever shows. An
// account whose identity lives with the host has [UnusablePassword].
//
// Tables: auth.users ([User]), auth.sessions ([Session]), auth.password_resets
// ([PasswordReset]), auth.recovery_codes ([RecoveryCode]), auth.login_attempts
// ([LoginAttempt], partitioned by month). This package has verbs for users; the
// other tables are models for the host's own sign-in. A new and a deleted user are
// domain events, without the address; sessions and login attempts are none.
//
//	svc := auth.NewService(auth.Config{})
//	user, err := svc.Register(ctx, db, auth.RegisterParams{Email: "ada@example.com"})
package auth
