package communications

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// Template is a reusable subject and body of e-mails.
type Template struct {
	bun.BaseModel `bun:"table:communications.email_templates,alias:et"`

	ID          id.Of[Template]   `bun:"id,pk"`
	Name        string            `bun:"name"` // unique
	Description *string           `bun:"description"`
	Subject     string            `bun:"subject"`
	HTMLContent *string           `bun:"html_content"`
	TextContent *string           `bun:"text_content"`
	Variables   []string          `bun:"variables,array"` // the names the contents may use
	Active      bool              `bun:"active"`
	CreatedBy   *id.Of[auth.User] `bun:"created_by"`
	Version     int64             `bun:"version"`
	CreatedAt   time.Time         `bun:"created_at"`
	UpdatedAt   time.Time         `bun:"updated_at"`
}
