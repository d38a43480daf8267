package investments_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
	"github.com/freehold-go/freehold/realestate/vault"
)

// withKeys is a service whose vault seals with the first of the named keys.
func withKeys(t *testing.T, names ...string) *investments.Services {
	t.Helper()
	var keys []vault.Key
	for _, n := range names {
		secret := sha256.Sum256([]byte(n))
		keys = append(keys, vault.Key{ID: n, Secret: secret[:]})
	}
	v, err := vault.New(keys...)
	require.NoError(t, err)
	return investments.New(investments.Config{Vault: v, Evidence: says(accredited), Policy: investments.Policy{Rules: map[investments.Verb]investments.Rule{
		// Clerks enter what investors sent in.
		investments.VerbRequestInstruction: {Action: auth.ActionRequest, Kind: auth.KindInstruction, Party: investments.AnyParty}}}})
}

func account(t *testing.T, db bun.IDB, country string) *investments.Account {
	t.Helper()
	return realestatetest.Account(t, db, investor(t, db), func(p *investments.OpenAccountParams) { p.TaxCountry, p.ActorID = country, staff })
}

func TestTaxID(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), withKeys(t, "a")
	a, b, foreign := account(t, tx, ""), account(t, tx, "US"), account(t, tx, "DE")
	set := func(on *investments.Account, text string) error {
		_, err := svc.Accounts.SetTaxID(ctx, tx, investments.SetTaxIDParams{AccountID: on.ID, TaxID: auth.NewSecret(text), ActorID: staff})
		return err
	}
	_, err := svc.Accounts.RevealTaxID(ctx, tx, a.ID)
	require.ErrorIs(t, err, investments.ErrNoTaxID)
	require.NoError(t, set(a, "123-45-6789"))
	require.NoError(t, set(b, "123 456789"))
	require.NoError(t, set(foreign, "de 811569869"))
	for _, bad := range []string{"", "123", "12345678", "12345678X", "1234567890", "123456789'"} {
		require.ErrorIs(t, set(a, bad), investments.ErrTaxID, bad)
	}
	require.ErrorIs(t, set(foreign, "123456789012345678901"), investments.ErrTaxID)
	plain, err := svc.Accounts.RevealTaxID(ctx, tx, a.ID)
	require.NoError(t, err)
	require.Equal(t, "123456789", plain.Reveal())
	got, err := svc.Accounts.Account(ctx, tx, foreign.ID)
	require.NoError(t, err)
	require.Equal(t, "9869", *got.TaxIDLast4)
	require.Equal(t, int64(2), got.Version)

	same, err := svc.Accounts.AccountsByTaxID(ctx, tx, auth.NewSecret("123-456789"))
	require.NoError(t, err)
	require.Len(t, same, 2)
	none, err := svc.Accounts.AccountsByTaxID(ctx, tx, auth.NewSecret("987654321"))
	require.NoError(t, err)
	require.Empty(t, none)
	var stored string
	require.NoError(t, tx.NewRaw(`SELECT string_agg(ia::text, ',') FROM investments.investor_accounts ia`).Scan(ctx, &stored))
	require.NotContains(t, stored, "123456789", "nothing readable is stored")
	require.NotContains(t, fmt.Sprintf("%+v", same[0]), "fv1.")

	// A ciphertext that was copied to another account opens nothing.
	_, err = tx.NewRaw(`UPDATE investments.investor_accounts x SET tax_id = y.tax_id FROM investments.investor_accounts y WHERE x.id = ? AND y.id = ?`, b.ID, foreign.ID).Exec(ctx)
	require.NoError(t, err)
	_, err = svc.Accounts.RevealTaxID(ctx, tx, b.ID)
	require.ErrorIs(t, err, vault.ErrForged)

	_, err = newService().Accounts.SetTaxID(ctx, tx, investments.SetTaxIDParams{AccountID: a.ID, TaxID: auth.NewSecret("123456789"), ActorID: staff})
	require.ErrorIs(t, err, investments.ErrNoVault)
	_, err = newService().Accounts.AccountsByTaxID(ctx, tx, auth.NewSecret("123456789"))
	require.ErrorIs(t, err, investments.ErrNoVault)
	_, err = svc.Accounts.RevealTaxID(ctx, tx, id.New[investments.Account]())
	require.ErrorIs(t, err, investments.ErrAccountNotFound)
}

