package faulttest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// order is a command of the load as its client writes it down before the first
// try.
type order struct {
	N        int // of the whole load
	Kind     kind
	Key      string       // of idempotency
	Mark     string       // how the database shows that it was done; see effects
	Deal     int          // the number of the offering
	Investor int          // the number of the investor
	Subject  string       // the id of what it is about, out of an earlier answer
	Amount   money.Amount // that moves, or is committed
	Date     date.Date
}

// answer is what came of an order.
type answer struct {
	N       int
	ID      string       // of what was made
	Other   string       // of what came with it: a position, a line
	Amount  money.Amount // that moved, where the order could not know it
	Refused string       // the code of the refusal; "" for done
	Lost    string       // an error that a host could do nothing with
}

// entry is a line of a journal.
type entry struct {
	Order  *order  `json:",omitempty"`
	Answer *answer `json:",omitempty"`
}

// journal is what one client has written down, on a file that survives it.
type journal struct {
	file    *os.File
	orders  map[int]*order
	answers map[int]*answer
}

// openJournal reads what is there and goes on behind it. A line that was being
// written when the client was killed is cut off.
func openJournal(path string) (*journal, error) {
	j := &journal{orders: map[int]*order{}, answers: map[int]*answer{}}
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	whole := bytes.LastIndexByte(text, '\n') + 1
	if err := j.read(text[:whole]); err != nil {
		return nil, err
	}
	if j.file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		return nil, err
	}
	_, err = j.file.Seek(int64(whole), io.SeekStart)
	return j, errors.Join(err, j.file.Truncate(int64(whole)))
}

func (j *journal) read(text []byte) error {
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		var e entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return err
		}
		if e.Order != nil {
			j.orders[e.Order.N] = e.Order
		}
		if e.Answer != nil {
			j.answers[e.Answer.N] = e.Answer
		}
	}
	return nil
}

// write returns when the entry is on the disk.
func (j *journal) write(e entry) error {
	b, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(append(b, '\n')); err != nil {
		return err
	}
	if e.Order != nil {
		j.orders[e.Order.N] = e.Order
	}
	if e.Answer != nil {
		j.answers[e.Answer.N] = e.Answer
	}
	return j.file.Sync()
}

func journalPath(dir string, client int) string {
	return filepath.Join(dir, fmt.Sprintf("client-%d.journal", client))
}

// readJournals reads the journals of all clients, who may be writing on.
func readJournals(dir string) (*journal, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.journal"))
	if err != nil {
		return nil, err
	}
	all := &journal{orders: map[int]*order{}, answers: map[int]*answer{}}
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			return nil, err
		}
		if err := all.read(text[:bytes.LastIndexByte(text, '\n')+1]); err != nil {
			return nil, err
		}
	}
	return all, nil
}
