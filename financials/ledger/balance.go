package ledger

import (
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// AccountBalance is what an account was debited and credited so far, or one shard
// of it: the shards of a hot account add up. It is a cache of the postings.
type AccountBalance struct {
	bun.BaseModel `bun:"table:financials.account_balances,alias:lx" json:"-"`

	AccountID id.Of[Account] `bun:"account_id,pk" json:"account_id"`
	Shard     int            `bun:"shard,pk" json:"shard"`
	Debits    money.Amount   `bun:"debits" json:"debits"`
	Credits   money.Amount   `bun:"credits" json:"credits"`
}

// SubledgerBalance is what a subledgered account was debited and credited so far
// for one subledger. It is a cache of the postings.
type SubledgerBalance struct {
	bun.BaseModel `bun:"table:financials.subledger_balances,alias:ly" json:"-"`

	AccountID   id.Of[Account]   `bun:"account_id,pk" json:"account_id"`
	SubledgerID id.Of[Subledger] `bun:"subledger_id,pk" json:"subledger_id"`
	Debits      money.Amount     `bun:"debits" json:"debits"`
	Credits     money.Amount     `bun:"credits" json:"credits"`
}

// Balance returns the balance of an account of type a with these debits and
// credits, positive on its normal side. It returns [money.ErrOutOfRange].
func (a AccountType) Balance(debits, credits money.Amount) (money.Amount, error) {
	if a.DebitNormal() {
		return debits.Sub(credits)
	}
	return credits.Sub(debits)
}
