package deal_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/examples/quickstart/internal/deal"
	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/loans"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/tabular"
)

// today is the day that years of two digits are judged by.
var today = date.MustParse("2026-05-01")

// shipped is the deal that comes with the quickstart, in memory.
func shipped(t testing.TB) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	folder := os.DirFS("../../deal")
	names, err := fs.Glob(folder, "*.*")
	require.NoError(t, err)
	require.Len(t, names, 10)
	for _, name := range names {
		data, err := fs.ReadFile(folder, name)
		require.NoError(t, err)
		files[name] = &fstest.MapFile{Data: data}
	}
	return files
}

// The shipped deal is read whole, and its numbers hang together.
func TestLoad_shipped(t *testing.T) {
	t.Parallel()
	d, err := deal.Load(shipped(t), today)
	require.NoError(t, err)

	require.Equal(t, "larkspur-court", d.Property.Slug)
	require.Equal(t, properties.ClassB, d.Property.Class)
	require.Equal(t, "35.0286", d.Property.Latitude.String())
	require.Equal(t, "0.0535", d.Loan.AnnualRate.String())
	require.Equal(t, string(loans.Thirty360), d.Loan.Accrual)
	require.Len(t, d.Units, 56)
	require.Equal(t, properties.OccupancyNotice, d.Units[13].Status)
	require.Len(t, d.Commitments, 46)
	require.Len(t, d.Distributions, 6)
	require.Len(t, d.Transfers, 2)
	require.Len(t, d.Accounts(), 46)

	// The investors and the bank pay for the purchase, its costs and the works.
	raised := money.Zero
	kinds := map[investments.AccountType]int{}
	for i := range d.Commitments {
		raised, err = raised.Add(d.Commitments[i].Amount)
		require.NoError(t, err)
		kinds[d.Commitments[i].Account.Type]++
	}
	require.Equal(t, *d.Offering.HardCap, raised)
	uses, err := raised.Add(d.Loan.Principal)
	require.NoError(t, err)
	require.Equal(t, "7500000.00", uses.String())
	for _, kind := range []investments.AccountType{investments.AccountLLC, investments.AccountIRA, investments.AccountTrust, investments.AccountJoint} {
		require.Positive(t, kinds[kind], kind)
	}

	// The debt service of the statements is the loan's schedule.
	schedule, err := loans.NewSchedule(loans.Terms{Principal: d.Loan.Principal, AnnualRate: d.Loan.AnnualRate,
		TermMonths: d.Loan.TermMonths, AmortizationMonths: d.Loan.AmortizationMonths, StartDate: d.Loan.Start})
	require.NoError(t, err)
	var parts []financials.OperatingStatement
	for i, m := range d.Months {
		require.Equal(t, schedule.Rows[i].Interest, m.Expenses.MortgageInterest)
		require.Equal(t, schedule.Rows[i].Principal, m.Expenses.MortgagePrincipal)
		parts = append(parts, financials.OperatingStatement{PeriodStart: m.First, PeriodEnd: m.Last(), Income: m.Income, Expenses: m.Expenses})
	}
	year, err := financials.SumStatements(parts)
	require.NoError(t, err)
	m, err := financials.Metrics(financials.MetricsInput{Statement: year, Value: d.Property.PurchasePrice, EquityInvested: raised})
	require.NoError(t, err)
	between(t, "0.058", *m.CapRate, "0.063")
	between(t, "1.3", *m.DSCR, "1.5")

	// What is distributed of operations was earned by them, and what is
	// distributed of the sale is its price less the loan, the fee for paying it
	// early and the costs.
	paid, sold, vacant := money.Zero, money.Zero, money.Zero
	for _, x := range d.Distributions {
		switch {
		case x.Reversed != nil:
		case x.Type == investments.DistributionSaleProceeds:
			sold = x.Amount
		default:
			paid, err = paid.Add(x.Amount)
			require.NoError(t, err)
		}
	}
	require.True(t, paid.Less(m.CashFlowAfterDebtService))
	loan, err := schedule.BalanceOn(date.MustParse("2026-04-01"))
	require.NoError(t, err)
	early, err := loan.MulRate(decimal.RequireFromString("0.01"))
	require.NoError(t, err)
	net, err := money.Sum(money.MustParse("8100000.00"), loan.Neg(), early.Neg(), money.MustParse("-162000.00"))
	require.NoError(t, err)
	require.Equal(t, net, sold)

	// December's vacancy is the rent roll's.
	for _, u := range d.Units {
		if !u.Status.Occupied() {
			vacant, err = vacant.Add(*u.MarketRent)
			require.NoError(t, err)
		}
	}
	require.Equal(t, d.Months[11].Income.VacancyLoss, vacant)
}

