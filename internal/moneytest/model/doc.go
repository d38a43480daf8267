// Package model is a second implementation of what an offering owes to whom,
// written from the conventions of the finance packages and sharing no code with
// them or with the services: exact fractions, whole histories replayed from
// nothing for every question, no caches, no database.
//
// It is slow and short on purpose. A [World] takes the commands that the services
// take and answers with [World.Facts]: every line with its tiers, every balance,
// accrual, capital account, portfolio figure, gain and account of the book, as a
// flat map that a driver compares key by key with what the services say.
//
// [Rules] lists what can be broken on purpose: a world with one rule broken must
// differ from a sound one somewhere, or else the comparison would not notice.
package model
