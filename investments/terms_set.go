package investments

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of terms.
var (
	// ErrTermsParty: a recipient of promote or a fee is not an investor account.
	ErrTermsParty = fault.New(fault.Invalid, "terms_party_unknown", "recipients of promote and fees are named by the ids of investor accounts")
	// ErrTermsDate: a distribution on or after the date was declared under
	// other terms, or one on any date under none; it is reversed first.
	ErrTermsDate = fault.New(fault.Conflict, "terms_date_distributed", "a distribution has been declared on or after this date, or without terms").On("effective_date")
	// ErrTermsDayCount: preferred return is kept exactly in the parts of one day
	// count, which other terms in force have set.
	ErrTermsDayCount = fault.New(fault.Illegal, "terms_day_count", "all terms in force count days alike").On("day_count")
)

// SetTermsParams is a version of the terms to put in force. Classes are the
// offering's share classes; recipients of promote and fees are named by the ids
// of investor accounts.
type SetTermsParams struct {
	OfferingID    id.Of[Offering]
	EffectiveDate date.Date
	Terms         *waterfall.Terms
	ActorID       id.Of[auth.User]
}

func (p *SetTermsParams) validate(days check.Days) error {
	var f check.Fields
	f.Given("offering_id", p.OfferingID)
	f.GivenWithin("effective_date", p.EffectiveDate, days)
	f.Check(p.Terms != nil, "terms", check.Required, "terms are needed")
	f.Given("actor_id", p.ActorID)
	if p.Terms != nil {
		f.AddErr("terms", p.Terms.ValidateNew())
		f.AddErr("terms", checkParties(p.Terms))
	}
	return f.Err()
}

// SetTerms puts terms in force for the distributions dated on or after a day,
// as the next version. Setting the terms that are the latest already, by their
// canonical hash and date, changes nothing. What is unusual in them, or worth
// knowing, is stored with the version as its Findings; [Offerings.PreviewTerms]
// shows it beforehand, and [TermsVersion.Describe] says in words what was
// understood.
//
// It locks the offering. It returns what [waterfall.Terms.ValidateNew] finds,
// [ErrTermsParty], [ErrTermsName], [ErrTermsDate],
// [ErrTermsDayCount], [ErrTransferTerms] or [ErrTransferSponsor] where a completed
// transfer could not be followed, or [ErrOfferingNotFound].
func (s *Offerings) SetTerms(ctx context.Context, db bun.IDB, p SetTermsParams) (*TermsVersion, error) {
	if err := p.validate(s.days()); err != nil {
		return nil, err
	}
	var out *TermsVersion
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if _, err := lockOffering(ctx, tx, p.OfferingID); err != nil {
			return err
		}
		if err := s.acts(ctx, tx, VerbSetTerms, p.ActorID, about(p.OfferingID)); err != nil {
			return err
		}
		next, latest, err := s.checkedTerms(ctx, tx, p, true)
		if err != nil || latest != nil {
			out = latest
			return err
		}
		out = next
		if err := termsVersions.Insert(ctx, tx, next); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, next.CreatedAt, store.Event(aggregateOffering, p.OfferingID,
			OfferingTermsSet{next.ID, next.Version, next.EffectiveDate, hex.EncodeToString(next.TermsHash), next.CreatedBy}))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// PreviewTerms returns the version that [Offerings.SetTerms] would store, with its