func between(t *testing.T, low string, v decimal.Decimal, high string) {
	t.Helper()
	require.True(t, v.GreaterThan(decimal.RequireFromString(low)) && v.LessThan(decimal.RequireFromString(high)), v)
}

// A further commitment of one account to one class is told from a repetition.
func TestLoad_topUp(t *testing.T) {
	t.Parallel()
	d, err := deal.Load(shipped(t), today)
	require.NoError(t, err)
	ordinals := map[string][]int{}
	for i := range d.Commitments {
		c := &d.Commitments[i]
		ordinals[c.Account.Key()] = append(ordinals[c.Account.Key()], c.Ordinal)
	}
	require.Len(t, ordinals, 45)
	require.Equal(t, []int{1, 2}, ordinals["solveig.brandvold@example.com/trust/brandvold family trust"])
}

// Every mistake is reported at its place.
func TestLoad_problems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, from, to, want string }{
		{deal.PropertyFile, "state,TN", "", "property.csv:1:1: state: the file lacks this field"},
		{deal.PropertyFile, "latitude,35.0286", "latitude,95", "property.csv:8:10: latitude: degrees from -90 to 90 with at most eight decimals are wanted"},
		{deal.PropertyFile, "longitude,-85.1652\n", "", "property.csv:1:1: longitude: latitude and longitude belong together"},
		{deal.PropertyFile, "class,B", "class,E", "property.csv:12:7: class: one of A, B, C, D is wanted"},
		{deal.PropertyFile, "5.35%", "5.35", "property.csv:32:11: loan_rate: a rate such as 7.25% or 0.0725 is wanted"},
		{deal.PropertyFile, "loan_number,CPSB-24-01187\n", "", "property.csv:1:1: loan_number: the loan needs it"},
		{deal.PropertyFile, "rent_roll_date,12/31/2025", "rent_roll_date,1/1/2026", "property.csv:27:16: rent_roll_date: the rent roll is of a day within the months of operating.csv"},
		{deal.PropertyFile, "valuation_date,12/31/2025\n", "", "property.csv:1:1: valuation_date: a valuation needs its date"},
		{deal.PropertyFile, "slug,larkspur-court", "slug,Larkspur Court", "property.csv:3:6: slug: lower-case letters, digits and single hyphens are wanted"},
		{deal.RentRollFile, "A102,A,", "A101,A,", "rent_roll.csv:6:1: unit: the rent roll has this unit twice"},
		{deal.RentRollFile, "Occupied,Noah", "Busy,Noah", "rent_roll.csv:6:35: status: one of occupied, notice, vacant, renovation is wanted"},
		{deal.RentRollFile, "6/1/2025,5/31/2026", "6/1/2026,5/31/2026", "rent_roll.csv:6:69: lease_end: the lease ends before it starts"},
		{deal.RentRollFile, `"$1,025.00",$990.00`, `"$1,025.00",`, "rent_roll.csv:6:91: rent: an occupied unit has a rent"},
		{deal.RentRollFile, `"$1,025.00",$990.00`, `"$1,025.00",(990)`, "rent_roll.csv:6:91: rent: the amount is below zero"},
		{deal.RentRollFile, ",2,2.0,", ",2,2.25,", "rent_roll.csv:9:27: baths: a number such as 1.5 is wanted"},
		{deal.OperatingFile, "Gross Potential Rent,\"$66,825.00\"", "Gross Potential Rent,x", "operating.csv:6:22: gross rental income: an amount of dollars and cents such as $1,234.50 is wanted"},
		{deal.OperatingFile, "Pet Rent,", "Pet Hotel,", "operating.csv:14:1: there is no such line of the statement"},
		{deal.OperatingFile, "Pet Rent,", "Parking,", "operating.csv:14:1: the statement has this line twice"},
		{deal.OperatingFile, "Bad Debt,(", "Bad Debt,9", "operating.csv:10:10: bad debt: an amount of dollars and cents such as $1,234.50 is wanted"},
		{deal.OperatingFile, "Parking Income,$880.00", "Parking Income,$881.00", "operating.csv:12:112: parking income: the total is 11040.00, but the months add up to 11041.00"},
		{deal.OperatingFile, "Total Income,\"$66,175.96\"", "Total Income,\"$66,175.97\"", "operating.csv:18:14: total income: the file says 66175.97, but its lines add up to 66175.96"},
		{deal.OperatingFile, "Mar 2025", "Apr 2025", "operating.csv:4:27: the months follow one another"},
		{deal.OperatingFile, "Account,Jan 2025,", "Account,", "operating.csv:4:1: 12 months in a row are wanted, the header has 11"},
		{deal.OfferingFile, "close_date,11/15/2024", "close_date,9/15/2024", "offering.csv:6:12: close_date: the offering closes before it opens"},
		{deal.OfferingFile, `minimum_raise,"$2,400,000"`, `minimum_raise,"$3,400,000"`, "offering.csv:8:14: target_raise: minimum_raise, target_raise, hard_cap do not ascend"},
		{deal.OfferingFile, "ellsworth.calloway-finch@example.com", "Marguerite.Osterveld@example.com", "offering.csv:16:16: approver_email: a distribution is approved by somebody else than its creator"},
		{deal.OfferingFile, "ellsworth.calloway-finch@example.com", "nobody", "offering.csv:16:16: approver_email: an address such as ada@example.com is wanted"},
		{deal.ClassesFile, `"$1,000.00"`, "0", "classes.csv:2:23: unit_price: a price above zero is wanted"},
		{deal.ClassesFile, "class_b", "class_a", "classes.csv:3:1: class: the file has this class twice"},
		{deal.InvestorsFile, ",class_b,", ",class_c,", "investors.csv:2:114: class: classes.csv has no such class"},
		{deal.InvestorsFile, `"$25,000.00"`, `"$24,999.99"`, "investors.csv:7:98: commitment: the least investment is 25000.00"},
		{deal.InvestorsFile, `"$157,000.00"`, `"$157,000.01"`, "investors.csv:47:131: commitment: with this line the commitments exceed the hard cap of 2950000.00"},
		{deal.InvestorsFile, "9/17/2024", "9/15/2024", "investors.csv:2:136: committed_on: the offering is open from 2024-09-16 to 2024-11-15"},
		{deal.InvestorsFile, "10/1/2024", "9/16/2024", "investors.csv:2:146: funded_on: the money came before the commitment"},
		{deal.InvestorsFile, "henrietta.quillfeather@example.com", "desmond.quillfeather@example.com", "investors.csv:5:111: joint_email: the second owner is another person"},
		{deal.InvestorsFile, ",joint,", ",individual,", "investors.csv:5:116: joint_email: only a joint account has a second owner"},
		{deal.InvestorsFile, ",ira,", ",irx,", "investors.csv:4:61: account_type: one of individual, joint, trust, llc, ira and the other kinds of account is wanted"},
		{deal.InvestorsFile, ",third_party,", ",,", "investors.csv:2:102: accreditation: a value is missing"},
		{deal.DistributionsFile, "waterfall", "pro_rata", "distributions.csv:2:24: method: one of waterfall, preferred is wanted"},
		{deal.DistributionsFile, "7/15/2025", "4/15/2025", "distributions.csv:3:1: date: distributions are listed by date, one a day"},
		{deal.DistributionsFile, "date,amount,method,type,reversed on,reason,note\n4/15/2025", "date,record date,amount,method,type,reversed on,reason,note\n4/15/2025,3/31/2025", "distributions.csv:2:11: record_date: under terms.json capital counts by the day, and there is no record date"},
		{deal.DistributionsFile, `"$26,500.00"`, `"($26,500.00)"`, "distributions.csv:2:11: amount: an amount above zero is wanted"},
		{deal.DistributionsFile, "10/16/2025", "10/14/2025", "distributions.csv:4:45: reversed_on: a reversal is not before what it reverses"},
		{deal.DistributionsFile, `"Two digits of the amount were swapped, found before the bank had the payments"`, "", "distributions.csv:4:56: reason: a reversal has a reason"},
		{deal.DistributionsFile, "10/16/2025", "", "distributions.csv:4:45: reversed_on: the reason is that of a reversal, whose date is missing"},
		{deal.TransfersFile, "fitzgerald.umberleigh@example.com", "nobody@example.com", "transfers.csv:2:1: from_email: no account of this owner holds funded units of the class"},
		{deal.TransfersFile, "tobias.achterberg@example.com,Tobias Achterberg,", "tobias.achterberg@example.com,,", "transfers.csv:3:31: from_account: the owner has several such accounts; name one"},
		{deal.TransfersFile, ",class_a,40%", ",class_b,40%", "transfers.csv:3:1: from_email: no account of this owner holds funded units of the class"},
		{deal.TransfersFile, "40%", "400%", "transfers.csv:3:57: fraction: a part of the whole, at most 100%, with at most ten decimals is wanted"},
		{deal.TransfersFile, "40%", "0%", "transfers.csv:3:57: fraction: a part of the whole, at most 100%, with at most ten decimals is wanted"},
		{deal.TransfersFile, "40%", "0.12345678901", "transfers.csv:3:57: fraction: a part of the whole, at most 100%, with at most ten decimals is wanted"},
		{deal.TransfersFile, "40%,12/1/2025", "40%,11/30/2025", "transfers.csv:3:61: effective_date: transfers are listed by date"},
		{deal.TransfersFile, "100%,12/1/2025", "100%,11/11/2024", "transfers.csv:2:72: effective_date: what passes on came in on 2024-11-11 or later"},
		{deal.TransfersFile, "The estate is settled and its units pass to the heir", "", "transfers.csv:2:82: reason: a value is missing"},
		{deal.TransfersFile, "rosamund.umberleigh@example.com", "nobody", "transfers.csv:2:155: email: an address such as ada@example.com is wanted"},
		{deal.TransfersFile, "Clementine,Razzano,clementine.razzano@example.com", "Tobias,Achterberg,tobias.achterberg@example.com", "transfers.csv:3:120: email: the receiver is another account"},
		{deal.TransfersFile, "individual,,individual,income", "individual,,individual,license", "transfers.csv:3:152: account_type: the account was described otherwise above or in investors.csv"},
		{deal.TransfersFile, "tobias.achterberg@example.com,Tobias Achterberg", "fitzgerald.umberleigh@example.com,Estate of R. Umberleigh", "transfers.csv:3:1: from_email: everything was passed on before"},
		{deal.TransfersFile, "tobias.achterberg@example.com,Tobias Achterberg,class_a", "marguerite.osterveld@example.com,,class_b", "transfers.csv:3:1: from_email: a catch-up or a hurdle of terms.json tells the sponsor's profit from that of others, so units stay on one side"},
		{deal.TransfersFile, "Clementine,Razzano,clementine.razzano@example.com,individual,,individual,income", "Clementine,Razzano,clementine.razzano@example.com,individual,,individual,income\ntobias.achterberg@example.com,Tobias Achterberg,class_a,40%,12/1/2025,Once more,Clementine,Razzano,clementine.razzano@example.com,individual,,individual,income", "transfers.csv:4:61: effective_date: the file has a transfer between these accounts on this day"},
		{deal.InvestorsFile, "10/22/2024,11/11/2024", "10/22/2024,", "transfers.csv:2:1: from_email: no account of this owner holds funded units of the class"},
		{deal.TermsFile, `"0.08"`, `"8"x`, "terms.json:7:28: the file is not valid JSON from here on"},
		{deal.TermsFile, `"0.08"`, `"8 %"`, "terms.json:7:25: rate: a number such as 0.08 is wanted"},
		{deal.TermsFile, `"0.08"`, `null`, "terms.json:7:25: rate: a number such as 0.08 is wanted"},
		{deal.TermsFile, `"0.08"`, `"80"`, "terms.json:7:25: rate: a rate is a fraction from 0 to 10 with at most 10 decimals"},
		{deal.TermsFile, `"rate": "0.08"`, `"race": "0.08"`, "terms.json:7:17: there is no such field"},
		{deal.TermsFile, `"rate": "0.08"`, `"rate": "0.08", "rate": "0.07"`, "terms.json:7:33: the field is there twice"},
		{deal.TermsFile, `"class_b": {`, `"class_c": {`, "terms.json:8:16: prefs: classes.csv has no such class"},
		{deal.TermsFile, `"Fennimore Lane Sponsor LLC"`, `"Fennimore Lane"`, "terms.json:4:24: promote_recipient: investors.csv has no account of this name"},
		{deal.TermsFile, `"promote_recipient": "Fennimore Lane Sponsor LLC",`, ``, "terms.json:13:7: operating: the step pays promote; promote_recipient names who receives it"},
		{deal.TermsFile, `"ACT/365F"`, `"ACT/366"`, "terms.json:3:16: day_count: a day count is one of ACT/365F, ACT/360, 30/360US, 30E/360, ACT/ACT-ISDA"},
		{deal.TermsFile, `"type": "return_of_capital"`, `"type": "return of capital"`, "terms.json:17:45: type: a tier is pref, return_of_capital, catch_up, hurdle, split, fee or holdback"},
		{deal.TermsFile, `, "target": "0.20"`, ``, "terms.json:18:7: target: a catch-up needs target"},
		{deal.TermsFile, `"type": "pref"}`, `"type": "pref", "to": ["class_a", "class_c"]}`, "terms.json:12:70: to: classes.csv has no such class"},
		{deal.TermsFile, `"type": "pref"}`, `"type": "holdback", "rate": "0.05"}`, "terms.json:12:44: type: what is held back is left out of distributions.csv"},
		{deal.TermsFile, `, "target": "0.20"},`, `, "target": "0.20"}],"operating": [`, "terms.json:18:92: the field is there twice"},
		{deal.TermsFile, `"Split of profit", "type": "split", "promote": "0.30"`, `"Split of profit", "type": "hurdle", "irr": 0.12`, "terms.json:20:7: capital: the last step is a split among all investors, so that all cash goes to somebody"},
		{deal.TermsFile, `"operating": [`, `"operating": 7, "capital": [`, "terms.json:11:18: operating: a list in brackets [ ] is wanted"},
	} {
		t.Run(c.want, func(t *testing.T) {
			t.Parallel()
			files := shipped(t)
			change(t, files, c.file, c.from, c.to)
			d, err := deal.Load(files, today)
			require.Nil(t, d)
			var problems tabular.Problems
			require.ErrorAs(t, err, &problems)
			require.Contains(t, strings.Split(err.Error(), "\n"), c.want)
		})
	}
}

