package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
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
}

// Open opens an investor account. All field errors come back at once.
func (s *Accounts) Open(ctx context.Context, db bun.IDB, p OpenAccountParams) (*Account, error) {
	var f fault.Fields
	f.Check(!p.InvestorID.IsZero(), "investor_id", "required", "an owner is needed")
	f.Check(p.Type.Valid(), "account_type", "unknown", "the account type is not one of the list")
	f.Check(p.Name != "", "name", "required", "a name is needed")
	f.Check(p.TaxClassification == nil || p.TaxClassification.Valid(), "tax_classification", "unknown", "the classification is not one of the list")
	if p.JointInvestorID != nil && (p.Type != AccountJoint || *p.JointInvestorID == p.InvestorID) {
		f.AddErr("", ErrAccountOwners)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	now := s.now()
	a := &Account{
		ID: p.ID, InvestorID: p.InvestorID, JointInvestorID: p.JointInvestorID, Type: p.Type, Name: p.Name,
		IsSponsor: p.IsSponsor, CustodianName: optional(p.CustodianName), TaxClassification: p.TaxClassification,
		TaxCountry: optional(p.TaxCountry), Status: AccountStatusActive, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	if a.ID.IsZero() {
		a.ID = id.New[Account]()
	}
	c := store.Creation[Account]{Scope: s.scope, Verb: "investments.open_account", Params: p, Chosen: p.ID, Kind: "account", Rows: accounts}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Account, error) {
		if err := accounts.Insert(ctx, tx, a); err != nil {
			return nil, err
		}
		return a, s.hooks.Emit(ctx, tx, now, store.Event(aggregateAccount, a.ID, AccountOpened{a.InvestorID, a.JointInvestorID, a.Type, a.IsSponsor}))
	})
}
