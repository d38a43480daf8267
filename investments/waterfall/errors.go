package waterfall

import "github.com/freehold-go/freehold/realestate/fault"

// The conditions of this package. Validation of terms and partners reports
// every bad field at once, as [fault.Errors], with codes of its own; those
// below are what the other functions return.
var (
	// ErrTermsMalformed: the terms are not JSON of the documented shape.
	ErrTermsMalformed = fault.New(fault.Invalid, "waterfall_terms_malformed", "the terms are not valid JSON of the waterfall schema")
	// ErrStateMalformed: a stored state cannot be read.
	ErrStateMalformed = fault.New(fault.Invalid, "waterfall_state_malformed", "the waterfall state is not valid")
	// ErrStateTerms: the state was built under terms that count days or
	// compound otherwise, or lacks the balances of a hurdle; replay the history.
	ErrStateTerms = fault.New(fault.Conflict, "waterfall_state_terms", "the state does not fit the terms; replay the history under them")
	// ErrOutOfOrder: an event lies before what the state has already seen. On
	// one date transfers come first, then contributions, then distributions.
	ErrOutOfOrder = fault.New(fault.Conflict, "waterfall_out_of_order", "the event lies before events already processed; replay the history with it")
	// ErrUnknownPartner: an event names a partner that is not in the roster.
	ErrUnknownPartner = fault.New(fault.NotFound, "waterfall_partner_unknown", "the roster has no such partner")
	// ErrEvent: an event is not well formed; the field says what.
	ErrEvent = fault.New(fault.Invalid, "waterfall_event_invalid", "the event is not valid")
	// ErrNoCapitalAccount: a promote recipient or a fee payee has no capital.
	ErrNoCapitalAccount = fault.New(fault.Illegal, "waterfall_no_capital_account", "a partner who only receives promote or fees has no capital account")
	// ErrNoCapital: a tier has money for investors, and none of its classes has
	// contributed.
	ErrNoCapital = fault.New(fault.Illegal, "waterfall_no_capital", "the tier has money for investors, but nobody in it has contributed")
	// ErrNoRecipient: promote is due and nobody is named to receive it.
	ErrNoRecipient = fault.New(fault.Invalid, "waterfall_no_promote_recipient", "the terms pay promote, but name no recipient in the roster")
	// ErrTransfer: the transfer is not allowed.
	ErrTransfer = fault.New(fault.Illegal, "waterfall_transfer", "the transfer is not possible")
	// ErrAdjustment: the adjustments of a distribution do not sum to zero, lack
	// a reason, or take more than there is.
	ErrAdjustment = fault.New(fault.Invalid, "waterfall_adjustment", "the adjustment is not possible")
	// ErrRelease: more is released than the reserve holds.
	ErrRelease = fault.New(fault.Illegal, "waterfall_release", "the reserve holds less than is to be released")
	// ErrInKind: less is paid than is to be distributed in kind.
	ErrInKind = fault.New(fault.Invalid, "waterfall_in_kind", "what is in kind is more than is paid").On("in_kind")
	// ErrTooLarge: a balance, a need or a power is beyond what money can be.
	ErrTooLarge = fault.New(fault.Invalid, "waterfall_too_large", "a balance of the waterfall is larger than 9,999,999,999,999.99")
	// ErrTooLong: the events span more than 200 years.
	ErrTooLong = fault.New(fault.Invalid, "waterfall_span_exceeded", "the events of a deal span at most 200 years")
	// ErrProjection: the assumptions of a projection are not usable.
	ErrProjection = fault.New(fault.Invalid, "waterfall_projection", "the projection is not possible")
)