func change(t *testing.T, files fstest.MapFS, name, from, to string) {
	t.Helper()
	data := files[name].Data
	require.Contains(t, string(data), from)
	files[name] = &fstest.MapFile{Data: bytes.Replace(data, []byte(from), []byte(to), 1)}
}

// The same deal, as other programs would have exported it, is the same deal.
func TestLoad_tolerance(t *testing.T) {
	t.Parallel()
	want, err := deal.Load(shipped(t), today)
	require.NoError(t, err)
	want.Files = nil // their lines stand elsewhere
	for name, f := range map[string]func(string) string{
		"byte order mark and Windows line ends": func(s string) string { return "\ufeff" + strings.ReplaceAll(s, "\n", "\r\n") },
		"blank lines":                           func(s string) string { return strings.ReplaceAll(s, "\n", "\n\n , ,\n") },
		"no dollar signs":                       func(s string) string { return strings.ReplaceAll(s, "$", "") },
		"minus signs":                           func(s string) string { return strings.NewReplacer("($", "-$", ")\"", "\"", ".00)", ".00").Replace(s) },
		"trailing cells":                        func(s string) string { return strings.ReplaceAll(s, "\n", ",,\n") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := shipped(t)
			for n, x := range files {
				if name == "minus signs" && n != deal.DistributionsFile && n != deal.RentRollFile {
					continue
				}
				if n == deal.TermsFile && name != "byte order mark and Windows line ends" {
					continue
				}
				files[n] = &fstest.MapFile{Data: []byte(f(string(x.Data)))}
			}
			got, err := deal.Load(files, today)
			require.NoError(t, err)
			require.Len(t, got.Files, 10)
			got.Files = nil
			require.Equal(t, want, got)
		})
	}
}

