package fault

// The codes of what may be wrong with any field. A condition has one code,
// whatever verb finds it; what only one domain knows has an error variable of
// that domain.
const (
	// CodeRequired: a value that must be there is not. Of two fields that exclude
	// each other, neither or both were given.
	CodeRequired = "required"
	// CodeNotAllowed: not one of a closed list, or outside of what its column
	// allows.
	CodeNotAllowed = "value_not_allowed"
	// CodeOutOfRange: a number, an amount, a rate, a count or a duration below or
	// above its bounds; a negative amount is one.
	CodeOutOfRange = "out_of_range"
	// CodeTooManyDecimals: a number that would have to be rounded.
	CodeTooManyDecimals = "too_many_decimals"
	// CodeTooLong: a text or a file with more characters or bytes than it may have.
	CodeTooLong = "text_too_long"
	// CodeTooMany: a list with more entries than it may have.
	CodeTooMany = "too_many_entries"
	// CodeMalformed: a text that is not UTF-8, or has a NUL in it.
	CodeMalformed = "text_malformed"
	// CodeInvisible: a text with a character that nobody sees.
	CodeInvisible = "text_invisible_character"
	// CodeNotStorable: a value that has no form in the database.
	CodeNotStorable = "value_not_storable"
	// CodeName: a name with characters that a name of this kind may not have.
	CodeName = "name_malformed"
	// CodeSlug: not lower-case letters, digits and single hyphens between them.
	CodeSlug = "slug_malformed"
	// CodeURL: not an address that begins with a scheme that is allowed.
	CodeURL = "url_malformed"
	// CodeTimezone: not an IANA name of a time zone.
	CodeTimezone = "timezone_malformed"
	// CodeJSON: JSON that is none, or that the database would not take.
	CodeJSON = "json_malformed"
	// CodeNoDate: a date or a time that is there and is none.
	CodeNoDate = "date_malformed"
	// CodeInFuture: the day of something that has happened has not come.
	CodeInFuture = "date_in_future"
	// CodeInPast: the day or the time of something to come is over.
	CodeInPast = "date_in_past"
	// CodeTooFar: a day further ahead than the configured horizon.
	CodeTooFar = "date_beyond_horizon"
	// CodeInverted: a period ends before it starts, or a range is upside down.
	CodeInverted = "range_inverted"
	// CodeDisordered: entries that have an order are not in it.
	CodeDisordered = "entries_disordered"
	// CodeDuplicate: what may be there once is there twice.
	CodeDuplicate = "duplicate"
	// CodeNotClearable: the name of a field that cannot be cleared, or that is set
	// at the same time.
	CodeNotClearable = "not_clearable"
	// CodeTransaction: a pool or a connection was given where an open transaction is
	// needed.
	CodeTransaction = "transaction_required"
	// CodeInvalid: what another package found wrong without saying why.
	CodeInvalid = "invalid"
)
