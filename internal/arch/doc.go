// Package arch holds tests only. They keep the rules that no compiler knows:
// imports follow foreign keys, models equal the catalog, tags lose no zeros,
// every constraint has an error, each package keeps to the third-party modules
// it was allowed, files and functions stay small.
package arch
