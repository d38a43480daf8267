package communications

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of e-mails.
var (
	// ErrSentAlready: the campaign has an e-mail to this recipient.
	ErrSentAlready = fault.New(fault.Conflict, "campaign_recipient_exists", "the campaign reaches this recipient already").On("recipient_id")
)

// SendStatus says what became of an e-mail.
type SendStatus string

// The statuses of an e-mail.
const (
	SendPending   SendStatus = "pending"
	SendSent      SendStatus = "sent"
	SendDelivered SendStatus = "delivered"
	SendBounced   SendStatus = "bounced"
	SendFailed    SendStatus = "failed"
)

// Valid reports whether s is one of the statuses.
func (s SendStatus) Valid() bool {
	switch s {
	case SendPending, SendSent, SendDelivered, SendBounced, SendFailed:
		return true
	}
	return false
}

// Provider is the service that carries e-mail. The list is open.
type Provider string

// The usual providers.
const (
	ProviderSendGrid Provider = "sendgrid"
	ProviderSES      Provider = "ses"
)

// Send is one e-mail to one recipient; a campaign has at most one per
// recipient.
type Send struct {
	bun.BaseModel `bun:"table:communications.email_sends,alias:es"`

	ID                id.Of[Send]      `bun:"id,pk"`
	CampaignID        *id.Of[Campaign] `bun:"campaign_id"`
	RecipientID       id.Of[auth.User] `bun:"recipient_id"`
	ToEmail           string           `bun:"to_email"`
	FromEmail         string           `bun:"from_email"`
	Subject           *string          `bun:"subject"`
	Status            SendStatus       `bun:"status"`
	SentAt            *time.Time       `bun:"sent_at"`
	DeliveredAt       *time.Time       `bun:"delivered_at"`
	OpenedAt          *time.Time       `bun:"opened_at"`
	ClickedAt         *time.Time       `bun:"clicked_at"`
	BouncedAt         *time.Time       `bun:"bounced_at"`
	UnsubscribedAt    *time.Time       `bun:"unsubscribed_at"`
	ErrorMessage      *string          `bun:"error_message"`
	RetryCount        int              `bun:"retry_count"`
	Provider          *Provider        `bun:"provider"`
	ProviderMessageID *string          `bun:"provider_message_id"`
	CreatedAt         time.Time        `bun:"created_at"`
	UpdatedAt         time.Time        `bun:"updated_at"`
}
