package users

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// ConnectionStatus says how two users stand to each other.
type ConnectionStatus string

// The statuses of a connection.
const (
	ConnectionPending  ConnectionStatus = "pending"
	ConnectionAccepted ConnectionStatus = "accepted"
	ConnectionRejected ConnectionStatus = "rejected"
	ConnectionBlocked  ConnectionStatus = "blocked"
)

// The conditions of connections.
var (
	// ErrConnected: the two users have a connection already.
	ErrConnected = fault.New(fault.Conflict, "connection_exists", "the two users have a connection already")
	// ErrSelfConnection: a user cannot be connected to themselves.
	ErrSelfConnection = fault.New(fault.Invalid, "connection_to_self", "a user cannot be connected to themselves").On("recipient_id")
)

// Valid reports whether s is one of the statuses.
func (s ConnectionStatus) Valid() bool {
	switch s {
	case ConnectionPending, ConnectionAccepted, ConnectionRejected, ConnectionBlocked:
		return true
	}
	return false
}

// Connection is the one relation between two different users, whoever of them
// asked first.
type Connection struct {
	bun.BaseModel `bun:"table:users.connections,alias:cn" json:"-"`

	ID          id.Of[Connection] `bun:"id,pk" json:"id"`
	RequesterID id.Of[auth.User]  `bun:"requester_id" json:"requester_id"`
	RecipientID id.Of[auth.User]  `bun:"recipient_id" json:"recipient_id"`
	Status      ConnectionStatus  `bun:"status" json:"status"`
	Message     *string           `bun:"message" json:"message"`
	AcceptedAt  *time.Time        `bun:"accepted_at" json:"accepted_at"`
	RejectedAt  *time.Time        `bun:"rejected_at" json:"rejected_at"`
	BlockedAt   *time.Time        `bun:"blocked_at" json:"blocked_at"`
	CreatedAt   time.Time         `bun:"created_at" json:"created_at"`
	UpdatedAt   time.Time         `bun:"updated_at" json:"updated_at"`
}
