package investments

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/internal/check"
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
	// ErrInKind: what is in kind is more than the lines give, or tax is to be withheld out
	// of it.
	ErrInKind = fault.New(fault.Invalid, "distribution_in_kind", "what is in kind is more than is paid, or leaves no cash for what is withheld").On("in_kind")
	// ErrLenderFirst: tax is to be withheld of what goes to a lender.
	ErrLenderFirst = fault.New(fault.Invalid, "withholding_of_lender", "what is withheld of a partner who borrowed is more than the lender leaves").On("withholding")
	// ErrNoPositions: nobody held a funded position on the record date.
	ErrNoPositions = fault.New(fault.Illegal, "no_positions", "nobody holds a funded position on the record date")
	// ErrCorrects: what a distribution puts right is a reversed one of its offering.
	ErrCorrects = fault.New(fault.Illegal, "corrects_standing", "a distribution puts a reversed one of the same offering right").On("corrects_id")
)

// DeclareParams is a distribution to declare.
type DeclareParams struct {
	IdempotencyKey string
	OfferingID     id.Of[Offering]
	Type           DistributionType
	Character      *Character // the tax character, where it is known
	Date           date.Date  // the day it counts from
	// RecordDate: who held what at the end of this day takes part; nil is Date.
	RecordDate *date.Date
	Amount     money.Amount
	// Method is how it is split; "" is the waterfall of the offering's terms
	// where it has terms, and pro rata where it has none.
	Method Method
	// Withholding is the fraction of the gross amount withheld as tax, by
	// position.
	Withholding map[id.Of[Position]]decimal.Decimal
	// Adjustments move money between accounts after the split, each with its
	// reason; they sum to zero. Only distributions by terms take them.
	Adjustments []waterfall.Adjustment
	// Advances are paid before the tiers, such as tax distributions, to positions and
	// to accounts that the terms name, by their ids. What the tiers give those later
	// makes up for it. Only distributions by terms take them.
	Advances []waterfall.Advance
	// Releases take money out of reserves of the entity and add it to the amount, by the
	// names that the terms' holdback tiers give them, or records of cash; tiers hold
	// nothing back for those. Only distributions by terms take them.
	Releases []waterfall.ReserveAmount
	// InKind is the stated value of what of the amount is property and not cash.
	// Everybody gets the same part of it.
	InKind money.Amount
	// Last is that it distributes the last sale, after which the tiers of the terms that
	// look back are computed, once. Only sale proceeds by terms are.
	Last bool
	// TrueUp makes good what past distributions would pay otherwise by what is on
	// record today ([Distributions.Review]): who got too much gets less
	// now, and who got too little more, as adjustments of their lines.
	TrueUp bool
	// Bill, with TrueUp, bills payees who got more than this distribution gives them
	// to take it from, such as those who have left: their lines are below zero and
	// become debts with the approval ([Distributions.Recoverables]). Who got too little
	// gets all of it, whatever the amount.
	Bill bool
	// SetOff sets what payees owe of this offering by the day ([Distributions.Recoverables])
	// off against their lines, less what other pending distributions set off. A line
	// serves for what its payee, in person or under one account, owes for any position;
	// of several lines those come first whose position has the lower id. Tax is withheld
	// of the gross. It settles debts with the approval, the earliest first, and is no
	// cash flow: the line counts gross, when it is paid.
	SetOff bool
	// Sources is the cash of the entity that it is paid out of ([Capital.RecordCash]);
	// together they are the amount. Nil is that it cites none.
	Sources []CashSource
	// WorksheetID is the worksheet of the property by which its cash may be distributed
	// ([financials.Cash.PrepareWorksheet]): the one in force, as of the date or before. It
	// allows the amount, less what is in kind, besides what other distributions that stand
	// cite it for or have not yet taken out of the property's cash. Nil is that it cites none.
	WorksheetID *id.Of[financials.Worksheet]
	// CorrectsID is the reversed distribution that this one puts right.
	CorrectsID  *id.Of[Distribution]
	ActorID     id.Of[auth.User]
	PropertyNOI *money.Amount // supporting figure
	Notes       string
}