// findings, or the latest where it says the same. It writes and locks nothing, so that
// a standby serves it. The actor is the one who would set them, whom the version names;
// whether they may is not asked. It returns the errors of SetTerms, but for those about
// the actor's rights.
func (s *Offerings) PreviewTerms(ctx context.Context, db bun.IDB, p SetTermsParams) (*TermsVersion, error) {
	if err := p.validate(s.days()); err != nil {
		return nil, err
	}
	var out *TermsVersion
	err := store.Snapshot(ctx, db, func(tx bun.IDB) error {
		if _, err := seeOffering(ctx, tx, p.OfferingID); err != nil {
			return err
		}
		next, latest, err := s.checkedTerms(ctx, tx, p, false)
		if out = next; latest != nil {
			out = latest
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// checkedTerms holds the terms against the offering. keep locks the accounts that they
// name.
func (s *Offerings) checkedTerms(ctx context.Context, tx bun.IDB, p SetTermsParams, keep bool) (next, latest *TermsVersion, err error) {
	if err := knownParties(ctx, tx, p.Terms, keep); err != nil {
		return nil, nil, err
	}
	if err := knownNames(ctx, tx, p.OfferingID, p.Terms); err != nil {
		return nil, nil, err
	}
	if err := classesServed(ctx, tx, p.OfferingID, p.Terms); err != nil {
		return nil, nil, err
	}
	return s.nextTerms(ctx, tx, p)
}

// nextTerms makes the next version, or returns the latest when it says the
// same.
func (s *Offerings) nextTerms(ctx context.Context, tx bun.IDB, p SetTermsParams) (next, latest *TermsVersion, err error) {
	body, err := p.Terms.Canonical()
	if err != nil {
		return nil, nil, err
	}
	text, err := p.Terms.Hash()
	if err != nil {
		return nil, nil, err
	}
	hash, err := hex.DecodeString(text)
	if err != nil {
		return nil, nil, err
	}
	next = &TermsVersion{ID: id.New[TermsVersion](), OfferingID: p.OfferingID, Version: 1, EffectiveDate: p.EffectiveDate,
		Terms: body, TermsHash: hash, Findings: p.Terms.Findings(), CreatedBy: &p.ActorID, CreatedAt: s.now()}
	all, err := termsOf(ctx, tx, p.OfferingID)
	if err != nil {
		return nil, nil, err
	}
	for i := range all {
		v := &all[i]
		if i == len(all)-1 && v.EffectiveDate == p.EffectiveDate && string(v.TermsHash) == string(hash) {
			return nil, v, nil
		}
		next.Version = max(next.Version, v.Version+1)
	}
	later, err := store.Exists(ctx, tx, tx.NewSelect().Model((*Distribution)(nil)).Where("opportunity_id = ?", p.OfferingID).
		Where("(distribution_date >= ? OR terms_id IS NULL)", p.EffectiveDate).
		Where("status NOT IN ('cancelled', 'reversed')"))
	if err != nil {
		return nil, nil, store.Err(err, constraints)
	}
	if later {
		return nil, nil, ErrTermsDate
	}
	if err := sameDayCount(append(all, *next)); err != nil {
		return nil, nil, err
	}
	return next, nil, transfersFit(ctx, tx, p.OfferingID)
}

// sameDayCount holds the versions that are ever in force to one day count. It
// touches no database.
func sameDayCount(versions []TermsVersion) error {
	var first *waterfall.Terms
	for i := range versions {
		if replaced(versions, i) {
			continue
		}
		t, err := waterfall.ParseTerms(versions[i].Terms)
		switch {
		case err != nil:
			return err
		case first == nil:
			first = t
		case cmp.Or(t.DayCount, date.Act365F) != cmp.Or(first.DayCount, date.Act365F):
			return ErrTermsDayCount
		}
	}
	return nil
}

// replaced reports whether later versions, from the same day on or an earlier
// one, leave a version no day to be in force.
func replaced(versions []TermsVersion, i int) bool {
	return slices.ContainsFunc(versions[i+1:], func(v TermsVersion) bool { return !v.EffectiveDate.After(versions[i].EffectiveDate) })
}

// checkParties holds the terms against what an offering can book: everything
// goes to an account.
func checkParties(t *waterfall.Terms) error {
	var f fault.Fields
	account := func(field, v string) {
		if v == "" {
			return
		}
		if _, err := id.Parse[Account](v); err != nil {
			f.AddErr(field, ErrTermsParty)
		}
	}
	account("promote_recipient", t.PromoteRecipient)
	named := t.PromoteRecipient != "" || len(t.PromoteSplit) > 0
	for _, sh := range t.PromoteSplit {
		account("promote_split", sh.Recipient)
	}
	for _, list := range [][]waterfall.Tier{t.Tiers.Capital, t.Tiers.Operating} {
		for i := range list {
			account("tiers."+list[i].Name, list[i].Payee)
			for _, sh := range list[i].PromoteSplit {
				account("tiers."+list[i].Name, sh.Recipient)
			}
			pays := list[i].Type == waterfall.TierCatchUp || list[i].Promote != nil && list[i].Promote.Sign() > 0
			if pays && !named && len(list[i].PromoteSplit) == 0 {
				f.AddErr("tiers."+list[i].Name, ErrTermsParty.With("nobody is named for its promote"))
			}
		}
	}
	return f.Err()
}

// knownParties holds the accounts that the terms name: each exists. keep locks them
// until the terms are there.
func knownParties(ctx context.Context, tx bun.IDB, t *waterfall.Terms, keep bool) error {
	named := parties(t)
	if len(named) == 0 {
		return nil
	}
	ids := make([]id.Of[Account], 0, len(named))
	for _, v := range named {
		account, err := id.Parse[Account](v)
		if err != nil {
			return ErrTermsParty.On("terms")
		}
		ids = append(ids, account)
	}
	known, err := accounts.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("ia.id = ANY (?::uuid[])", store.TextArray(ids, func(v *id.Of[Account]) string { return v.String() })).Where("ia.deleted_at IS NULL").OrderExpr("ia.id")
		if keep {
			q = q.For("SHARE")
		}
		return q
	})
	if err == nil && len(known) < len(ids) {
		err = ErrTermsParty.On("terms")
	}
	return err
}

// termsOf reads the versions of an offering's terms, the oldest first.
func termsOf(ctx context.Context, db bun.IDB, v id.Of[Offering]) ([]TermsVersion, error) {
	return termsVersions.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("ot.opportunity_id = ?", v).OrderExpr("ot.version")
	})
}

// TermsVersions reads all versions of an offering's terms, the oldest first.
// There are few, so they are not paged.
func (s *Offerings) TermsVersions(ctx context.Context, db bun.IDB, v id.Of[Offering]) ([]TermsVersion, error) {
	return termsOf(ctx, db, v)
}

// parties lists the accounts that terms name.
func parties(t *waterfall.Terms) []string {
	seen, out := map[string]bool{}, []string{}
	add := func(v string) {
		if v != "" && !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	add(t.PromoteRecipient)
	split := func(list []waterfall.Share) {
		for _, sh := range list {
			add(sh.Recipient)
		}
	}
	split(t.PromoteSplit)
	for _, list := range [][]waterfall.Tier{t.Tiers.Capital, t.Tiers.Operating} {
		for i := range list {
			add(list[i].Payee)
			split(list[i].PromoteSplit)
		}
	}
	return out
}
