package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"reflect"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// keyField is the field of a verb's parameters that holds the caller's key.
const keyField = "IdempotencyKey"

// Keyed is one use of a verb that runs once for each idempotency key.
type Keyed[T any] struct {
	Scope string // of the service
	Verb  string // the library's name of the verb, such as "investments.commit"
	// Params is the struct that the caller gave. Its field IdempotencyKey is the
	// key, and all else that JSON shows of it is the request.
	Params any
	// Request is what the key stands for instead of Params, where those are too
	// large to be written out; nil is Params.
	Request any
	// Optional verbs may be used without a key; then nothing is claimed, and
	// another run does all of it again.
	Optional bool
	Kind     string   // what the result is, such as "subscription"
	Result   id.Of[T] // the row that the verb makes or changes
}

// RunOnce is a keyed verb: one transaction in which the key is claimed first, then do
// runs. When the key was used before with the same request, nothing is done and
// replay reads the first result, by its id. With another request it is
// [ErrKeyReused], and without a key [ErrKeyRequired].
func RunOnce[T, R any](ctx context.Context, db bun.IDB, k Keyed[T],
	replay func(ctx context.Context, tx bun.IDB, first id.Of[T]) (*R, error), do func(tx bun.IDB) (*R, error)) (*R, error) {
	request := k.Request
	if request == nil {
		request = k.Params
	}
	var out *R
	err := InTx(ctx, db, func(tx bun.IDB) (err error) {
		key := keyOf(k.Params)
		if key == "" && k.Optional {
			out, err = do(tx)
			return err
		}
		first, again, err := Once(ctx, tx, Command{k.Scope, k.Verb, key}, request, k.Kind, k.Result)
		switch {
		case err != nil:
			return err
		case again:
			out, err = replay(ctx, tx, first)
		default:
			out, err = do(tx)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Creation is one use of a verb that makes a row whose id its caller may choose.
type Creation[T any] struct {
	Scope, Verb string
	Params      any      // as the caller gave them, before an id was made for them
	Chosen      id.Of[T] // their ID; zero lets the verb make one
	Kind        string
	Rows        Repo[T]
	Taken       *fault.Error // what the id of another row is; nil is [ErrExists]
}

// CreateOnce runs a verb that makes a row, in one transaction. Where the caller
// chose the row's id, a second run with the same params is the first one's
// success, and with others
// [Creation].Taken. A row whose id the verb makes itself is
// another one in each run.
func CreateOnce[T any](ctx context.Context, db bun.IDB, c Creation[T], do func(tx bun.IDB) (*T, error)) (*T, error) {
	var out *T
	err := InTx(ctx, db, func(tx bun.IDB) (err error) {
		again := false
		if !c.Chosen.IsZero() {
			_, again, err = Once(ctx, tx, Command{c.Scope, c.Verb, c.Chosen.String()}, c.Params, c.Kind, c.Chosen)
		}
		switch {
		case fault.CodeOf(err) == ErrKeyReused.Code:
			if c.Taken != nil {
				return c.Taken
			}
			return ErrExists.On("id")
		case err != nil:
			return err
		case again:
			out, err = c.Rows.Get(ctx, tx, c.Chosen)
		default:
			out, err = do(tx)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// keyOf reads the key of a verb's parameters, "" when they have none.
func keyOf(params any) string {
	v := reflect.Indirect(reflect.ValueOf(params))
	if v.Kind() != reflect.Struct {
		return ""
	}
	if f := v.FieldByName(keyField); f.IsValid() && f.Kind() == reflect.String {
		return f.String()
	}
	return ""
}

// requestHash is the SHA-256 of a request's JSON, of which the key is no part:
// the same key asks for the same thing, and another key may ask for it again.
func requestHash(request any) ([]byte, error) {
	v := reflect.Indirect(reflect.ValueOf(request))
	if v.Kind() == reflect.Struct {
		if f, ok := v.Type().FieldByName(keyField); ok && f.Type.Kind() == reflect.String {
			without := reflect.New(v.Type()).Elem()
			without.Set(v)
			without.FieldByIndex(f.Index).SetString("")
			request = without.Interface()
		}
	}
	body, err := json.Marshal(request)
	if err != nil {
		return nil, ErrNotStorable.On("request").Because(err)
	}
	hash := sha256.Sum256(body)
	return hash[:], nil
}
