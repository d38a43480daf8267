package investments

import (
	"bytes"
	"context"
	"encoding/binary"
	"iter"
	"slices"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// proRata works a distribution out without terms: by units where every holding
// has them, else by contributed capital, as of the record date.
func (d *Draft) proRata(ctx context.Context, tx bun.IDB, h *past, p DeclareParams) error {
	var held []Position
	one := []payout{d.Distribution.payout()}
	err := store.Together(ctx, tx,
		store.Into(&held, func(tx bun.IDB) ([]Position, error) { return h.holdings(ctx, tx, d.Distribution.record()) }),
		func(tx bun.IDB) error { return h.loadRecord(ctx, tx, h.through(one)) })
	if err != nil {
		return err
	}
	sp, err := shareOut(held, d.Distribution.TotalAmount)
	if err != nil {
		return err
	}
	d.tiers = 1
	d.Lines, d.Tiers = make([]DistributionLine, 0, len(held)), make([]LineTier, 0, len(held))
	for i := range held {
		l := d.line(RoleInvestor, h.find(held[i].ID.String()), sp.parts[i])
		t := d.tier(0, string(MethodProRata), sp.parts[i])
		t.LineID = l.ID
		d.Tiers = append(d.Tiers, t)
	}
	d.Distribution.PerUnitAmount, d.Distribution.PerShareAmount = sp.perUnit, sp.perUnit
	in := d.Distribution.inputs()
	in.InKind = p.InKind
	in.Basis, in.Total, in.Positions = sp.basis, sp.total, len(held)
	if p.TrueUp {
		review, err := h.reviewProRata(ctx, tx)
		if err != nil {
			return err
		}
		due, err := review.owed.owed()
		if err != nil {
			return err
		}
		if err := d.trueUp(h, due, p.Bill, &in); err != nil {
			return err
		}
	}
	if d.Calculation.HistoryHash, err = h.fingerprint(ctx, tx, []payout{d.Distribution.payout()}); err != nil {
		return err
	}
	return d.freeze("pro_rata/3", in, packWeights(held, sp.weights))
}

// holdings are the positions that hold capital at the end of a day, by ascending
// id. Who left with the exit of the offering still has their capital on record,
// and takes part in what is released afterwards.
func (h *past) holdings(ctx context.Context, tx bun.IDB, day date.Date) ([]Position, error) {
	held, err := holdingsOn(ctx, tx, h.offering.ID, day)
	return slices.DeleteFunc(held, func(p Position) bool { return p.InvestmentAmount.Sign() <= 0 || h.find(p.ID.String()) == nil }), err
}

// shares is an amount divided over holdings, in their order.
type shares struct {
	basis   string // units or capital
	weights []decimal.Decimal
	total   decimal.Decimal // of the weights
	parts   []money.Amount
	perUnit *decimal.Decimal // informational; nil without units
}

// shareOut divides an amount over holdings by units, or by contributed capital
// when one of them has no units. It touches no database.
func shareOut(held []Position, amount money.Amount) (shares, error) {
	if len(held) == 0 {
		return shares{}, ErrNoPositions
	}
	out := shares{basis: "units", weights: make([]decimal.Decimal, len(held))}
	for i := range held {
		if held[i].Units == nil {
			out.total = decimal.Zero
			break
		}
		out.weights[i] = *held[i].Units
		out.total = out.total.Add(out.weights[i])
	}
	if out.total.IsZero() {
		out.basis = "capital"
		for i := range held {
			out.weights[i] = held[i].InvestmentAmount.Decimal()
			out.total = out.total.Add(out.weights[i])
		}
	} else {
		out.perUnit = ptr(amount.Decimal().DivRound(out.total, 10))
	}
	list := make([]money.Share, len(held))
	for i := range held {
		list[i] = money.Share{ID: string(held[i].ID[:]), Weight: out.weights[i]}
	}
	var err error
	out.parts, err = money.Allocate(amount, list)
	return out, err
}

// weightsMagic begins the frozen weights of a distribution pro rata: for each
// position its id, the length of its weight as text, and the text.
const weightsMagic = "FHW1"

func packWeights(held []Position, weights []decimal.Decimal) []byte {
	b := make([]byte, 0, 32*len(held)+len(weightsMagic))
	b = append(b, weightsMagic...)
	for i := range held {
		text := weights[i].String()
		b = append(b, held[i].ID[:]...)
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	return b
}

// frozenWeights yields what packWeights wrote, up to where it cannot be read.
func frozenWeights(b []byte) iter.Seq2[id.Of[Position], decimal.Decimal] {
	return func(yield func(id.Of[Position], decimal.Decimal) bool) {
		b, ok := bytes.CutPrefix(b, []byte(weightsMagic))
		for ok && len(b) > 16 {
			n, size := binary.Uvarint(b[16:])
			if size <= 0 || n > uint64(len(b)-16-size) {
				return
			}
			end := 16 + size + int(n)
			w, err := decimal.NewFromString(string(b[16+size : end]))
			if err != nil || !yield(id.Of[Position](b[:16]), w) {
				return
			}
			b = b[end:]
		}
	}
}

// frozenWeight finds the weight of a position among those that were frozen.
func frozenWeight(b []byte, position id.Of[Position]) (decimal.Decimal, bool) {
	for p, w := range frozenWeights(b) {
		if p == position {
			return w, true
		}
	}
	return decimal.Zero, false
}

// explainProRata says how a line of a distribution without terms came about.
func explainProRata(l *DistributionLine, d *Distribution, basis string, total, weight decimal.Decimal, part money.Amount) *waterfall.Explanation {
	what := "contributed capital"
	if basis == "units" {
		what = "units"
	}
	exact := d.TotalAmount.Decimal().Mul(weight).DivRound(total, 8)
	x := &waterfall.Explanation{Account: l.partner(), Total: l.DistributionAmount, Lines: []waterfall.ExplanationLine{{
		Tier: "pro rata", Amount: part, Text: "Share " + d.TotalAmount.Format() + " by " + what + " on " + d.RecordDate.String() + ". The account's are " +
			weight.String() + " of " + total.String() + ", so its exact share is " + exact.String() + "."}}}
	if !l.Adjustment.IsZero() {
		x.Lines = append(x.Lines, waterfall.ExplanationLine{Tier: "adjustment", Amount: l.Adjustment, Text: *l.AdjustmentReason})
	}
	return x
}
