package ledger_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// A book and its accounts are opened once, however often the call is run again.
func TestOpenBook_again(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), ledger.NewService(ledger.Config{})
	p := ledger.OpenBookParams{ID: id.New[ledger.Book](), Code: "elm-court", Name: "Elm Court", Accounts: []ledger.AccountParams{{Code: "1000", Name: "Cash", Type: ledger.Asset}}}
	more := ledger.AddAccountsParams{BookID: p.ID, Accounts: []ledger.AccountParams{{Code: "3000", Name: "Capital", Type: ledger.Equity, Subledgered: true}}}
	var first ledger.Account
	for range 2 {
		b, err := svc.OpenBook(ctx, tx, p)
		require.NoError(t, err)
		require.Equal(t, p.ID, b.ID)
		added, err := svc.AddAccounts(ctx, tx, more)
		require.NoError(t, err)
		require.Len(t, added, 1)
		if first.ID.IsZero() {
			first = added[0]
		}
		require.Equal(t, first.ID, added[0].ID)
		chart, err := svc.EnsureAccounts(ctx, tx, ledger.EnsureAccountsParams(more))
		require.NoError(t, err)
		require.Len(t, chart, 2)
	}
	var events int
	require.NoError(t, tx.NewRaw("SELECT count(*) FROM freehold.outbox WHERE aggregate_id = ?", p.ID).Scan(ctx, &events))
	require.Equal(t, 2, events)

	more.Accounts[0].Name = "Capital of others"
	_, err := svc.AddAccounts(ctx, tx, more)
	require.ErrorIs(t, err, ledger.ErrAccountExists)
	p.Name = "Elm Court II"
	_, err = svc.OpenBook(ctx, tx, p)
	require.ErrorIs(t, err, ledger.ErrBookExists)
	p.ID = id.Of[ledger.Book]{}
	_, err = svc.OpenBook(ctx, tx, p)
	require.ErrorIs(t, err, ledger.ErrBookExists, "the code is taken")
}

func TestOpenBook_fields(t *testing.T) {
	t.Parallel()
	svc := ledger.NewService(ledger.Config{})
	_, err := svc.OpenBook(t.Context(), pgtest.Tx(t), ledger.OpenBookParams{Name: "\xff", Currency: "DOLLAR", Accounts: []ledger.AccountParams{
		{Code: "1", Name: "Cash", Type: "cash"}, {Code: "1", Type: ledger.Asset}}})
	var got []string
	for _, e := range fault.FieldErrors(err) {
		got = append(got, e.Field+" "+e.Code)
	}
	require.Equal(t, []string{"code " + check.Required, "name " + check.Malformed, "currency " + check.NotAllowed,
		"accounts[0].type " + check.NotAllowed, "accounts[1].name " + check.Required, "accounts[1].code " + check.Duplicate}, got)
}