func (p *DeclareParams) validate(days check.Days) error {
	var f check.Fields
	f.Given("offering_id", p.OfferingID)
	check.One(&f, "type", p.Type)
	check.Enum(&f, "character", p.Character)
	f.GivenWithin("date", p.Date, days)
	f.Above("amount", p.Amount)
	f.Check(!p.Bill || p.TrueUp, "bill", check.NotAllowed, "what is billed is what a true-up takes")
	f.Given("actor_id", p.ActorID)
	f.Check(p.InKind.Sign() >= 0 && !p.Amount.Less(p.InKind), "in_kind", check.OutOfRange, "what is in kind is a part of the amount")
	f.Check(!p.Last || p.Type == DistributionSaleProceeds, "last", check.NotAllowed, "the last sale that tiers look back from is one")
	for i, r := range p.Releases {
		f.Above(fmt.Sprintf("releases[%d].amount", i), r.Amount)
		f.Check(waterfall.ValidReserve(r.Reserve), fmt.Sprintf("releases[%d].reserve", i), check.BadName, waterfall.NameRule)
	}
	f.Check(p.Method == "" || p.Method.Valid(), "method", check.NotAllowed, "pro_rata, preferred or waterfall")
	for _, r := range p.Withholding {
		f.Check(r.Sign() >= 0 && !r.GreaterThan(decimal.NewFromInt(1)), "withholding", check.OutOfRange, "a rate is a fraction from 0 to 1")
	}
	f.Check(p.RecordDate == nil || !p.RecordDate.After(p.Date), "record_date", check.OutOfRange, "the record date is not after the distribution")
	return f.Err()
}

// Declare splits an amount over the positions of an offering, to the cent, and
// stores the distribution with its lines as pending. Nothing is booked before
// [Distributions.Approve]. What holdback tiers keep goes to nobody: it is set aside in
// the offering's book, and TotalAmount is what the lines give.
//
// Pro rata goes by units where every position has units, else by contributed
// capital, with the largest remainder, as of the record date. By terms
// (waterfall, preferred) the history of the offering is run through package
// waterfall first; what each line got from each tier, the trace that explains
// every cent and the opening state are kept with the frozen inputs.
// [Distributions.Preview] shows the same without writing.
//
// It locks the offering against changes of its positions, and behind it the property
// where it cites a worksheet. It returns
// [ErrNoPositions], [ErrCorrects], [ErrSource], [ErrWorksheet], [ErrWorksheetSuperseded], [ErrWorksheetShort], [ErrWithholding], [ErrOfferingState], [ErrMethodMixed], [ErrNoTerms],
// [ErrDistributionOrder], [ErrHistoryChanged], [ErrTrueUpNothing], [ErrUndistributed], [ErrAllHeld],
// [ErrInKind], [ErrReserveShort] where later days have taken what it would release,
// [waterfall.ErrRelease] or [ErrOfferingNotFound]. The same key and request again return
// the first distribution.
func (s *Distributions) Declare(ctx context.Context, db bun.IDB, p DeclareParams) (*Distribution, error) {
	if err := p.validate(s.days()); err != nil {
		return nil, err
	}
	v := id.New[Distribution]()
	return store.RunOnce(ctx, db, store.Keyed[Distribution]{Scope: s.scope, Verb: "investments.declare", Params: p, Kind: "distribution", Result: v}, distributions.Get,
		func(tx bun.IDB) (*Distribution, error) {
			var o *Offering
			err := store.Together(ctx, tx,
				store.Into(&o, func(tx bun.IDB) (*Offering, error) { return lockOffering(ctx, tx, p.OfferingID) }),
				func(tx bun.IDB) error { return s.acts(ctx, tx, VerbDeclareDistribution, p.ActorID, about(v)) })
			if err != nil {
				return nil, err
			}
			if p.WorksheetID != nil { // one property's worksheets are prepared and cited one at a time
				if _, err := s.properties.LockProperty(ctx, tx, o.PropertyID); err != nil {
					return nil, err
				}
			}
			draft, err := s.draft(ctx, tx, o, v, p)
			if err != nil {
				return nil, err
			}
			if err := draft.store(ctx, tx); err != nil {
				return nil, err
			}
			d := &draft.Distribution
			return d, s.hooks.Emit(ctx, tx, s.now(), distributionEvent(d.ID, DistributionDeclared{OfferingID: *d.OfferingID, Type: d.DistributionType,
				Character: d.Character, Method: d.CalculationMethod, Date: d.DistributionDate, RecordDate: d.RecordDate, Total: d.TotalAmount,
				Currency: d.Currency, Lines: len(draft.Lines), TermsID: d.TermsID, WorksheetID: d.WorksheetID, CreatedBy: d.CreatedBy}))
		})
}

