package main

import (
	"strings"

	"github.com/google/uuid"

	"github.com/freehold-go/freehold/realestate/id"
)

// space is the name space of the ids that this program gives.
var space = uuid.MustParse("5f0a6a52-3d3b-5c0e-9a0c-2f4d8f0b7c11")

// idOf derives an id from what tells a thing apart in the files. Every run
// derives the same one, so that a second run finds what the first one wrote.
func idOf[T any](kind string, parts ...string) id.Of[T] {
	return id.Of[T](uuid.NewSHA1(space, []byte(kind+"/"+strings.Join(parts, "\x00"))))
}

// keyOf names a command that moves money. The same key and request again, in
// this run or another, return the first result instead of moving it twice.
func keyOf(parts ...string) string { return "quickstart/" + strings.Join(parts, "/") }
