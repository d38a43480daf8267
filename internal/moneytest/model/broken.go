package model

// Broken names the one rule that a world breaks on purpose; "" breaks none.
type Broken string
