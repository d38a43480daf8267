package recipes

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// Recipe is a way to call a verb so that it succeeds.
type Recipe struct {
	// Name is the service and the method, and behind a space the case of it.
	Name string
	// Ready makes what the verb needs, and returns a call of it that succeeds.
	Ready func(w *World) Call
}

// Verb is the service and the method.
func (r Recipe) Verb() string {
	name, _, _ := strings.Cut(r.Name, " ")
	return name
}

// Money are the recipes of the verbs that change money or what it rests on.
var Money = slices.Concat(capitalVerbs, transferVerbs, distributionVerbs, partnerVerbs, valueVerbs, ledgerVerbs, leaseVerbs, payableVerbs, loanVerbs)

// Call is a verb with the arguments behind its database.
type Call struct {
	verb any
	Args []any
}

// Do makes a call of a verb with parameters and a result.
func Do[P, R any](verb func(context.Context, bun.IDB, P) (R, error), p P) Call {
	return Calls(verb, p)
}

// Others are recipes of verbs that need more than a row of each kind, and move no money.
var Others = slices.Concat(identityVerbs, documentVerbs, assetVerbs, planVerbs, reportVerbs)

// Calls makes a call of any verb.
func Calls(verb any, args ...any) Call { return Call{verb, args} }

// Run calls the verb.
func (c Call) Run(ctx context.Context, db bun.IDB) error {
	args := []reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(&db).Elem()}
	for _, a := range c.Args {
		args = append(args, reflect.ValueOf(a))
	}
	out := reflect.ValueOf(c.verb).Call(args)
	err, _ := out[len(out)-1].Interface().(error)
	return err
}
