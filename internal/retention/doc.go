// Package retention keeps tables that only grow within bounds: partitions by
// month that are made ahead of time, and rows that are removed when their time
// is over. Each domain applies it to its own tables and says with [Work] what is due
// of them.
package retention
