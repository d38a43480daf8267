package ledger

import (
	"time"

	"github.com/freehold-go/freehold/internal/store"
)

// Config is what a [Service] needs. The zero value is ready for use.
type Config struct {
	// Now is the clock, read once per call; nil is time.Now.
	Now func() time.Time
}

// Service is the verbs and reads of the books. It holds no connection, is
// immutable and safe for concurrent use. Each method takes the pool, or a
// transaction of the caller's that it then is a part of.
type Service struct{ now func() time.Time }

// NewService makes a Service.
func NewService(cfg Config) *Service { return &Service{now: store.Clock(cfg.Now)} }
