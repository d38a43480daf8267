package media

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/internal/reseal"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/vault"
)

// Config is what a [Service] needs. The zero value is ready for use.
type Config struct {
	// Now is the clock, read once per call; nil is time.Now.
	Now func() time.Time
	// Vault seals the keys of tours; nil refuses to store any.
	Vault *vault.Vault
	// Storage keeps the files; nil refuses uploads.
	Storage storage.Store
	// CDNBaseURL is where a CDN serves the storage's keys that begin with "media/", such as
	// https://cdn.example.com; "" is none.
	CDNBaseURL string
	// Hooks are called once per verb with all of its events, in order, after the
	// verb's writes and in its transaction; an error refuses the verb.
	Hooks []store.Hook
}

// Service is the verbs and reads of this domain. It holds no connection, is
// immutable and safe for concurrent use.
type Service struct {
	now        func() time.Time
	properties *properties.Service
	papers     *documents.Service
	storage    storage.Store
	cdn        string
	vault      *vault.Vault
	hooks      store.Hooks
}

// NewService makes a Service.
func NewService(cfg Config) *Service {
	return &Service{now: store.Clock(cfg.Now), properties: properties.NewService(properties.Config{Now: cfg.Now}),
		papers:  documents.NewService(documents.Config{Now: cfg.Now, Storage: cfg.Storage}),
		storage: cfg.Storage, cdn: strings.TrimSuffix(cfg.CDNBaseURL, "/"), vault: cfg.Vault, hooks: slices.Clone(cfg.Hooks)}
}

// Reseal seals keys of tours anew that are sealed by another key than the vault's
// first, batch rows at a time (0 is 500), each batch a transaction of its own on a
// pool. A value that does not open is reported, and the others go on. It returns
// [vault.ErrNoVault], or [fault.CodeOutOfRange] of batch.
func (s *Service) Reseal(ctx context.Context, db bun.IDB, batch int) (*vault.ResealReport, error) {
	return reseal.Run(ctx, db, s.vault, batch, tourKeys)
}
