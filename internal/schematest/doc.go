// Package schematest holds the tests that compare the migrated database with
// the owner's data model document, and nothing else.
//
// testdata/inventory.tsv lists every column of the document and
// testdata/objects.tsv every schema, table, index, constraint, view, function,
// trigger, policy and convention that it names. A line of either must be found
// in the catalog of a migrated database exactly as written, or exactly one row
// of testdata/deviations.tsv must say what stands there instead, and why. What
// such a row says is looked up in the catalog too, and a row that no line needs
// is an error: the table can be neither short nor stale.
//
// A row of deviations.tsv has six columns:
//
//	list      inventory or objects
//	line      line of the document
//	name      the column (schema.table.column) or the object
//	document  the definition in the document, in canonical form
//	database  the definition in the database, in the same form; several
//	          objects are separated by " + "
//	reason    why they differ
//
// A test that finds a line without a match prints the row that is missing,
// save its reason.
//
// migrations/SCHEMA.md is written from the same table and from the catalog:
//
//	go test ./internal/schematest -run SchemaPage -update
//
// The remaining tests show that each known defect of the document is gone.
package schematest
