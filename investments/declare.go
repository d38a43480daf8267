package investments

import (
	"context"
	"crypto/sha256"
	"encoding/json"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of declaring.
var (
	// ErrWithholding: a rate of withholding names a position that gets nothing.
	ErrWithholding = fault.New(fault.Invalid, "withholding_position_unknown", "each rate names a position that takes part").On("withholding")
	// ErrRecordDate: positions have changed since the record date, so that what
	// they were then is no longer on the positions.
	ErrRecordDate = fault.New(fault.Illegal, "record_date_passed", "contributions or transfers are dated after the record date").On("record_date")
	// ErrNoPositions: nobody held a funded position on the record date.
	ErrNoPositions = fault.New(fault.Illegal, "no_positions", "nobody holds a funded position on the record date")
)

// DeclareParams is a distribution to declare.
type DeclareParams struct {
	IdempotencyKey string
	OfferingID     id.Of[Offering]
	Type           DistributionType
	Character      *Character // the tax character, where it is known
	Date           date.Date  // the day it counts from
	RecordDate     *date.Date // pro rata: positions funded by this day take part; nil is Date
	Amount         money.Amount
	// Method is how it is split; "" is the waterfall of the offering's terms
	// where it has terms, and pro rata where it has none.
	Method Method
	// Withholding is the fraction of the gross amount withheld as tax, by
	// position.
	Withholding map[id.Of[Position]]decimal.Decimal
	// Adjustments move money between accounts after the split, each with its
	// reason; they sum to zero. Only distributions by terms take them.
	Adjustments []waterfall.Adjustment
	CreatedBy   id.Of[auth.User]
	PropertyNOI *money.Amount // supporting figure
	Notes       string
}

func (p *DeclareParams) validate() error {
	var f fault.Fields
	f.Check(!p.OfferingID.IsZero(), "opportunity_id", "required", "an offering is needed")
	f.Check(p.Type.Valid(), "distribution_type", "unknown", "the type is not one of the list")
	f.Check(p.Character == nil || p.Character.Valid(), "type", "unknown", "the character is not one of the list")
	f.Check(!p.Date.IsZero(), "distribution_date", "required", "a date is needed")
	f.Check(p.Amount.Sign() > 0, "total_amount", "out_of_range", "an amount is above zero")
	f.Check(!p.CreatedBy.IsZero(), "created_by", "required", "who declares it must be known")
	f.Check(p.Method == "" || p.Method.Valid(), "calculation_method", "unknown", "pro_rata, preferred or waterfall")
	for _, r := range p.Withholding {
		f.Check(r.Sign() >= 0 && !r.GreaterThan(decimal.NewFromInt(1)), "withholding", "out_of_range", "a rate is a fraction from 0 to 1")
	}
	f.Check(p.RecordDate == nil || !p.RecordDate.After(p.Date), "record_date", "out_of_range", "the record date is not after the distribution")
	return f.Err()
}

// Declare splits an amount over the positions of an offering, to the cent, and
// stores the distribution with its lines as pending. Nothing is booked before
// [Service.Approve].
//
// Pro rata goes by units where every position has units, else by contributed
// capital, with the largest remainder. By terms (waterfall, preferred) the whole
// history of the offering is run through package waterfall first; what each
// line got from each tier, the trace that explains every cent and the closing
// state are kept with the frozen inputs. [Service.Preview] shows the same
// without writing.
//
// It locks the offering against changes of its positions. It returns
// [ErrNoPositions], [ErrRecordDate], [ErrWithholding], [ErrOfferingState], [ErrMethodMixed], [ErrNoTerms],
// [ErrDistributionOrder], [ErrHistoryChanged], [ErrUndistributed] or
// [ErrOfferingNotFound]. The same key and request again return the first
// distribution.
func (s *Service) Declare(ctx context.Context, db bun.IDB, p DeclareParams) (*Distribution, error) {
	if err := p.validate(); err != nil {
		return nil, err
	}
	request, v := p, id.New[Distribution]()
	request.IdempotencyKey = ""
	return onceOf(ctx, db, s.command("investments.declare", p.IdempotencyKey), request, "distribution", v, distributions,
		func(tx bun.IDB) (*Distribution, error) {
			draft, err := s.draft(ctx, tx, v, p)
			if err != nil {
				return nil, err
			}
			return &draft.Distribution, draft.store(ctx, tx)
		})
}

// Draft is a distribution worked out and not yet stored.
type Draft struct {
	Distribution Distribution
	Lines        []DistributionLine
	Tiers        []LineTier
	Calculation  Calculation
	Trace        *waterfall.Trace // nil for pro rata
}

// Preview works a distribution out as [Service.Declare] would and writes
// nothing. The idempotency key may be empty.
func (s *Service) Preview(ctx context.Context, db bun.IDB, p DeclareParams) (*Draft, error) {
	if err := p.validate(); err != nil {
		return nil, err
	}
	var out *Draft
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		out, err = s.draft(ctx, tx, id.New[Distribution](), p)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// draft locks the offering and works a distribution out.
func (s *Service) draft(ctx context.Context, tx bun.IDB, v id.Of[Distribution], p DeclareParams) (*Draft, error) {
	o, err := lockOffering(ctx, tx, p.OfferingID)
	if err != nil {
		return nil, err
	}
	if o.Status == OfferingDraft || o.Status == OfferingCancelled {
		return nil, ErrOfferingState.With("it is %s", o.Status)
	}
	record, now := p.Date, s.now()
	if p.RecordDate != nil {
		record = *p.RecordDate
	}
	d := &Draft{Distribution: Distribution{
		ID: v, PropertyID: o.PropertyID, OfferingID: &o.ID, DistributionType: &p.Type, Character: p.Character,
		DistributionDate: p.Date, PaymentDate: &p.Date, RecordDate: &record, TotalAmount: p.Amount, Currency: o.Currency,
		Status: DistributionPending, PropertyNOI: p.PropertyNOI, Notes: optional(p.Notes), CreatedBy: &p.CreatedBy,
		Version: 1, CreatedAt: now, UpdatedAt: now,
	}}
	h, err := loadPast(ctx, tx, o)
	if err != nil {
		return nil, err
	}
	method := p.Method
	if method == "" && len(h.versions) > 0 {
		method = MethodWaterfall
	}
	switch {
	case (method == "" || method == MethodProRata) && len(h.versions) == 0 && len(p.Adjustments) == 0:
		err = d.proRata(ctx, tx, h)
	case method == MethodProRata || method == "":
		err = ErrMethodMixed
	default:
		d.Distribution.CalculationMethod = &method
		err = d.byTerms(ctx, tx, h, p.Adjustments)
	}
	if err != nil {
		return nil, err
	}
	return d, d.withhold(p.Withholding)
}

// store writes what was worked out.
func (d *Draft) store(ctx context.Context, tx bun.IDB) error {
	if err := distributions.Insert(ctx, tx, &d.Distribution); err != nil {
		return err
	}
	if err := distributionLines.InsertAll(ctx, tx, d.Lines); err != nil {
		return err
	}
	if err := lineTiers.InsertAll(ctx, tx, d.Tiers); err != nil {
		return err
	}
	return calculations.Insert(ctx, tx, &d.Calculation)
}

// line adds a line of a gross amount.
func (d *Draft) line(role Role, investor id.Of[auth.User], account *id.Of[Account], position *id.Of[Position], gross money.Amount) *DistributionLine {
	d.Lines = append(d.Lines, DistributionLine{
		ID: id.New[DistributionLine](), DistributionID: d.Distribution.ID, PropertyID: d.Distribution.PropertyID, InvestorID: investor,
		AccountID: account, PositionID: position, Role: role, DistributionAmount: gross, NetDistribution: gross,
		PaymentStatus: PaymentPending, PaymentAttempt: 1, Version: 1, CreatedAt: d.Distribution.CreatedAt, UpdatedAt: d.Distribution.UpdatedAt,
	})
	return &d.Lines[len(d.Lines)-1]
}

// withhold takes tax off the net of lines; the gross and the split stay. A
// rate for a position that gets nothing is more likely a mistaken id.
func (d *Draft) withhold(rates map[id.Of[Position]]decimal.Decimal) error {
	used := 0
	for i := range d.Lines {
		l := &d.Lines[i]
		if l.PositionID == nil {
			continue
		}
		rate, ok := rates[*l.PositionID]
		if !ok {
			continue
		}
		used++
		var err error
		if l.TaxWithholding, err = l.DistributionAmount.MulRate(rate); err != nil {
			return err
		}
		if l.NetDistribution, err = l.DistributionAmount.Sub(l.TaxWithholding); err != nil {
			return err
		}
	}
	if used != len(rates) {
		return ErrWithholding
	}
	return nil
}

// freeze keeps what the computation rested on, and its hash.
func (d *Draft) freeze(version string, inputs any) error {
	body, err := json.Marshal(inputs)
	if err != nil {
		return err
	}
	hash := sha256.Sum256(body)
	d.Calculation = Calculation{DistributionID: d.Distribution.ID, MethodVersion: version, Inputs: body, InputsHash: hash[:], CreatedAt: d.Distribution.CreatedAt}
	return nil
}

// split is a distribution divided over positions, in their order.
type split struct {
	basis   string // units or capital
	weights []decimal.Decimal
	parts   []money.Amount
	perUnit *decimal.Decimal // informational; nil without units
}

// proRata divides an amount over positions by units, or by contributed capital
// when one of them has no units. It touches no database.
func proRata(holders []Position, amount money.Amount) (split, error) {
	if len(holders) == 0 {
		return split{}, ErrNoPositions
	}
	out := split{basis: "units", weights: make([]decimal.Decimal, len(holders))}
	total := decimal.Zero
	for i := range holders {
		if holders[i].Units == nil {
			out.basis = "capital"
			break
		}
		out.weights[i] = *holders[i].Units
		total = total.Add(out.weights[i])
	}
	if total.IsZero() {
		out.basis = "capital"
	}
	shares := make([]money.Share, len(holders))
	for i := range holders {
		if out.basis == "capital" {
			out.weights[i] = holders[i].InvestmentAmount.Decimal()
		}
		shares[i] = money.Share{ID: string(holders[i].ID[:]), Weight: out.weights[i]}
	}
	if out.basis == "units" {
		out.perUnit = ptr(amount.Decimal().DivRound(total, 10))
	}
	var err error
	out.parts, err = money.Allocate(amount, shares)
	return out, err
}

// proRata works a distribution out without terms.
func (d *Draft) proRata(ctx context.Context, tx bun.IDB, h *past) error {
	var holders []Position
	for _, p := range h.partners {
		// Who left with the exit of the offering still has his capital on record,
		// and takes part in what is released afterwards.
		if pos := h.holders[p.ID]; pos != nil && !pos.InvestmentAmount.IsZero() && !pos.FundingDate.After(*d.Distribution.RecordDate) {
			holders = append(holders, *pos)
		}
	}
	sp, err := proRata(holders, d.Distribution.TotalAmount)
	if err != nil {
		return err
	}
	var since bool
	err = tx.NewRaw(`SELECT EXISTS (SELECT FROM investments.transactions t JOIN investments.property_investments p ON p.id = t.investment_id
		WHERE p.opportunity_id = ? AND t.effective_date > ? AND t.status = 'completed'
			AND t.type IN ('investment', 'refund', 'transfer_in', 'transfer_out'))`, h.offering.ID, *d.Distribution.RecordDate).Scan(ctx, &since)
	if err != nil {
		return store.Err(err, constraints)
	}
	if since {
		return ErrRecordDate
	}
	type input struct {
		Position id.Of[Position] `json:"position"`
		Weight   decimal.Decimal `json:"weight"`
	}
	inputs := make([]input, len(holders))
	for i := range holders {
		pos := &holders[i]
		inputs[i] = input{pos.ID, sp.weights[i]}
		l := d.line(RoleInvestor, pos.InvestorID, pos.AccountID, &pos.ID, sp.parts[i])
		d.Tiers = append(d.Tiers, LineTier{LineID: l.ID, Kind: string(MethodProRata), Amount: sp.parts[i]})
	}
	d.Distribution.CalculationMethod = ptr(MethodProRata)
	d.Distribution.PerUnitAmount, d.Distribution.PerShareAmount = sp.perUnit, sp.perUnit
	return d.freeze("pro_rata/1", map[string]any{"amount": d.Distribution.TotalAmount, "basis": sp.basis,
		"record_date": d.Distribution.RecordDate, "positions": inputs})
}
