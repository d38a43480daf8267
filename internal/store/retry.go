package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/freehold-go/freehold/realestate/fault"
)

// WorthRetry reports whether a unit of work whose keys and ids stay the same may
// be run again after err: [Retryable], or its outcome is not known.
func WorthRetry(err error) bool { return Retryable(err) || errors.Is(err, fault.Unknown) }

// Jitter shortens a wait by up to half at random. It spreads clients that failed
// together.
func Jitter(d time.Duration) time.Duration { return d - rand.N(d/2+1) }

// Sleep waits, or returns ctx's error when that ends first.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
