package analytics

import (
	"time"
)

// Config configures a [Service]. The zero value is ready for use.
type Config struct {
	// Now is the clock; the default is time.Now.
	Now func() time.Time
}

// Service is the verbs on events, page views, funnels and reports. It holds no
// connection and is safe for concurrent use.
type Service struct{ clock func() time.Time }

// NewService makes a Service.
func NewService(cfg Config) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Service{clock: cfg.Now}
}

// now reads the clock once, in the form that the database keeps.
func (s *Service) now() time.Time { return micros(s.clock()) }

func micros(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
