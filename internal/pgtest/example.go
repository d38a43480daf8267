package pgtest

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/wirefault"
)

// EnvExampleFault names a fault of package wirefault, which every other COMMIT of an
// example has that realestate.Do sends.
const EnvExampleFault = "FREEHOLD_EXAMPLE_FAULT"

// Example is [Clone] for an example, which has no testing.TB; the function ends it.
func Example() (context.Context, *bun.DB, func()) {
	tb := &exampleTB{}
	db := Clone(tb)
	if fault := os.Getenv(EnvExampleFault); fault != "" {
		var err error
		if db, err = wirefault.Open(DSN(tb, db), &wirefault.EveryOther{Fault: wirefault.Fault(fault)}); err != nil {
			panic(err)
		}
		tb.Cleanup(func() { _ = db.Close() })
	}
	return context.Background(), db, tb.end
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
