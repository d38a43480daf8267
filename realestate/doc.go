// Package realestate is the way into Freehold: a library for programs that run
// real-estate investment platforms.
//
// # Verbs by task
//
//	open a database, make a platform     OpenDB, New                     ExampleNew
//	several verbs as one                 InTx                            ExampleInTx
//	run again where that may help        Do                              ExampleDo
//	a transaction that is not bun's      LendTx, LendPgxPool, InPgxTx    ExampleLendTx
//	name who changed a row               SetActor                        ExampleSetActor
//	prove that everything holds          Platform.Verify                 ExamplePlatform_Verify
//	prove one offering                   Platform.VerifyOffering         ExamplePlatform_Verify
//	what upkeep is due                   Platform.Maintain               ExamplePlatform_Maintain
//	errors of your own statements        TranslateError                  ExampleTranslateError
//	what follows in other domains        Hook, BuiltInHooks              ExamplePlatform_notices
//
// A deal from its property to the proof that the books hold is examples/deal, and a
// property manager's month is examples/month.
//
// # The idea
//
// A host imports the packages, hands them its own database (PostgreSQL with
// PostGIS) and calls verbs: register a property, open an offering, commit,
// fund, declare, approve, pay. The library keeps the schemas, the exact money
// and the books; the host keeps its own tables beside them, its API and its
// screens. There is no server to run.
//
// [Platform] is the services of all domains put together. Each domain is a
// package and a schema of one name:
//
//	properties (renovations, media, market)   what there is
//	financials (ledger, loans, depreciation, withholding, capital)   what it earns and owes
//	investments (waterfall, returns)   who put in what, and who gets what
//	events, documents, auth, users, communications, analytics   the platform around it
//
// and each of them also works alone. The leaf packages id, money, date, page
// and fault are the words they all speak.
//
// # A first program
//
//	db, err := realestate.OpenDB(ctx, dsn)
//	...
//	migrator, err := migrations.New(migrations.Config{})
//	...
//	err = migrator.Up(ctx, db) // at every start, from as many hosts as there are
//	...
//	platform, err := realestate.New(realestate.Config{})
//	...
//	p, err := platform.Properties.RegisterProperty(ctx, db, properties.RegisterPropertyParams{
//		Name: "Elm Court", AddressLine1: "1 Elm St", City: "Columbus", State: "OH", ZipCode: "43215",
//	})
//
// The package example below takes a deal from the commitments to the payment;
// the programs in the module's folder examples go further.
//
// # Transactions
//
// Every verb and every read takes the database as an argument, db. Give it the
// pool, and the verb is a transaction of its own. Give it your open
// transaction, and it is part of that. There is no second form of any method,
// and no transaction travels in a context.
//
//   - [InTx] runs several verbs as one: a transaction on a pool, a savepoint
//     inside a transaction. Nest with it rather than with bun's RunInTx: when
//     the context ends in the middle, RunInTx may leave the writes of the failed
//     part in the outer transaction, and InTx does not.
//   - [Do] is InTx on the pool that runs again where that may help. See below.
//   - [LendTx] makes a plain *sql.Tx of the host's serve as db. The host alone
//     ends it, and its own rows and the library's share that end.
//   - [InPgxTx] does the same in an open pgx.Tx, for the time of a function, and
//     [LendPgxPool] makes a *pgxpool.Pool serve as the pool. So a host of pgx needs
//     no second pool and meets bun only as the name of a type.
//
// A verb that fails inside a transaction of yours leaves nothing of itself in
// it, and the transaction goes on: note the refusal in a table of your own and
// commit, if you like.
//
// Hand over the *bun.DB itself, not a struct that embeds it: a verb begins a
// transaction on a pool that it recognizes, and takes anything else for a
// transaction.
//
// # Errors
//
// An expected condition is a [fault.Error] with a kind, which says what to do
// about it, and a code, which says what it is. Codes are stable and never
// reused. Packages have a variable for each condition, so that errors.Is works
// on both:
//
//	errors.Is(err, investments.ErrOversubscribed) // this condition
//	errors.Is(err, fault.Conflict)                // any of the kind
//
// The kinds are NotFound, Invalid, Conflict, Illegal (the state does not allow
// the verb), Forbidden, Unavailable (run it again) and Unknown (the answer to a
// COMMIT was lost). Validation returns all field errors at once;
// [fault.FieldErrors] lists them. Constraints of the database come back as the
// same conditions, also for statements of the host's own: [TranslateError].
// The texts carry no personal data. What is not expected, such as a missing
// table, comes back as the driver's error, which may quote a row: do not log or
// show its text.
//
// # Idempotency
//
// A verb that moves money takes an idempotency key, which the caller chooses:
// the number of the order, the header of the request. The verb writes the key
// first in its transaction. The same key with the same request again returns
// the first result and does nothing; with another request it is an error of
// kind Conflict, code idempotency_key_reused. Keys are apart by verb and by
// [Config].Scope.
//
// That makes [Do] safe. It runs its function again after a serialization
// failure, a deadlock or a lost connection, and also after a COMMIT whose answer
// was lost, where the first run may stand: then the verb finds its key. So
// choose keys, ids and everything else that must not differ outside of the
// function, and keep mail and files out of it.
//
// # Money and rates
//
// A money.Amount is whole cents in an int64, within the range of NUMERIC(15,2).
// Its arithmetic returns errors instead of overflowing, a third decimal is
// refused instead of rounded, and its text and JSON are "1234.56". Binary
// floating point is never used for money. An amount is divided by largest
// remainder (money.Allocate): the parts always sum to the whole, each is
// within a cent of its exact share, and the order of the members does not
// matter. Shares are computed from exact weights (units, capital), never from a
// rounded percentage.
//
// Rates, ratios and quantities are decimal.Decimal. Rates are fractions
// everywhere: 0.08 is 8 %. A ratio that is undefined, such as a debt service
// coverage without debt, is nil, never zero.
//
// The conventions behind each number stand in the package that computes it:
// package [github.com/freehold-go/freehold/investments/returns] for rates of
// return and multiples, [github.com/freehold-go/freehold/investments/waterfall]
// for preferred returns, hurdles and promotes,
// [github.com/freehold-go/freehold/financials] for statements, rent rolls and
// valuations, [github.com/freehold-go/freehold/financials/loans],
// [github.com/freehold-go/freehold/financials/depreciation],
// [github.com/freehold-go/freehold/financials/withholding] and
// [github.com/freehold-go/freehold/financials/capital]. In short:
//
//   - Rounding, where a rule asks for it, is to the cent with ties away from
//     zero.
//   - In a series of cash flows contributions are negative and distributions
//     positive. An XIRR discounts by actual days over 365 from the earliest
//     date; when several rates solve it, all are reported, and the one nearest
//     to the guess comes first; when none does, that is an error and never a
//     number.
//   - A preferred return earns from the day of the contribution, that day
//     included, to the day of the event, that day excluded, by actual days over
//     365 unless the terms say otherwise. What is unpaid never expires.
//   - A promote comes off the top of its tier, so that the sponsor's own
//     co-investment bears its share of it.
//   - A missing line of a statement counts as zero. Deductions are positive
//     numbers. Capital improvements and debt service are below net operating
//     income.
//
// # Dates and times
//
// A day without a time of day (the date of a distribution, the end of a lease)
// is a date.Date, never a time.Time; its zero value is "no date". A moment is
// a time.Time in UTC with the microseconds that the database keeps. The clock
// is [Config].Now, read once per call of a verb; whether something has expired
// is judged by the database's clock. Both ends of a period are days in it.
//
// Optional values are pointers, and nil means absent, without exception.
//
// # Lists
//
// A list takes a page.Request and returns a page.Page whose Next is an
// opaque cursor. It holds the full sort key, so that a page costs the same
// wherever it is, and rows that are added meanwhile neither repeat nor hide
// others. There is no offset and no count. Methods named All... walk all pages
// as an iterator.
//
// # History
//
// For the tables whose past matters every earlier version of a row is kept,
// with when it held and who ended it; name that actor with [SetActor]. Methods
// named ...AsOf read the past as the database knew it then. Ledgers, money and
// evidence are append-only: a mistake is reversed, not edited. What may go out
// of sight is marked as deleted and stays.
//
// # Concurrency
//
// A Platform and its services hold no connection and are safe
// for concurrent use. A verb locks the rows that it decides about before it
// decides, so that two commitments never oversell an offering together, and
// locks in one order, so that verbs seldom deadlock; where they do, [Do] runs
// again. What two people edit has a version: the update of a stale one is a
// Conflict. Behind each rule stands a constraint of the database. Commitments, receipts and
// completed transfers of one offering that come at once on a pool share a transaction;
// [investments.Services] says what follows.
//
// # Verification
//
// [Platform.Verify] proves from the rows alone that lines sum to their
// distribution, nothing is oversold or paid twice, books balance and every
// cached figure equals its source. Use it in tests, after imports and every
// night. A violation is a finding that names the row.
//
// # Upkeep
//
// [Platform.Maintain] says which verbs are due that keep tables within bounds and books
// sealed (partitions, the archive, retention, sweeping, Ledger.Seal), by the periods of
// [Config].Retention, and what is held back. The host calls them. OPERATIONS.md says of every
// table what its period is, or why its rows stay.
//
// # Domain events
//
// Every verb that changes something writes a domain event into the table
// freehold.outbox, as the last write of its own transaction: it is there when the
// change is, and never otherwise. An event has a type, a version and a payload,
// which is a struct of the package that writes it; outbox.Decode reads it:
//
//	relay := outbox.Relay{Owner: "mailer"}
//	err := relay.Run(ctx, db, func(ctx context.Context, e outbox.Message) error {
//		if !outbox.Is[investments.OfferingOpened](e) {
//			return nil
//		}
//		opened, err := outbox.Decode[investments.OfferingOpened](e)
//		...
//	})
//
// Payloads hold ids, amounts, dates and statuses; never a name, an address, a
// secret or a free text. What else a reader wants to know it reads with the
// verbs. A version of a type may gain fields; a field that goes or means something
// else makes a new version.
//
// Nothing is delivered unless the host runs a Relay of the package outbox, in a goroutine of its own
// or out of a job. The promises:
//
//   - At least once: an event is marked as delivered after the handler took it.
//     With Relay.DrainTx the mark is part of the handler's transaction, and what
//     that writes to the same database happens exactly once. Elsewhere, let
//     ID of the message be the idempotency key.
//   - In order per aggregate, the thing that the event is about, with any number
//     of relays at once: the next event of an aggregate is handed out when the one
//     before it is delivered. Between aggregates there is no order.
//   - A lease bounds how long a killed relay holds an event up. Whoever comes too
//     late with an expired lease cannot mark what another has by then.
//   - An error of the handler is tried again, later each time. After
//     Relay.MaxAttempts the event is dead and holds back the later events of its
//     aggregate, and of no other, until outbox.Retry or outbox.Skip; see
//     outbox.Dead. Of an error only its code is kept, since its text may hold
//     personal data.
//
// A command on many rows writes one event with totals, not one a row. What is a
// record itself or happens too often to be told twice writes none: journals and
// their postings, page views and tracked events, login attempts, views of a tour,
// notifications and whether they were read, funnels; nor does what only recomputes
// a cache (portfolios, performance) or encrypts anew.
//
// outbox.Pending says how much waits and since when, outbox.Prune removes what
// was delivered long ago, and [Platform.Verify] proves that no event is missing
// and none was delivered before its turn.
//
// # Roles and row-level security
//
// The library asks for no particular role. Two functions in the database set up
// more for a host that wants it. freehold.create_roles() makes a group role per
// schema (freehold_investments, ...), none of which can change an append-only
// table or write history, and freehold_platform, a member of all of them: a login
// that is in it runs every verb and read and a relay, and Verify. Migrations and
// the partitions of the monthly tables (the verbs EnsurePartitions and
// ArchiveUserEvents, and purges of whole months) are the tables' owner's.
//
// freehold.enable_row_level_security() makes the roles too, and policies for them:
// a schema's role sees all rows of its tables, freehold_investor those of one
// investor, any other role none; the tables' owner is not limited. Whose rows
// freehold_investor sees is proved by a token that the platform has made
// ([IssueInvestorToken], [UseInvestorToken]); no setting does without.
// [AsInvestor] narrows a transaction of the platform to one investor in a step,
// and [AsPlatform] fails where the role would not see everything. An investor reads
// their accounts, commitments, positions with their capital accounts, distributions,
// transactions, notifications and profile, the documents that they own, are shown or are asked to sign, and the
// offerings; what is computed from all of an offering's
// investors (balances, explanations, ownership) the platform
// reads for them. migrations/SCHEMA.md lists what each table shows. Both are off
// until called, and both can be taken back.
//
// # People
//
// Package auth signs people and machines in and says who may do what, as Users,
// Sessions, Factors, Access and Audit of [Platform]; it sends nothing, so codes, links
// and notices are handed over once. Profiles is what people tell of themselves and
// what was verified of it. [Platform.Erase] takes
// what a person has told out of every table and keeps what the law asks to keep, papers
// that others have seen or signed, and names of people without an account, such as
// appraisers; [Platform.Export] writes one person's data as JSON. A test fails for a table
// that refers to users, has a column that is named like personal data or is protected by a
// policy, and for which neither says what becomes of it.
//
// # What it never does
//
// It starts no goroutine, keeps no global state, has no init function and no
// registry. It prints nothing and logs only to the logger that it is given,
// without personal data. It sends no mail, moves no money at a bank, calls no
// service and reports nothing to anybody.
package realestate
