package users

import (
	"crypto/sha256"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/builders"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/vault"
)

// base is before the database's clock, whatever the machine's says.
var base = time.Now().Add(-time.Hour).UTC().Truncate(time.Microsecond)

func service() *Service { return sealing("a") }

// sealing is a service whose vault seals with the first of the named keys.
func sealing(names ...string) *Service {
	var keys []vault.Key
	for _, n := range names {
		secret := sha256.Sum256([]byte(n))
		keys = append(keys, vault.Key{ID: n, Secret: secret[:]})
	}
	v, err := vault.New(keys...)
	if err != nil {
		panic(err)
	}
	return NewService(Config{Now: func() time.Time { return base }, Vault: v})
}

func person(t *testing.T, db bun.IDB) id.Of[auth.User] {
	t.Helper()
	return builders.User(t, db).ID
}

// insert writes a row in a savepoint of its own.
func insert(t *testing.T, db bun.IDB, row any) error {
	t.Helper()
	return builders.Insert(t, db, constraints, row)
}

func ptr[T any](v T) *T { return &v }
