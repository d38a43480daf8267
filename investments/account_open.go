package investments

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// OpenAccountParams is a name to invest under.
type OpenAccountParams struct {
	ID                id.Of[Account] // zero makes a new one
	InvestorID        id.Of[auth.User]
	JointInvestorID   *id.Of[auth.User] // the second owner of a joint account
	Type              AccountType
	Name              string // personal data
	IsSponsor         bool
	CustodianName     string
	TaxClassification *TaxClassification
	TaxCountry        string // two letters, ISO 3166; "" is not known
	ActorID           id.Of[auth.User]
}

// Open opens an investor account. A second call with the same ID and the same params
// is the first one's success. All field errors come back at once.
func (s *Accounts) Open(ctx context.Context, db bun.IDB, p OpenAccountParams) (*Account, error) {
	var f check.Fields
	f.Given("investor_id", p.InvestorID)
	check.One(&f, "type", p.Type)
	f.Required("name", p.Name, 255)
	f.Text("custodian_name", p.CustodianName, 255)
	f.Text("tax_country", p.TaxCountry, 2)
	check.Enum(&f, "tax_classification", p.TaxClassification)
	f.Given("actor_id", p.ActorID)
	f.Check(p.Type != AccountJoint || p.JointInvestorID != nil, "joint_investor_id", check.Required, "a joint account has a second owner")
	f.Check(p.Type != AccountIRA && p.Type != AccountCustodial || p.CustodianName != "", "custodian_name", check.Required, "a custodian holds the account")
	if p.JointInvestorID != nil && (p.Type != AccountJoint || *p.JointInvestorID == p.InvestorID) {
		f.AddErr("", ErrAccountOwners)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	now := s.now()
	a := &Account{
		ID: p.ID.OrNew(), InvestorID: p.InvestorID, JointInvestorID: p.JointInvestorID, Type: p.Type, Name: p.Name,
		IsSponsor: p.IsSponsor, CustodianName: optional(p.CustodianName), TaxClassification: p.TaxClassification,
		TaxCountry: optional(p.TaxCountry), Status: AccountStatusActive, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	c := store.Creation[Account]{Scope: s.scope, Verb: "investments." + string(VerbOpenAccount), Params: p, Chosen: p.ID, Kind: aggregateAccount, Rows: accounts}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Account, error) {
		if err := s.acts(ctx, tx, VerbOpenAccount, p.ActorID, ofHolder(a.ID, a.InvestorID, nil)); err != nil {
			return nil, err
		}
		for _, owner := range []*id.Of[auth.User]{&p.InvestorID, p.JointInvestorID} {
			if owner == nil {
				continue
			}
			if err := auth.ActiveParty(ctx, tx, *owner); errors.Is(err, auth.ErrActorInactive) {
				return nil, ErrInvestorInactive.Because(err)
			} else if err != nil {
				return nil, err
			}
		}
		if err := accounts.Insert(ctx, tx, a); err != nil {
			return nil, err
		}
		return a, s.hooks.Emit(ctx, tx, now, store.Event(aggregateAccount, a.ID, AccountOpened{a.InvestorID, a.JointInvestorID, a.Type, a.IsSponsor}))
	})
}
