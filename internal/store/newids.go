package store

import (
	"strings"

	"github.com/freehold-go/freehold/realestate/id"
)

// NewIDs is an SQL expression that makes a new UUIDv7 for each row it is
// evaluated for, for rows that one statement makes of others. order is what the
// rows are numbered by. The ids begin with the time of this call, as ids that the
// client makes do, then the number and 48 random bits: they ascend in that order,
// so that the rows stand together on the right edge of the index and lists by id
// show them as they were meant.
func NewIDs(order string) string {
	prefix := strings.ReplaceAll(id.New[struct{}]().String(), "-", "")[:13] // the time, and the version
	number := "lpad(to_hex(row_number() OVER (ORDER BY " + order + ")), 6, '0')"
	return "('" + prefix + "' || overlay(" + number + " PLACING '8' FROM 4 FOR 0) || right(gen_random_uuid()::text, 12))::uuid"
}
