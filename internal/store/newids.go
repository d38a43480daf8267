package store

import (
	"strings"

	"github.com/freehold-go/freehold/realestate/id"
)

// NewIDs is an SQL expression that makes a new UUIDv7 for each row it is
// evaluated for, for rows that one statement makes of others. They begin with
// the time of this call, as ids that the client makes do, so that the rows of a
// statement stand together on the right edge of the index.
func NewIDs() string {
	prefix := strings.ReplaceAll(id.New[Subject]().String(), "-", "")[:13] // the time, and the version
	return "('" + prefix + "' || substr(gen_random_uuid()::text, 16))::uuid"
}
