package properties

import "slices"

// DefaultCurrency is that of a property that names none.
const DefaultCurrency = "USD"

// otherDecimals are the currencies in use that have none, or three or four.
var otherDecimals = []string{"BHD", "BIF", "CLF", "CLP", "DJF", "GNF", "IQD", "ISK", "JOD", "JPY", "KMF", "KRW", "KWD", "LYD", "OMR", "PYG", "RWF", "TND",
	"UGX", "UYI", "UYW", "VND", "VUV", "XAF", "XOF", "XPF"}

// ValidCurrency reports whether a code reads like a currency's and is none of those
// with other than two decimals, in which no amount is kept.
func ValidCurrency(code string) bool {
	if len(code) != 3 || slices.Contains(otherDecimals, code) {
		return false
	}
	for _, c := range code {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}
