package returns

import "github.com/freehold-go/freehold/realestate/fault"

// The conditions of this package. All are of kind [fault.Invalid].
var (
	// ErrNoSignChange: after the flows of one day are netted, there is no
	// contribution or no distribution left, so that no rate is defined.
	ErrNoSignChange = fault.New(fault.Invalid, "no_sign_change", "a return needs a contribution and a distribution")
	// ErrNoRoot: flows of both signs, whose present value is zero at no rate
	// above -100 %.
	ErrNoRoot = fault.New(fault.Invalid, "no_root", "at no rate above -100 % is the present value zero")
	// ErrRateOutOfRange: a rate given is not above -100 %, or the only rates
	// that solve the flows are so extreme that 1+r is not a float64.
	ErrRateOutOfRange = fault.New(fault.Invalid, "rate_out_of_range", "the rate is out of range")
	// ErrUnresolved: the roots cannot be told apart with four hundred digits,
	// which takes a root of a multiplicity above ten or so, and thus a series made
	// for it. It does not occur where the flows change their sign once.
	ErrUnresolved = fault.New(fault.Invalid, "rate_unresolved", "the rates that solve the flows lie too close together")
	// ErrNoDate: a flow has no date. Field is "flows[i].date".
	ErrNoDate = fault.New(fault.Invalid, "flow_without_date", "a cash flow has a date")
	// ErrAmountRange: a number has more than 400 digits on a side of its point,
	// or amounts differ by a factor above 10^500.
	ErrAmountRange = fault.New(fault.Invalid, fault.CodeOutOfRange, "a number has at most 400 digits on either side of the point")
	// ErrTooManyPeriods: more periodic values than there are days in the calendar.
	ErrTooManyPeriods = fault.New(fault.Invalid, fault.CodeTooMany, "a periodic series has at most 3,652,059 values")
	// ErrPeriod: a period does not end after it starts.
	ErrPeriod = fault.New(fault.Invalid, "period_empty", "a period ends after it starts")
	// ErrOutsidePeriod: a flow is dated outside the period measured. Field is
	// "flows[i].date".
	ErrOutsidePeriod = fault.New(fault.Invalid, "flow_outside_period", "a cash flow lies within the period")
)
