package screen

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// Steps tells people which step a program is at: a line for each step that is
// done and, on a terminal only, a bar for the one that runs. It is not safe for
// concurrent use.
type Steps struct {
	w        io.Writer
	terminal bool
	drawn    time.Time
	name     string
	n, total int
}

// NewSteps makes the steps of a program that writes to w. The bar is drawn when
// w is a terminal that understands it.
func NewSteps(w io.Writer) *Steps {
	f, isFile := w.(*os.File)
	return &Steps{w: w, terminal: isFile && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"}
}

// nameWidth aligns what is said about the steps.
const nameWidth = 16

// barWidth fits beside the name and the count on 80 columns.
const barWidth = 40

// redraw is how often the bar is drawn at most.
const redraw = 40 * time.Millisecond

// Start begins a step of total parts; 0 means that it has no parts to count.
func (s *Steps) Start(name string, total int) {
	s.name, s.n, s.total, s.drawn = name, 0, total, time.Time{}
	s.draw()
}

// Advance counts one part of the step as done.
func (s *Steps) Advance() {
	s.n++
	s.draw()
}

func (s *Steps) draw() {
	if now := time.Now(); s.terminal && now.Sub(s.drawn) >= redraw {
		s.drawn = now
		fmt.Fprintf(s.w, "\r  %-*s %s\x1b[K", nameWidth, s.name, s.bar())
	}
}

func (s *Steps) bar() string {
	if s.total <= 0 {
		return "..."
	}
	filled := min(barWidth, barWidth*s.n/s.total)
	return "[" + strings.Repeat("=", filled) + strings.Repeat(" ", barWidth-filled) + fmt.Sprintf("] %d/%d", s.n, s.total)
}

// Done ends the step with what there is to say about it.
func (s *Steps) Done(format string, args ...any) {
	if s.terminal {
		fmt.Fprint(s.w, "\r\x1b[K")
	}
	fmt.Fprintf(s.w, "  %-*s %s\n", nameWidth, s.name, fmt.Sprintf(format, args...))
	s.name = ""
}

// Break clears a bar that a failed step left, so that the error stands alone.
func (s *Steps) Break() {
	if s.terminal && s.name != "" {
		fmt.Fprint(s.w, "\r\x1b[K")
	}
}
