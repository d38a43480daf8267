// Package pgtest gives tests real databases.
//
// [Tx] is the default: a transaction on a migrated database that is rolled back
// when the test ends, for about a millisecond. [Clone] is for tests that commit or race: a
// migrated database of their own. [Empty] has the extensions and none of our
// schemas, [Bare] not even the extensions. [DSN] is for a test that needs a
// connection string, such as one that starts processes.
//
// The server is whatever package localpg finds: the one FREEHOLD_DSN names, or a
// throw-away cluster or container that all test processes share and that
// goes away by itself. A template is migrated once for each set of migrations,
// by the first process that needs it, and copied afterwards. A test process has
// copies of its own, and a transaction has one to itself while its test runs, so
// tests neither see each other nor wait for each other.
//
// Without a server the tests that need one are skipped with a message that says
// what to install, but fail when CI is true in the environment.
package pgtest
