package investments

import (
	"strconv"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// maxApprovers bounds how many people a rule may ask for.
const maxApprovers = 100

// ApprovalRule says how many people have to agree to an amount.
type ApprovalRule struct {
	// UpTo is the largest amount that the rule is for; nil is any.
	UpTo *money.Amount
	// Approvers is how many different people, none of whom declared it, have to
	// agree. 0 is one person, who may be the one that declared it.
	Approvers int
}

// ApprovalPolicy is the rules for approving distributions. The rule with the
// smallest UpTo that covers an amount holds for it; an amount that none covers
// needs as many people as the strictest of the rules, and one other person at
// least. The empty policy thus asks for one other person, whatever the amount.
//
// The policy is asked when the first decision on a distribution is made. What it
// says then holds for that distribution.
type ApprovalPolicy []ApprovalRule

// Validate reports rules that make no sense: a negative number of people or more
// than 100, a limit that is not above zero, two rules for one limit.
func (p ApprovalPolicy) Validate() error {
	var f fault.Fields
	seen := map[money.Amount]bool{}
	unlimited := false
	for i, r := range p {
		at := "approvals[" + strconv.Itoa(i) + "]."
		f.Check(r.Approvers >= 0 && r.Approvers <= maxApprovers, at+"approvers", check.OutOfRange, "0 to 100 people")
		if r.UpTo == nil {
			f.Check(!unlimited, at+"up_to", check.Duplicate, "another rule is for any amount")
			unlimited = true
			continue
		}
		f.Check(r.UpTo.Sign() > 0, at+"up_to", check.OutOfRange, "a limit is above zero")
		f.Check(!seen[*r.UpTo], at+"up_to", check.Duplicate, "another rule has this limit")
		seen[*r.UpTo] = true
	}
	return f.Err()
}

// requires returns how many people have to agree to amount, and whether who
// declared it may be the one. It touches no database.
func (p ApprovalPolicy) requires(amount money.Amount) (people int, self bool) {
	var rule *ApprovalRule
	strictest := 1
	for i := range p {
		r := &p[i]
		strictest = max(strictest, r.Approvers)
		if r.UpTo != nil && r.UpTo.Less(amount) {
			continue
		}
		if rule == nil || r.UpTo != nil && (rule.UpTo == nil || r.UpTo.Less(*rule.UpTo)) {
			rule = r
		}
	}
	if rule == nil {
		return min(strictest, maxApprovers), false
	}
	return min(max(rule.Approvers, 1), maxApprovers), rule.Approvers == 0
}
