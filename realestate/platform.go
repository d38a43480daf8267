package realestate

import (
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/events"
	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/market"
	"github.com/freehold-go/freehold/properties/media"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate/analytics"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/communications"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/users"
	"github.com/freehold-go/freehold/realestate/vault"
)

// Config is what a [Platform] may be told. The zero value is ready for use.
type Config struct {
	// Now is the clock, read once per call of a verb; nil is time.Now. Expiry
	// is judged by the database's clock all the same.
	Now func() time.Time
	// Horizon is how many days after today a day may lie on which something takes
	// effect, such as the start of a lease or of a loan; zero is 366. What has
	// happened is never of a later day than today.
	Horizon int
	// Gate decides whether the evidence lets an investor commit to an offering;
	// nil is [investments.RequireAccreditation].
	Gate investments.Gate
	// Scope keeps the idempotency keys of this platform apart from those of
	// other programs on the same database: the name of a service or an
	// integration, at most 200 bytes. "" is a scope of its own.
	Scope string
	// Vault seals tax ids, payment details, dates of birth, the data behind
	// verifications, the secrets of second factors, passcodes of events and vendors'
	// keys of tours; nil refuses to store any.
	Vault *vault.Vault
	// Roles says what each role permits, as data for [auth.Access.Can]; nil is
	// [auth.DefaultPolicy]. Who holds which role stands in the database
	// ([auth.Access.GrantRole]). Whether the verbs of investments and leases ask for a
	// role at all is Policy's to say, below.
	Roles auth.Policy
	// Identity configures sign-in: the cost of hashes, limits, lives of sessions. Its
	// clock, vault and policy are those above.
	Identity auth.Config
	// Approvals says how many people have to agree to a distribution, by its
	// amount; nil is one other than who declared it.
	Approvals investments.ApprovalPolicy
	// WriteOffApprovals is how many people besides who asked agree to write off what a
	// tenant owes; zero is one.
	WriteOffApprovals int
	// BillApprovals is how many people besides who entered it agree to a bill; zero is one.
	BillApprovals int
	// OrderApprovals is how many people besides who asked agree to a change order of a
	// renovation; zero is one.
	OrderApprovals int
	// Policy says who may use which verb of the investments; the zero value lets every
	// active user act who is not kept from it as a party. With its Roles (a switch, unlike
	// Config.Roles, which is the table of what they permit) nobody acts without a role
	// that permits it, nor in leases ([leases.Rules]), loans ([financials.Rules]), payables ([payables.Rules]) and
	// renovations ([renovations.Rules]): what a platform with real money sets.
	Policy investments.Policy
	// Hooks are the host's own, called after the library's by the verbs of every
	// domain that writes events; see [Hook].
	Hooks []Hook
	// LeaveOut names hooks of the library's own that are not wanted; see
	// [BuiltInHooks].
	LeaveOut []HookName
	// Storage keeps the bytes of documents, photos and videos, such as a folder
	// (documents/storage); nil refuses uploads.
	Storage storage.Store
	// CDNBaseURL is where a CDN serves the storage's keys that begin with "media/", and no
	// others: photos in the sizes in which they are shown. It is an https URL; "" is none.
	CDNBaseURL string
	// Renderer makes files of certificates and of templates that are filled in; nil refuses
	// them.
	Renderer documents.Renderer
	// Retention says how long what only grows is kept, for [Platform.Maintain].
	Retention Retention
	// Logger gets what the host would want to look at, such as a failing
	// invariant; nil is silent. No personal data goes to it.
	Logger *slog.Logger
}

