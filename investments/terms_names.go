package investments

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// ErrTermsName: the terms name a class or a position that the offering does not
// have.
var ErrTermsName = fault.New(fault.Invalid, "terms_name_unknown", "the offering has no share class of this code, and no position of this id")

// promoteClass is the class of the accounts that terms name for promote and fees.
const promoteClass = "promote"

// knownNames holds the classes and positions that the terms name: each is the
// offering's. Accounts that hold capital are named by the ids of their positions.
func knownNames(ctx context.Context, tx bun.IDB, o id.Of[Offering], t *waterfall.Terms) error {
	classes, named := namesOf(t)
	if len(classes)+len(named) == 0 {
		return nil
	}
	var codes, held []string
	if err := store.Read(ctx, tx, tx.NewRaw("SELECT code FROM investments.share_classes WHERE opportunity_id = ?", o), &codes); err != nil {
		return store.Err(err, constraints)
	}
	var ids []id.Of[Position]
	for name := range named {
		if v, err := id.Parse[Position](name); err == nil {
			ids = append(ids, v)
		}
	}
	if len(ids) > 0 {
		err := store.Read(ctx, tx, tx.NewRaw("SELECT id::text FROM investments.property_investments WHERE opportunity_id = ? AND deleted_at IS NULL AND id = ANY (?::uuid[])",
			o, store.TextArray(ids, func(v *id.Of[Position]) string { return v.String() })), &held)
		if err != nil {
			return store.Err(err, constraints)
		}
	}
	var f fault.Fields
	for _, name := range slices.Sorted(maps.Keys(classes)) {
		if !slices.Contains(codes, name) {
			f.AddErr(classes[name], ErrTermsName.With("%s", name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if !slices.Contains(codes, name) && !slices.Contains(held, name) {
			f.AddErr(named[name], ErrTermsName.With("%s", name))
		}
	}
	return f.Err()
}

// namesOf lists what terms name, with the first field that does: classes, and what
// may be a class or a position.
func namesOf(t *waterfall.Terms) (classes, either map[string]string) {
	classes, either = map[string]string{}, map[string]string{}
	add := func(to map[string]string, field string, names ...string) {
		for _, name := range names {
			if to[name] == "" && name != "" && name != promoteClass {
				to[name] = field
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Prefs)) {
		p, field := t.Prefs[name], fmt.Sprintf("terms.prefs[%q]", name)
		if p.Class == "" {
			add(classes, field, name)
		}
		add(classes, field+".class", p.Class)
		add(classes, field+".on", p.On)
	}
	if t.Losses != nil {
		add(classes, "terms.losses.bearer", t.Losses.Bearer)
	}
	tiers := func(path string, list []waterfall.Tier) {
		for i := range list {
			field := fmt.Sprintf("terms.tiers.%s[%d]", path, i)
			add(classes, field+".to", list[i].To...)
			add(either, field+".of", list[i].Of...)
			add(either, field+".percentages", slices.Sorted(maps.Keys(list[i].Percentages))...)
		}
	}
	tiers("capital", t.Tiers.Capital)
	tiers("operating", t.Tiers.Operating)
	return classes, either
}
