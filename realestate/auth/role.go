package auth

import (
	"regexp"
	"slices"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/fault"
)

// Role is a set of permissions that users are granted. A host may name more of
// them in its [Policy].
type Role string

// The roles of [DefaultPolicy].
const (
	RoleSponsor           Role = "sponsor"            // runs deals: creates, edits, declares, requests; approves nothing
	RoleApprover          Role = "approver"           // agrees to what others have prepared
	RoleAccountant        Role = "accountant"         // records and releases money, closes periods
	RoleInvestorRelations Role = "investor_relations" // serves investors; moves no money
	RoleInvestor          Role = "investor"           // acts for their own accounts
	RoleReadOnly          Role = "read_only"          // sees everything, changes nothing
	RoleAdministrator     Role = "administrator"      // users, roles and keys; no money
)

// Action is what somebody does to an object.
type Action string

// The actions. Every action is allowed by ActionAny.
const (
	ActionView    Action = "view"
	ActionCreate  Action = "create"
	ActionEdit    Action = "edit"
	ActionDelete  Action = "delete"
	ActionRequest Action = "request" // ask for something that somebody else approves
	ActionApprove Action = "approve" // also reject
	ActionPay     Action = "pay"     // release money
	ActionReverse Action = "reverse"
	ActionClose   Action = "close"
	ActionExport  Action = "export"
	ActionAny     Action = "*"
)

// Kind is a kind of object.
type Kind string

// The kinds of object. KindAny stands for all.
const (
	KindOffering     Kind = "offering"
	KindCommitment   Kind = "commitment"
	KindCapitalCall  Kind = "capital_call"
	KindContribution Kind = "contribution"
	KindRefund       Kind = "refund"
	KindPosition     Kind = "position"
	KindTransfer     Kind = "transfer"
	KindDistribution Kind = "distribution"
	KindAccount      Kind = "account"
	KindInstruction  Kind = "payment_instruction"
	KindVerification Kind = "verification"
	KindProperty     Kind = "property"
	KindFinancials   Kind = "financials"
	KindLedger       Kind = "ledger"
	KindDocument     Kind = "document"
	KindEvent        Kind = "event"
	KindMessage      Kind = "message"
	KindCampaign     Kind = "campaign"
	KindProfile      Kind = "profile"
	KindUser         Kind = "user"
	KindRole         Kind = "role"
	KindAPIKey       Kind = "api_key"
	KindAny          Kind = "*"
)

// Permission allows an action on a kind of object. Own limits it to objects whose
// owner is the actor.
type Permission struct {
	Action Action
	Kind   Kind
	Own    bool
}

func (p Permission) allows(user bool, action Action, kind Kind) bool {
	return (p.Action == ActionAny || p.Action == action) && (p.Kind == KindAny || p.Kind == kind) && (!p.Own || user)
}

// Policy says what each role permits. It is data of the host's configuration; who
// holds which role is data of the database. A role that a policy does not name
// permits nothing.
type Policy map[Role][]Permission

var roleName = regexp.MustCompile(`^[a-z][a-z_]{0,49}$`)

// Validate reports roles whose names could not be stored, and permissions without
// an action or a kind.
func (p Policy) Validate() error {
	var f fault.Fields
	for role, permissions := range p {
		f.Check(roleName.MatchString(string(role)), "policy", check.BadName, "a role is named by 1 to 50 lower-case letters and _")
		for _, x := range permissions {
			f.Check(x.Action != "" && x.Kind != "", "policy", check.Required, "a permission has an action and a kind")
		}
	}
	return f.Err()
}

// permits reports whether a role allows the action; own says whether the object is
// the actor's.
func (p Policy) permits(role Role, own bool, action Action, kind Kind) bool {
	return slices.ContainsFunc(p[role], func(x Permission) bool { return x.allows(own, action, kind) })
}

// DefaultPolicy is the policy of a host that states none:
//
//	role                what it permits
//	sponsor             view all; create, edit, delete, request and close deals, properties, documents, events, campaigns;
//	                    create and edit commitments, calls, contributions, distributions
//	approver            view all; approve everything that is approved; reverse
//	accountant          view all; create, edit, pay and close money and books; reverse contributions and refunds
//	investor_relations  view all; create and edit accounts, commitments, documents, events, messages, campaigns, profiles;
//	                    request instructions and transfers
//	investor            of their own: view, create and edit accounts, commitments, profiles, documents, messages;
//	                    request instructions, transfers and verifications; view offerings, properties and events
//	read_only           view all
//	administrator       all of users, roles and keys; view verifications
//
// No role both asks for money and agrees to it. Whoever holds two roles is still
// refused where they are party to the matter, which the verbs see to.
func DefaultPolicy() Policy {
	everywhere := Permission{Action: ActionView, Kind: KindAny}
	return Policy{
		RoleSponsor: slices.Concat([]Permission{everywhere},
			on([]Kind{KindOffering, KindProperty, KindFinancials, KindDocument, KindEvent, KindCampaign, KindMessage}, ActionCreate, ActionEdit, ActionDelete, ActionClose),
			on([]Kind{KindCommitment, KindCapitalCall, KindContribution, KindDistribution, KindPosition, KindAccount}, ActionCreate, ActionEdit),
			on([]Kind{KindDistribution, KindTransfer, KindRefund, KindInstruction}, ActionRequest)),
		RoleApprover: slices.Concat([]Permission{everywhere},
			on([]Kind{KindAny}, ActionApprove, ActionReverse)),
		RoleAccountant: slices.Concat([]Permission{everywhere},
			on([]Kind{KindLedger, KindFinancials, KindContribution, KindRefund, KindDistribution, KindCapitalCall}, ActionCreate, ActionEdit, ActionPay, ActionClose, ActionExport),
			on([]Kind{KindContribution, KindRefund}, ActionReverse)),
		RoleInvestorRelations: slices.Concat([]Permission{everywhere},
			on([]Kind{KindAccount, KindCommitment, KindDocument, KindEvent, KindMessage, KindCampaign, KindProfile}, ActionCreate, ActionEdit),
			on([]Kind{KindInstruction, KindTransfer, KindVerification}, ActionRequest)),
		RoleInvestor: slices.Concat(
			on([]Kind{KindOffering, KindProperty, KindEvent}, ActionView),
			own(KindAny, ActionView, ActionExport),
			own(KindAccount, ActionCreate, ActionEdit), own(KindCommitment, ActionCreate, ActionEdit), own(KindProfile, ActionCreate, ActionEdit),
			own(KindDocument, ActionCreate, ActionEdit), own(KindMessage, ActionCreate, ActionEdit), own(KindUser, ActionEdit),
			own(KindInstruction, ActionRequest), own(KindTransfer, ActionRequest), own(KindVerification, ActionRequest)),
		RoleReadOnly: {everywhere},
		RoleAdministrator: slices.Concat(on([]Kind{KindUser, KindRole, KindAPIKey}, ActionAny),
			on([]Kind{KindVerification, KindProfile}, ActionView)),
	}
}

func on(kinds []Kind, actions ...Action) (out []Permission) {
	for _, k := range kinds {
		for _, a := range actions {
			out = append(out, Permission{Action: a, Kind: k})
		}
	}
	return out
}

func own(k Kind, actions ...Action) (out []Permission) {
	for _, a := range actions {
		out = append(out, Permission{Action: a, Kind: k, Own: true})
	}
	return out
}