// Platform is the services of all domains, put together. It is safe for
// concurrent use, holds no connection, and runs nothing but what its callers wait
// for. Each service also works alone.
type Platform struct {
	Users          *auth.Users
	Sessions       *auth.Sessions
	Factors        *auth.Factors
	Access         *auth.Access
	Audit          *auth.Audit
	Profiles       *users.Service
	Communications *communications.Service
	Properties     *properties.Service
	Renovations    *renovations.Service
	Media          *media.Service
	Market         *market.Service
	Financials     *financials.Service
	Loans          *financials.Loans
	Cash           *financials.Cash
	Ledger         *ledger.Service
	Proofs         *ledger.Proofs
	Leases         *leases.Leases
	TenantAccounts *leases.Accounts
	RentRolls      *leases.Rolls
	Payables       *payables.Service
	Offerings      *investments.Offerings
	Accounts       *investments.Accounts
	Commitments    *investments.Commitments
	Positions      *investments.Positions
	Distributions  *investments.Distributions
	Capital        *investments.Capital
	Reports        *investments.Reports
	Events         *events.Service
	Documents      *documents.Service
	Signatures     *documents.Signatures
	Analytics      *analytics.Service

	log  *slog.Logger
	now  func() time.Time
	keep Retention
}

// maxScope is the width of the column that keeps the scope.
const maxScope = 200

// identity is the configuration of the service of identities.
func (c *Config) identity(hooks []Hook) auth.Config {
	out := c.Identity
	out.Now, out.Vault, out.Policy, out.Hooks = c.Now, c.Vault, c.Roles, hooks
	return out
}

func (c *Config) validate() error {
	var f fault.Fields
	f.Check(len(c.Scope) <= maxScope, "scope", check.TooLong, "a scope has at most 200 bytes")
	f.Check(utf8.ValidString(c.Scope) && !strings.ContainsRune(c.Scope, 0), "scope", check.Malformed, "a scope is text")
	f.AddErr("", c.Approvals.Validate())
	f.Check(c.WriteOffApprovals >= 0, "write_off_approvals", check.OutOfRange, "a number of people")
	f.Check(c.CDNBaseURL == "" || media.IsBaseURL(c.CDNBaseURL), "cdn_base_url", check.BadURL, "an https URL without a query")
	f.Check(c.BillApprovals >= 0, "bill_approvals", check.OutOfRange, "a number of people")
	f.Check(c.OrderApprovals >= 0, "order_approvals", check.OutOfRange, "a number of people")
	f.AddErr("policy", c.Policy.Validate())
	f.AddErr("identity", c.identity(nil).Validate())
	for _, h := range c.Hooks {
		f.Check(h != nil, "hooks", check.Required, "a hook is a function")
	}
	for _, name := range c.LeaveOut {
		f.Check(slices.ContainsFunc(builtInHooks, func(h BuiltInHook) bool { return h.Name == name }), "leave_out", check.NotAllowed,
			"a hook of the library's own")
	}
	f.AddErr("roles", c.Roles.Validate())
	f.AddErr("retention", c.Retention.validate())
	return f.Err()
}

