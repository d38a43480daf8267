package investments_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
)

// cancelAt ends a context just before the n-th statement is sent, BEGIN being
// the first.
type cancelAt struct {
	sent   atomic.Int64
	n      int
	cancel func()
}

func (c *cancelAt) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	if c.sent.Add(1) == int64(c.n)+1 {
		c.cancel()
	}
	return ctx
}

func (*cancelAt) AfterQuery(context.Context, *bun.QueryEvent) {}

// fingerprint is a hash of every row that the money verbs write.
func fingerprint(t *testing.T, db bun.IDB) string {
	t.Helper()
	var out string
	require.NoError(t, db.NewRaw(`SELECT string_agg(x, '|') FROM (
		SELECT md5(COALESCE(string_agg(r::text, ',' ORDER BY r::text), '')) AS x FROM freehold.idempotency r
		UNION ALL SELECT md5(COALESCE(string_agg(r::text, ',' ORDER BY r::text), '')) FROM freehold.outbox r
		UNION ALL SELECT md5(COALESCE(string_agg(r::text, ',' ORDER BY r::text), '')) FROM freehold.outbox_heads r
		UNION ALL SELECT md5(COALESCE(string_agg(r::text, ',' ORDER BY r::text), '')) FROM investments.opportunities r
		UNION ALL SELECT md5(COALESCE(string_agg(r::text, ',' ORDER BY r::text), '')) FROM investments.subscriptions r
		UNION ALL SELECT md5(COALESCE(string_agg(r::text, ',' ORDER BY r::text), '')) FROM investments.property_investments r
		UNION ALL SELECT md5(COALESCE(string_agg(r::text, ',' ORDER BY r::text), '')) FROM investments.capital_calls r
		UNION ALL SELECT md5(COALESCE(string_agg(r::text, ',' ORDER BY r::text), '')) FROM investments.capital_call_lines r
		UNION ALL SELECT md5(COALESCE(string_agg(r::text, ',' ORDER BY r::text), '')) FROM investments.transfers r
		UNION ALL SELECT md5(COALESCE(string_agg(r::text, ',' ORDER BY r::text), '')) FROM investments.payment_instructions r
		UNION ALL SELECT md5(COALESCE(string_agg(r::text, ',' ORDER BY r::text), '')) FROM investments.investor_accounts r
		UNION ALL SELECT md5(COALESCE(string_agg(r::text, ',' ORDER BY r::text), '')) FROM investments.distributions r
		UNION ALL SELECT md5(COALESCE(string_agg(r::text, ',' ORDER BY r::text), '')) FROM investments.investor_distributions r
		UNION ALL SELECT md5(COALESCE(string_agg(r::text, ',' ORDER BY r::text), '')) FROM investments.transactions r
		UNION ALL SELECT md5(COALESCE(string_agg(r::text, ',' ORDER BY r::text), '')) FROM freehold.approval_requests r
		UNION ALL SELECT md5(COALESCE(string_agg(r::text, ',' ORDER BY r::text), '')) FROM freehold.approvals r
		UNION ALL SELECT md5(COALESCE(string_agg(r::text, ',' ORDER BY r::text), '')) FROM freehold.outbox r
		UNION ALL SELECT md5(COALESCE(string_agg(r::text, ',' ORDER BY r::text), '')) FROM financials.journals r
		UNION ALL SELECT md5(COALESCE(string_agg(r::text, ',' ORDER BY r::text), '')) FROM financials.postings r
		UNION ALL SELECT md5(COALESCE(string_agg(r::text, ',' ORDER BY r::text), '')) FROM financials.account_balances r) s`).Scan(t.Context(), &out))
	return out
}
