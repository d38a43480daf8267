// Package s3 keeps the bytes of documents in a bucket of an S3, or of a server that
// speaks as one: a [storage.Store] whose objects are never overwritten.
//
// It is a module of its own, so that a host which keeps its files elsewhere has nothing
// of the client in its module graph.
//
//	store, err := s3.New(s3.Config{Bucket: "papers", Region: "us-east-1",
//		Credentials: credentials.NewStaticCredentialsProvider(id, secret, "")})
//	p, err := realestate.New(realestate.Config{Storage: store})
//
// # What the bucket has to do
//
// The bucket is private, and has no versions or lets old ones expire: what is deleted has
// to be gone. The credentials need GetObject, PutObject, DeleteObject and
// AbortMultipartUpload on its objects, ListBucket and ListBucketMultipartUploads; without
// ListBucket a missing object is refused instead of not found. A sweep ends uploads in parts
// that nobody completed ([Store.Tidy]), or a rule of the bucket does. For uploads by a browser its CORS rule allows PUT and the headers of
// [storage.Request] from the host's origin.
//
// The server has to know conditional writes (If-None-Match: *) and SHA-256 checksums of
// objects, as Amazon's does; a store that overwrites is none.
//
// # How an object is known
//
// Its SHA-256 is part of its metadata, written with its first byte. An object in one piece
// is measured and hashed here on its way out, and again by the server, which is told the
// checksum beforehand. Of one in parts the server knows no hash of the whole:
// [Store.CompleteParts] joins the parts, reads the object to its end, and removes it where
// it is another. Whoever reads meanwhile gets [storage.ErrCorrupt], as from every object
// that is not what its metadata say.
package s3
