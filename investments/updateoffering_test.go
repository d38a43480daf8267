package investments_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

var firstPage = page.Request{}

func point[T any](v T) *T { return &v }

// codes lists what is wrong, by field.
func codes(err error) map[string]string {
	out := map[string]string{}
	for _, e := range fault.FieldErrors(err) {
		out[e.Field] = e.Code
	}
	return out
}

func TestUpdateOffering(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	made := raise(t, tx, "100000")
	draft, err := svc.Offerings.Create(ctx, tx, investments.CreateOfferingParams{PropertyID: made.PropertyID, Name: "Draft", Slug: id.New[investments.Offering]().String(), ActorID: staff})
	require.NoError(t, err)
	update := func(p investments.UpdateOfferingParams) (o *investments.Offering, err error) {
		err = store.InTx(ctx, tx, func(tx bun.IDB) error { o, err = svc.Offerings.Update(ctx, tx, p); return err })
		return o, err
	}
	all := investments.UpdateOfferingParams{ID: draft.ID, Version: draft.Version, Name: point("New"), Slug: point(draft.Slug + "-x"), Description: point("On the lake"),
		ExecutiveSummary: point("Short"), OpenDate: date.MustParse("2026-01-01").Ptr(), CloseDate: date.MustParse("2026-06-01").Ptr(), MinimumInvestment: amount("10"),
		MaximumInvestment: amount("20"), MinimumRaise: amount("30"), TargetRaise: amount("40"), HardCap: amount("50"), UnitsOffered: point(decimal.NewFromInt(5)), ActorID: staff}
	o, err := update(all)
	require.NoError(t, err)
	require.Equal(t, draft.Version+1, o.Version)
	require.Equal(t, "New On the lake Short 2026-01-01 2026-06-01 10.00 20.00 30.00 40.00 50.00 5", fmt.Sprint(o.Name, " ", *o.Description, " ", *o.ExecutiveSummary, " ", o.OpenDate, " ",
		o.CloseDate, " ", o.MinimumInvestment, " ", o.MaximumInvestment, " ", o.MinimumRaise, " ", o.TargetRaise, " ", o.HardCap, " ", o.UnitsOffered))
	_, err = update(all)
	require.ErrorIs(t, err, investments.ErrStale)
	o, err = update(investments.UpdateOfferingParams{ID: draft.ID, Version: o.Version, Clear: []string{"description", "hard_cap", "units_offered"}, ActorID: staff})
	require.NoError(t, err)
	require.Nil(t, o.Description)
	require.Nil(t, o.HardCap)
	same, err := update(investments.UpdateOfferingParams{ID: draft.ID, Version: o.Version, ActorID: staff})
	require.NoError(t, err)
	require.Equal(t, o.Version, same.Version, "nothing is written")
	_, err = update(investments.UpdateOfferingParams{ID: draft.ID, Version: o.Version, Name: point(""), MinimumInvestment: amount("-1"), CloseDate: date.MustParse("2025-01-01").Ptr(),
		HardCap: amount("1"), Clear: []string{"slug", "hard_cap", "nothing"}, ActorID: staff})
	require.Equal(t, map[string]string{"name": "required", "minimum_investment": "out_of_range", "close_date": investments.ErrOfferingDates.Code, "slug": "not_clearable",
		"hard_cap": "not_clearable", "nothing": "not_clearable"}, codes(err))
	_, err = update(investments.UpdateOfferingParams{ID: draft.ID, Version: o.Version, MinimumInvestment: amount("21"), ActorID: staff})
	require.ErrorIs(t, err, investments.ErrInvestmentRange)
	_, err = update(investments.UpdateOfferingParams{ID: draft.ID, Version: o.Version, MinimumRaise: amount("41"), ActorID: staff})
	require.ErrorIs(t, err, investments.ErrRaiseGoals)
	_, err = update(investments.UpdateOfferingParams{ID: draft.ID, Version: o.Version, Slug: &made.Slug, ActorID: staff})
	require.ErrorIs(t, err, investments.ErrSlugTaken)
	_, err = update(investments.UpdateOfferingParams{ID: id.New[investments.Offering](), Version: 1, ActorID: staff})
	require.ErrorIs(t, err, investments.ErrOfferingNotFound)
	var events []string
	require.NoError(t, tx.NewRaw("SELECT payload->>'fields' FROM freehold.outbox WHERE type = 'investments.offering_updated' AND aggregate_id = ? ORDER BY position", draft.ID).Scan(ctx, &events))
	require.Len(t, events, 2)
	require.Equal(t, `["description", "hard_cap", "units_offered"]`, events[1])
}