// New puts a Platform together. A Config that makes no sense is [fault.Errors]
// that name its fields.
func New(cfg Config) (*Platform, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	hooks := hooksOf(cfg)
	identities := auth.New(cfg.identity(hooks))
	var roles auth.MayFunc
	if cfg.Policy.Roles {
		roles = identities.Access.Can
	}
	let := leases.New(leases.Config{Now: cfg.Now, Horizon: cfg.Horizon, Scope: cfg.Scope, WriteOffApprovals: cfg.WriteOffApprovals, Hooks: hooks,
		May: roles})
	papers := documents.Config{Now: cfg.Now, Hooks: hooks, Storage: cfg.Storage, Can: identities.Access.Can, Renderer: cfg.Renderer}
	p := &Platform{
		Users:          identities.Users,
		Sessions:       identities.Sessions,
		Factors:        identities.Factors,
		Access:         identities.Access,
		Audit:          identities.Audit,
		Profiles:       users.NewService(users.Config{Now: cfg.Now, Vault: cfg.Vault, Can: identities.Access.Can, Hooks: hooks}),
		Communications: communications.NewService(communications.Config{Now: cfg.Now}),
		Properties:     properties.NewService(properties.Config{Now: cfg.Now, Horizon: cfg.Horizon, Tenancies: let.Leases.Tenancies, Hooks: hooks}),
		Media:          media.NewService(media.Config{Now: cfg.Now, Vault: cfg.Vault, Storage: cfg.Storage, CDNBaseURL: cfg.CDNBaseURL, Hooks: hooks}),
		Market:         market.NewService(market.Config{Now: cfg.Now, Hooks: hooks}),
		Financials:     financials.NewService(financials.Config{Now: cfg.Now, Horizon: cfg.Horizon, Hooks: hooks}),
		Leases:         let.Leases,
		TenantAccounts: let.Accounts,
		RentRolls:      let.Rolls,
		Ledger:         ledger.NewService(ledger.Config{Now: cfg.Now, Hooks: hooks}),
		Proofs:         ledger.NewProofs(ledger.Config{Now: cfg.Now, Hooks: hooks}),
		Events:         events.NewService(events.Config{Now: cfg.Now, Horizon: cfg.Horizon, Vault: cfg.Vault, Hooks: hooks}),
		Documents:      documents.NewService(papers),
		Signatures:     documents.NewSignatures(papers),
		Analytics:      analytics.NewService(analytics.Config{Now: cfg.Now}),
		log:            cfg.Logger,
		now:            store.Clock(cfg.Now),
		keep:           cfg.Retention.withDefaults(),
	}
	books := financials.Config{Now: cfg.Now, Horizon: cfg.Horizon, Scope: cfg.Scope, May: roles, Value: valueFrom(p.Market), Hooks: hooks}
	p.Loans, p.Cash = financials.NewLoans(books), financials.NewCash(books)
	p.Payables = payables.NewService(payables.Config{Now: cfg.Now, Horizon: cfg.Horizon, Scope: cfg.Scope, Vault: cfg.Vault, Approvals: cfg.BillApprovals,
		May: roles, Hooks: hooks})
	p.Renovations = renovations.NewService(renovations.Config{Now: cfg.Now, OrderApprovals: cfg.OrderApprovals, May: roles, Tenancies: let.Leases.Tenancies,
		Hooks: hooks})
	money := investments.New(investments.Config{Now: cfg.Now, Gate: cfg.Gate, Scope: cfg.Scope, Vault: cfg.Vault, Approvals: cfg.Approvals,
		Horizon: cfg.Horizon, Policy: cfg.Policy, May: p.Access.Can, Evidence: evidenceFrom(p.Profiles, p.Documents), Hooks: hooks})
	p.Offerings, p.Accounts, p.Commitments, p.Positions = money.Offerings, money.Accounts, money.Commitments, money.Positions
	p.Distributions, p.Capital, p.Reports = money.Distributions, money.Capital, money.Reports
	return p, nil
}

// Constraints names the errors of all domains by schema and constraint, for
// hosts that write to the tables with SQL of their own; see [TranslateError].
func Constraints() map[string]map[string]*fault.Error {
	books := financials.Constraints()
	maps.Copy(books, ledger.Constraints())
	maps.Copy(books, leases.Constraints())
	maps.Copy(books, payables.Constraints())
	return map[string]map[string]*fault.Error{
		"auth": auth.Constraints(), "users": users.Constraints(), "communications": communications.Constraints(),
		"properties": properties.Constraints(), "renovations": renovations.Constraints(), "media": media.Constraints(),
		"market": market.Constraints(), "financials": books, "investments": investments.Constraints(),
		"events": events.Constraints(), "documents": documents.Constraints(), "analytics": analytics.Constraints(),
	}
}

// TranslateError turns an error of the database, out of a statement of the
// host's on the tables of one of the library's schemas, into the fault that the
// library's own verbs return. Other errors come back as they are.
func TranslateError(schema string, err error) error {
	return store.Err(err, Constraints()[schema])
}
