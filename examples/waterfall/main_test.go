package main

// The README shows what this prints.
func Example() {
	main()
	// Output:
	// account  Preferred return     Capital     Profit       total
	// -------  ----------------  ----------  ---------  ----------
	// ada             16,000.00  200,000.00  19,200.00  235,200.00
	// bob              8,000.00  100,000.00   9,600.00  117,600.00
	// sponsor              0.00        0.00   7,200.00    7,200.00
	// total           24,000.00  300,000.00  36,000.00  360,000.00
	//
	// ada gets 235,200.00:
	//   Preferred return: 16,000.00. Pay unpaid preferred return, by what each account is due. Investors' part is 24,000.00; the account's unpaid preferred return is 16,000.00 of 24,000.00, so its exact share is 16,000.00.
	//   Capital: 200,000.00. Return capital, by what each account has not got back. Investors' part is 300,000.00; the account's unreturned capital is 200,000.00 of 300,000.00, so its exact share is 200,000.00.
	//   Profit: 19,200.00. Share all remaining cash: 20 % to promote, 80 % to investors by contributed capital. Investors' part is 28,800.00; the account's contributed capital is 200,000.00 of 300,000.00, so its exact share is 19,200.00.
}