// What may change gets less as the offering goes on.
func TestUpdateOffering_byStatus(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	made := raise(t, tx, "100000")
	funded(t, tx, made, investor(t, tx), "60000")
	update := func(change func(*investments.UpdateOfferingParams)) (o *investments.Offering, err error) {
		made, err = svc.Offerings.Offering(ctx, tx, made.ID)
		require.NoError(t, err)
		p := investments.UpdateOfferingParams{ID: made.ID, Version: made.Version, ActorID: staff}
		change(&p)
		err = store.InTx(ctx, tx, func(tx bun.IDB) error { o, err = svc.Offerings.Update(ctx, tx, p); return err })
		return o, err
	}
	_, err := update(func(p *investments.UpdateOfferingParams) { p.HardCap = amount("59999.99") })
	require.ErrorIs(t, err, investments.ErrHardCapCommitted)
	o, err := update(func(p *investments.UpdateOfferingParams) {
		p.HardCap, p.MaximumInvestment, p.TargetRaise = amount("60000"), amount("70000"), amount("50000")
	})
	require.NoError(t, err)
	require.Equal(t, "60000.00", o.HardCap.String())
	require.Equal(t, "60000.00", o.CommittedAmount.String(), "caches are left alone")
	require.Equal(t, "60000.00", o.AmountRaised.String())
	_, err = svc.Commitments.Commit(ctx, tx, commitment(o, investor(t, tx), "25000"))
	require.ErrorIs(t, err, investments.ErrOversubscribed, "the new cap holds")
	fixed := map[string]string{"minimum_raise": "offering_state", "units_offered": "offering_state", "open_date": "offering_state"}
	_, err = update(func(p *investments.UpdateOfferingParams) {
		p.MinimumRaise, p.UnitsOffered, p.Clear = amount("1"), point(decimal.NewFromInt(1)), []string{"open_date"}
	})
	require.Equal(t, fixed, codes(err))
	_, err = svc.Offerings.Close(ctx, tx, investments.CloseOfferingParams{OfferingID: made.ID, ActorID: staff})
	require.NoError(t, err)
	_, err = update(func(p *investments.UpdateOfferingParams) {
		p.HardCap, p.CloseDate, p.Name = amount("70000"), date.MustParse("2027-01-01").Ptr(), point("Renamed")
	})
	require.Equal(t, map[string]string{"hard_cap": "offering_state", "close_date": "offering_state"}, codes(err))
	_, err = svc.Offerings.CompleteRaise(ctx, tx, investments.CompleteRaiseParams{OfferingID: made.ID, ActorID: staff})
	require.NoError(t, err)
	o, err = update(func(p *investments.UpdateOfferingParams) { p.Description = point("Fully funded") })
	require.NoError(t, err)
	require.Equal(t, "Elm Court", o.Name)
	empty := raise(t, tx, "100000")
	empty, err = svc.Offerings.Cancel(ctx, tx, investments.CancelOfferingParams{OfferingID: empty.ID, Reason: "off", ActorID: staff})
	require.NoError(t, err)
	made = empty
	_, err = update(func(p *investments.UpdateOfferingParams) { p.Name = point("Renamed") })
	require.ErrorIs(t, err, investments.ErrOfferingState)
}

