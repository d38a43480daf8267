package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// withFund runs fn with a fund's book in a transaction that is rolled back.
func withFund(fn func(ctx context.Context, tx bun.IDB, books *ledger.Service, book *ledger.Book, chart map[string]ledger.Account)) {
	ctx, db, done := pgtest.ExampleTx()
	defer done()
	books := ledger.NewService(ledger.Config{Now: ticking()})
	book, err := books.OpenBook(ctx, db, ledger.OpenBookParams{Code: "elm-" + id.New[ledger.Book]().String(), Name: "Elm Court", Accounts: []ledger.AccountParams{
		{Code: "1000", Name: "Cash", Type: ledger.Asset},
		{Code: "3000", Name: "Investor capital", Type: ledger.Equity, Subledgered: true},
		{Code: "5000", Name: "Legal fees", Type: ledger.Expense},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	chart, err := books.Chart(ctx, db, book.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fn(ctx, db, books, book, chart)
}

func ExampleService_Post() {
	withFund(func(ctx context.Context, tx bun.IDB, books *ledger.Service, book *ledger.Book, chart map[string]ledger.Account) {
		position := id.New[ledger.Subledger]()
		contribution := ledger.PostParams{
			Actor:  "clerk",
			BookID: book.ID, EffectiveDate: date.MustParse("2026-01-15"), Description: "Contribution", IdempotencyKey: "wire-7",
			Entries: []ledger.Entry{{Debit: chart["1000"].ID, Credit: chart["3000"].ID, Amount: money.MustParse("25000"), Subledger: position}},
		}
		first, err := books.Post(ctx, tx, contribution)
		if err != nil {
			fmt.Println(err)
			return
		}
		again, err := books.Post(ctx, tx, contribution) // a retry
		fmt.Println(err, again.ID == first.ID)
		cash, err := books.Balance(ctx, tx, chart["1000"].ID)
		fmt.Println(cash.Balance, err)
		capital, err := books.SubledgerTotals(ctx, tx, chart["3000"].ID, position)
		fmt.Println(capital.Balance, err)
	})
	// Output:
	// <nil> true
	// 25000.00 <nil>
	// 25000.00 <nil>
}

func ExampleService_ClosePeriod() {
	withFund(func(ctx context.Context, tx bun.IDB, books *ledger.Service, book *ledger.Book, chart map[string]ledger.Account) {
		fee := ledger.PostParams{Actor: "clerk", IdempotencyKey: "invoice-12", BookID: book.ID, EffectiveDate: date.MustParse("2026-01-20"), Description: "Counsel",
			Entries: []ledger.Entry{{Debit: chart["5000"].ID, Credit: chart["1000"].ID, Amount: money.MustParse("900")}}}
		if _, err := books.ClosePeriod(ctx, tx, ledger.ClosePeriodParams{BookID: book.ID, Through: date.MustParse("2026-01-31")}); err != nil {
			fmt.Println(err)
			return
		}
		_, err := books.Post(ctx, tx, fee)
		fmt.Println(errors.Is(err, ledger.ErrPeriodClosed))
		fee.Adjusting = true // on purpose
		_, err = books.Post(ctx, tx, fee)
		fmt.Println(err)
	})
	// Output:
	// true
	// <nil>
}

func ExampleService_AccountStatement() {
	withFund(func(ctx context.Context, tx bun.IDB, books *ledger.Service, book *ledger.Book, chart map[string]ledger.Account) {
		for i, amount := range []string{"1000", "250.50", "40"} {
			_, err := books.Post(ctx, tx, ledger.PostParams{Actor: "clerk", IdempotencyKey: "wire-" + amount, BookID: book.ID, EffectiveDate: date.MustParse("2026-01-15").AddDays(i), Description: "Contribution",
				Entries: []ledger.Entry{{Debit: chart["1000"].ID, Credit: chart["3000"].ID, Amount: money.MustParse(amount)}}})
			if err != nil {
				fmt.Println(err)
				return
			}
		}
		s, err := books.AccountStatement(ctx, tx, ledger.AccountStatementParams{AccountID: chart["1000"].ID, From: date.MustParse("2026-01-16")}, page.Request{})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("opening", s.Opening)
		for _, l := range s.Lines.Items {
			fmt.Println(l.EffectiveDate, *l.Description, l.Debit, l.Balance)
		}
	})
	// Output:
	// opening 1000.00
	// 2026-01-16 Contribution 250.50 1250.50
	// 2026-01-17 Contribution 40.00 1290.50
}

func ExampleService_PostPending() {
	withFund(func(ctx context.Context, tx bun.IDB, books *ledger.Service, book *ledger.Book, chart map[string]ledger.Account) {
		until := time.Now().Add(48 * time.Hour)
		draft, err := books.Draft(ctx, tx, ledger.DraftParams{ExpiresAt: &until, PostParams: ledger.PostParams{
			Actor:          "clerk",
			IdempotencyKey: "invoice-12", BookID: book.ID, EffectiveDate: date.MustParse("2026-01-20"), Description: "Counsel, to be approved",
			Entries: []ledger.Entry{{Debit: chart["5000"].ID, Credit: chart["1000"].ID, Amount: money.MustParse("900")}}}})
		if err != nil {
			fmt.Println(err)
			return
		}
		before, _ := books.Balance(ctx, tx, chart["5000"].ID)
		_, err = books.PostPending(ctx, tx, ledger.PostPendingParams{PendingJournalID: draft.ID, Actor: "controller"})
		after, _ := books.Balance(ctx, tx, chart["5000"].ID)
		fmt.Println(before.Balance, after.Balance, err)
		_, err = books.VoidPending(ctx, tx, ledger.VoidPendingParams{PendingJournalID: draft.ID, Reason: "too late"})
		fmt.Println(err)
	})
	// Output:
	// 0.00 900.00 <nil>
	// status: the pending journal was posted; reverse it (draft_posted)
}

func ExampleService_Verify() {
	withFund(func(ctx context.Context, tx bun.IDB, books *ledger.Service, book *ledger.Book, chart map[string]ledger.Account) {
		_, err := books.Post(ctx, tx, ledger.PostParams{Actor: "clerk", IdempotencyKey: "invoice-12", BookID: book.ID, EffectiveDate: date.MustParse("2026-01-20"),
			Entries: []ledger.Entry{{Debit: chart["5000"].ID, Credit: chart["1000"].ID, Amount: money.MustParse("900")}}})
		if err != nil {
			fmt.Println(err)
			return
		}
		// In production a job does this until there is nothing left to seal.
		seal, err := books.Seal(ctx, tx, ledger.SealParams{BookID: book.ID})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(seal.Position, seal.JournalCount)
		report, err := books.Verify(ctx, tx, book.ID)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(report.OK(), report.Sealed, report.Unsealed)

		// Somebody helps themselves.
		_, err = tx.ExecContext(ctx, "UPDATE financials.account_balances SET credits = credits - 100 WHERE account_id = ?", chart["1000"].ID)
		if err != nil {
			fmt.Println(err)
			return
		}
		report, err = books.Verify(ctx, tx, book.ID)
		fmt.Println(err, report.OK(), report.Findings[0].Code, report.Findings[0].Detail)
	})
	// Output:
	// 1 1
	// true 1 0
	// <nil> false balance debits 0.00, credits 800.00; its postings say 0 and 900.00
}
