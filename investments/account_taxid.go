package investments

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/vault"
)

// The conditions of what is encrypted.
var (
	// ErrNoVault: the service has no keys to encrypt with.
	ErrNoVault = vault.ErrNoVault
	// ErrTaxID: the text is not a tax id.
	ErrTaxID = fault.New(fault.Invalid, "tax_id_malformed", "a tax id has 4 to 20 letters and digits, one of the United States 9 digits").On("tax_id")
	// ErrNoTaxID: the account has no tax id.
	ErrNoTaxID = fault.New(fault.NotFound, "tax_id_not_found", "the account has no tax id")
	// ErrTaxIDIndex: a tax id and its blind index are stored together.
	ErrTaxIDIndex = fault.New(fault.Invalid, "tax_id_index_missing", "a tax id is stored together with its index").On("tax_id")
)

// accountsTable and taxIDColumn are where tax ids are stored.
const (
	accountsTable = "investments.investor_accounts"
	taxIDColumn   = "tax_id"
)

// domestic is the tax country whose ids have nine digits; none given is this.
const domestic = "US"

// SetTaxIDParams is the tax id of an account.
type SetTaxIDParams struct {
	AccountID id.Of[Account]
	TaxID     auth.Secret // dashes and spaces don't matter
	ActorID   id.Of[auth.User]
}

// SetTaxID stores the tax id of an account: encrypted, with a blind index by
// which [Accounts.AccountsByTaxID] finds it, and its last four characters for
// display. The same tax id again changes nothing. It locks the account. It returns [ErrTaxID], [ErrNoVault] or
// [ErrAccountNotFound].
func (s *Accounts) SetTaxID(ctx context.Context, db bun.IDB, p SetTaxIDParams) (*Account, error) {
	switch {
	case p.ActorID.IsZero():
		return nil, ErrActorRequired
	case s.vault == nil:
		return nil, ErrNoVault
	}
	var a *Account
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if a, err = accounts.Lock(ctx, tx, p.AccountID); err != nil {
			return err
		}
		if err := s.acts(ctx, tx, VerbSetTaxID, p.ActorID, ofHolder(a.ID, a.InvestorID, &a.ID)); err != nil {
			return err
		}
		plain, err := plainTaxID(p.TaxID.Reveal(), a.TaxCountry)
		if err != nil {
			return err
		}
		if a.TaxID != nil {
			if stored, err := s.vault.Open(a.taxIDPlace(), a.TaxID.Reveal()); err == nil && stored == plain {
				return nil // run again
			}
		}
		last := plain[len(plain)-4:]
		a.TaxIDLast4 = &last
		a.UpdatedAt = s.now()
		a.Version++
		if err := s.sealTaxID(ctx, tx, a, plain); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, a.UpdatedAt, store.Event(aggregateAccount, a.ID, AccountTaxIDChanged{a.InvestorID}))
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

func (s *Accounts) sealTaxID(ctx context.Context, tx bun.IDB, a *Account, plain string) error {
	sealed, err := s.vault.Seal(a.taxIDPlace(), plain)
	if err != nil {
		return err
	}
	a.TaxID, a.TaxIDIndex = auth.NewSecret(sealed).Ptr(), s.vault.Index(accountsTable, taxIDColumn, plain)
	return accounts.Update(ctx, tx, a, "tax_id", "tax_id_index", "tax_id_last4", "version")
}

func (a *Account) taxIDPlace() vault.Place {
	return vault.Place{Table: accountsTable, Column: taxIDColumn, Row: a.ID.String(), Owner: a.InvestorID.String()}
}

// plainTaxID brings a tax id to one spelling, and refuses what is none.
func plainTaxID(text string, country *string) (string, error) {
	text = strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(text))
	digits := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c < 'A' || c > 'Z':
			return "", ErrTaxID
		}
	}
	if len(text) < 4 || len(text) > 20 || (country == nil || *country == domestic) && (len(text) != 9 || digits != 9) {
		return "", ErrTaxID
	}
	return text, nil
}

// RevealTaxID decrypts the tax id of an account. Whom it may be shown to, and
// the record of that, is the caller's matter. It returns [ErrNoTaxID],
// [ErrNoVault], [vault.ErrForged], [vault.ErrUnknownKey] or
// [ErrAccountNotFound].
func (s *Accounts) RevealTaxID(ctx context.Context, db bun.IDB, v id.Of[Account]) (auth.Secret, error) {
	if s.vault == nil {
		return auth.Secret{}, ErrNoVault
	}
	a, err := accounts.Get(ctx, db, v)
	if err != nil {
		return auth.Secret{}, err
	}
	if a.TaxID == nil {
		return auth.Secret{}, ErrNoTaxID
	}
	plain, err := s.vault.Open(a.taxIDPlace(), a.TaxID.Reveal())
	return auth.NewSecret(plain), err
}

// maxSameTaxID bounds the accounts that one lookup returns.
const maxSameTaxID = 1000

// AccountsByTaxID finds the accounts that have a tax id, without decrypting
// any, the newest first and at most a thousand. It returns [ErrTaxID] or
// [ErrNoVault].
func (s *Accounts) AccountsByTaxID(ctx context.Context, db bun.IDB, taxID auth.Secret) ([]Account, error) {
	if s.vault == nil {
		return nil, ErrNoVault
	}
	anywhere := "" // the country is not known, so any spelling will do
	plain, err := plainTaxID(taxID.Reveal(), &anywhere)
	if err != nil {
		return nil, err
	}
	return accounts.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("ia.tax_id_index IN (?)", bun.List(s.vault.Indexes(accountsTable, taxIDColumn, plain))).
			Where("ia.deleted_at IS NULL").OrderExpr("ia.created_at DESC, ia.id DESC").Limit(maxSameTaxID)
	})
}