// Draft is a distribution worked out and not yet stored.
type Draft struct {
	Distribution Distribution       `json:"distribution"`
	Lines        []DistributionLine `json:"lines"`
	Tiers        []LineTier         `json:"tiers"`
	Calculation  Calculation        `json:"calculation"`
	Trace        *waterfall.Trace   `json:"trace"` // nil for pro rata
	Loans        []LoanPayment      `json:"loans"` // out of what debtors get, to their lenders
	Sources      []CashSource       `json:"sources"`
	Reserves     []ReserveMovement  `json:"reserves"` // what is held back and released

	tiers   int       // of the list that it was split by
	through date.Date // the last day whose capital it was computed from; zero pro rata
}

// Preview works a distribution out as [Distributions.Declare] would. It writes and
// locks nothing, so that a standby serves it, and given the pool it sees one moment.
// The idempotency key may be empty. The actor is the one who would declare it, whom the
// draft names; whether they may is not asked.
func (s *Distributions) Preview(ctx context.Context, db bun.IDB, p DeclareParams) (*Draft, error) {
	if err := p.validate(s.days()); err != nil {
		return nil, err
	}
	var out *Draft
	err := store.Snapshot(ctx, db, func(tx bun.IDB) error {
		o, err := seeOffering(ctx, tx, p.OfferingID)
		if err != nil {
			return err
		}
		out, err = s.draft(ctx, tx, o, id.New[Distribution](), p)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// draft works a distribution of an offering out.
func (s *Distributions) draft(ctx context.Context, tx bun.IDB, o *Offering, v id.Of[Distribution], p DeclareParams) (*Draft, error) {
	if o.Status == OfferingStatusDraft || o.Status == OfferingStatusCancelled {
		return nil, ErrOfferingState.With("it is %s", o.Status)
	}
	record, now := p.Date, s.now()
	if p.RecordDate != nil {
		record = *p.RecordDate
	}
	d := &Draft{Distribution: Distribution{
		ID: v, PropertyID: o.PropertyID, OfferingID: &o.ID, DistributionType: &p.Type, Character: p.Character,
		DistributionDate: p.Date, PaymentDate: &p.Date, RecordDate: &record, TotalAmount: p.Amount, Currency: o.Currency,
		CorrectsID: p.CorrectsID, WorksheetID: p.WorksheetID, Status: DistributionStatusPending, PropertyNOI: p.PropertyNOI, Notes: optional(p.Notes), CreatedBy: &p.ActorID,
		Version: 1, CreatedAt: now, UpdatedAt: now,
	}}
	if err := d.Distribution.corrects(ctx, tx); err != nil {
		return nil, err
	}
	if err := d.cite(ctx, tx, p.Sources); err != nil {
		return nil, err
	}
	if err := s.citeWorksheet(ctx, tx, d, p.InKind); err != nil {
		return nil, err
	}
	h, err := openPast(ctx, tx, o)
	if err != nil {
		return nil, err
	}
	d.Distribution.after(h.declared)
	if err := d.split(ctx, tx, h, p); err != nil {
		return nil, err
	}
	if err := d.shareInKind(p.InKind); err != nil {
		return nil, err
	}
	if err := d.withhold(p.Withholding); err != nil || !p.SetOff {
		return d, err
	}
	return d, d.setOff(ctx, tx)
}

// after makes a distribution a later one than those that were declared. Within a day
// their order is that of the offering's lock, and hosts' clocks do not agree.
func (d *Distribution) after(declared []payout) {
	for i := range declared {
		if last := declared[i].declared; !d.CreatedAt.After(last) {
			d.CreatedAt, d.UpdatedAt = last.Add(time.Microsecond), last.Add(time.Microsecond)
		}
	}
}

// corrects reports that what a distribution puts right stands, or is another
// offering's.
func (d *Distribution) corrects(ctx context.Context, tx bun.IDB) error {
	if d.CorrectsID == nil {
		return nil
	}
	wrong, err := distributions.Get(ctx, tx, *d.CorrectsID)
	if err != nil {
		return err
	}
	if wrong.Status != DistributionStatusReversed || wrong.OfferingID == nil || *wrong.OfferingID != *d.OfferingID {
		return ErrCorrects.With("it is %s", wrong.Status)
	}
	return nil
}

// split chooses the method and divides the amount.
func (d *Draft) split(ctx context.Context, tx bun.IDB, h *past, p DeclareParams) error {
	method := p.Method
	if method == "" {
		if method = MethodProRata; len(h.versions) > 0 {
			method = MethodWaterfall
		}
	}
	d.Distribution.CalculationMethod = &method
	switch {
	case method != MethodProRata:
		return d.byTerms(ctx, tx, h, p)
	case len(h.versions) > 0 || len(p.Adjustments) > 0 || len(p.Advances) > 0 || len(p.Releases) > 0 || p.Last:
		return ErrMethodMixed
	}
	return d.proRata(ctx, tx, h, p)
}

// store writes what was worked out.
func (d *Draft) store(ctx context.Context, tx bun.IDB) error {
	parts := []store.Part{
		func(tx bun.IDB) error { return distributions.Insert(ctx, tx, &d.Distribution) },
		func(tx bun.IDB) error { return distributionLines.InsertAll(ctx, tx, d.Lines) },
		func(tx bun.IDB) error { return lineTiers.InsertAll(ctx, tx, d.Tiers) },
		func(tx bun.IDB) error { return loanPayments.InsertAll(ctx, tx, d.Loans) },
		func(tx bun.IDB) error { return reserveMovements.InsertAll(ctx, tx, d.Reserves) },
		func(tx bun.IDB) error { return d.storeSources(ctx, tx) },
		func(tx bun.IDB) error { return d.storeCalculation(ctx, tx) },
		func(tx bun.IDB) error {
			if d.through.IsZero() {
				return nil
			}
			return store.Err(store.Exec(ctx, tx, `UPDATE investments.opportunities SET distributed_through = GREATEST(distributed_through, $2::date) WHERE id = $1::uuid`,
				d.Distribution.OfferingID.String(), d.through.String()), constraints)
		},
	}
	if err := store.Replan(ctx, tx, len(d.Lines)); err != nil {
		return err
	}
	return store.TogetherFew(ctx, tx, len(d.Lines), parts...)
}

func (d *Draft) storeCalculation(ctx context.Context, tx bun.IDB) error {
	c := &d.Calculation
	// The database writes JSON in a form of its own, which is what is hashed.
	return store.Err(store.Exec(ctx, tx, `INSERT INTO investments.distribution_calculations
			(distribution_id, method_version, inputs, inputs_hash, trace, opening_state, created_at, history_hash,
			closing_state, closing_index, extras, terms_hash, late_changes)
		SELECT $1::uuid, $2, i.inputs, sha256(convert_to(i.inputs::text, 'UTF8')), $4::jsonb, $5::bytea, $6::timestamptz, $7::bytea,
			$8::bytea, $9::bytea, $10::jsonb, $11::bytea, $12::bigint
		FROM (SELECT $3::jsonb AS inputs) i`,
		c.DistributionID.String(), c.MethodVersion, string(c.Inputs), jsonOrNull(c.Trace), c.OpeningState, store.TimeKey(c.CreatedAt), c.HistoryHash,
		c.ClosingState, c.ClosingIndex, jsonOrNull(c.Extras), c.TermsHash, c.LateChanges), constraints)
}

func jsonOrNull(b json.RawMessage) *string {
	if b == nil {
		return nil
	}
	return ptr(string(b))
}

// line adds a party's line of a gross amount.
func (d *Draft) line(role Role, p *party, gross money.Amount) *DistributionLine {
	l := p.line(role)
	l.ID, l.DistributionID, l.PropertyID = id.New[DistributionLine](), d.Distribution.ID, d.Distribution.PropertyID
	l.DistributionAmount, l.NetDistribution, l.PaymentStatus, l.PaymentAttempt = gross, gross, PaymentStatusPending, 1
	l.Version, l.CreatedAt, l.UpdatedAt = 1, d.Distribution.CreatedAt, d.Distribution.UpdatedAt
	d.Lines = append(d.Lines, l)
	return &d.Lines[len(d.Lines)-1]
}

// withhold takes tax off the net of lines; the gross and the split stay. A
// rate for a position that gets nothing, or is billed, is more likely a mistaken id.
func (d *Draft) withhold(rates map[id.Of[Position]]decimal.Decimal) error {
	used := 0
	for i := range d.Lines {
		l := &d.Lines[i]
		if l.PositionID == nil || l.DistributionAmount.Sign() < 0 {
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
		if l.NetDistribution, err = l.NetDistribution.Sub(l.TaxWithholding); err != nil {
			return err
		}
	}
	if used != len(rates) {
		return ErrWithholding
	}
	for i := range d.Lines {
		switch l := &d.Lines[i]; {
		case l.NetDistribution.Less(money.Min(l.DistributionAmount, money.Zero)), l.DistributionAmount.Sign() < 0 && !l.Redirected.IsZero():
			return ErrLenderFirst.With("of %s", l.partner())
		case l.InKind.Sign() > 0 && l.NetDistribution.Less(l.InKind): // a billed line is below zero, and has none
			return ErrInKind.With("of %s", l.partner())
		}
	}
	return nil
}
