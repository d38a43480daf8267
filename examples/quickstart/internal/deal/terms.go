package deal

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/freehold-go/freehold/examples/quickstart/internal/jsonfile"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/tabular"
)

// readTerms reads the waterfall. Who receives promote or fees is named there by
// the name of an account of investors.csv.
func (d *Deal) readTerms(f *tabular.File, data []byte) {
	d.byTerms = true
	j := jsonfile.Read(data, waterfall.Terms{}, f)
	if len(f.Problems()) > 0 {
		return
	}
	t, err := waterfall.ParseTerms(trimMark(data))
	if err != nil {
		for _, e := range fault.FieldErrors(err) {
			msg := e.Msg
			if strings.HasPrefix(msg, "tier ") { // its name is at the place
				msg = msg[strings.LastIndex(msg, ": ")+2:]
			}
			j.Reject(e.Field, "%s", msg)
		}
		if len(f.Problems()) == 0 {
			j.Reject("", "%s", waterfall.ErrTermsMalformed.Msg)
		}
		return
	}
	d.checkTerms(j, t)
	d.Terms = t
}

func trimMark(data []byte) []byte { return []byte(strings.TrimPrefix(string(data), "\ufeff")) }

// checkTerms holds terms against the other files, and against what an offering
// can pay.
func (d *Deal) checkTerms(j *jsonfile.File, t *waterfall.Terms) {
	class := func(path, code string) {
		if d.class(code) == nil && len(d.Classes) > 0 {
			j.Reject(path, "%s has no such class", ClassesFile)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(t.Prefs)) {
		class(fmt.Sprintf("prefs[%q]", code), code)
	}
	promote := t.PromoteRecipient != "" || len(t.PromoteSplit) > 0
	for _, l := range []struct {
		path  string
		tiers []waterfall.Tier
	}{{"tiers.operating", t.Tiers.Operating}, {"tiers.capital", t.Tiers.Capital}} {
		for i := range l.tiers {
			tier, path := &l.tiers[i], fmt.Sprintf("%s[%d]", l.path, i)
			for n, code := range tier.To {
				class(fmt.Sprintf("%s.to[%d]", path, n), code)
			}
			if tier.Type == waterfall.TierHoldback {
				j.Reject(path+".type", "what is held back is left out of %s", DistributionsFile)
			}
			pays := tier.Type == waterfall.TierCatchUp || tier.Promote != nil && !tier.Promote.IsZero()
			if pays && !promote && len(tier.PromoteSplit) == 0 {
				j.Reject(path, "the step pays promote; promote_recipient names who receives it")
			}
		}
		if n := len(l.tiers) - 1; n >= 0 && (l.tiers[n].Type != waterfall.TierSplit || len(l.tiers[n].To) > 0) {
			j.Reject(fmt.Sprintf("%s[%d]", l.path, n), "the last step is a split among all investors, so that all cash goes to somebody")
		}
	}
	named := recipients(t)
	for _, path := range slices.Sorted(maps.Keys(named)) {
		switch d.named(*named[path]) {
		case 1:
		case 0:
			j.Reject(path, "%s has no account of this name", InvestorsFile)
		default:
			j.Reject(path, "%s has several accounts of this name", InvestorsFile)
		}
	}
}

// recipients are the places of terms that name an account, by their paths.
func recipients(t *waterfall.Terms) map[string]*string {
	all := map[string]*string{}
	add := func(path string, name *string) {
		if *name != "" {
			all[path] = name
		}
	}
	split := func(path string, list []waterfall.Share) {
		for i := range list {
			add(fmt.Sprintf("%spromote_split[%d].recipient", path, i), &list[i].Recipient)
		}
	}
	add("promote_recipient", &t.PromoteRecipient)
	split("", t.PromoteSplit)
	for path, list := range map[string][]waterfall.Tier{"tiers.operating": t.Tiers.Operating, "tiers.capital": t.Tiers.Capital} {
		for i := range list {
			at := fmt.Sprintf("%s[%d].", path, i)
			add(at+"payee", &list[i].Payee)
			split(at, list[i].PromoteSplit)
		}
	}
	return all
}

// named counts the accounts of a name.
func (d *Deal) named(name string) (n int) {
	for _, a := range d.Accounts() {
		if a.Name == name {
			n++
		}
	}
	return n
}

// TermsWith returns the terms with recipients named as name does it, for the
// platform knows accounts by their ids.
func (d *Deal) TermsWith(name func(*Account) string) *waterfall.Terms {
	t := *d.Terms
	t.PromoteSplit = slices.Clone(t.PromoteSplit)
	for _, list := range []*[]waterfall.Tier{&t.Tiers.Operating, &t.Tiers.Capital} {
		*list = slices.Clone(*list)
		for i := range *list {
			(*list)[i].PromoteSplit = slices.Clone((*list)[i].PromoteSplit)
		}
	}
	for _, recipient := range recipients(&t) {
		for _, a := range d.Accounts() {
			if a.Name == *recipient {
				*recipient = name(a)
				break
			}
		}
	}
	return &t
}
