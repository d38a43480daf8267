package communications

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of campaigns.
var (
	// ErrSchedule: a scheduled campaign without its time.
	ErrSchedule = fault.New(fault.Invalid, "campaign_schedule_required", "a scheduled campaign needs its time").On("scheduled_at")
)

// CampaignStatus says how far a campaign is.
type CampaignStatus string

// The statuses of a campaign.
const (
	CampaignDraft     CampaignStatus = "draft"
	CampaignScheduled CampaignStatus = "scheduled"
	CampaignSending   CampaignStatus = "sending"
	CampaignSent      CampaignStatus = "sent"
)

// Valid reports whether s is one of the statuses.
func (s CampaignStatus) Valid() bool {
	switch s {
	case CampaignDraft, CampaignScheduled, CampaignSending, CampaignSent:
		return true
	}
	return false
}

// Campaign is one e-mail to many recipients and the counts of what came of it.
// RecipientFilter is the host's own description of who receives it.
type Campaign struct {
	bun.BaseModel `bun:"table:communications.email_campaigns,alias:ec"`

	ID               id.Of[Campaign]   `bun:"id,pk"`
	Name             string            `bun:"name"`
	Subject          string            `bun:"subject"`
	HTMLContent      *string           `bun:"html_content"`
	TextContent      *string           `bun:"text_content"`
	TemplateID       *id.Of[Template]  `bun:"template_id"`
	RecipientFilter  map[string]any    `bun:"recipient_filter,type:jsonb,nullzero"`
	RecipientCount   *int              `bun:"recipient_count"`
	ScheduledAt      *time.Time        `bun:"scheduled_at"`
	SentAt           *time.Time        `bun:"sent_at"`
	Status           CampaignStatus    `bun:"status"`
	SentCount        int               `bun:"sent_count"`
	OpenCount        int               `bun:"open_count"`
	ClickCount       int               `bun:"click_count"`
	BounceCount      int               `bun:"bounce_count"`
	UnsubscribeCount int               `bun:"unsubscribe_count"`
	CreatedBy        *id.Of[auth.User] `bun:"created_by"`
	Version          int64             `bun:"version"`
	CreatedAt        time.Time         `bun:"created_at"`
	UpdatedAt        time.Time         `bun:"updated_at"`
}
