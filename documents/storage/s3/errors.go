package s3

import (
	"context"
	"errors"
	"net/http"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/realestate/fault"
)

// ErrRefused: the server does not let these credentials do this, or has no such bucket.
// Trying again does not help.
var ErrRefused = fault.New(fault.Illegal, "storage_refused", "the storage refuses what is asked; its configuration may be wrong")

// known are the answers of servers that mean one of the conditions.
var known = map[string]*fault.Error{
	"NoSuchKey": storage.ErrNotFound, "NotFound": storage.ErrNotFound,
	"NoSuchUpload": storage.ErrPartsNotFound, "InvalidPart": storage.ErrPartsNotFound,
	"PreconditionFailed": storage.ErrExists, "ConditionalRequestConflict": storage.ErrExists,
	"BadDigest": storage.ErrMismatch, "InvalidDigest": storage.ErrMismatch, "XAmzContentSHA256Mismatch": storage.ErrMismatch,
	"XAmzContentChecksumMismatch": storage.ErrMismatch, "IncompleteBody": storage.ErrMismatch, "EntityTooSmall": storage.ErrMismatch, "EntityTooLarge": storage.ErrMismatch,
	"AccessDenied": ErrRefused, "InvalidAccessKeyId": ErrRefused, "SignatureDoesNotMatch": ErrRefused, "NoSuchBucket": ErrRefused, "PermanentRedirect": ErrRefused,
	"AuthorizationHeaderMalformed": ErrRefused, "NotImplemented": ErrRefused, "MethodNotAllowed": ErrRefused,
}

// failed is what an error of the client means. Its text, with names of hosts and objects,
// stays in the cause.
func failed(ctx context.Context, err error) error {
	var ours *fault.Error
	var api smithy.APIError
	var answer *awshttp.ResponseError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &ours):
		return ours
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &api) && known[api.ErrorCode()] != nil:
		return known[api.ErrorCode()].Because(err)
	case errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusNotFound: // of a HEAD, which has no body
		return storage.ErrNotFound.Because(err)
	case errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusForbidden:
		return ErrRefused.Because(err)
	}
	return storage.ErrFailed.Because(err)
}
