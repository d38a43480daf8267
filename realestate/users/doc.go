// Package users is the people behind the identities: schema users.
//
// # Verbs by task
//
//	profiles       SaveProfile, Profile
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
// Dates of birth and the data behind a verification are stored as ciphertext.
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
