// Package users is the people behind the identities: schema users.
//
// # Verbs by task
//
//	profiles       SaveProfile, Profile, ViewProfile
//	verifications  SubmitVerification, ApproveVerification, RejectVerification
//	is it valid    CurrentVerification, ExpireVerifications
//
// # The domain
//
// A [Profile] is what users show of themselves and how they like to invest; there
// is at most one per user. A [Verification] proves something about a user, such
// as that they are an accredited investor: it is submitted, reviewed once by
// somebody else, and valid until it expires, which the database's clock judges.
// Two users have one [Connection], whoever asked first. A [Conversation] holds
// [Message] values.
//
// Dates of birth and the data behind a verification are sealed by the vault of the
// service before they are stored, bound to their row and user, and the database
// refuses them in the clear. [Service.DateOfBirth] and [Service.VerificationData]
// open them. Without a vault neither is accepted.
//
// Texts are bounded: a bio has at most 5,000 characters, other texts of a profile
// those of their columns, lists at most 50 entries of 100 characters, a reason 2,000
// characters, the data of a verification 64 KiB and its documents 50 entries. Control
// and invisible characters are refused.
//
// Statements that carry personal data send it as parameters and fail on no
// constraint, so that a server's log quotes no one.
//
// Tables: users.profiles, users.verifications, users.connections,
// users.conversations, users.messages. There are verbs for profiles and
// verifications; the others are models.
//
//	v, err := svc.SubmitVerification(ctx, db, users.SubmitVerificationParams{
//		UserID: user.ID, Type: users.VerificationAccredited,
//	})
//	v, err = svc.ApproveVerification(ctx, db, users.ApproveVerificationParams{ID: v.ID, ReviewerID: officer.ID})
//	v, err = svc.CurrentVerification(ctx, db, user.ID, users.VerificationAccredited)
package users
