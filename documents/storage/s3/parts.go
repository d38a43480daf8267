package s3

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/freehold-go/freehold/documents/storage"
)

// StartParts begins an upload in parts; see [storage.Store]. Each part but the last has at
// least storage.MinPart bytes.
func (s *Store) StartParts(ctx context.Context, o storage.Object) (string, error) {
	if err := o.Check(); err != nil {
		return "", err
	}
	got, err := s.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: &s.bucket, Key: s.name(o.Key), ContentType: &o.Type, Metadata: metadata(o)})
	if err != nil {
		return "", failed(ctx, err)
	}
	return aws.ToString(got.UploadId), nil
}

// PutPart writes a part; see [storage.Store].
func (s *Store) PutPart(ctx context.Context, o storage.Object, upload string, number int, size int64, body io.Reader) (storage.Part, error) {
	if err := storage.CheckPart(number, size); err != nil {
		return storage.Part{}, err
	}
	if err := storage.CheckKey(o.Key); err != nil {
		return storage.Part{}, err
	}
	if body == nil {
		return storage.Part{}, storage.ErrMismatch.With("there is no body")
	}
	if upload == "" {
		return storage.Part{}, storage.ErrPartsNotFound
	}
	sent := exactly(ctx, body, size)
	content, err := sent.body()
	if err != nil {
		return storage.Part{}, failed(ctx, err)
	}
	got, err := s.client.UploadPart(ctx, &s3.UploadPartInput{Bucket: &s.bucket, Key: s.name(o.Key), UploadId: &upload, PartNumber: aws.Int32(int32(number)),
		Body: content, ContentLength: &size}, once)
	if sent.err != nil {
		return storage.Part{}, failed(ctx, sent.err)
	}
	if err != nil {
		return storage.Part{}, failed(ctx, err)
	}
	return storage.Part{Number: number, Size: size, Tag: aws.ToString(got.ETag)}, nil
}

// CompleteParts joins the parts and reads the object to its end; see [storage.Store].
func (s *Store) CompleteParts(ctx context.Context, o storage.Object, upload string, parts []storage.Part) error {
	if err := o.Check(); err != nil {
		return err
	}
	if err := storage.CheckParts(o, parts); err != nil {
		return err
	}
	if upload == "" {
		return storage.ErrPartsNotFound
	}
	var list []types.CompletedPart
	for _, p := range slices.SortedFunc(slices.Values(parts), func(a, b storage.Part) int { return a.Number - b.Number }) {
		list = append(list, types.CompletedPart{PartNumber: aws.Int32(int32(p.Number)), ETag: aws.String(p.Tag)})
	}
	_, err := s.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: &s.bucket, Key: s.name(o.Key), UploadId: &upload, IfNoneMatch: aws.String("*"),
		MultipartUpload: &types.CompletedMultipartUpload{Parts: list}})
	if err != nil {
		if err := s.settled(ctx, o, failed(ctx, err)); err != nil {
			return err
		}
		if err := s.AbortParts(ctx, o, upload); err != nil { // the same object was there, or an answer was lost
			return err
		}
	}
	err = s.whole(ctx, o.Key)
	if !errors.Is(err, storage.ErrCorrupt) {
		return err
	}
	if err := s.Delete(context.WithoutCancel(ctx), o.Key); err != nil {
		return err
	}
	return storage.ErrMismatch
}

// AbortParts ends an upload; see [storage.Store].
func (s *Store) AbortParts(ctx context.Context, o storage.Object, upload string) error {
	if err := storage.CheckKey(o.Key); err != nil {
		return err
	}
	if upload == "" {
		return storage.ErrPartsNotFound
	}
	_, err := s.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &s.bucket, Key: s.name(o.Key), UploadId: &upload})
	if err = failed(ctx, err); errors.Is(err, storage.ErrPartsNotFound) {
		return nil
	}
	return err
}

// Tidy ends uploads in parts that began before a time; see [storage.Store]. They cost as much
// as objects do, and are in no list of those.
func (s *Store) Tidy(ctx context.Context, before time.Time) (n int, err error) {
	in := &s3.ListMultipartUploadsInput{Bucket: &s.bucket, Prefix: s.name("")}
	for {
		page, err := s.client.ListMultipartUploads(ctx, in)
		if err != nil {
			return n, failed(ctx, err)
		}
		for _, u := range page.Uploads {
			key := strings.TrimPrefix(aws.ToString(u.Key), s.prefix)
			if storage.CheckKey(key) != nil || u.Initiated == nil || !u.Initiated.Before(before) {
				continue
			}
			if err := s.AbortParts(ctx, storage.Object{Key: key}, aws.ToString(u.UploadId)); err != nil {
				return n, err
			}
			n++
		}
		if !aws.ToBool(page.IsTruncated) {
			return n, nil
		}
		in.KeyMarker, in.UploadIdMarker = page.NextKeyMarker, page.NextUploadIdMarker
	}
}

// putParts writes an object in parts of one size; one that ends early ends the upload.
func (s *Store) putParts(ctx context.Context, o storage.Object, body io.Reader) (err error) {
	upload, err := s.StartParts(ctx, o)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.AbortParts(context.WithoutCancel(ctx), o, upload))
		}
	}()
	size := max(o.Size/storage.MaxParts+1, s.partSize)
	var parts []storage.Part
	for left := o.Size; left > 0; left -= size {
		n := min(left, size)
		part := io.Reader(io.LimitReader(body, n))
		if n == left {
			part = body // which refuses what comes behind
		}
		p, err := s.PutPart(ctx, o, upload, len(parts)+1, n, part)
		if err != nil {
			return err
		}
		parts = append(parts, p)
	}
	return s.CompleteParts(ctx, o, upload, parts)
}