func TestUpdateOffering_cancelledAtEveryStatement(t *testing.T) {
	t.Parallel()
	db, svc := pgtest.Clone(t), newService()
	o := raise(t, db, "100000")
	cancelEverywhere(t, db, map[string]func(context.Context, bun.IDB) error{
		"update": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Offerings.Update(ctx, tx, investments.UpdateOfferingParams{ID: o.ID, Version: o.Version, Name: point("Renamed"), ActorID: staff})
			return err
		},
	})
}

// A cap that is lowered and commitments race; the cap holds whoever is first.
func TestUpdateOffering_race(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o := raise(t, db, "200000")
	var wg sync.WaitGroup
	for range 4 {
		p := commitment(o, investor(t, db), "50000")
		wg.Go(func() {
			if _, err := svc.Commitments.Commit(ctx, db, p); err != nil && !errors.Is(err, investments.ErrOversubscribed) {
				t.Error(err)
			}
		})
		wg.Go(func() {
			_, err := svc.Offerings.Update(ctx, db, investments.UpdateOfferingParams{ID: o.ID, Version: o.Version, HardCap: amount("100000"), ActorID: staff})
			if err != nil && !errors.Is(err, investments.ErrHardCapCommitted) && !errors.Is(err, investments.ErrStale) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	o, err := svc.Offerings.Offering(ctx, db, o.ID)
	require.NoError(t, err)
	require.False(t, o.HardCap.Less(o.CommittedAmount))
	require.LessOrEqual(t, o.Version, int64(3), "it was changed at most once after it was opened")
}

func TestSearchOfferings(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	base := raise(t, tx, "100000")
	word := "zyzzyva" // ours alone
	var want []string
	for i, text := range []string{"Tower by the lake " + word, "a house with a " + word + " and a " + word + " near another " + word, "the " + word + "s"} {
		o, err := svc.Offerings.Create(ctx, tx, investments.CreateOfferingParams{PropertyID: base.PropertyID, Name: fmt.Sprint("Offering ", i), Slug: id.New[investments.Offering]().String(), Description: text, ActorID: staff})
		require.NoError(t, err)
		want = append(want, o.Name)
	}
	find := func(text string, f investments.OfferingFilter, limit int) []string {
		var names []string
		for r := (page.Request{Limit: limit}); ; {
			got, err := svc.Offerings.Search(ctx, tx, text, f, r)
			require.NoError(t, err)
			require.NotNil(t, got.Items)
			for _, o := range got.Items {
				require.Equal(t, base.PropertyID, o.PropertyID)
				names = append(names, o.Name)
			}
			if r.After = got.Next; got.Next == "" {
				return names
			}
		}
	}
	got := find(word, investments.OfferingFilter{}, 10)
	require.ElementsMatch(t, want, got, "words are stemmed")
	require.Equal(t, "Offering 1", got[0], "the best match first")
	require.Equal(t, got, find(word, investments.OfferingFilter{}, 1), "page by page the same")
	require.Equal(t, []string{"Offering 0"}, find(word+` "by the lake"`, investments.OfferingFilter{}, 10))
	require.Len(t, find(word+" -lake", investments.OfferingFilter{}, 10), 2)
	require.Empty(t, find(word, investments.OfferingFilter{Status: investments.OfferingStatusOpen}, 10))
	require.Len(t, find(word, investments.OfferingFilter{PropertyID: &base.PropertyID, Status: investments.OfferingStatusDraft}, 10), 3)
	for _, nothing := range []string{"", "the", "\x00", "\xff", `"`, "&|!:*(", word + "\x00 -" + word} {
		require.Empty(t, find(nothing, investments.OfferingFilter{}, 10), "%q", nothing)
	}
	_, err := svc.Offerings.Search(ctx, tx, word, investments.OfferingFilter{}, page.Request{After: "x"})
	require.ErrorIs(t, err, page.ErrCursor)
	_, err = svc.Offerings.Search(ctx, tx, word, investments.OfferingFilter{}, page.Request{Limit: -1})
	require.Error(t, err)
}
