package investments

// HoldingsOn and HeldThen are holdingsOn and heldThen for the tests of them.
var (
	HoldingsOn = holdingsOn
	HeldThen   = heldThen
)