// What a file says about people is in no error text, whatever cell it strays
// into.
func TestLoad_noPersonalData(t *testing.T) {
	t.Parallel()
	const marker = "Zzyzx Q. Secretperson 987-65-4321"
	for name := range shipped(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines := strings.Split(string(shipped(t)[name].Data), "\n")
			failed := 0
			most := 9
			if name == deal.TermsFile {
				most = len(lines)
			}
			for i := range min(len(lines), most) {
				cells := strings.Split(lines[i], ",") // also within quotes
				for j := range cells {
					broken := append([]string(nil), lines...)
					changed := append([]string(nil), cells...)
					changed[j] = marker
					broken[i] = strings.Join(changed, ",")
					files := shipped(t)
					files[name] = &fstest.MapFile{Data: []byte(strings.Join(broken, "\n"))}
					if _, err := deal.Load(files, today); err != nil {
						failed++
						require.NotContains(t, err.Error(), "Zzyzx")
						require.NotContains(t, err.Error(), "Secretperson")
						require.NotContains(t, err.Error(), "4321")
					}
				}
			}
			require.Positive(t, failed)
		})
	}
}

// Nor is a text of the terms, whichever it is.
func TestLoad_noPersonalTerms(t *testing.T) {
	t.Parallel()
	data := shipped(t)[deal.TermsFile].Data
	texts := regexp.MustCompile(`"[^"]*"`).FindAllIndex(data, -1)
	require.Greater(t, len(texts), 40)
	for _, marker := range []string{"Secretperson: 4321: x", `Secretperson \"4321\"]`, ""} {
		failed := 0
		for _, at := range texts {
			files := shipped(t)
			files[deal.TermsFile] = &fstest.MapFile{Data: slices.Concat(data[:at[0]+1], []byte(marker), data[at[1]-1:])}
			if _, err := deal.Load(files, today); err != nil {
				failed++
				require.NotContains(t, err.Error(), "Secretperson")
				require.NotContains(t, err.Error(), "4321")
			}
		}
		require.Greater(t, failed, 30)
	}
}