// Keys are rotated while the old one still opens and finds; after Reseal it can
// go.
func TestReseal(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	old, both, fresh := withKeys(t, "a"), withKeys(t, "b", "a"), withKeys(t, "b")
	var held []*investments.Account
	for i := range 3 {
		a := account(t, tx, "")
		_, err := old.Accounts.SetTaxID(ctx, tx, investments.SetTaxIDParams{AccountID: a.ID, TaxID: auth.NewSecret(fmt.Sprint(111111110 + i)), ActorID: staff})
		require.NoError(t, err)
		held = append(held, a)
	}
	in, err := old.Accounts.RequestInstruction(ctx, tx, investments.RequestInstructionParams{InvestorID: held[0].InvestorID, AccountID: &held[0].ID, Method: investments.PayACH,
		Details: auth.NewSecret("routing 1, account 2"), ActorID: held[0].InvestorID})
	require.NoError(t, err)
	found, err := both.Accounts.AccountsByTaxID(ctx, tx, auth.NewSecret("111111111"))
	require.NoError(t, err)
	require.Len(t, found, 1, "by the old key's index")
	_, err = fresh.Accounts.RevealTaxID(ctx, tx, held[0].ID)
	require.ErrorIs(t, err, vault.ErrUnknownKey)
	_, err = both.Accounts.Reseal(ctx, tx, -1)
	require.ErrorIs(t, err, fault.Invalid)
	// One value was damaged and one was never sealed: they are told of, and the
	// others are done.
	damaged, moved := account(t, tx, ""), account(t, tx, "")
	for _, a := range []*investments.Account{damaged, moved} {
		_, err = old.Accounts.SetTaxID(ctx, tx, investments.SetTaxIDParams{AccountID: a.ID, TaxID: auth.NewSecret("222222222"), ActorID: staff})
		require.NoError(t, err)
	}
	_, err = tx.ExecContext(ctx, "UPDATE investments.investor_accounts SET tax_id = 'fv1.a.AAAA' WHERE id = ?", damaged.ID)
	require.NoError(t, err)
	_, err = tx.ExecContext(ctx, "UPDATE investments.investor_accounts SET tax_id = (SELECT tax_id FROM investments.investor_accounts WHERE id = ?) WHERE id = ?", held[1].ID, moved.ID)
	require.NoError(t, err)
	for _, want := range []int{4, 0} {
		report, err := both.Accounts.Reseal(ctx, tx, 2)
		require.NoError(t, err)
		require.Equal(t, want, report.Resealed)
		require.False(t, report.Done())
		require.Zero(t, report.Skipped)
		require.Len(t, report.Failed, 2)
		require.Equal(t, []string{damaged.ID.String(), moved.ID.String()}, []string{report.Failed[0].ID, report.Failed[1].ID})
		require.Equal(t, "investments.investor_accounts", report.Failed[0].Table)
		require.ErrorIs(t, report.Failed[0].Err, vault.ErrSealed)
		require.ErrorIs(t, report.Failed[1].Err, vault.ErrForged)
	}
	found, err = fresh.Accounts.AccountsByTaxID(ctx, tx, auth.NewSecret("111111111"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	plain, err := fresh.Accounts.RevealTaxID(ctx, tx, held[2].ID)
	require.NoError(t, err)
	require.Equal(t, "111111112", plain.Reveal())
	details, err := fresh.Accounts.RevealInstruction(ctx, tx, in.ID)
	require.NoError(t, err)
	require.Equal(t, "routing 1, account 2", details.Reveal())
	_, err = newService().Accounts.Reseal(ctx, tx, 1)
	require.ErrorIs(t, err, investments.ErrNoVault)
}

func instructed(t *testing.T, db bun.IDB, who, by id.Of[auth.User], details string) *investments.PaymentInstruction {
	t.Helper()
	in, err := withKeys(t, "a").Accounts.RequestInstruction(t.Context(), db, investments.RequestInstructionParams{InvestorID: who, Method: investments.PayWire,
		Details: auth.NewSecret(details), Last4: "4321", ActorID: by})
	require.NoError(t, err)
	return in
}

func TestInstructions(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), withKeys(t, "a")
	who, clerk, boss := investor(t, tx), investor(t, tx), investor(t, tx)
	_, err := svc.Accounts.ActiveInstruction(ctx, tx, who, nil)
	require.ErrorIs(t, err, investments.ErrInstructionNotFound)
	first := instructed(t, tx, who, clerk, "account 1")
	_, err = svc.Accounts.ActiveInstruction(ctx, tx, who, nil)
	require.ErrorIs(t, err, investments.ErrInstructionNotFound, "it waits for a second person")
	_, err = svc.Accounts.ApproveInstruction(ctx, tx, investments.ApproveInstructionParams{InstructionID: first.ID, ActorID: clerk})
	require.ErrorIs(t, err, investments.ErrSecondPerson)
	_, err = svc.Accounts.ApproveInstruction(ctx, tx, investments.ApproveInstructionParams{InstructionID: first.ID, ActorID: id.Of[auth.User]{}})
	require.ErrorIs(t, err, fault.Invalid)
	for range 2 {
		_, err = svc.Accounts.ApproveInstruction(ctx, tx, investments.ApproveInstructionParams{InstructionID: first.ID, ActorID: boss})
		require.NoError(t, err)
	}
	_, err = svc.Accounts.RejectInstruction(ctx, tx, investments.RejectInstructionParams{InstructionID: first.ID, ActorID: boss})
	require.ErrorIs(t, err, investments.ErrInstructionDecided)

	second, third := instructed(t, tx, who, clerk, "account 2"), instructed(t, tx, who, clerk, "account 3")
	_, err = svc.Accounts.RejectInstruction(ctx, tx, investments.RejectInstructionParams{InstructionID: second.ID, ActorID: boss})
	require.NoError(t, err)
	active, err := svc.Accounts.ActiveInstruction(ctx, tx, who, nil)
	require.NoError(t, err)
	require.Equal(t, first.ID, active.ID)
	_, err = svc.Accounts.ApproveInstruction(ctx, tx, investments.ApproveInstructionParams{InstructionID: third.ID, ActorID: boss})
	require.NoError(t, err)
	active, err = svc.Accounts.ActiveInstruction(ctx, tx, who, nil)
	require.NoError(t, err)
	require.Equal(t, third.ID, active.ID)
	details, err := svc.Accounts.RevealInstruction(ctx, tx, active.ID)
	require.NoError(t, err)
	require.Equal(t, "account 3", details.Reveal())
	gone, err := svc.Accounts.Instructions(ctx, tx, investments.InstructionFilter{InvestorID: &who, Status: investments.InstructionStatusSuperseded}, page.Request{})
	require.NoError(t, err)
	require.Equal(t, first.ID, gone.Items[0].ID)

	own := account(t, tx, "")
	_, err = svc.Accounts.RequestInstruction(ctx, tx, investments.RequestInstructionParams{InvestorID: who, AccountID: &own.ID, Method: investments.PayACH, Details: auth.NewSecret("x"), ActorID: who})
	require.ErrorIs(t, err, investments.ErrAccountOwner)
	_, err = svc.Accounts.RequestInstruction(ctx, tx, investments.RequestInstructionParams{})
	require.Len(t, fault.FieldErrors(err), 4)
	_, err = newService().Accounts.RequestInstruction(ctx, tx, investments.RequestInstructionParams{InvestorID: who, Method: investments.PayACH, Details: auth.NewSecret("x"), ActorID: who})
	require.ErrorIs(t, err, investments.ErrNoVault)
	_, err = svc.Accounts.ApproveInstruction(ctx, tx, investments.ApproveInstructionParams{InstructionID: id.New[investments.PaymentInstruction](), ActorID: boss})
	require.ErrorIs(t, err, investments.ErrInstructionNotFound)
}

// Two changes are approved at the same moment: one is in force at the end, the
// other superseded, and nobody sees a failure.
func TestApproveInstruction_race(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), withKeys(t, "a")
	who, clerk, boss := investor(t, db), investor(t, db), investor(t, db)
	var ids []id.Of[investments.PaymentInstruction]
	for range 8 {
		ids = append(ids, instructed(t, db, who, clerk, "x").ID)
	}
	var wg sync.WaitGroup
	for _, v := range ids {
		wg.Go(func() {
			if _, err := svc.Accounts.ApproveInstruction(ctx, db, investments.ApproveInstructionParams{InstructionID: v, ActorID: boss}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	active, err := svc.Accounts.Instructions(ctx, db, investments.InstructionFilter{InvestorID: &who, Status: investments.InstructionStatusActive}, page.Request{})
	require.NoError(t, err)
	require.Len(t, active.Items, 1)
}

// Instructions that were approved for one investor do not open for another to
// whom a statement has given them.
func TestInstructions_boundToTheirOwner(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), withKeys(t, "a")
	who, clerk, boss, thief := investor(t, tx), investor(t, tx), investor(t, tx), investor(t, tx)
	in := instructed(t, tx, who, clerk, "routing 1, account 2")
	_, err := svc.Accounts.ApproveInstruction(ctx, tx, investments.ApproveInstructionParams{InstructionID: in.ID, ActorID: boss})
	require.NoError(t, err)
	_, err = svc.Accounts.RevealInstruction(ctx, tx, in.ID)
	require.NoError(t, err)
	_, err = tx.ExecContext(ctx, "UPDATE investments.payment_instructions SET investor_id = ? WHERE id = ?", thief, in.ID)
	require.NoError(t, err)
	_, err = svc.Accounts.RevealInstruction(ctx, tx, in.ID)
	require.ErrorIs(t, err, vault.ErrForged)
}

func TestVaultVerbs_cancelledAtEveryStatement(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), withKeys(t, "b", "a")
	a, clerk, boss := account(t, db, ""), investor(t, db), investor(t, db)
	_, err := withKeys(t, "a").Accounts.SetTaxID(ctx, db, investments.SetTaxIDParams{AccountID: a.ID, TaxID: auth.NewSecret("123456789"), ActorID: staff})
	require.NoError(t, err)
	first, second := instructed(t, db, a.InvestorID, clerk, "x"), instructed(t, db, a.InvestorID, clerk, "y")
	_, err = svc.Accounts.ApproveInstruction(ctx, db, investments.ApproveInstructionParams{InstructionID: first.ID, ActorID: boss})
	require.NoError(t, err)
	cancelEverywhere(t, db, map[string]func(context.Context, bun.IDB) error{
		"set tax id": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Accounts.SetTaxID(ctx, tx, investments.SetTaxIDParams{AccountID: a.ID, TaxID: auth.NewSecret("987654321"), ActorID: staff})
			return err
		},
		"approve instruction": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Accounts.ApproveInstruction(ctx, tx, investments.ApproveInstructionParams{InstructionID: second.ID, ActorID: boss})
			return err
		},
		"reseal": func(ctx context.Context, tx bun.IDB) error { _, err := svc.Accounts.Reseal(ctx, tx, 100); return err },
	})
	require.NoError(t, store.InTx(ctx, db, func(tx bun.IDB) error { _, err := svc.Accounts.Reseal(ctx, tx, 100); return err }))
}
