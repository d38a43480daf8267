// Package retention keeps tables that only grow within bounds: partitions by
// month that are made ahead of time, and rows that are removed when their time
// is over. The services of auth, analytics and communications apply it to their
// own tables.
package retention
