package analytics

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// PageView is a page that somebody looked at. TimeOnPage is in seconds. Page views
// are append-only and partitioned by month.
type PageView struct {
	bun.BaseModel `bun:"table:analytics.page_views,alias:pv" json:"-"`

	ID        id.Of[PageView]      `bun:"id,pk" json:"id"`
	UserID    *id.Of[auth.User]    `bun:"user_id" json:"user_id"`
	SessionID *id.Of[auth.Session] `bun:"session_id" json:"session_id"`

	// Page
	PagePath  *string `bun:"page_path" json:"page_path"`
	PageTitle *string `bun:"page_title" json:"page_title"`

	// Timing; seconds
	TimeOnPage *int `bun:"time_on_page" json:"time_on_page"`
	Bounce     bool `bun:"bounce" json:"bounce"`

	// Entry and exit
	IsEntrance bool      `bun:"is_entrance" json:"is_entrance"`
	IsExit     bool      `bun:"is_exit" json:"is_exit"`
	CreatedAt  time.Time `bun:"created_at,pk" json:"created_at"`
}
