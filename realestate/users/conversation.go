package users

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// ConversationType says whether two people talk or a group.
type ConversationType string

// The types of conversation.
const (
	ConversationDirect ConversationType = "direct"
	ConversationGroup  ConversationType = "group"
)

// Valid reports whether t is one of the types.
func (t ConversationType) Valid() bool {
	switch t {
	case ConversationDirect, ConversationGroup:
		return true
	}
	return false
}

// Conversation is a thread of messages.
type Conversation struct {
	bun.BaseModel `bun:"table:users.conversations,alias:cv" json:"-"`

	ID            id.Of[Conversation] `bun:"id,pk" json:"id"`
	Type          ConversationType    `bun:"type" json:"type"`
	Name          *string             `bun:"name" json:"name"` // for groups
	Participants  []id.Of[auth.User]  `bun:"participants,array" json:"participants"`
	LastMessageAt *time.Time          `bun:"last_message_at" json:"last_message_at"`
	CreatedBy     *id.Of[auth.User]   `bun:"created_by" json:"created_by"`
	CreatedAt     time.Time           `bun:"created_at" json:"created_at"`
	UpdatedAt     time.Time           `bun:"updated_at" json:"updated_at"`
}
