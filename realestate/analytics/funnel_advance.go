package analytics

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// stages are the stages in order.
var stages = [...]Stage{StageViewed, StageClickedDetails, StageDownloadedDocs, StageExpressedInterest, StageCommitted, StageFunded}

// at returns where f keeps the time of a stage; nil when there is no such stage.
func (f *Funnel) at(s Stage) **time.Time {
	switch s {
	case StageViewed:
		return &f.ViewedAt
	case StageClickedDetails:
		return &f.ClickedDetailsAt
	case StageDownloadedDocs:
		return &f.DownloadedDocsAt
	case StageExpressedInterest:
		return &f.ExpressedInterestAt
	case StageCommitted:
		return &f.CommittedAt
	case StageFunded:
		return &f.FundedAt
	}
	return nil
}

// Furthest returns the last stage that was reached, "" when none was.
func (f *Funnel) Furthest() Stage {
	for i := len(stages) - 1; i >= 0; i-- {
		if *f.at(stages[i]) != nil {
			return stages[i]
		}
	}
	return ""
}

// AdvanceFunnelParams says that a user came as far as a stage with an offering.
type AdvanceFunnelParams struct {
	UserID     id.Of[auth.User]
	OfferingID id.Of[investments.Offering]
	Stage      Stage
	Source     *Source // where the user came from; the first one told stays
}

// AdvanceFunnel records that a user reached a stage: the first time it happened
// stays, a user who had dropped off is back, and stages that were passed over
// stay open. The first stage makes the funnel. Two at once are both recorded. It
// returns field errors, or reference_not_found when there is no such user or
// offering.
func (s *Service) AdvanceFunnel(ctx context.Context, db bun.IDB, p AdvanceFunnelParams) (*Funnel, error) {
	now := s.now()
	row := &Funnel{ID: id.New[Funnel](), UserID: p.UserID, OfferingID: p.OfferingID, Source: p.Source, CreatedAt: now, UpdatedAt: now}
	var f check.Fields
	f.Given("user_id", p.UserID)
	f.Given("offering_id", p.OfferingID)
	check.Enum(&f, "source", p.Source)
	at := row.at(p.Stage)
	f.Check(at != nil, "stage", check.NotAllowed, "viewed, clicked_details, downloaded_docs, expressed_interest, committed or funded")
	if err := f.Err(); err != nil {
		return nil, err
	}
	*at = &now
	out := new(Funnel)
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		column := bun.Ident(string(p.Stage) + "_at")
		_, err := store.Write(ctx, tx, tx.NewInsert().Model(row).On("CONFLICT (user_id, opportunity_id) DO UPDATE").
			Set("? = COALESCE(?TableAlias.?, EXCLUDED.?)", column, column, column).
			Set("source = COALESCE(?TableAlias.source, EXCLUDED.source)").
			Set("drop_off_stage = NULL").Set("drop_off_at = NULL").
			Returning("NULL"))
		if err != nil {
			return store.Err(err, constraints)
		}
		out, err = s.Funnel(ctx, tx, p.UserID, p.OfferingID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// DropOffParams names a user and an offering.
type DropOffParams struct {
	UserID     id.Of[auth.User]
	OfferingID id.Of[investments.Offering]
}

// DropOff records that a user gave up after the furthest stage they reached. A
// funnel that is dropped off already stays as it is. It locks the funnel and
// returns [ErrFunnelNotFound], or [ErrFunnelFunded] when there is nothing left to
// give up.
func (s *Service) DropOff(ctx context.Context, db bun.IDB, p DropOffParams) (*Funnel, error) {
	var out *Funnel
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		row, err := funnels.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
			return of(p.UserID, p.OfferingID)(q).For("NO KEY UPDATE")
		})
		if err != nil {
			return err
		}
		if row.FundedAt != nil {
			return ErrFunnelFunded
		}
		if row.DropOffAt == nil {
			now, stage := s.now(), row.Furthest()
			row.DropOffStage, row.DropOffAt = &stage, &now
			if err := funnels.Update(ctx, tx, row, "drop_off_stage", "drop_off_at"); err != nil {
				return err
			}
		}
		out, err = funnels.Get(ctx, tx, row.ID) // the database keeps updated_at
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func of(user id.Of[auth.User], offering id.Of[investments.Offering]) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("?TableAlias.user_id = ?", user).Where("?TableAlias.opportunity_id = ?", offering)
	}
}
