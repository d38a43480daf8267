package investments

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// AccountType says who holds an account.
type AccountType string

// The account types.
const (
	AccountIndividual  AccountType = "individual"
	AccountJoint       AccountType = "joint"
	AccountTrust       AccountType = "trust"
	AccountLLC         AccountType = "llc"
	AccountPartnership AccountType = "partnership"
	AccountCorporation AccountType = "corporation"
	AccountIRA         AccountType = "ira"
	AccountSolo401k    AccountType = "solo_401k"
	AccountPension     AccountType = "pension"
	AccountEstate      AccountType = "estate"
	AccountCustodial   AccountType = "custodial"
	AccountOther       AccountType = "other"
)

// The conditions of accounts.
var (
	// ErrAccountNotFound: there is no such investor account.
	ErrAccountNotFound = fault.New(fault.NotFound, "investor_account_not_found", "there is no such investor account")
	// ErrInvestor: there is no such investor.
	ErrInvestor = fault.New(fault.Invalid, "investor_unknown", "there is no such investor").On("investor_id")
	// ErrAccountOwners: only a joint account has a second owner, and they are
	// another person.
	ErrAccountOwners = fault.New(fault.Invalid, "account_owners_inconsistent", "only a joint account has a second owner, who is another person").On("joint_investor_id")
)

// accounts is the repository of Account rows, newest first.
var accounts = store.Repo[Account]{
	NotFound:    ErrAccountNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *Account) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// Valid reports whether a is one of the account types.
func (a AccountType) Valid() bool {
	switch a {
	case AccountIndividual, AccountJoint, AccountTrust, AccountLLC, AccountPartnership, AccountCorporation, AccountIRA, AccountSolo401k, AccountPension, AccountEstate, AccountCustodial, AccountOther:
		return true
	}
	return false
}

// TaxClassification is how a holder is taxed in the United States.
type TaxClassification string

// The tax classifications.
const (
	TaxIndividual   TaxClassification = "individual"
	TaxDisregarded  TaxClassification = "disregarded"
	TaxPartnership  TaxClassification = "partnership"
	TaxSCorporation TaxClassification = "s_corporation"
	TaxCCorporation TaxClassification = "c_corporation"
	TaxTrust        TaxClassification = "trust"
	TaxEstate       TaxClassification = "estate"
	TaxTaxExempt    TaxClassification = "tax_exempt"
	TaxForeign      TaxClassification = "foreign"
)

// Valid reports whether t is one of the tax classifications.
func (t TaxClassification) Valid() bool {
	switch t {
	case TaxIndividual, TaxDisregarded, TaxPartnership, TaxSCorporation, TaxCCorporation, TaxTrust, TaxEstate, TaxTaxExempt, TaxForeign:
		return true
	}
	return false
}

// AccountStatus says whether an account may invest.
type AccountStatus string

// The account statuses.
const (
	AccountStatusActive    AccountStatus = "active"
	AccountStatusSuspended AccountStatus = "suspended"
	AccountStatusClosed    AccountStatus = "closed"
)

// Valid reports whether a is one of the account statuses.
func (a AccountStatus) Valid() bool {
	switch a {
	case AccountStatusActive, AccountStatusSuspended, AccountStatusClosed:
		return true
	}
	return false
}

// Account is a name that a user invests under: themselves, a joint account, a trust, a
// company, a retirement account. The sponsor's own accounts, which receive promote
// and fees, have IsSponsor.
//
// TaxID is ciphertext and never printed; TaxIDIndex is a keyed hash by which an
// account is found without decrypting, and TaxIDLast4 is for display.
type Account struct {
	bun.BaseModel `bun:"table:investments.investor_accounts,alias:ia" json:"-"`

	ID         id.Of[Account]   `bun:"id,pk" json:"id"`
	InvestorID id.Of[auth.User] `bun:"investor_id" json:"investor_id"`

	// The second owner of a joint account.
	JointInvestorID *id.Of[auth.User] `bun:"joint_investor_id" json:"joint_investor_id"`
	Type            AccountType       `bun:"account_type" json:"type"`
	Name            string            `bun:"name" json:"name"`

	// The sponsor's own: co-investment, promote and fees.
	IsSponsor bool `bun:"is_sponsor" json:"is_sponsor"`

	// For accounts that a custodian holds, such as an IRA.
	CustodianName     *string            `bun:"custodian_name" json:"custodian_name"`
	TaxClassification *TaxClassification `bun:"tax_classification" json:"tax_classification"`
	TaxCountry        *string            `bun:"tax_country" json:"tax_country"`

	// Ciphertext with its key id; the blind index finds an account by tax id without decrypting.
	TaxID      *auth.Secret  `bun:"tax_id" json:"tax_id"`
	TaxIDIndex []byte        `bun:"tax_id_index" json:"tax_id_index"`
	TaxIDLast4 *string       `bun:"tax_id_last4" json:"tax_id_last4"`
	Status     AccountStatus `bun:"status" json:"status"`
	Version    int64         `bun:"version" json:"version"`
	CreatedAt  time.Time     `bun:"created_at" json:"created_at"`
	UpdatedAt  time.Time     `bun:"updated_at" json:"updated_at"`
	DeletedAt  *time.Time    `bun:"deleted_at" json:"deleted_at"`
}

// Account reads an investor account. It returns [ErrAccountNotFound].
func (s *Accounts) Account(ctx context.Context, db bun.IDB, v id.Of[Account]) (*Account, error) {
	return accounts.Get(ctx, db, v)
}

// Accounts lists the accounts of an investor, the newest first.
func (s *Accounts) Accounts(ctx context.Context, db bun.IDB, investor id.Of[auth.User], r page.Request) (page.Page[Account], error) {
	return accounts.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("ia.investor_id = ?", investor).Where("ia.deleted_at IS NULL")
	})
}
