package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// noAccount stands in a key for the investor in person.
const noAccount = "00000000-0000-0000-0000-000000000000"

// TaxFilter narrows [Reports.TaxTotals]; the year is required.
type TaxFilter struct {
	Year       int // by the days that payments count from
	OfferingID *id.Of[Offering]
	InvestorID *id.Of[auth.User]
}

// TaxTotal is what an investor, in person or under an account, was paid out of
// distributions in a year and had withheld of it, by tax character. What a tier
// returned of the capital is of that character; the rest, and all that was
// withheld, is of the distribution's. A payment that was undone counts against the
// year in which that happened, so that a total may be negative.
type TaxTotal struct {
	InvestorID id.Of[auth.User] `bun:"investor_id" json:"investor_id"`
	AccountID  *id.Of[Account]  `bun:"account_id" json:"account_id,omitempty"`
	Character  *Character       `bun:"character" json:"character,omitempty"` // nil where it is not known
	Currency   string           `bun:"currency" json:"currency"`
	Gross      money.Amount     `bun:"gross" json:"gross"`
	Withheld   money.Amount     `bun:"withheld" json:"withheld"`
}

// TaxTotals lists what investors were paid and had withheld in a calendar year, in
// the order of investor, account, character and currency: the figures that tax forms are
// made of.
func (s *Reports) TaxTotals(ctx context.Context, db bun.IDB, f TaxFilter, r page.Request) (page.Page[TaxTotal], error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return page.Page[TaxTotal]{}, err
	}
	defer done()
	var none page.Page[TaxTotal]
	limit, err := r.Size()
	if err != nil {
		return none, err
	}
	if f.Year < 1 || f.Year > 9998 {
		return none, fault.New(fault.Invalid, check.OutOfRange, "a calendar year is needed").On("year")
	}
	q := db.NewSelect().TableExpr("investments.transactions AS t").
		Join("JOIN investments.investor_distributions AS dl ON dl.id = t.distribution_line_id").
		Join("JOIN investments.distributions AS d ON d.id = dl.distribution_id").
		ColumnExpr("t.investor_id, t.account_id, CASE t.type WHEN 'return_of_capital' THEN t.type ELSE d.type END AS character, t.currency").
		ColumnExpr("sum(t.amount) FILTER (WHERE t.type <> 'withholding') AS gross, sum(t.amount) FILTER (WHERE t.type = 'withholding') AS withheld").
		Where("t.status = 'completed'").Where("t.type IN ('distribution', 'return_of_capital', 'fee', 'withholding')").
		Where("t.effective_date >= make_date(?0, 1, 1) AND t.effective_date < make_date(?0 + 1, 1, 1)", f.Year).GroupExpr("1, 2, 3, 4")
	if f.OfferingID != nil {
		q = q.Where("d.opportunity_id = ?", *f.OfferingID)
	}
	if f.InvestorID != nil {
		q = q.Where("t.investor_id = ?", *f.InvestorID)
	}
	after, err := taxCursor(r.After)
	if err != nil {
		return none, err
	}
	out := page.Page[TaxTotal]{Items: []TaxTotal{}}
	err = store.Read(ctx, db, db.NewRaw(`SELECT investor_id, account_id, character, currency, COALESCE(gross, 0) AS gross, COALESCE(withheld, 0) AS withheld FROM (?) AS s
		WHERE (COALESCE(gross, 0) <> 0 OR COALESCE(withheld, 0) <> 0)
			AND (?::uuid IS NULL OR (investor_id, COALESCE(account_id, ?::uuid), COALESCE(character, ''), currency) > (?::uuid, ?::uuid, ?, ?))
		ORDER BY investor_id, COALESCE(account_id, ?::uuid), COALESCE(character, ''), currency LIMIT ?`,
		q, after[0], noAccount, after[0], after[1], after[2], after[3], noAccount, limit+1), &out.Items)
	if err != nil {
		return none, store.Err(err, constraints)
	}
	if len(out.Items) > limit {
		out.Items = out.Items[:limit]
		out.Next = out.Items[limit-1].cursor()
	}
	return out, nil
}

func (t *TaxTotal) cursor() page.Cursor {
	account, character := noAccount, ""
	if t.AccountID != nil {
		account = t.AccountID.String()
	}
	if t.Character != nil {
		character = string(*t.Character)
	}
	return page.Encode(t.InvestorID.String(), account, character, t.Currency)
}

// taxCursor reads a cursor's parts, nil where there is none.
func taxCursor(c page.Cursor) (parts [4]*string, err error) {
	if c == "" {
		return parts, nil
	}
	list, err := c.Decode(4)
	if err != nil {
		return parts, err
	}
	for i := range list {
		if i < 2 {
			if _, err := id.Parse[Account](list[i]); err != nil {
				return parts, page.ErrCursor
			}
		}
		parts[i] = &list[i]
	}
	if list[2] != "" && !Character(list[2]).Valid() {
		return parts, page.ErrCursor
	}
	return parts, nil
}
