package investments

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/convoy"
	"github.com/freehold-go/freehold/internal/reseal"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/vault"
)

// Config is what [New] needs. The zero value is ready for use.
type Config struct {
	// Now is the clock, read once per call; nil is time.Now.
	Now func() time.Time
	// Gate decides whether the evidence lets an investor commit; nil is
	// [RequireAccreditation]. It touches no database: what it may judge by is in
	// the evidence.
	Gate Gate
	// Evidence loads what the gate judges an investor by from the other domains,
	// under lock and in the verb's transaction. With nil nothing is proved, and a
	// gate that asks for proof refuses.
	Evidence EvidenceFunc
	// Scope keeps the idempotency keys of this service apart from those of other
	// programs on the same database, at most 200 bytes; "" is a scope of its own.
	Scope string
	// Vault seals tax ids and payment details; nil refuses to store any
	// ([ErrNoVault]).
	Vault *vault.Vault
	// Approvals says how many people have to agree to a distribution, by its
	// amount; nil is one other than who declared it. See [ApprovalPolicy.Validate].
	Approvals ApprovalPolicy
	// Horizon is how many days after today a day may lie that money counts from, such as
	// that of a distribution; zero is 366.
	Horizon int
	// Policy says who may use which verb; the zero value is the default without roles.
	Policy Policy
	// May decides what roles permit, where the policy asks for roles; nil then
	// refuses everybody.
	May auth.MayFunc
	// Hooks are called once per verb with all of its events, in order, after the
	// verb's writes and in its transaction; an error refuses the verb.
	Hooks []store.Hook
}

// Services are the verbs and reads of this domain, by what they are about. They
// hold no connection and are safe for concurrent use. Each method
// takes the pool, or a transaction of the caller's that it then is a part of.
//
// On one pool (a *bun.DB), commands of these verbs on one offering that come while another
// one of them is on its way wait for it, without a connection, and then share a transaction,
// up to 64 of them: [Commitments.Commit]; [Commitments.ReceiveContribution] and
// [Commitments.ReceiveCall] of one actor; [Positions.CompleteTransfer] of one actor. Each has
// its own key, checks, hooks, events, result and error, as if it had come alone; those that
// can't share, or whose transaction fails, run alone. For a host it follows that
//   - Evidence, Gate, May and hooks may be called on another goroutine than their caller's,
//     though with its context, and once more when a command then runs alone; hooks are called
//     for one command after the other, behind the writes of all;
//   - triggers of the host's own find no actor named where several act;
//   - a command whose context ends while it waits is not done, and one whose context ends
//     while its transaction runs is realestate.ErrUnknownOutcome: its key tells;
//   - only what goes by one Services value shares.
type Services struct {
	// Offerings: offerings, their share classes and terms, the search.
	Offerings *Offerings
	// Accounts: investors' accounts, tax ids and payment instructions.
	Accounts *Accounts
	// Commitments: commitments, the waitlist, capital calls, contributions, refunds.
	Commitments *Commitments
	// Positions: holdings, balances, ownership and transfers.
	Positions *Positions
	// Distributions: from declaring to paying, reversing, reviewing and explaining.
	Distributions *Distributions
	// Capital: allocations of income, capital accounts and the exit.
	Capital *Capital
	// Reports: portfolios, statements, tax totals and transactions.
	Reports *Reports
}

// Offerings is the verbs and reads of offerings, their share classes and terms.
type Offerings struct{ core }

// Accounts is the verbs and reads of accounts, tax ids and payment instructions.
type Accounts struct{ core }

// Commitments is the verbs and reads of commitments, the waitlist, capital calls,
// contributions and refunds.
type Commitments struct {
	core
	commits  *convoy.Road[id.Of[Offering], CommitParams, *Subscription]
	receipts *convoy.Road[lane, *receiving, received]
}

// Positions is the verbs and reads of holdings, balances, ownership and transfers.
type Positions struct {
	core
	completions *convoy.Road[lane, *completing, *Transfer]
}

// Distributions is the verbs and reads of distributions and their payments.
type Distributions struct{ core }

// Capital is the verbs and reads of allocations, capital accounts and exits.
type Capital struct{ core }

// Reports is the verbs and reads of portfolios, statements, tax totals and
// transactions.
type Reports struct{ core }

// core is what the services share.
type core struct {
	now        func() time.Time
	gate       Gate
	evidence   EvidenceFunc
	scope      string
	vault      *vault.Vault
	approvals  ApprovalPolicy
	horizon    int
	policy     Policy
	rules      map[Verb]Rule
	may        auth.MayFunc
	ledger     *ledger.Service
	cash       *financials.Cash
	properties *properties.Service
	hooks      store.Hooks
}

// New makes the services of this domain.
func New(cfg Config) *Services {
	if cfg.Gate == nil {
		cfg.Gate = RequireAccreditation
	}
	if cfg.Evidence == nil {
		cfg.Evidence = noEvidence
	}
	c := core{now: store.Clock(cfg.Now), gate: cfg.Gate, evidence: cfg.Evidence, scope: cfg.Scope, vault: cfg.Vault, approvals: slices.Clone(cfg.Approvals),
		horizon: cfg.Horizon, policy: cfg.Policy, rules: cfg.Policy.rules(), may: cfg.May,
		ledger: ledger.NewService(ledger.Config{Now: cfg.Now, Hooks: cfg.Hooks}), cash: financials.NewCash(financials.Config{Now: cfg.Now}),
		properties: properties.NewService(properties.Config{Now: cfg.Now}), hooks: slices.Clone(cfg.Hooks)}
	return &Services{Offerings: &Offerings{c}, Accounts: &Accounts{c}, Commitments: &Commitments{core: c, commits: &convoy.Road[id.Of[Offering], CommitParams, *Subscription]{}, receipts: &convoy.Road[lane, *receiving, received]{}}, Positions: &Positions{core: c, completions: &convoy.Road[lane, *completing, *Transfer]{}},
		Distributions: &Distributions{c}, Capital: &Capital{c}, Reports: &Reports{c}}
}

// days is what days are judged by.
func (c *core) days() check.Days { return check.NewDays(c.now(), c.horizon) }

func optional(v string) *string {
	if v == "" {
		return nil
	}
	return &v
}

func ptr[T any](v T) *T { return &v }

// Reseal encrypts the tax ids and payment details anew that are sealed by another
// key than the vault's first, batch rows at a time (0 is 500), each batch a
// transaction of its own on a pool. A value that does not open stays as it is and
// is reported by its table and id; the others go on. Rows that somebody holds
// locked are left for the next call. What is stored says the same afterwards, so
// no event tells of it. It returns [ErrNoVault], or [fault.CodeOutOfRange] of batch.
func (s *Accounts) Reseal(ctx context.Context, db bun.IDB, batch int) (*vault.ResealReport, error) {
	return reseal.Run(ctx, db, s.vault, batch,
		reseal.Column{Table: accountsTable, Name: taxIDColumn, Owner: "investor_id", Indexed: "tax_id_index"},
		reseal.Column{Table: "investments.payment_instructions", Name: "details", Owner: "investor_id"})
}
