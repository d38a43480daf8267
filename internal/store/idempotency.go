package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of idempotency keys.
var (
	// ErrKeyRequired: a verb that moves money was called without a key.
	ErrKeyRequired = fault.New(fault.Invalid, "idempotency_key_required", "a command that moves money needs a key of 1 to 255 characters").On("idempotency_key")
	// ErrKeyReused: the key was used before, with another request.
	ErrKeyReused = fault.New(fault.Conflict, "idempotency_key_reused", "the key belongs to another request").On("idempotency_key")
)

// Command names one use of a verb. The caller chose Key; Verb is the library's
// name of the verb; Scope keeps callers apart that choose keys independently.
type Command struct{ Scope, Verb, Key string }

func (c Command) usable() bool {
	return c.Key != "" && len(c.Key) <= 255 && utf8.ValidString(c.Key) && !strings.ContainsRune(c.Key, 0)
}

// Once claims cmd for request, whose result will be the row kind/result. It is
// the first write of a money verb's transaction. When the key was used before
// with the same request, it returns the first result and true, and the verb
// does nothing more; with another request it returns [ErrKeyReused]. A
// concurrent use of the key is waited for.
//
// request is hashed in its JSON form, without a struct's field IdempotencyKey; it
// must hold everything the caller asked for, and nothing that differs between two
// tries, such as a clock reading.
func Once[T any](ctx context.Context, tx bun.IDB, cmd Command, request any, kind string, result id.Of[T]) (id.Of[T], bool, error) {
	if !cmd.usable() {
		return result, false, ErrKeyRequired
	}
	hash, err := requestHash(request)
	if err != nil {
		return result, false, err
	}
	n, err := ExecParams(ctx, tx, nil, `INSERT INTO freehold.idempotency (scope, verb, key, request_hash, result_kind, result_id)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (scope, verb, key) DO NOTHING`,
		cmd.Scope, cmd.Verb, cmd.Key, hash, kind, result.String())
	if err != nil || n == 1 {
		return result, false, err
	}
	var priorHash []byte
	var prior id.Of[T]
	err = Scan(ctx, tx, []any{&priorHash, &prior}, `SELECT request_hash, result_id FROM freehold.idempotency
		WHERE scope = $1 AND verb = $2 AND key = $3`, cmd.Scope, cmd.Verb, cmd.Key)
	if err != nil {
		return result, false, Err(err, nil)
	}
	if !bytes.Equal(priorHash, hash) {
		return result, false, ErrKeyReused
	}
	return prior, true, nil
}

// OnceEach claims the keys of several uses of a verb, in one statement and in the order of the
// keys. claimed says of which: the others need [Once] by themselves, which says why.
func OnceEach[T any](ctx context.Context, tx bun.IDB, uses []Keyed[T]) (claimed []bool, err error) {
	type claim struct{ scope, verb, key, hash, kind, result string }
	var claims []claim
	at := make(map[string]int, len(uses)) // by key
	for i, k := range uses {
		cmd := Command{k.Scope, k.Verb, keyOf(k.Params)}
		if _, twice := at[cmd.Key]; twice || !cmd.usable() {
			continue
		}
		hash, err := requestHash(k.Params)
		if err != nil {
			continue
		}
		at[cmd.Key] = i
		claims = append(claims, claim{cmd.Scope, cmd.Verb, cmd.Key, `"\\x` + hex.EncodeToString(hash) + `"`, k.Kind, k.Result.String()})
	}
	slices.SortFunc(claims, func(a, b claim) int { return strings.Compare(a.key, b.key) })
	column := func(of func(*claim) string) string { return TextArray(claims, of) }
	keys, err := Rows[struct{ Key string }](ctx, tx, `INSERT INTO freehold.idempotency (scope, verb, key, request_hash, result_kind, result_id)
		SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::uuid[])
		ON CONFLICT (scope, verb, key) DO NOTHING RETURNING key`,
		column(func(c *claim) string { return ArrayText(c.scope) }), column(func(c *claim) string { return c.verb }),
		column(func(c *claim) string { return ArrayText(c.key) }), column(func(c *claim) string { return c.hash }),
		column(func(c *claim) string { return c.kind }), column(func(c *claim) string { return c.result }))
	claimed = make([]bool, len(uses))
	for _, k := range keys {
		claimed[at[k.Key]] = true
	}
	return claimed, err
}
