package investments_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// told is an event of this domain as the outbox has it.
type told struct {
	Aggregate string
	ID        string
	Type      string
	Payload   json.RawMessage
}

// teller returns a function that lists this domain's events since its last call.
func teller(t *testing.T, db bun.IDB) func() []told {
	t.Helper()
	seen := map[string]bool{}
	return func() []told {
		var rows []struct {
			Event string
			told  `bun:",extend"`
		}
		require.NoError(t, db.NewRaw(`SELECT id AS event, aggregate_type AS aggregate, aggregate_id AS id, type, payload FROM freehold.outbox
			WHERE type LIKE 'investments.%' ORDER BY aggregate_type, aggregate_id, position`).Scan(t.Context(), &rows))
		var news []told
		for _, r := range rows {
			if !seen[r.Event] {
				seen[r.Event] = true
				news = append(news, r.told)
			}
		}
		return news
	}
}

// Every verb that changes something tells of it once, and of it alone. The same
// call again, which changes nothing, tells nothing.
func TestVerbs_tellOnce(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := withKeys(t, "a")
	news := teller(t, tx)
	buyer, clerk, boss := investor(t, tx), investor(t, tx), investor(t, tx)
	o := raise(t, tx, "300000")
	start := news()
	require.Len(t, start, 2)
	require.Equal(t, "investments.offering_created", start[0].Type)
	require.Equal(t, told{"offering", o.ID.String(), "investments.offering_opened", start[1].Payload}, start[1])
	_, err := svc.Offerings.Open(ctx, tx, investments.OpenOfferingParams{OfferingID: o.ID, ActorID: staff})
	require.NoError(t, err)
	require.Empty(t, news(), "it is open")
	day := date.MustParse

	// verb runs do, expects one event, and again, and expects none.
	verb := func(aggregate, id, typ string, do func() error) map[string]any {
		t.Helper()
		require.NoError(t, do(), typ)
		got := news()
		require.Len(t, got, 1, typ)
		require.Equal(t, "investments."+typ, got[0].Type)
		require.Equal(t, aggregate, got[0].Aggregate, typ)
		require.Equal(t, id, got[0].ID, typ)
		var payload map[string]any
		require.NoError(t, json.Unmarshal(got[0].Payload, &payload))
		require.NoError(t, do(), typ+" again")
		require.Empty(t, news(), typ+" again")
		return payload
	}
	// first runs do, expects one event of what it returns, and does not run it again.
	first := func(aggregate, typ string, do func() (string, error)) {
		t.Helper()
		id, err := do()
		require.NoError(t, err, typ)
		got := news()
		require.Len(t, got, 1, typ)
		require.Equal(t, told{aggregate, id, "investments." + typ, got[0].Payload}, got[0])
	}

	// Accounts.
	holder := investor(t, tx)
	var a *investments.Account
	first("investor_account", "account_opened", func() (_ string, err error) {
		a, err = svc.Accounts.Open(ctx, tx, investments.OpenAccountParams{InvestorID: holder, Type: investments.AccountLLC, Name: "Secret Name LLC", ActorID: staff})
		return a.ID.String(), err
	})
	first("investor_account", "account_tax_id_changed", func() (string, error) {
		a, err := svc.Accounts.SetTaxID(ctx, tx, investments.SetTaxIDParams{AccountID: a.ID, TaxID: auth.NewSecret("123-45-6789"), ActorID: staff})
		return a.ID.String(), err
	})
	request := func() *investments.PaymentInstruction {
		in, err := svc.Accounts.RequestInstruction(ctx, tx, investments.RequestInstructionParams{InvestorID: holder, AccountID: &a.ID, Method: investments.PayACH,
			Details: auth.NewSecret("Secret Bank 0815"), Last4: "0815", ActorID: holder})
		require.NoError(t, err)
		return in
	}
	in := request()
	require.Equal(t, "investments.payment_instruction_requested", news()[0].Type)
	verb("payment_instruction", in.ID.String(), "payment_instruction_approved", func() error {
		_, err := svc.Accounts.ApproveInstruction(ctx, tx, investments.ApproveInstructionParams{InstructionID: in.ID, ActorID: boss})
		return err
	})
	in = request()
	news()
	verb("payment_instruction", in.ID.String(), "payment_instruction_rejected", func() error {
		_, err := svc.Accounts.RejectInstruction(ctx, tx, investments.RejectInstructionParams{InstructionID: in.ID, ActorID: boss})
		return err
	})
	_, err = svc.Accounts.Reseal(ctx, tx, 10)
	require.NoError(t, err)
	require.Empty(t, news(), "other keys, the same content")

	// Commitments.
	c := commitment(o, holder, "100000")
	var sub *investments.Subscription
	sub, err = svc.Commitments.Commit(ctx, tx, c)
	require.NoError(t, err)
	p := verbPayload(t, news(), "subscription", sub.ID.String(), "subscription_committed")
	require.Equal(t, "100000.00", p["amount"])
	require.Equal(t, sub.PositionID.String(), p["position_id"])
	_, err = svc.Commitments.Commit(ctx, tx, c)
	require.NoError(t, err)
	require.Empty(t, news(), "the same key")
	fund := investments.ReceiveContributionParams{IdempotencyKey: "f", SubscriptionID: sub.ID, Amount: money.MustParse("40000"), Date: day("2026-01-15"), ActorID: staff}
	p = verb("subscription", sub.ID.String(), "contribution_received", func() error { _, err := svc.Commitments.ReceiveContribution(ctx, tx, fund); return err })
	require.Equal(t, "open", p["status"])
	back := refund(sub, "r", "1000")
	back.Date = day("2026-01-16")
	p = verb("subscription", sub.ID.String(), "contribution_refunded", func() error { _, err := svc.Commitments.RefundContribution(ctx, tx, back); return err })
	require.Equal(t, "1000.00", p["amount"])

	// Capital calls.
	var call *investments.CapitalCall
	draft := func(key string) {
		call, err = svc.Commitments.CallCapital(ctx, tx, investments.CallCapitalParams{IdempotencyKey: key, OfferingID: o.ID, Amount: amount("10000"), DueDate: day("2026-03-01"), ActorID: clerk})
		require.NoError(t, err)
		verbPayload(t, news(), "capital_call", call.ID.String(), "capital_call_drafted")
	}
	draft("c1")
	verb("capital_call", call.ID.String(), "capital_call_cancelled", func() error {
		_, err := svc.Commitments.CancelCall(ctx, tx, investments.CancelCallParams{CallID: call.ID, ActorID: staff})
		return err
	})
	draft("c2")
	verb("capital_call", call.ID.String(), "capital_call_issued", func() error {
		_, err := svc.Commitments.IssueCall(ctx, tx, investments.IssueCallParams{CallID: call.ID, NoticeDate: day("2026-02-15"), ActorID: staff})
		return err
	})
	lines, err := svc.Commitments.CallLines(ctx, tx, call.ID, page.Request{})
	require.NoError(t, err)
	receive := investments.ReceiveCallParams{IdempotencyKey: "l1", LineID: lines.Items[0].ID, Amount: money.MustParse("4000"), Date: day("2026-02-20"), ActorID: staff}
	p = verb("subscription", sub.ID.String(), "contribution_received", func() error { _, err := svc.Commitments.ReceiveCall(ctx, tx, receive); return err })
	require.Equal(t, lines.Items[0].ID.String(), p["call_line_id"])
	receive.IdempotencyKey, receive.Amount = "l2", money.Zero
	_, err = svc.Commitments.ReceiveCall(ctx, tx, receive)
	require.NoError(t, err)
	got := news()
	require.Len(t, got, 2, "the last line completes the call, which is an event of its own")
	require.Equal(t, "investments.capital_call_completed", got[0].Type)
	require.Equal(t, call.ID.String(), got[0].ID)
	require.Equal(t, "investments.contribution_received", got[1].Type)

	// The waitlist.
	other, err := svc.Commitments.Commit(ctx, tx, commitment(o, investor(t, tx), "200000"))
	require.NoError(t, err)
	late := commitment(o, investor(t, tx), "50000")
	late.JoinWaitlist = true
	news()
	waits, err := svc.Commitments.Commit(ctx, tx, late)
	require.NoError(t, err)
	require.EqualValues(t, 1, verbPayload(t, news(), "subscription", waits.ID.String(), "subscription_waitlisted")["waitlist_number"])
	p = verb("subscription", other.ID.String(), "subscription_cancelled", func() error {
		_, err := svc.Commitments.CancelSubscription(ctx, tx, investments.CancelSubscriptionParams{IdempotencyKey: "x", SubscriptionID: other.ID, Reason: "Secret reason", ActorID: staff})
		return err
	})
	require.Equal(t, "open", p["was"])
	require.Equal(t, "200000.00", p["amount"])
	verb("subscription", waits.ID.String(), "subscription_admitted", func() error {
		_, err := svc.Commitments.Admit(ctx, tx, investments.AdmitParams{IdempotencyKey: "p", SubscriptionID: waits.ID, ActorID: staff})
		return err
	})
	p = verb("offering", o.ID.String(), "offering_scaled_back", func() error {
		_, err := svc.Commitments.ScaleBack(ctx, tx, investments.ScaleBackParams{IdempotencyKey: "s", OfferingID: o.ID, Total: amount("30000"), ActorID: staff})
		return err
	})
	require.Equal(t, "30000.00", p["total"])

	// Transfers.
	var tr *investments.Transfer
	ask := func(key string) {
		tr, err = svc.Positions.RequestTransfer(ctx, tx, investments.RequestTransferParams{IdempotencyKey: key, PositionID: *sub.PositionID, ToInvestorID: buyer,
			Fraction: decimal.RequireFromString("0.5"), EffectiveDate: day("2026-03-01"), ActorID: ownerOf(t, tx, *sub.PositionID), Reason: "Secret reason"})
		require.NoError(t, err)
		verbPayload(t, news(), "transfer", tr.ID.String(), "transfer_requested")
	}
	ask("t1")
	verb("transfer", tr.ID.String(), "transfer_cancelled", func() error {
		_, err := svc.Positions.CancelTransfer(ctx, tx, investments.CancelTransferParams{TransferID: tr.ID, ActorID: staff})
		return err
	})
	ask("t2")
	verb("transfer", tr.ID.String(), "transfer_approved", func() error {
		_, err := svc.Positions.ApproveTransfer(ctx, tx, investments.ApproveTransferParams{TransferID: tr.ID, ActorID: boss})
		return err
	})
	p = verb("transfer", tr.ID.String(), "transfer_completed", func() error { _, err := complete(ctx, tx, tr.ID, "t3"); return err })
	require.Equal(t, "24500.00", p["amount"])

	// Statements and terms.
	first("statement", "statement_prepared", func() (string, error) {
		st, err := svc.Reports.PrepareStatement(ctx, tx, investments.PrepareStatementParams{InvestorID: holder, Type: investments.StatementQuarterly,
			PeriodStart: day("2026-01-01"), PeriodEnd: day("2026-03-31"), ActorID: staff})
		return st.ID.String(), err
	})
	terms, err := waterfall.ParseTerms(fmt.Appendf(nil, `{"promote_recipient": %q, "prefs": {"common": {"rate": "0.08", "compounding": "none"}},
		"tiers": {"capital": [{"name": "pref", "type": "pref"}, {"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split", "promote": "0.2"}],
		"operating": [{"name": "pref", "type": "pref"}, {"name": "split", "type": "split", "promote": "0.2"}]}}`, a.ID))
	require.NoError(t, err)
	verb("offering", o.ID.String(), "offering_terms_set", func() error {
		_, err := svc.Offerings.SetTerms(ctx, tx, investments.SetTermsParams{OfferingID: o.ID, EffectiveDate: day("2026-04-01"), Terms: terms, ActorID: clerk})
		return err
	})

	// The end of offerings.
	verb("offering", o.ID.String(), "offering_closed", func() error {
		_, err := svc.Offerings.Close(ctx, tx, investments.CloseOfferingParams{OfferingID: o.ID, ActorID: staff})
		return err
	})
	_, err = svc.Commitments.CancelSubscription(ctx, tx, investments.CancelSubscriptionParams{IdempotencyKey: "y", SubscriptionID: waits.ID, ActorID: staff})
	require.NoError(t, err)
	_, err = svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: "rest", SubscriptionID: sub.ID, Date: day("2026-03-02"), ActorID: staff})
	require.NoError(t, err)
	news()
	p = verb("offering", o.ID.String(), "raise_completed", func() error {
		_, err := svc.Offerings.CompleteRaise(ctx, tx, investments.CompleteRaiseParams{OfferingID: o.ID, ActorID: staff})
		return err
	})
	require.EqualValues(t, 2, p["investor_count"])
	off := raise(t, tx, "300000")
	_, err = svc.Commitments.Commit(ctx, tx, commitment(off, holder, "50000"))
	require.NoError(t, err)
	news()
	p = verb("offering", off.ID.String(), "offering_cancelled", func() error {
		_, err := svc.Offerings.Cancel(ctx, tx, investments.CancelOfferingParams{OfferingID: off.ID, Reason: "Secret reason", ActorID: staff})
		return err
	})
	require.EqualValues(t, 1, p["subscriptions"])

	// Caches tell nothing, and nothing that is private was told.
	require.NoError(t, svc.Reports.RefreshPortfolios(ctx, tx, investments.RefreshPortfoliosParams{InvestorIDs: nil, AsOf: day("2026-12-31")}))
	require.Empty(t, news())
	var leaks []string // without the ids and the fractions of seconds, which can hold these digits by chance
	require.NoError(t, tx.NewRaw(`SELECT payload FROM freehold.outbox
		WHERE regexp_replace(payload::text, '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\.[0-9]+Z', '', 'g') ~* 'secret|6789|0815'`).Scan(ctx, &leaks))
	require.Empty(t, leaks)
}

// verbPayload expects one event and returns what it says.
func verbPayload(t *testing.T, got []told, aggregate, id, typ string) map[string]any {
	t.Helper()
	require.Len(t, got, 1, typ)
	require.Equal(t, told{aggregate, id, "investments." + typ, got[0].Payload}, got[0])
	var payload map[string]any
	require.NoError(t, json.Unmarshal(got[0].Payload, &payload))
	return payload
}