// Without terms distributions are pro rata, may have a record date, and name no
// other method.
func TestLoad_withoutTerms(t *testing.T) {
	t.Parallel()
	files := shipped(t)
	delete(files, deal.TermsFile)
	delete(files, deal.TransfersFile)
	files[deal.DistributionsFile] = &fstest.MapFile{Data: []byte("date,record date,amount,method\n4/15/2025,3/31/2025,100,pro rata\n7/15/2025,,200,\n")}
	d, err := deal.Load(files, today)
	require.NoError(t, err)
	require.Nil(t, d.Terms)
	require.Empty(t, d.Transfers)
	require.Equal(t, investments.MethodProRata, d.Distributions[0].Method)
	require.Equal(t, "2025-03-31", d.Distributions[0].Record.String())
	require.Equal(t, investments.MethodProRata, d.Distributions[1].Method)

	files[deal.DistributionsFile] = &fstest.MapFile{Data: []byte("date,record date,amount,method\n4/15/2025,4/16/2025,100,waterfall\n")}
	_, err = deal.Load(files, today)
	require.EqualError(t, err, "distributions.csv:2:25: method: one of pro_rata is wanted\n"+
		"distributions.csv:2:11: record_date: the record date is not after the day of payment")
}

// The platform's terms name accounts as it knows them; those of the file stay.
func TestTermsWith(t *testing.T) {
	t.Parallel()
	files := shipped(t)
	change(t, files, deal.TermsFile, `"type": "pref"}`, `"type": "pref"}, {"name": "Fee", "type": "fee", "payee": "Three Herons LLC", "amount": "10.00"}`)
	change(t, files, deal.TermsFile, `"type": "split", "promote": "0.30"`,
		`"type": "split", "promote": "0.30", "promote_split": [{"recipient": "Ninth Furlong LLC", "share": 1}]`)
	d, err := deal.Load(files, today)
	require.NoError(t, err)
	terms := d.TermsWith(func(a *deal.Account) string { return "id of " + a.Name })
	require.Equal(t, "id of Fennimore Lane Sponsor LLC", terms.PromoteRecipient)
	require.Equal(t, "id of Three Herons LLC", terms.Tiers.Operating[1].Payee)
	require.Equal(t, "id of Ninth Furlong LLC", terms.Tiers.Operating[2].PromoteSplit[0].Recipient)
	require.Equal(t, "Fennimore Lane Sponsor LLC", d.Terms.PromoteRecipient)
	require.Equal(t, "Three Herons LLC", d.Terms.Tiers.Operating[1].Payee)
	require.Equal(t, "Ninth Furlong LLC", d.Terms.Tiers.Operating[2].PromoteSplit[0].Recipient)
}

