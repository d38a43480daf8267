// Command terms prints ten common ways to share the money of a deal, each as the
// library understands it: the clauses in words, with what is unusual, and a worked
// table of a small history. It needs no database.
//
//	go run ./examples/terms
package main

import (
	"fmt"
	"io"
	"log"
	"os"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/money"
)

func main() {
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// preface is how to read what follows.
const preface = `Ten ways to share the money of a deal. Each has its clauses, as the library understands
the terms, with warnings and notes of what is unusual, and a history. Of what happens on
one day transfers come first, then what is paid in, then distributions in the order in
which they are made; before them, return is earned up to that day. A distribution is of
operating cash, or of the proceeds of a refinancing or a sale. It runs through the steps
with the cash that is left, and a table says what each step gives to whom.

`

// run writes every structure to w.
func run(w io.Writer) error {
	fmt.Fprint(w, preface)
	for i := range structures {
		if err := structures[i].write(w, i+1); err != nil {
			return fmt.Errorf("%s: %w", structures[i].name, err)
		}
	}
	return nil
}

// structure is one way to share, with a history to show it on.
type structure struct {
	name     string
	terms    string
	partners []waterfall.Partner
	events   []waterfall.Event
}

// write describes the structure and works its history through.
func (s *structure) write(w io.Writer, n int) error {
	terms, err := waterfall.ParseTerms([]byte(s.terms))
	if err != nil {
		return err
	}
	if err := terms.ValidateNew(); err != nil {
		return err
	}
	text, err := terms.Describe()
	if err != nil {
		return err
	}
	h, err := waterfall.Replay(terms, s.partners, s.events)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%d. %s\n\n%s\n", n, s.name, text)
	results := h.Results // in the order of the events, which are in that of their days
	for i, e := range s.events {
		if i > 0 && (e.Type == waterfall.EventDistribution || s.events[i-1].Type == waterfall.EventDistribution) {
			fmt.Fprintln(w)
		}
		if e.Type == waterfall.EventContribution {
			fmt.Fprintf(w, "%s: %s pays in %s\n", e.Date, e.Partner, e.Amount.Format())
			continue
		}
		writeResult(w, results[0])
		results = results[1:]
	}
	fmt.Fprintln(w)
	return nil
}

// writeResult writes one distribution with its table.
func writeResult(w io.Writer, r *waterfall.Result) {
	cash := r.Distribution.Cash
	fmt.Fprintf(w, "%s: %s of %s cash\n", r.Distribution.Date, cash.Format(), r.Distribution.Kind)
	for _, a := range r.Distribution.Advances {
		cash = less(cash, a.Amount)
		fmt.Fprintf(w, "%s of it is advanced to %s, on account of what the steps will give it; they run on the other %s\n",
			a.Amount.Format(), a.Account, cash.Format())
	}
	if credit := r.Trace.Credit; !credit.IsZero() {
		fmt.Fprintf(w, "the steps run on this cash and on %s that has been advanced before, which is made good now\n", credit.Format())
	}
	fmt.Fprint(w, r.Table())
	for i := range r.Len() {
		switch change := r.Advanced(i); change.Sign() {
		case 1:
			fmt.Fprintf(w, "%s is paid %s: %s that the steps give it, and the advance of %s\n", r.ID(i), r.Paid(i).Format(), r.Total(i).Format(), change.Format())
		case -1:
			fmt.Fprintf(w, "%s is paid %s: %s that the steps give it, less the advance of %s\n",
				r.ID(i), r.Paid(i).Format(), r.Total(i).Format(), change.Neg().Format())
		}
	}
}

// less is a - b of amounts of this program, which are far from the bounds.
func less(a, b money.Amount) money.Amount {
	x, err := a.Sub(b)
	if err != nil {
		log.Fatal(err)
	}
	return x
}
