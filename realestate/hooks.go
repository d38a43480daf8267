package realestate

import (
	"slices"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate/analytics"
	"github.com/freehold-go/freehold/realestate/communications"
)

// Hook is called by a verb with all of its events, after the verb's writes and
// just before they go to the outbox, in the verb's transaction. It is called once
// per verb, whatever the number of rows, and not when a key is replayed. An error
// refuses the verb: nothing of it happens. What leaves the database, such as
// mail, is a relay's work and no hook's.
//
// A hook that locks rows takes its place in the one order of locks: after what
// the verb itself locks and after the hooks before it ([BuiltInHooks] names what
// these lock), and before the outbox.
type Hook = store.Hook

// Emission is one event of a verb, as a hook sees it: its Payload is the typed
// event, such as investments.DistributionDeclared.
type Emission = store.Emission

// HookName names a hook of the library's own.
type HookName string

// The hooks of the library's own.
const (
	HookPropertyGuard HookName = "property_guard"
	HookPersonGuard   HookName = "person_guard"
	HookFunnel        HookName = "funnel"
	HookCallNotice    HookName = "call_notice"
	HookPaymentNotice HookName = "payment_notice"
	HookDebtNotice    HookName = "debt_notice"
)

// BuiltInHook says what a hook of the library's own does.
type BuiltInHook struct {
	Name   HookName
	Events []string // the types that it acts on
	Does   string
	Locks  string // in their order; "" is nothing
}

// BuiltInHooks lists the hooks of the library's own in the order in which they
// are called, which is the order of what they lock.
func BuiltInHooks() []BuiltInHook { return slices.Clone(builtInHooks) }

var builtInHooks = []BuiltInHook{
	{HookPropertyGuard, []string{"properties.property_deleted", "properties.property_updated", "investments.offering_created", "investments.offering_opened",
		"renovations.project_started"},
		"refuses to delete a property that an offering, a renovation, a lease, a tenant's account, a bill, a repair or a loan needs, to sell one that is offered or renovated, and to offer or renovate one that is gone",
		"properties.properties, shared, where an offering or a renovation needs it; its own verbs have locked it"},
	{HookPersonGuard, []string{"auth.user_deleted", "auth.user_erased"}, "refuses to delete or erase a person who is invested or rents, is owed money or owes some, or has bills or repairs as a vendor", ""},
	{HookFunnel, []string{"investments.subscription_committed", "investments.subscription_admitted", "investments.contribution_received",
		"investments.contributions_received", "investments.offering_scaled_back"},
		"records how far each investor has come with the offering",
		"analytics.investment_funnel, in the order of users"},
	{HookCallNotice, []string{"investments.capital_call_issued"}, "notifies each investor of whom a capital call asks money", ""},
	{HookPaymentNotice, []string{"investments.payments_confirmed"}, "notifies each investor who was paid", ""},
	{HookDebtNotice, []string{"investments.distribution_reversed", "investments.debts_billed"},
		"notifies each investor of a reversed distribution, and who is billed", ""},
}

// hooksOf puts the hooks of a configuration in order, the host's last. The services
// that they use have no hooks themselves.
func hooksOf(cfg Config) []Hook {
	reads := investments.New(investments.Config{Now: cfg.Now})
	assets, works := properties.NewService(properties.Config{Now: cfg.Now}), renovations.NewService(renovations.Config{Now: cfg.Now})
	money := financials.Config{Now: cfg.Now}
	tenancies, bills := leases.New(leases.Config{Now: cfg.Now}).Leases, payables.NewService(payables.Config{Now: cfg.Now})
	funnel, notices := analytics.NewService(analytics.Config{Now: cfg.Now}), communications.NewService(communications.Config{Now: cfg.Now})
	all := map[HookName]Hook{
		HookPropertyGuard: propertyGuardHook(propertyGuard{assets, works, reads.Offerings, tenancies, financials.NewService(money), financials.NewLoans(money), bills}),
		HookPersonGuard:   personGuardHook(reads.Reports, tenancies, bills),
		HookFunnel:        funnelHook(funnel),
		HookCallNotice:    callNoticeHook(reads.Commitments, notices),
		HookPaymentNotice: paymentNoticeHook(reads.Distributions, notices),
		HookDebtNotice:    debtNoticeHook(reads.Distributions, notices),
	}
	var out []Hook
	for _, h := range builtInHooks {
		if !slices.Contains(cfg.LeaveOut, h.Name) {
			out = append(out, all[h.Name])
		}
	}
	return append(out, cfg.Hooks...)
}
