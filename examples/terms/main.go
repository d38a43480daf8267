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
)

func main() {
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// run writes every structure to w.
func run(w io.Writer) error {
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
	for _, e := range s.events {
		if e.Type == waterfall.EventContribution {
			fmt.Fprintf(w, "%s: %s pays in %s\n", e.Date, e.Partner, e.Amount.Format())
		}
	}
	for _, r := range h.Results {
		fmt.Fprintf(w, "\n%s: %s of %s cash\n%s", r.Distribution.Date, r.Distribution.Cash.Format(), r.Distribution.Kind, r.Table())
		for i := range r.Len() {
			if r.Paid(i) != r.Total(i) {
				fmt.Fprintf(w, "paid to %s: %s\n", r.ID(i), r.Paid(i).Format())
			}
		}
	}
	fmt.Fprintln(w)
	return nil
}
