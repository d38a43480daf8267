package communications

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// Template is a reusable subject and body of e-mails.
type Template struct {
	bun.BaseModel `bun:"table:communications.email_templates,alias:et" json:"-"`

	ID          id.Of[Template]   `bun:"id,pk" json:"id"`
	Name        string            `bun:"name" json:"name"` // unique
	Description *string           `bun:"description" json:"description"`
	Subject     string            `bun:"subject" json:"subject"`
	HTMLContent *string           `bun:"html_content" json:"html_content"`
	TextContent *string           `bun:"text_content" json:"text_content"`
	Variables   []string          `bun:"variables,array" json:"variables"` // the names the contents may use
	Active      bool              `bun:"active" json:"active"`
	CreatedBy   *id.Of[auth.User] `bun:"created_by" json:"created_by"`
	Version     int64             `bun:"version" json:"version"`
	CreatedAt   time.Time         `bun:"created_at" json:"created_at"`
	UpdatedAt   time.Time         `bun:"updated_at" json:"updated_at"`
}
