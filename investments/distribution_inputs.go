package investments

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrCalculationClosing: the state after a distribution is kept with its index and with what it
// rests on, or not at all.
var ErrCalculationClosing = fault.New(fault.Invalid, "calculation_closing", "the state after a distribution is kept with its index, its hash and the count of late changes, or not at all").On("closing_state")

// Inputs are what a distribution was computed from, frozen with it. OpeningHash
// is the SHA-256 of the larger part: the opening state, or the weights. ClosingHash is
// that of the closing state, where it was kept.
type Inputs struct {
	Amount      money.Amount `json:"amount"`
	Date        date.Date    `json:"date"`
	RecordDate  date.Date    `json:"record_date"`
	Method      Method       `json:"method"`
	OpeningHash string       `json:"opening_hash"`
	ClosingHash string       `json:"closing_hash,omitempty"`
	InKind      money.Amount `json:"in_kind,omitzero"` // of the amount, at its stated value
	// Releases are what came out of reserves besides the amount, Reserves what they held
	// before it.
	Releases []waterfall.ReserveAmount `json:"releases,omitempty"`
	Reserves []waterfall.ReserveAmount `json:"reserves,omitempty"`

	// By terms
	Kind         waterfall.Kind `json:"kind,omitempty"`
	TermsVersion int64          `json:"terms_version,omitempty"`
	TermsHash    string         `json:"terms_hash,omitempty"`
	Accounts     int            `json:"accounts,omitempty"`
	// Place is the day on which it had its turn among contributions and transfers, First
	// that it came before those of that day, and Units what the method preferred shared by.
	Place date.Date         `json:"place,omitzero"`
	First bool              `json:"first,omitempty"`
	Units []waterfall.Units `json:"units,omitempty"`
	Last  bool              `json:"last,omitempty"` // it is of the last sale

	// Pro rata
	Basis     string          `json:"basis,omitempty"` // units or capital
	Total     decimal.Decimal `json:"total"`           // of the weights
	Positions int             `json:"positions,omitempty"`

	// The cash that it is paid out of.
	Sources []CashSource `json:"sources,omitempty"`

	// The worksheet that allows it.
	WorksheetID *id.Of[financials.Worksheet] `json:"worksheet_id,omitempty"`

	// What a true-up made good, and what it left, by payee and kind of tier.
	TrueUp    []history.Owed `json:"true_up,omitempty"`
	StillOwed []history.Owed `json:"still_owed,omitempty"`
}

// inputs are what is known of them before the split.
func (d *Distribution) inputs() Inputs {
	return Inputs{Amount: d.TotalAmount, Date: d.DistributionDate, RecordDate: d.record(), Method: *d.CalculationMethod}
}

// record is the end of the day that decides who takes part.
func (d *Distribution) record() date.Date {
	if d.RecordDate == nil {
		return d.DistributionDate
	}
	return *d.RecordDate
}

// Frozen reads the inputs. It returns [ErrUnexplained].
func (c *Calculation) Frozen() (in Inputs, err error) {
	if err := json.Unmarshal(c.Inputs, &in); err != nil {
		return in, ErrUnexplained.Because(err)
	}
	return in, nil
}

// freeze keeps what the computation rested on, with the hash of its larger
// part.
func (d *Draft) freeze(version string, in Inputs, opening []byte) (err error) {
	in.Sources, in.WorksheetID = d.Sources, d.Distribution.WorksheetID
	hash := sha256.Sum256(opening)
	in.OpeningHash = hex.EncodeToString(hash[:])
	d.Calculation.DistributionID, d.Calculation.MethodVersion, d.Calculation.CreatedAt = d.Distribution.ID, version, d.Distribution.CreatedAt
	d.Calculation.OpeningState = opening
	if closing := d.Calculation.ClosingState; closing != nil {
		hash := sha256.Sum256(closing)
		in.ClosingHash = hex.EncodeToString(hash[:])
	}
	d.Calculation.Inputs, err = json.Marshal(in)
	return err
}
