package investments

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// payout is a distribution in the history of its offering. Every command reads all of
// them, so that they are small and point to nothing.
type payout struct {
	id       id.Of[Distribution]
	kind     waterfall.Kind
	date     date.Date
	record   date.Date
	amount   money.Amount
	method   Method              // "" is none
	terms    id.Of[TermsVersion] // zero is none
	declared time.Time
}

// payout is what a distribution is in the history of its offering.
func (d *Distribution) payout() payout {
	return payout{d.ID, or(d.DistributionType).kind(), d.DistributionDate, d.record(), d.TotalAmount, or(d.CalculationMethod), or(d.TermsID), d.CreatedAt}
}

// sale reports whether it distributes the proceeds of a sale.
func (p *payout) sale() bool { return p.kind == waterfall.Sale }

// loadDeclared reads the declared distributions: all of them as one value, since every
// command does, and a row of its own for each would cost several times what is in it.
func (h *past) loadDeclared(ctx context.Context, tx bun.IDB) error {
	var packed []byte
	err := store.Scan(ctx, tx, []any{&packed}, `SELECT string_agg(uuid_send(id) || uuid_send(COALESCE(terms_id, $2::uuid))
			|| int4send(distribution_date - DATE '2000-01-01') || int4send(COALESCE(record_date, distribution_date) - DATE '2000-01-01')
			|| int8send((total_amount * 100)::bigint) || timestamptz_send(created_at)
			|| int2send(length(kind)::int2) || kind || int2send(length(method)::int2) || method, ''::bytea ORDER BY distribution_date, created_at, id)
		FROM (SELECT d.*, convert_to(COALESCE(distribution_type, ''), 'UTF8') AS kind, convert_to(COALESCE(calculation_method, ''), 'UTF8') AS method
			FROM investments.distributions d WHERE opportunity_id = $1 AND status NOT IN ('cancelled', 'reversed')) d`,
		h.offering.ID.String(), id.Of[TermsVersion]{}.String())
	if err != nil {
		return store.Err(err, constraints)
	}
	h.declared, err = unpackPayouts(packed)
	return err
}

// unpackPayouts reads what loadDeclared packs.
func unpackPayouts(b []byte) (out []payout, err error) {
	begins := date.Must(2000, time.January, 1).Days()
	number := func(size int) (n int64) {
		for _, c := range b[:size] {
			n = n<<8 | int64(c)
		}
		b = b[size:]
		return n << (64 - 8*size) >> (64 - 8*size) // with its sign
	}
	day := func() date.Date {
		d, wrong := date.FromDays(begins + int(number(4)))
		err = errors.Join(err, wrong)
		return d
	}
	text := func() string {
		size := number(2)
		defer func() { b = b[size:] }()
		return string(b[:size])
	}
	for len(b) > 0 && err == nil {
		var p payout
		b = b[copy(p.id[:], b):]
		b = b[copy(p.terms[:], b):]
		p.date, p.record = day(), day()
		var wrong error
		p.amount, wrong = money.FromCents(number(8))
		p.declared = time.UnixMicro(time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC).UnixMicro() + number(8)).UTC()
		p.kind, p.method = DistributionType(text()).kind(), Method(text())
		out, err = append(out, p), errors.Join(err, wrong)
	}
	return out, err
}

// payouts are distributions as the order of transfers sees them.
func payouts(declared []payout) []history.Payout {
	out := make([]history.Payout, len(declared))
	for i := range declared {
		out[i] = history.Payout{Date: declared[i].date, Record: declared[i].record}
	}
	return out
}

// withDraft are the declared distributions and the draft.
func (h *past) withDraft() []payout {
	if h.draft == nil {
		return h.declared
	}
	if h.all == nil {
		h.all = append(slices.Clip(h.declared), *h.draft)
	}
	return h.all
}
