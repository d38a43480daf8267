package pgtest

import (
	"context"
	"fmt"
	"testing"

	"github.com/uptrace/bun"
)

// Example is [Clone] for an example, which has no testing.TB; the function ends it.
func Example() (context.Context, *bun.DB, func()) {
	tb := &exampleTB{}
	return context.Background(), Clone(tb), tb.end
}

// ExampleTx is [Tx] for an example.
func ExampleTx() (context.Context, bun.Tx, func()) {
	tb := &exampleTB{}
	return context.Background(), Tx(tb), tb.end
}

// ExampleDSN is [DSN] for an example.
func ExampleDSN(db bun.IDB) string { return DSN(&exampleTB{}, db) }

// exampleTB is what this package needs of a test; what ends a test ends the
// example.
type exampleTB struct {
	testing.TB
	cleanups []func()
}

func (*exampleTB) Helper()                           {}
func (tb *exampleTB) Cleanup(f func())               { tb.cleanups = append(tb.cleanups, f) }
func (*exampleTB) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
func (*exampleTB) FailNow()                          { panic("the example cannot go on") }
func (*exampleTB) Skip(args ...any)                  { panic(fmt.Sprint(args...)) }
func (*exampleTB) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }

func (tb *exampleTB) end() {
	for i := range tb.cleanups {
		tb.cleanups[len(tb.cleanups)-1-i]()
	}
}
