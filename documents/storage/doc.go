// Package storage keeps the bytes of documents and pictures: a [Store] on a
// folder of this machine ([OpenLocal]) or in memory ([NewMemory]). One in a bucket
// of an S3 is in documents/storage/s3, a module of its own; a host that keeps them
// elsewhere brings its own [Store].
//
// An [Object] is known by its key, size, media type and SHA-256 before its first byte
// arrives, and never changes: a key is written once. What arrives is measured and
// hashed on its way in, and an object is there whole or not at all; what is read is
// hashed on its way out, and a byte that was changed is [ErrCorrupt] instead of the end
// of the file.
//
// Large objects are streamed, or sent in parts ([Store.StartParts]) that may come in any
// order and again. A browser sends and fetches without passing through the host by
// signed requests: [Store.SignUpload] is good for one key, size, type and hash,
// [Store.SignDownload] for one key, each until a time. Local and memory stores sign with
// HMAC-SHA256 and are served by [Handler].
//
//	store, err := storage.OpenLocal(dir, storage.LocalConfig{Signer: signer})
//	err = store.Put(ctx, storage.Describe("papers/1", "application/pdf", body), bytes.NewReader(body))
//	r, object, err := store.Get(ctx, "papers/1")
package storage
