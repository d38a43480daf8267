package documents

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// Config configures a [Service]. The zero value is ready for use.
type Config struct {
	// Now is the clock, read once per call; nil is time.Now.
	Now func() time.Time
	// Hooks are called once per verb with all of its events, in order, after the
	// verb's writes and in its transaction; an error refuses the verb.
	Hooks []store.Hook
	// Storage keeps the bytes; nil refuses uploads and openings.
	Storage storage.Store
	// Can judges what a role permits, such as auth.Access.Can; nil permits nothing.
	Can func(ctx context.Context, tx bun.IDB, user id.Of[auth.User], action auth.Action, object auth.Object) error
	// Renderer makes files of certificates and of templates; nil refuses them.
	Renderer Renderer
	// UploadLifetime is how long an upload may take; zero is one hour.
	UploadLifetime time.Duration
}

// Service is the verbs on documents, on the files behind them and on who may see them.
// It holds no connection and is safe for concurrent use.
type Service struct{ *core }

// Signatures is the verbs on who is asked to sign documents, and signs. It holds no
// connection and is safe for concurrent use.
type Signatures struct{ *core }

// core is what the services share.
type core struct {
	now      func() time.Time
	hooks    store.Hooks
	storage  storage.Store
	can      func(ctx context.Context, tx bun.IDB, user id.Of[auth.User], action auth.Action, object auth.Object) error
	renderer Renderer
	lifetime time.Duration
}

// NewService makes a Service.
func NewService(cfg Config) *Service { return &Service{newCore(cfg)} }

// NewSignatures makes a Signatures.
func NewSignatures(cfg Config) *Signatures { return &Signatures{newCore(cfg)} }

func newCore(cfg Config) *core {
	if cfg.UploadLifetime == 0 {
		cfg.UploadLifetime = time.Hour
	}
	return &core{now: store.Clock(cfg.Now), hooks: slices.Clone(cfg.Hooks), storage: cfg.Storage, can: cfg.Can, renderer: cfg.Renderer,
		lifetime: min(max(cfg.UploadLifetime, time.Minute), storage.MaxSigned)}
}
