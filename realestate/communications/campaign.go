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
	bun.BaseModel `bun:"table:communications.email_campaigns,alias:ec" json:"-"`

	ID               id.Of[Campaign]   `bun:"id,pk" json:"id"`
	Name             string            `bun:"name" json:"name"`
	Subject          string            `bun:"subject" json:"subject"`
	HTMLContent      *string           `bun:"html_content" json:"html_content"`
	TextContent      *string           `bun:"text_content" json:"text_content"`
	TemplateID       *id.Of[Template]  `bun:"template_id" json:"template_id"`
	RecipientFilter  map[string]any    `bun:"recipient_filter,type:jsonb,nullzero" json:"recipient_filter"`
	RecipientCount   *int              `bun:"recipient_count" json:"recipient_count"`
	ScheduledAt      *time.Time        `bun:"scheduled_at" json:"scheduled_at"`
	SentAt           *time.Time        `bun:"sent_at" json:"sent_at"`
	Status           CampaignStatus    `bun:"status" json:"status"`
	SentCount        int               `bun:"sent_count" json:"sent_count"`
	OpenCount        int               `bun:"open_count" json:"open_count"`
	ClickCount       int               `bun:"click_count" json:"click_count"`
	BounceCount      int               `bun:"bounce_count" json:"bounce_count"`
	UnsubscribeCount int               `bun:"unsubscribe_count" json:"unsubscribe_count"`
	CreatedBy        *id.Of[auth.User] `bun:"created_by" json:"created_by"`
	Version          int64             `bun:"version" json:"version"`
	CreatedAt        time.Time         `bun:"created_at" json:"created_at"`
	UpdatedAt        time.Time         `bun:"updated_at" json:"updated_at"`
}
