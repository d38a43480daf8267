// Package documents is documents, with whom they are shared and who signed
// them: schema documents.
//
// # Verbs by task
//
//	send a file             UploadFile, StartUpload, SignUpload, PutUpload, CompleteUpload, SweepUploads
//	keep a document         AddDocument, AddVersion, UpdateDocument, DeleteDocument, RestoreDocument
//	keep it for good        HoldDocument, ReleaseDocument, RetainDocument
//	read                    Document, Documents, Folders, OpenDocument, SignDownload
//	let others at it        ShareDocument, RevokeShare, Shares, CreateLink, RevokeLink, Links, OpenLink, AccessLog
//	have it signed          RequestSignatures, SendTemplate, RemindSigner, VoidEnvelope, ExpireEnvelopes, Envelope, Envelopes
//	sign it                 ViewRequest, OpenRequest, Sign, DeclineSignature
//	prove it                VerifySignatures, Certificate, RenderCertificate, HoldSigned
//	fill in a text          FillTemplate
//	forget an outsider      EraseSigner
//
// # The domain
//
// A [Document] is one version of a document; its bytes lie in a storage.Store, or where
// the host has put them, and are known by their SHA-256. The versions share their first
// one as parent, have different numbers, and exactly one of those not deleted is the
// latest. The papers of an offering, those whose OfferingID it is, are its data room.
//
// An [Upload] has its row before the object is there, and is complete when the object
// was read to its end. What no row names is swept away, and nothing else. Another domain takes
// uploads for rows of its own ([TakeUploads], [ReleaseUploads]), as properties/media does.
//
// Every read takes a viewer, or the platform explicitly; [Service.Document] says who sees
// what. A user holds at most one [Share] of a document that is not revoked; a [Link] is
// for people without an account. Every opening of bytes is an [AccessEntry].
//
// The verbs on signatures are those of [Signatures], all others of [Service].
//
// An [Envelope] asks one or several people to sign the exact bytes of the latest
// version, at once or in order, countersigners last. A new version voids what is open.
// What happens is a [SignatureEvent] in the hash chain of the document, which nothing can
// change and which holds nothing personal; what a signer said is its
// [SignatureEvidence], whose salted digest the chain carries. Documents and signatures
// are legal records: they stay when their owner's account is deleted.
//
// # What the law asks of an electronic signature
//
// ESIGN is 15 U.S.C. 7001 and following, UETA the uniform act of 1999. The library keeps
// the record; whether a form of words is enough is for counsel.
//
//	the point                                          where            the test that shows it
//	intent to sign (ESIGN 106(5), UETA 2(8))           SignParams.Intent     TestSign: none without intent
//	consent to do so electronically (ESIGN 101(c))     SignParams.Consent    TestSign: none without consent, a link of its own
//	may refuse (UETA 5(c))                             DeclineSignature      TestEnvelope_ends
//	attached to the record (ESIGN 106(5), UETA 2(8))   the hash of the bytes TestSign: ErrOtherBytes; TestEnvelope_ends: a new version voids
//	attributed to the person (UETA 9)                  account, link, Verification   TestSign: ErrRequestNotFound; TestVerifySignatures
//	retained, accurate, reproducible (ESIGN 101(d), UETA 12)   storage, DeleteDocument  TestSign: ErrSigned; TestOpenDocument_otherBytes
//	a copy for a user who signs (UETA 8)                   OpenDocument, Certificate     TestSign: Certificate by a signer
//	a record that cannot be altered unseen             VerifySignatures      TestVerifySignatures
//
// Tables: documents.documents, documents.uploads, documents.document_shares,
// documents.links, documents.access_log, documents.envelopes,
// documents.signature_requests, documents.signatures, documents.signature_events,
// documents.signature_evidence.
//
//	u, err := svc.UploadFile(ctx, db, documents.UploadFileParams{UploaderID: user.ID, FileName: "a.pdf", Content: file})
//	d, err := svc.AddDocument(ctx, db, documents.AddDocumentParams{OwnerID: user.ID, Name: "Subscription agreement", UploadID: &u.ID})
package documents
