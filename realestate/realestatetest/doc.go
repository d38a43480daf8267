// Package realestatetest helps the tests of programs that use Freehold: a real,
// migrated database that is thrown away, and builders of valid records.
//
//	func TestWelcomeLetter(t *testing.T) {
//		t.Parallel()
//
//		tx := realestatetest.Tx(t)
//		offering := realestatetest.Offering(t, tx)
//		investor := realestatetest.Investor(t, tx)
//		realestatetest.Position(t, tx, offering.ID, investor.ID, money.MustParse("50000"))
//		// ... the program's own code, on tx ...
//	}
//
// # Databases
//
// [Tx] is a transaction that is rolled back when the test ends: about a
// millisecond. [DB] is a database of the test's own, for tests that commit or
// race: some tens of milliseconds. The server is the one that FREEHOLD_DSN names, or
// a throw-away cluster of the PostgreSQL installed on the machine. All test processes
// share it, and it goes away by itself. Without either, tests are skipped with a
// message that says what to install, but fail when CI is true in the environment.
//
// A container is started only where Freehold is a checkout and not in the module cache:
// the program that does it is a module of its own, so that a host's go.sum and module
// graph have nothing of Docker. Elsewhere the message says how to start one by hand.
//
// # Builders
//
// Builders write through the services, so what they make obeys every rule. The names and
// addresses are made up, and different each time. A test says what it cares about in a
// function that changes the parameters before they are used. The rest has ordinary
// values:
//
//	p := realestatetest.Property(t, tx, func(p *properties.RegisterPropertyParams) { p.City = "Tulsa" })
//
// A builder that fails ends the test.
package realestatetest
