// Package documents is documents, with whom they are shared and who signed
// them: schema documents.
//
// # Verbs by task
//
//	store a document        AddDocument, AddVersion
//	read                    Document, Documents
//	a signature's evidence  HoldSigned
//
// # The domain
//
// A [Document] is one version of a document; its bytes lie in a storage backend
// and are known by their SHA-256. The versions share their first one as parent,
// have different numbers, and exactly one of those not deleted is the latest. A
// user holds at most one [Share] of a document that is not revoked. A
// [Signature] is a request to sign and its outcome, and a [SignatureEvent] one
// piece of the evidence behind it, in a hash chain per signature that nothing
// can change. Documents and signatures are legal records: they stay when their
// owner's account is deleted.
//
// Tables: documents.documents, documents.document_shares, documents.signatures,
// documents.signature_events. There are verbs for documents and their versions;
// the others are models.
//
//	d, err := svc.AddDocument(ctx, db, documents.AddDocumentParams{
//		OwnerID: user.ID, Name: "Subscription agreement", File: file,
//	})
//	d, err = svc.AddVersion(ctx, db, documents.AddVersionParams{DocumentID: d.ID, File: corrected})
package documents
