package events

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// InteractionType says what somebody did during an event.
type InteractionType string

// The types of interaction.
const (
	InteractionQuestion     InteractionType = "question"
	InteractionPollResponse InteractionType = "poll_response"
	InteractionChatMessage  InteractionType = "chat_message"
	InteractionReaction     InteractionType = "reaction"
)

// Valid reports whether t is one of the types.
func (t InteractionType) Valid() bool {
	switch t {
	case InteractionQuestion, InteractionPollResponse, InteractionChatMessage, InteractionReaction:
		return true
	}
	return false
}

// Interaction is a question, a poll answer, a chat message or a reaction.
// Metadata is the host's own.
type Interaction struct {
	bun.BaseModel `bun:"table:events.event_interactions,alias:ei" json:"-"`

	ID             id.Of[Interaction]   `bun:"id,pk" json:"id"`
	EventID        id.Of[Event]         `bun:"event_id" json:"event_id"`
	UserID         id.Of[auth.User]     `bun:"user_id" json:"user_id"`
	RegistrationID *id.Of[Registration] `bun:"registration_id" json:"registration_id"` // one for this event
	Type           *InteractionType     `bun:"type" json:"type"`
	Content        *string              `bun:"content" json:"content"`
	Metadata       map[string]any       `bun:"metadata,type:jsonb,nullzero" json:"metadata"`
	CreatedAt      time.Time            `bun:"created_at" json:"created_at"`
	UpdatedAt      time.Time            `bun:"updated_at" json:"updated_at"`
}
