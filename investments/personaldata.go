package investments

import "github.com/freehold-go/freehold/internal/store"

// keptMoney says why money is kept.
const keptMoney = "money and tax records, which the law asks to keep; they name the person by id"

// PersonalTables lists the tables of this package that name people or what they told
// about themselves, with what an erasure and an export make of them.
func PersonalTables() []store.PersonalTable {
	return []store.PersonalTable{
		{Name: "investments.investor_accounts", Kept: keptMoney, Mine: "$1 IN (investor_id, joint_investor_id)"},
		{Name: "investments.payment_instructions", Kept: keptMoney, Mine: "investor_id = $1"},
		{Name: "investments.property_investments", Kept: keptMoney, Mine: "investor_id = $1"},
		{Name: "investments.property_investments_history", Kept: keptMoney, Mine: "investor_id = $1"},
		{Name: "investments.investor_portfolios", Kept: keptMoney, Mine: "investor_id = $1"},
		{Name: "investments.subscriptions", Kept: keptMoney, Mine: "investor_id = $1"},
		{Name: "investments.capital_call_lines", Kept: keptMoney, Mine: "investor_id = $1"},
		{Name: "investments.transfers", Kept: keptMoney, Mine: "to_investor_id = $1"},
		{Name: "investments.investor_distributions", Kept: keptMoney, Mine: "investor_id = $1"},
		{Name: "investments.investor_distributions_history", Kept: keptMoney, Mine: "investor_id = $1"},
		{Name: "investments.transactions", Kept: keptMoney, Mine: "investor_id = $1"},
		{Name: "investments.partner_events", Kept: keptMoney, Mine: "EXISTS (SELECT 1 FROM investments.property_investments i WHERE i.id IN (lender_id, position_id) AND i.investor_id = $1)"},
		{Name: "investments.write_offs", Kept: keptMoney, Mine: "investor_id = $1"},
		{Name: "investments.statements", Kept: keptMoney, Mine: "investor_id = $1"},
		{Name: "investments.capital_movements", Kept: keptMoney, Mine: "position_id IN (SELECT i.id FROM investments.property_investments i WHERE i.investor_id = $1)"},
		{Name: "investments.distribution_tiers", Kept: keptMoney, Mine: "line_id IN (SELECT l.id FROM investments.investor_distributions l WHERE l.investor_id = $1)"},
		{Name: "investments.loan_payments", Kept: keptMoney, Omitted: "between two positions; what each paid and got are its movements"},
		{Name: "investments.distribution_calculations", Kept: store.KeptID, Omitted: store.NotTheirs},
		{Name: "investments.distribution_sources", Kept: store.KeptID, Omitted: store.NotTheirs},
		{Name: "investments.reserve_movements", Kept: store.KeptID, Omitted: store.NotTheirs},
		{Name: "investments.opportunities", Kept: store.KeptID, Omitted: store.NotTheirs},
		{Name: "investments.opportunities_history", Kept: store.KeptID, Omitted: store.NotTheirs},
		{Name: "investments.offering_terms", Kept: store.KeptID, Omitted: store.NotTheirs},
		{Name: "investments.capital_calls", Kept: store.KeptID, Omitted: store.NotTheirs},
		{Name: "investments.distributions", Kept: store.KeptID, Omitted: store.NotTheirs},
		{Name: "investments.distributions_history", Kept: store.KeptID, Omitted: store.NotTheirs},
	}
}
