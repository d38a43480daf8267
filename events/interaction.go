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
	bun.BaseModel `bun:"table:events.event_interactions,alias:ei"`

	ID             id.Of[Interaction]   `bun:"id,pk"`
	EventID        id.Of[Event]         `bun:"event_id"`
	UserID         id.Of[auth.User]     `bun:"user_id"`
	RegistrationID *id.Of[Registration] `bun:"registration_id"` // one for this event
	Type           *InteractionType     `bun:"type"`
	Content        *string              `bun:"content"`
	Metadata       map[string]any       `bun:"metadata,type:jsonb,nullzero"`
	CreatedAt      time.Time            `bun:"created_at"`
	UpdatedAt      time.Time            `bun:"updated_at"`
}
