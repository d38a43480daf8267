package deal

import (
	"fmt"
	"strings"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/tabular"
	"github.com/freehold-go/freehold/realestate/users"
)

// accountColumns describe an account and its owner.
var accountColumns = []tabular.Column{
	{Name: "first_name", Also: []string{"first"}},
	{Name: "last_name", Also: []string{"last", "surname"}, Required: true},
	{Name: "email", Also: []string{"e-mail", "email_address"}, Required: true},
	{Name: "account_type", Also: []string{"type"}},
	{Name: "account_name", Also: []string{"account", "entity", "entity_name"}},
	{Name: "joint_first_name"}, {Name: "joint_last_name"}, {Name: "joint_email"},
	{Name: "custodian", Also: []string{"custodian_name"}},
	{Name: "tax_classification", Also: []string{"tax_class"}},
	{Name: "accreditation", Also: []string{"accredited_by"}, Required: true},
	{Name: "sponsor", Also: []string{"gp", "is_sponsor"}},
}

var investorColumns = append([]tabular.Column{
	{Name: "class", Also: []string{"share_class"}, Required: true},
	{Name: "commitment", Adds: true, Also: []string{"amount", "commitment_amount"}, Required: true},
	{Name: "committed_on", Also: []string{"commitment_date", "date_committed"}, Required: true},
	{Name: "funded_on", Also: []string{"funding_date", "date_funded"}},
}, accountColumns...)

var accountWords = words(investments.AccountIndividual, investments.AccountJoint, investments.AccountTrust, investments.AccountLLC,
	investments.AccountPartnership, investments.AccountCorporation, investments.AccountIRA, investments.AccountSolo401k,
	investments.AccountPension, investments.AccountEstate, investments.AccountCustodial, investments.AccountOther)

var taxWords = words(investments.TaxIndividual, investments.TaxDisregarded, investments.TaxPartnership, investments.TaxSCorporation,
	investments.TaxCCorporation, investments.TaxTrust, investments.TaxEstate, investments.TaxTaxExempt, investments.TaxForeign)

var proofWords = words(users.MethodIncome, users.MethodNetWorth, users.MethodLicense, users.MethodThirdParty)

func words[T ~string](list ...T) map[string]T {
	m := make(map[string]T, len(list))
	for _, w := range list {
		m[tabular.Normal(string(w))] = w
	}
	return m
}

func (d *Deal) readInvestors(f *tabular.File) {
	t := f.Table(investorColumns)
	accounts, ordinals, total := map[string]Account{}, map[string]int{}, money.Zero
	for _, r := range t.Rows {
		c := Commitment{
			Account: readAccount(r), Class: r.NeedText("class"), Amount: r.NeedAmount("commitment"),
			Committed: r.NeedDate("committed_on"), Funded: r.Date("funded_on"),
		}
		key := c.Account.Key()
		if known, ok := accounts[key]; ok && !same(known, c.Account) {
			r.Reject("account_type", "the account was described otherwise on a line above")
		}
		accounts[key] = c.Account
		ordinals[key+c.Class]++
		c.Ordinal = ordinals[key+c.Class]
		total = d.checkCommitment(r, &c, total)
		d.Commitments = append(d.Commitments, c)
	}
	if len(t.Rows) == 0 && len(f.Problems()) == 0 {
		f.Reject(tabular.Cell{}, "", "there are no investors")
	}
}

func readAccount(r tabular.Row) Account {
	a := Account{
		Owner: person(r, ""), Name: r.Text("account_name"),
		Type: tabular.Choice(r, "account_type", accountWords, list(investments.AccountIndividual, investments.AccountJoint, investments.AccountTrust, investments.AccountLLC, investments.AccountIRA)+" and the other kinds of account"),
		Tax:  tabular.Choice(r, "tax_classification", taxWords, list(investments.TaxIndividual, investments.TaxDisregarded, investments.TaxPartnership, investments.TaxTrust, investments.TaxTaxExempt)+" and the other tax classifications"),

		Custodian: r.Text("custodian"), Sponsor: r.Bool("sponsor"),
		Accreditation: tabular.NeedChoice(r, "accreditation", proofWords, list(users.MethodIncome, users.MethodNetWorth, users.MethodLicense, users.MethodThirdParty)),
	}
	if a.Type == "" {
		a.Type = investments.AccountIndividual
	}
	if a.Name == "" {
		a.Name = strings.TrimSpace(a.Owner.First + " " + a.Owner.Last)
	}
	if !r.Has("joint_email") {
		if a.Type == investments.AccountJoint {
			r.Reject("joint_email", "a joint account has a second owner")
		}
		return a
	}
	joint := person(r, "joint_")
	switch {
	case a.Type != investments.AccountJoint:
		r.Reject("joint_email", "only a joint account has a second owner")
	case strings.EqualFold(joint.Email, a.Owner.Email):
		r.Reject("joint_email", "the second owner is another person")
	}
	a.Joint = &joint
	return a
}

// checkCommitment checks a commitment against the offering and returns the
// total so far.
func (d *Deal) checkCommitment(r tabular.Row, c *Commitment, total money.Amount) money.Amount {
	o := &d.Offering
	class := d.class(c.Class)
	least := o.MinimumInvestment
	switch {
	case class == nil && c.Class != "" && len(d.Classes) > 0:
		r.Reject("class", "%s has no such class", ClassesFile)
	case class != nil && class.Minimum != nil:
		least = class.Minimum
	}
	if c.Amount.Sign() <= 0 {
		if r.Has("commitment") {
			r.Reject("commitment", "an amount above zero is wanted")
		}
		return total
	}
	if least != nil && c.Amount.Less(*least) {
		r.Reject("commitment", "the least investment is %s", *least)
	}
	if !c.Committed.IsZero() && (c.Committed.Before(o.Open) || c.Committed.After(o.Close)) {
		r.Reject("committed_on", "the offering is open from %s to %s", o.Open, o.Close)
	}
	if c.Funded != nil && c.Funded.Before(c.Committed) {
		r.Reject("funded_on", "the money came before the commitment")
	}
	sum, err := total.Add(c.Amount)
	if err != nil || o.HardCap != nil && o.HardCap.Less(sum) {
		r.Reject("commitment", "with this line the commitments exceed the hard cap of %s", o.HardCap)
		return total
	}
	return sum
}

// same compares what the lines of one account say about it.
func same(a, b Account) bool {
	x, y := a, b
	x.Joint, y.Joint = nil, nil
	if (a.Joint == nil) != (b.Joint == nil) || a.Joint != nil && *a.Joint != *b.Joint {
		return false
	}
	return x == y
}

func list[T ~string](words ...T) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return strings.Join(out, ", ")
}

// String is for errors of the program; it names no person.
func (c *Commitment) String() string {
	return fmt.Sprintf("commitment %d of an account of type %s to class %s", c.Ordinal, c.Account.Type, c.Class)
}
