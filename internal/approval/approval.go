// Package approval keeps what people decide about an action that waits for their
// consent: rounds of asking, with the decisions of each. It knows no table of
// what is approved or of who decides.
package approval

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of approvals.
var (
	// ErrSubjectChanged: what waits for approval is no longer what the first
	// approver saw.
	ErrSubjectChanged = fault.New(fault.Conflict, "approval_subject_changed", "it has changed since its approval began")
	// ErrDecided: the person has decided otherwise before; decisions stand.
	ErrDecided = fault.New(fault.Conflict, "approval_decided", "this person has decided already").On("approved_by")
)

// Person marks the id of whoever decides; this package refers to no table of
// people.
type Person struct{}

// Subject marks the id of what is approved.
type Subject struct{}

// Matter is an action on a row that waits for the consent of people.
type Matter struct {
	Kind   string // of the row, such as "distribution"
	ID     id.Of[Subject]
	Action string
	// Hash is the SHA-256 of what is approved. A request keeps that of its first
	// decision, and a later decision about another one is [ErrSubjectChanged].
	Hash []byte
	// Required is how many people have to agree, and SelfApproval whether who asked
	// may be the one. Both hold from the first decision on, whatever they are later.
	Required     int
	SelfApproval bool
	RequestedBy  id.Of[Person]
}

// The statuses of an [Request].
const (
	Pending   = "pending"
	Approved  = "approved"
	Rejected  = "rejected"
	Withdrawn = "withdrawn"
)

// Request is one round of asking for consent, with the decisions of it,
// the earliest first.
type Request struct {
	ID           id.Of[Request] `bun:"id"`
	Hash         []byte         `bun:"subject_hash"`
	Required     int            `bun:"required"`
	SelfApproval bool           `bun:"self_approval"`
	RequestedBy  id.Of[Person]  `bun:"requested_by"`
	Status       string         `bun:"status"`
	DecidedAt    *time.Time     `bun:"decided_at"`
	CreatedAt    time.Time      `bun:"created_at"`
	Decisions    []Decision     `bun:"-"`

	begins *Matter // of a round that is not written yet
}

// Decision is what one person said.
type Decision struct {
	By       id.Of[Person] `bun:"approver_id"`
	Approved bool          `bun:"approved"`
	Note     *string       `bun:"note"`
	At       time.Time     `bun:"created_at"`
}

// Agreed counts the people who agreed.
func (r *Request) Agreed() int {
	n := 0
	for _, d := range r.Decisions {
		if d.Approved {
			n++
		}
	}
	return n
}

// Missing is how many people still have to agree.
func (r *Request) Missing() int { return max(r.Required-r.Agreed(), 0) }

// By returns what a person said, or nil.
func (r *Request) By(who id.Of[Person]) *Decision {
	for i := range r.Decisions {
		if r.Decisions[i].By == who {
			return &r.Decisions[i]
		}
	}
	return nil
}

const requestColumns = "id, subject_hash, required, self_approval, requested_by, status, decided_at, created_at"

// Requests reads the rounds about an action on a row, the latest first.
func Requests(ctx context.Context, db bun.IDB, kind string, subject id.Of[Subject], action string) ([]Request, error) {
	var out []Request
	var said []struct {
		Request  id.Of[Request] `bun:"request_id"`
		Decision `bun:",extend"`
	}
	err := store.Together(ctx, db,
		func(db bun.IDB) error {
			return store.Err(store.Read(ctx, db, db.NewRaw(`SELECT `+requestColumns+` FROM freehold.approval_requests
				WHERE subject_kind = ? AND subject_id = ? AND action = ? ORDER BY created_at DESC, id DESC`, kind, subject, action), &out), nil)
		},
		func(db bun.IDB) error {
			return store.Err(store.Read(ctx, db, db.NewRaw(`SELECT a.request_id, a.approver_id, a.decision = 'approved' AS approved, a.note, a.created_at
				FROM freehold.approvals a JOIN freehold.approval_requests r ON r.id = a.request_id
				WHERE r.subject_kind = ? AND r.subject_id = ? AND r.action = ? ORDER BY a.created_at, a.id`, kind, subject, action), &said), nil)
		})
	for i := range out {
		for _, d := range said {
			if d.Request == out[i].ID {
				out[i].Decisions = append(out[i].Decisions, d.Decision)
			}
		}
	}
	return out, err
}

// Round reads the round about a that is open, or makes one, which [Decide] writes with its
// first decision. The caller holds the lock of the row that a is about.
func Round(ctx context.Context, tx bun.IDB, a Matter, at time.Time) (*Request, error) {
	rounds, err := Requests(ctx, tx, a.Kind, a.ID, a.Action)
	if err != nil {
		return nil, err
	}
	return Current(rounds, a, at)
}

