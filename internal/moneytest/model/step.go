package model

import "encoding/json"

// Step is one command, by names that the history gives. What a verb does not
// need is zero.
type Step struct {
	Verb     string            `json:"verb"`
	Name     string            `json:"name,omitempty"` // of what it makes
	Offering string            `json:"offering,omitempty"`
	Of       string            `json:"of,omitempty"` // the commitment, distribution or allocation it is about
	Holder   string            `json:"holder,omitempty"`
	Class    string            `json:"class,omitempty"`
	To       string            `json:"to,omitempty"` // the holder who receives
	ToClass  string            `json:"to_class,omitempty"`
	Payee    string            `json:"payee,omitempty"` // a position, or the holder that the terms name
	Amount   Cents             `json:"amount,omitempty"`
	Day      Day               `json:"day,omitempty"`
	Record   Day               `json:"record,omitempty"` // zero is Day; of an allocation its first day
	Fraction string            `json:"fraction,omitempty"`
	Price    *Cents            `json:"price,omitempty"`
	Type     string            `json:"type,omitempty"`
	Method   string            `json:"method,omitempty"`
	Label    string            `json:"label,omitempty"` // tax character
	TrueUp   bool              `json:"true_up,omitempty"`
	Bank     bool              `json:"bank,omitempty"`     // handed to the bank first
	Withhold map[string]string `json:"withhold,omitempty"` // rate by position
	Terms    *Terms            `json:"terms,omitempty"`
	WriteOff bool              `json:"write_off,omitempty"`
	SetOff   bool              `json:"set_off,omitempty"`
	Bill     bool              `json:"bill,omitempty"`
	Corrects string            `json:"corrects,omitempty"` // a distribution
	Sources  map[string]Cents  `json:"sources,omitempty"`  // records of cash
	By       string            `json:"by,omitempty"`       // the holder who bears it
	Cost     Cents             `json:"cost,omitempty"`     // of what was sold
	Rate     string            `json:"rate,omitempty"`     // of a loan a year; how many times missing money costs
	Count    string            `json:"count,omitempty"`    // day count of a loan
	Advances map[string]Cents  `json:"advances,omitempty"` // by payee
	InKind   Cents             `json:"in_kind,omitempty"`
	Reserve  string            `json:"reserve,omitempty"`  // of cash that is set aside
	Releases map[string]Cents  `json:"releases,omitempty"` // by reserve
	Classes  map[string]string `json:"classes,omitempty"`  // price of a unit by class, "" is none
}

// String is the step as JSON, to be read and to be run again.
func (s Step) String() string {
	b, err := json.Marshal(s)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// MarshalJSON writes a day as a date.
func (d Day) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// UnmarshalJSON reads a date.
func (d *Day) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	*d = D(s)
	return nil
}

// Verdict is what the conventions say of a command.
type Verdict int

// The verdicts.
const (
	Skip   Verdict = iota // it names what is not there: a history that was cut
	Accept                // it has to be carried out
	Refuse                // it has to be refused
	Either                // the conventions leave it to the services
)
