package market

import (
	"time"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
)

// Config is what a [Service] needs. The zero value is ready for use.
type Config struct {
	// Now is the clock, read once per call; nil is time.Now.
	Now func() time.Time
}

// Service is the verbs and reads of this domain. It holds no connection, is
// immutable and safe for concurrent use.
type Service struct {
	now        func() time.Time
	properties *properties.Service
}

// NewService makes a Service.
func NewService(cfg Config) *Service {
	return &Service{now: store.Clock(cfg.Now), properties: properties.NewService(properties.Config{Now: cfg.Now})}
}
