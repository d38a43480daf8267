package users

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// ContentType says what a message holds.
type ContentType string

// The types of content.
const (
	ContentText     ContentType = "text"
	ContentImage    ContentType = "image"
	ContentDocument ContentType = "document"
)

// Valid reports whether t is one of the types.
func (t ContentType) Valid() bool {
	switch t {
	case ContentText, ContentImage, ContentDocument:
		return true
	}
	return false
}

// Attachment is a file sent with a message.
type Attachment struct {
	Name   string `json:"name"`
	URL    string `json:"url"`
	Type   string `json:"type,omitempty"`   // a media type, such as image/png
	Size   int64  `json:"size,omitempty"`   // bytes
	SHA256 string `json:"sha256,omitempty"` // of the bytes, in hexadecimal
}

// Message is one message of a conversation.
type Message struct {
	bun.BaseModel `bun:"table:users.messages,alias:m" json:"-"`

	ID             id.Of[Message]      `bun:"id,pk" json:"id"`
	ConversationID id.Of[Conversation] `bun:"conversation_id" json:"conversation_id"`
	SenderID       id.Of[auth.User]    `bun:"sender_id" json:"sender_id"`
	RecipientID    *id.Of[auth.User]   `bun:"recipient_id" json:"recipient_id"` // nil: the whole group
	Content        string              `bun:"content" json:"content"`
	ContentType    ContentType         `bun:"content_type" json:"content_type"`
	Attachments    []Attachment        `bun:"attachments,type:jsonb,nullzero" json:"attachments"`
	ReadAt         *time.Time          `bun:"read_at" json:"read_at"`
	EditedAt       *time.Time          `bun:"edited_at" json:"edited_at"`
	CreatedAt      time.Time           `bun:"created_at" json:"created_at"`
	UpdatedAt      time.Time           `bun:"updated_at" json:"updated_at"`
	DeletedAt      *time.Time          `bun:"deleted_at" json:"deleted_at"`
}