func TestLoad_noFiles(t *testing.T) {
	t.Parallel()
	_, err := deal.Load(fstest.MapFS{}, today)
	var problems tabular.Problems
	require.ErrorAs(t, err, &problems)
	require.Len(t, problems, 7)
	require.Equal(t, "operating.csv:1:1: the folder lacks this file", problems[0].Error())
}

// Whatever is in a file, reading ends in a deal or in problems with a place.
func FuzzLoad(f *testing.F) {
	base := shipped(f)
	for _, name := range []string{deal.RentRollFile, deal.InvestorsFile} { // small files are fuzzed faster
		base[name].Data = bytes.Join(bytes.SplitAfterN(base[name].Data, []byte("\n"), 9)[:8], nil)
	}
	names := []string{deal.PropertyFile, deal.RentRollFile, deal.OperatingFile, deal.OfferingFile, deal.ClassesFile, deal.InvestorsFile, deal.DistributionsFile, deal.TermsFile, deal.TransfersFile}
	for i, name := range names {
		f.Add(uint8(i), base[name].Data)
	}
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		name := names[int(which)%len(names)]
		files := fstest.MapFS{}
		for n, x := range base {
			files[n] = x
		}
		files[name] = &fstest.MapFile{Data: data}
		d, err := deal.Load(files, today)
		if err == nil {
			require.NotEmpty(t, d.Units)
			require.Len(t, d.Months, 12)
			return
		}
		var problems tabular.Problems
		require.True(t, errors.As(err, &problems))
		for _, p := range problems {
			require.NotEmpty(t, p.File)
			require.Positive(t, p.Line)
			require.Positive(t, p.Column)
		}
	})
}
