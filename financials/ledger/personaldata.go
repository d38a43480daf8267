package ledger

import "github.com/freehold-go/freehold/internal/store"

// keptBooks says why the books are kept.
const keptBooks = "books, which the law asks to keep; they name people by ids of positions and accounts"

// PersonalTables lists the tables of this package that name people or what they told
// about themselves, with what an erasure and an export make of them.
func PersonalTables() []store.PersonalTable {
	return []store.PersonalTable{
		{Name: "financials.journals", Kept: keptBooks, Omitted: store.NotTheirs},
		{Name: "financials.postings", Kept: keptBooks, Omitted: store.NotTheirs},
		{Name: "financials.pending_journals", Kept: keptBooks, Omitted: store.NotTheirs},
		{Name: "financials.pending_postings", Kept: keptBooks, Omitted: store.NotTheirs},
		{Name: "financials.account_balances", Kept: keptBooks, Omitted: store.NotTheirs},
		{Name: "financials.subledger_balances", Kept: keptBooks, Omitted: store.NotTheirs},
		{Name: "financials.periods", Kept: store.KeptID, Omitted: store.NotTheirs},
	}
}
