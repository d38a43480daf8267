package depreciation

// The first-year percentages of IRS Publication 946 in thousandths of a
// percent, by month placed in service.
var (
	firstA6  = [12]int64{3485, 3182, 2879, 2576, 2273, 1970, 1667, 1364, 1061, 758, 455, 152}
	firstA7a = [12]int64{2461, 2247, 2033, 1819, 1605, 1391, 1177, 963, 749, 535, 321, 107}
)

// percent returns the table's percentage of a year, in thousandths of a
// percent. The last year is not asked for: it is the remaining basis.
//
// Table A-6 has 3.636 % for years 2 to 9, and then 3.637 and 3.636 in turn:
// the even years have the larger one for property placed in service in the
// first half of a year, the odd ones for the second half.
func (l Life) percent(placed, year int) int64 {
	switch {
	case l == Nonresidential && year == 1:
		return firstA7a[placed-1]
	case l == Nonresidential:
		return 2564
	case year == 1:
		return firstA6[placed-1]
	case year >= 10 && (year%2 == 0) == (placed <= 6):
		return 3637
	}
	return 3636
}
