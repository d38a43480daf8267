package model

// Broken names the one rule that a world breaks on purpose; "" breaks none.
type Broken string

// Rules are the rules that can be broken, by the words of the conventions.
var Rules = []Broken{
	"accrual: boundaries are calendar days",
	"accrual: counted from the anchor",
	"accrual: the deal's day count",
	"accrual: what is capitalized earns",
	"allocation: larger fraction first",
	"allocation: ties by ascending id",
	"approval: only what is still right",
	"capital account: moves with the transfer",
	"capital: returns lessen what earns",
	"catch-up: of all profit so far",
	"exit: gain is beyond the capital",
	"flows: a transfer runs at unreturned capital",
	"flows: on the day the cash moved",
	"hurdle: both or either",
	"hurdle: compounds by days",
	"label: never moves value",
	"loss: takes no account below zero",
	"pref: a negative due counts as nothing",
	"pref: an overpaid fraction carries forward",
	"pref: payment meets the capitalized first",
	"preferred: a sale returns capital first",
	"preferred: the rest by units",
	"pro rata: as of the record date",
	"pro rata: by units where all have some",
	"record date: refused where another lies between",
	"record date: what comes after it applies after",
	"refund: only receipts that were there",
	"refund: the latest receipt first",
	"refund: undoes from the receipt's own date",
	"split: investors are rounded, promote is the rest",
	"terms: simple return is capitalized when they compound",
	"transfer: accrued preference moves",
	"transfer: unreturned capital moves",
	"true-up: has the tiers of what it makes good",
	"withholding: of the gross",
}
