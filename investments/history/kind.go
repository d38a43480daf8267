package history

// Kind says what a movement is.
type Kind string

// The kinds of movements. Amounts are above zero unless said; those of a
// reversal have the other sign.
const (
	// Contribution is money received for a commitment.
	Contribution Kind = "contribution"
	// Refund is money of a commitment that went back.
	Refund Kind = "refund"
	// Distribution is a line of a distribution as it was booked: Amount is the
	// gross, Capital the part of it that returns capital, which may be below zero
	// where a true-up takes some back.
	Distribution Kind = "distribution"
	// Payment is the cash of a line, gross of tax withheld: Amount and Capital as
	// in its Distribution.
	Payment Kind = "payment"
	// TransferOut and TransferIn are the ends of a transfer: Amount is contributed
	// capital, Capital unreturned capital, Carrying the capital account, Unrealized
	// the part of it that is unrealized gains, and Consideration the flow of the
	// rate of return.
	TransferOut Kind = "transfer_out"
	TransferIn  Kind = "transfer_in"
	// Conversion is one end of a change of class: as of a transfer, below zero for
	// the class that is left. It has no consideration.
	Conversion Kind = "conversion"
	// Income is a part of net income, below zero for a loss.
	Income Kind = "income"
	// Unrealized is a part of a change in value, up or down.
	Unrealized Kind = "unrealized"
	// Fee is a part of fees charged to investors.
	Fee Kind = "fee"
	// Realized is a gain of the exit, below zero for a loss.
	Realized Kind = "realized"
	// Recovery is money of a reversed payment that came back, or was set off. It
	// changes no capital; the reversal has.
	Recovery Kind = "recovery"
	// WriteOff is what was given up of it.
	WriteOff Kind = "write_off"
	// Adjustment changes the capital account for a reason of its own, up or down.
	Adjustment Kind = "adjustment"
	// Lent and Borrowed are the two ends of a loan between partners, LoanPaid what a
	// distribution gave the debtor and went to the lender, who has it as LoanReceived.
	// Diluted is what a partner did not fund of a call that cost percentage points.
	// They change no capital.
	Lent         Kind = "lent"
	Borrowed     Kind = "borrowed"
	LoanPaid     Kind = "loan_paid"
	LoanReceived Kind = "loan_received"
	Diluted      Kind = "diluted"
	// Repaid is what a debtor paid besides the distributions, which the lender GotBack.
	// They change no capital either.
	Repaid  Kind = "repaid"
	GotBack Kind = "got_back"
)

// Kinds lists the kinds.
func Kinds() []Kind {
	return []Kind{Contribution, Refund, Distribution, Payment, TransferOut, TransferIn, Conversion, Income, Unrealized, Fee, Realized, Recovery, WriteOff, Adjustment,
		Lent, Borrowed, LoanPaid, LoanReceived, Diluted, Repaid, GotBack}
}

// Valid reports whether k is one of the kinds.
func (k Kind) Valid() bool {
	switch k {
	case Contribution, Refund, Distribution, Payment, TransferOut, TransferIn, Conversion, Income, Unrealized, Fee, Realized, Recovery, WriteOff, Adjustment,
		Lent, Borrowed, LoanPaid, LoanReceived, Diluted, Repaid, GotBack:
		return true
	}
	return false
}

// Transfers reports whether k is an end of a transfer or conversion.
func (k Kind) Transfers() bool { return k == TransferOut || k == TransferIn || k == Conversion }