// Current is the round about a that is open among its rounds, as [Requests] reads them, or a
// new one. It touches no database.
func Current(rounds []Request, a Matter, at time.Time) (*Request, error) {
	if len(rounds) > 0 && rounds[0].Status == Pending {
		if string(rounds[0].Hash) != string(a.Hash) {
			return nil, ErrSubjectChanged
		}
		return &rounds[0], nil
	}
	return &Request{ID: id.New[Request](), Hash: a.Hash, Required: max(a.Required, 1), SelfApproval: a.SelfApproval,
		RequestedBy: a.RequestedBy, Status: Pending, CreatedAt: at, begins: &a}, nil
}

// Open is [Round] that writes a round that it makes.
func Open(ctx context.Context, tx bun.IDB, a Matter, at time.Time) (*Request, error) {
	r, err := Round(ctx, tx, a, at)
	if err != nil {
		return nil, err
	}
	return r, r.begin(ctx, tx)
}

// begin writes a round that is not written yet.
func (r *Request) begin(ctx context.Context, tx bun.IDB) error {
	a := r.begins
	if a == nil {
		return nil
	}
	r.begins = nil
	_, err := store.ExecParams(ctx, tx, nil, `INSERT INTO freehold.approval_requests (id, subject_kind, subject_id, action, subject_hash, required, self_approval,
		requested_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		r.ID.String(), a.Kind, a.ID.String(), a.Action, r.Hash, r.Required, r.SelfApproval, r.RequestedBy.String(), store.TimeKey(r.CreatedAt))
	return err
}

// Decide records what a person says about an open round and, where that settles
// it, its outcome: one rejection, or as many agreements as it requires. What the
// same person says again changes nothing and reports false; the opposite is
// [ErrDecided]. Who may decide is the caller's to judge.
func Decide(ctx context.Context, tx bun.IDB, r *Request, d Decision) (first bool, err error) {
	if was := r.By(d.By); was != nil {
		if was.Approved != d.Approved {
			return false, ErrDecided
		}
		return false, nil
	}
	said := Rejected
	if d.Approved {
		said = Approved
	}
	r.Decisions = append(r.Decisions, d)
	if !d.Approved || r.Agreed() >= r.Required {
		r.Status, r.DecidedAt = said, &d.At
	}
	return true, store.Together(ctx, tx,
		func(tx bun.IDB) error { return r.begin(ctx, tx) },
		func(tx bun.IDB) error {
			_, err := store.ExecParams(ctx, tx, nil, "INSERT INTO freehold.approvals (id, request_id, approver_id, decision, note, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
				id.New[Decision]().String(), r.ID.String(), d.By.String(), said, d.Note, store.TimeKey(d.At))
			return err
		},
		func(tx bun.IDB) error {
			if r.Status == Pending {
				return nil
			}
			_, err := store.Write(ctx, tx, tx.NewRaw("UPDATE freehold.approval_requests SET status = ?, decided_at = ? WHERE id = ?", said, d.At, r.ID))
			return store.Err(err, nil)
		})
}

// Settle records what a person says about a row that is approved as it stands: m's hash is
// made of the row, and its round begins where none is open. settled reports that this
// decision, at d.At, was the one that ended the round. It returns what [Open] and [Decide]
// return.
func Settle(ctx context.Context, tx bun.IDB, m Matter, row any, d Decision) (settled bool, err error) {
	body, err := json.Marshal(row)
	if err != nil {
		return false, err
	}
	hash := sha256.Sum256(body)
	m.Hash = hash[:]
	round, err := Round(ctx, tx, m, d.At)
	if err != nil {
		return false, err
	}
	first, err := Decide(ctx, tx, round, d)
	return first && round.Status != Pending, err
}

// Said reports whether a person said just that in the latest round about m, so that
// saying it again changes nothing.
func Said(ctx context.Context, tx bun.IDB, m Matter, d Decision) (bool, error) {
	rounds, err := Requests(ctx, tx, m.Kind, m.ID, m.Action)
	if err != nil || len(rounds) == 0 {
		return false, err
	}
	said := rounds[0].By(d.By)
	return said != nil && said.Approved == d.Approved, nil
}

// Withdraw ends an open round without an outcome; none is fine.
func Withdraw(ctx context.Context, tx bun.IDB, kind string, subject id.Of[Subject], action string, at time.Time) error {
	_, err := store.Write(ctx, tx, tx.NewRaw(`UPDATE freehold.approval_requests SET status = 'withdrawn', decided_at = ?
		WHERE subject_kind = ? AND subject_id = ? AND action = ? AND status = 'pending'`, at, kind, subject, action))
	return store.Err(err, nil)
}
