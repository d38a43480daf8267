package realestatetest

import (
	"testing"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// DB returns a migrated database of the test's own, which holds no rows. It is dropped
// when the test ends.
func DB(t testing.TB) *bun.DB {
	t.Helper()
	return pgtest.Clone(t)
}

// Tx returns a transaction on a migrated database that holds no rows. It is rolled
// back when the test ends; code under test must not commit it. Tests that run at the same
// time have a database each, and leave it to later ones.
func Tx(t testing.TB) bun.Tx {
	t.Helper()
	return pgtest.Tx(t)
}

// EmptyDB returns a database of the test's own with the extensions but none of our
// schemas, for a program that migrates by itself. It is dropped when the test ends.
func EmptyDB(t testing.TB) *bun.DB {
	t.Helper()
	return pgtest.Empty(t)
}

// DSN returns the connection string of the database that db is connected to.
func DSN(t testing.TB, db bun.IDB) string {
	t.Helper()
	return pgtest.DSN(t, db)
}
