package realestate_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/communications"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
	"github.com/freehold-go/freehold/realestate/users"
)

// loginDB opens a pool of a login of its own, a member of the roles that are
// named, on the database of db.
func loginDB(t *testing.T, db *bun.DB, roles string) *bun.DB {
	t.Helper()
	name := "login_" + strings.ReplaceAll(id.New[bun.DB]().String(), "-", "")
	_, err := db.ExecContext(t.Context(), fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD 'of the test' IN ROLE %s", name, roles))
	require.NoError(t, err)
	cfg, err := pgx.ParseConfig(pgtest.DSN(t, db))
	require.NoError(t, err)
	cfg.User, cfg.Password, cfg.DefaultQueryExecMode = name, "of the test", pgx.QueryExecModeExec
	pool := bun.NewDB(stdlib.OpenDB(*cfg), pgdialect.New())
	t.Cleanup(func() {
		require.NoError(t, pool.Close())
		_, err := db.Exec(fmt.Sprintf("DROP OWNED BY %[1]s; DROP ROLE %[1]s", name))
		require.NoError(t, err)
	})
	return pool
}

// secured is a database with row-level security on, on which two people have
// invested, together and each alone.
type secured struct {
	db            *bun.DB // as its owner
	platform      *bun.DB
	investor      *bun.DB // may only be an investor
	ann, bob      id.Of[auth.User]
	offering      *investments.Offering
	distribution  *investments.Distribution
	accounts      map[id.Of[auth.User]]*investments.Account
	joint         *investments.Position
	positions     map[id.Of[auth.User]]*investments.Position
	subscriptions map[id.Of[auth.User]]*investments.Subscription
	documents     map[id.Of[auth.User]]*documents.Document
	envelope      *documents.EnvelopeView   // both are asked to sign
	deleted       id.Of[documents.Document] // was public
}

func newSecured(t *testing.T) *secured {
	t.Helper()
	ctx, db := t.Context(), pgtest.Clone(t)
	_, err := db.ExecContext(ctx, "SELECT freehold.enable_row_level_security()")
	require.NoError(t, err)
	s := &secured{db: db, platform: loginDB(t, db, "freehold_platform"), investor: loginDB(t, db, "freehold_investor"),
		accounts: map[id.Of[auth.User]]*investments.Account{}, positions: map[id.Of[auth.User]]*investments.Position{},
		subscriptions: map[id.Of[auth.User]]*investments.Subscription{}, documents: map[id.Of[auth.User]]*documents.Document{}}
	p := platform()
	w := s.platform // everything is made under the policies
	s.ann, s.bob = realestatetest.Investor(t, w).ID, realestatetest.Investor(t, w).ID
	s.offering = realestatetest.Offering(t, w)
	for _, u := range []id.Of[auth.User]{s.ann, s.bob} {
		s.accounts[u] = realestatetest.Account(t, w, u)
		s.positions[u] = realestatetest.Position(t, w, s.offering.ID, u, money.MustParse("50000"))
		s.subscriptions[u] = realestatetest.Subscription(t, w, s.offering.ID, u, money.MustParse("25000"))
		s.documents[u] = realestatetest.Document(t, w, u)
		_, err := p.Communications.Notify(ctx, w, communications.NotifyParams{UserID: u, Type: "statement", Title: "Statement", Message: "It is there."})
		require.NoError(t, err)
		_, err = w.NewRaw(`WITH c AS (INSERT INTO users.conversations (participants) VALUES (ARRAY[?0, ?1]::uuid[]) RETURNING id)
			INSERT INTO users.messages (conversation_id, sender_id, recipient_id, content) SELECT id, ?0, ?1, 'Welcome.' FROM c`, realestatetest.User(t, w).ID, u).Exec(ctx)
		require.NoError(t, err)
	}
	s.papers(t)
	account := realestatetest.Account(t, w, s.ann, func(p *investments.OpenAccountParams) {
		p.Type, p.Name, p.JointInvestorID = investments.AccountJoint, "Both", &s.bob
	})
	s.joint = realestatetest.Position(t, w, s.offering.ID, s.ann, money.MustParse("25000"), func(p *investments.CommitParams) { p.AccountID = &account.ID })
	s.distribution = realestatetest.Distribution(t, w, s.offering.ID, money.MustParse("1000"))
	require.NoError(t, p.Reports.RefreshPortfolios(ctx, w, investments.RefreshPortfoliosParams{InvestorIDs: []id.Of[auth.User]{s.ann, s.bob}, AsOf: realestatetest.Funded()}))
	return s
}

// papers makes what documents and leases have rows of: both investors are asked to sign
// the staff's paper, upload, link and open.
func (s *secured) papers(t *testing.T) {
	t.Helper()
	ctx, w := t.Context(), s.platform
	p, err := realestate.New(realestate.Config{Storage: storage.NewMemory(storage.MemoryConfig{})})
	require.NoError(t, err)
	staff, soon := realestatetest.User(t, w).ID, time.Now().Add(time.Hour)
	paper, public := realestatetest.Document(t, w, staff), realestatetest.Document(t, w, staff, func(p *documents.AddDocumentParams) { p.Visibility = documents.VisibilityPublic })
	s.envelope, err = p.Signatures.RequestSignatures(ctx, w, documents.RequestSignaturesParams{DocumentID: paper.ID, ActorID: staff, ExpiresAt: soon,
		Signers: []documents.Signer{{UserID: &s.ann}, {UserID: &s.bob}}})
	require.NoError(t, err)
	_, err = p.Documents.DeleteDocument(ctx, w, documents.DeleteDocumentParams{DocumentID: public.ID, ActorID: staff})
	require.NoError(t, err)
	s.deleted = public.ID
	home := realestatetest.Property(t, w, func(p *properties.RegisterPropertyParams) { p.Units = realestatetest.Units(2) })
	units, err := p.Properties.Units(ctx, w, home.ID, properties.UnitFilter{}, page.Request{})
	require.NoError(t, err)
	for i, u := range []id.Of[auth.User]{s.ann, s.bob} {
		_, err := p.Documents.CreateLink(ctx, w, documents.CreateLinkParams{DocumentID: s.documents[u].ID, ActorID: u, ExpiresAt: soon})
		require.NoError(t, err)
		_, err = p.Documents.StartUpload(ctx, w, documents.StartUploadParams{UploaderID: u, FileName: "deed.pdf", Type: "application/pdf", Size: 3, SHA256: sha256.Sum256([]byte("abc"))})
		require.NoError(t, err)
		tenant, err := p.Leases.AddTenant(ctx, w, leases.AddTenantParams{Name: "Tenant", UserID: &u})
		require.NoError(t, err)
		first := date.Of(time.Now()).StartOfMonth()
		l, err := p.Leases.SignLease(ctx, w, leases.SignLeaseParams{UnitID: units.Items[i].ID, Parties: []leases.PartyParams{{TenantID: tenant.ID}}, StartsOn: first,
			EndsOn: first.AddDays(364).Ptr(), Rent: []leases.RentStep{{From: first, Amount: money.MustParse("900.00")}}, ActorID: staff})
		require.NoError(t, err)
		_, err = p.TenantAccounts.AddCharge(ctx, w, leases.AddChargeParams{IdempotencyKey: u.String(), LeaseID: l.ID, Kind: leases.ChargeOther, Amount: money.MustParse("5.00"), DueOn: first, ActorID: staff})
		require.NoError(t, err)
	}
}

// as runs fn in a transaction of the investor's login, as the holder of a token.
func (s *secured) as(t *testing.T, who id.Of[auth.User], fn func(ctx context.Context, tx bun.IDB)) {
	t.Helper()
	ctx := t.Context()
	token, err := realestate.IssueInvestorToken(ctx, s.platform, who, time.Minute)
	require.NoError(t, err)
	require.NoError(t, realestate.InTx(ctx, s.investor, func(tx bun.IDB) error {
		require.NoError(t, realestate.UseInvestorToken(ctx, tx, token))
		fn(ctx, tx)
		return nil
	}))
}

func number(t *testing.T, tx bun.IDB, query string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, tx.NewRaw(query, args...).Scan(t.Context(), &n), query)
	return n
}

// refuses runs a statement that has to fail, in a savepoint.
func refuses(t *testing.T, tx bun.IDB, query string, args ...any) error {
	t.Helper()
	err := realestate.InTx(t.Context(), tx, func(tx bun.IDB) error {
		_, err := tx.NewRaw(query, args...).Exec(t.Context())
		return realestate.TranslateError("investments", err)
	})
	require.Error(t, err, query)
	return err
}

// No setting makes a role that may only be an investor see more than a token that
// the platform had made for it, and no token but a genuine one is taken.
func TestInvestorToken(t *testing.T) {
	t.Parallel()
	s := newSecured(t)
	ctx := t.Context()
	const held = "SELECT count(*) FROM investments.property_investments"
	require.Equal(t, 3, number(t, s.platform, held))

	var inner []byte
	require.NoError(t, s.db.NewRaw("SELECT inner_pad FROM freehold.row_security_keys").Scan(ctx, &inner))
	for i := range inner {
		inner[i] ^= 0x36
	}
	sign := func(key []byte, who id.Of[auth.User], expires int64) string {
		h := hmac.New(sha256.New, key)
		fmt.Fprintf(h, "freehold investor|%s|%d", who, expires)
		return fmt.Sprintf("%s.%d.%s", who, expires, hex.EncodeToString(h.Sum(nil)))
	}
	soon := time.Now().Add(time.Minute).Unix()
	genuine := sign(inner, s.ann, soon)
	require.NoError(t, realestate.InTx(ctx, s.investor, func(tx bun.IDB) error {
		require.Zero(t, number(t, tx, held), "it fails closed")
		for _, setting := range []string{"freehold.bypass", "freehold.investor_id", "row_security"} {
			_, err := tx.NewRaw("SELECT set_config(?, ?, TRUE)", setting, map[bool]string{true: s.bob.String(), false: "on"}[setting == "freehold.investor_id"]).Exec(ctx)
			require.NoError(t, err)
			require.Zero(t, number(t, tx, held), setting)
		}
		for what, token := range map[string]string{
			"another key":      sign(make([]byte, 64), s.ann, soon),
			"expired":          sign(inner, s.ann, time.Now().Add(-2*time.Second).Unix()),
			"another investor": strings.Replace(genuine, s.ann.String(), s.bob.String(), 1),
			"a later end":      strings.Replace(genuine, fmt.Sprint(soon), fmt.Sprint(soon+1), 1),
			"no mac":           fmt.Sprintf("%s.%d.", s.ann, soon),
			"an id alone":      s.ann.String(),
			"more behind":      genuine + " ",
		} {
			require.NoError(t, realestate.UseInvestorToken(ctx, tx, realestate.InvestorToken(token)))
			require.ErrorIs(t, refuses(t, tx, held), fault.Forbidden, what)
		}
		require.NoError(t, realestate.UseInvestorToken(ctx, tx, realestate.InvestorToken(genuine)))
		require.Equal(t, 2, number(t, tx, held), "her own and the joint one: the form is that of the standard")
		require.ErrorIs(t, refuses(t, tx, "SELECT freehold.issue_investor_token(?, 60)", s.bob), fault.Forbidden)
		require.ErrorIs(t, refuses(t, tx, "SELECT freehold.investor_mac(?, 60)", s.bob), fault.Forbidden)
		require.ErrorIs(t, refuses(t, tx, "SELECT inner_pad FROM freehold.row_security_keys"), fault.Forbidden)
		require.ErrorIs(t, refuses(t, tx, "SET ROLE freehold_platform"), fault.Forbidden)
		require.ErrorIs(t, refuses(t, tx, "UPDATE investments.property_investments SET investment_amount = 1"), fault.Forbidden)
		return nil
	}))
	s.as(t, s.bob, func(_ context.Context, tx bun.IDB) { require.Equal(t, 2, number(t, tx, held)) })

	_, err := realestate.IssueInvestorToken(ctx, s.investor, s.ann, time.Minute)
	require.ErrorIs(t, err, fault.Forbidden)
	for _, life := range []time.Duration{0, -time.Second, time.Millisecond, time.Hour + 1} {
		_, err := realestate.IssueInvestorToken(ctx, s.platform, s.ann, life)
		require.ErrorIs(t, err, realestate.ErrTokenLife)
	}
	token, err := realestate.IssueInvestorToken(ctx, s.platform, s.ann, time.Hour)
	require.NoError(t, err)
	require.NotContains(t, fmt.Sprintf("%v %+v %s %q %x %#v", token, token, token, token, token, token), s.ann.String())
	_, err = s.db.ExecContext(ctx, "SELECT freehold.renew_row_security_key()")
	require.NoError(t, err)
	require.NoError(t, realestate.InTx(ctx, s.investor, func(tx bun.IDB) error {
		require.NoError(t, realestate.UseInvestorToken(ctx, tx, token))
		require.ErrorIs(t, refuses(t, tx, held), fault.Forbidden, "of the old key")
		return nil
	}))
}

// Whatever a host grants, a role that may only be an investor reads no row of
// another in any table: those that are the platform's alone are empty to it, and
// the rows that remain name nobody else.
func TestInvestorRole_everyTable(t *testing.T) {
	t.Parallel()
	s := newSecured(t)
	ctx := t.Context()
	_, err := s.db.ExecContext(ctx, `DO $$ DECLARE s TEXT; BEGIN FOREACH s IN ARRAY ARRAY['freehold', 'auth', 'users', 'communications', 'properties',
		'renovations', 'media', 'market', 'financials', 'investments', 'events', 'documents', 'analytics'] LOOP
		EXECUTE format('GRANT USAGE ON SCHEMA %I TO freehold_investor', s);
		EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO freehold_investor', s); END LOOP; END $$`)
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := s.db.Exec("DROP OWNED BY freehold_investor")
		require.NoError(t, err)
	})
	var tables []struct{ Name, Visible string }
	require.NoError(t, s.db.NewRaw("SELECT schema_name || '.' || table_name AS name, COALESCE(visible, '') AS visible FROM freehold.protected_tables()").Scan(ctx, &tables))
	// The other's identity in any column of any row.
	others := func(who id.Of[auth.User], name string) string {
		return fmt.Sprintf("SELECT count(*) FROM %s AS r WHERE to_jsonb(r)::text LIKE '%%%s%%'", name, who)
	}
	filled := 0
	s.as(t, s.ann, func(_ context.Context, tx bun.IDB) {
		for _, table := range tables {
			all := number(t, s.db, "SELECT count(*) FROM "+table.Name)
			if all > 0 {
				filled++
			}
			if table.Visible == "" {
				require.Zero(t, number(t, tx, "SELECT count(*) FROM "+table.Name), table.Name)
				continue
			}
			require.LessOrEqual(t, number(t, tx, "SELECT count(*) FROM "+table.Name), all, table.Name)
			if table.Name != "investments.investor_accounts" { // of a joint one both are owners
				require.Zero(t, number(t, tx, others(s.bob, table.Name)), table.Name)
			}
		}
	})
	require.Greater(t, filled, 40, "tables that hold something")
	// A partition by its own name is empty too.
	s.as(t, s.ann, func(_ context.Context, tx bun.IDB) {
		require.Zero(t, number(t, tx, "SELECT count(*) FROM auth.login_attempts_default"))
	})
}

// Every read that an investor's page needs works as an investor, and finds what
// is theirs and nothing of anybody else.
func TestInvestorRole_reads(t *testing.T) {
	t.Parallel()
	s := newSecured(t)
	p := platform()
	first := page.Request{}
	s.as(t, s.bob, func(ctx context.Context, tx bun.IDB) {
		count := func(what string, want int, got int, err error) {
			t.Helper()
			require.NoError(t, err, what)
			require.Equal(t, want, got, what)
		}
		one := func(what string, err error) { t.Helper(); require.NoError(t, err, what) }
		gone := func(what string, err error) { t.Helper(); require.ErrorIs(t, err, fault.NotFound, what) }

		_, err := p.Offerings.Offering(ctx, tx, s.offering.ID)
		one("offering", err)
		_, err = p.Offerings.OfferingBySlug(ctx, tx, s.offering.Slug)
		one("offering by slug", err)
		offerings, err := p.Offerings.Offerings(ctx, tx, investments.OfferingFilter{}, first)
		count("offerings", 1, len(offerings.Items), err)
		found, err := p.Offerings.Search(ctx, tx, "elm", investments.OfferingFilter{}, first)
		count("offerings found", 1, len(found.Items), err)
		classes, err := p.Offerings.ShareClasses(ctx, tx, s.offering.ID)
		count("classes", 1, len(classes), err)
		_, err = p.Properties.Property(ctx, tx, s.offering.PropertyID)
		one("property", err)
		properties, err := p.Properties.Properties(ctx, tx, properties.PropertyFilter{}, first)
		count("properties", 1, len(properties.Items), err)

		accounts, err := p.Accounts.Accounts(ctx, tx, s.bob, first)
		count("accounts", 1, len(accounts.Items), err)
		_, err = p.Accounts.Account(ctx, tx, s.accounts[s.bob].ID)
		one("account", err)
		_, err = p.Accounts.Account(ctx, tx, s.accounts[s.ann].ID)
		gone("her account", err)
		subs, err := p.Commitments.Subscriptions(ctx, tx, investments.SubscriptionFilter{}, first)
		count("subscriptions", 3, len(subs.Items), err)
		_, err = p.Commitments.Subscription(ctx, tx, s.subscriptions[s.ann].ID)
		gone("her subscription", err)
		positions, err := p.Positions.Positions(ctx, tx, investments.PositionFilter{}, first)
		count("positions, with the joint one", 2, len(positions.Items), err)
		_, err = p.Positions.Position(ctx, tx, s.joint.ID)
		one("joint position", err)
		capital, err := p.Capital.CapitalAccounts(ctx, tx, investments.CapitalAccountsParams{OfferingID: s.offering.ID, To: date.MustParse("2025-12-31")}, first)
		count("capital accounts of what they hold", 2, len(capital.Items), err)
		_, err = p.Positions.Position(ctx, tx, s.positions[s.ann].ID)
		gone("her position", err)
		portfolio, err := p.Reports.Portfolio(ctx, tx, s.bob)
		one("portfolio", err)
		require.Equal(t, "50000.00", portfolio.TotalInvested.String())
		_, err = p.Reports.Portfolio(ctx, tx, s.ann)
		gone("her portfolio", err)
		distributions, err := p.Distributions.Distributions(ctx, tx, s.offering.ID, first)
		count("distributions", 1, len(distributions.Items), err)
		lines, err := p.Distributions.DistributionLines(ctx, tx, s.distribution.ID, first)
		count("lines", 2, len(lines.Items), err)
		_, err = p.Distributions.LineTiers(ctx, tx, lines.Items[0].ID)
		one("tiers", err)
		transactions, err := p.Reports.Transactions(ctx, tx, s.bob, first)
		count("transactions", 1, len(transactions.Items), err)
		hers, err := p.Reports.Transactions(ctx, tx, s.ann, first)
		count("her transactions: those of the joint account", 1, len(hers.Items), err)
		calls, err := p.Commitments.CapitalCalls(ctx, tx, s.offering.ID, first)
		count("calls", 0, len(calls.Items), err)
		transfers, err := p.Positions.Transfers(ctx, tx, investments.TransferFilter{}, first)
		count("transfers", 0, len(transfers.Items), err)
		instructions, err := p.Accounts.Instructions(ctx, tx, investments.InstructionFilter{InvestorID: &s.bob}, first)
		count("instructions", 0, len(instructions.Items), err)
		// What follows from the history of all of an offering's investors is refused,
		// not computed from a part of it.
		require.ErrorIs(t, realestate.InTx(ctx, tx, func(tx bun.IDB) error {
			_, err := p.Positions.PositionBalance(ctx, tx, s.positions[s.bob].ID, realestatetest.Funded())
			return err
		}), fault.Forbidden)
		day := date.MustParse("2025-12-31")
		for name, read := range map[string]func(tx bun.IDB) (any, error){
			"balances":       func(tx bun.IDB) (any, error) { return p.Positions.PositionBalances(ctx, tx, s.offering.ID, day) },
			"history":        func(tx bun.IDB) (any, error) { return p.Positions.VerifyHistory(ctx, tx, s.offering.ID) },
			"balance sheet":  func(tx bun.IDB) (any, error) { return p.Capital.BalanceSheet(ctx, tx, s.offering.ID, day) },
			"portfolios":     func(tx bun.IDB) (any, error) { return p.Reports.VerifyPortfolios(ctx, tx) },
			"property's use": func(tx bun.IDB) (any, error) { return p.Offerings.PropertyUse(ctx, tx, s.offering.PropertyID) },
			"review":         func(tx bun.IDB) (any, error) { return p.Distributions.Review(ctx, tx, s.offering.ID) },
			"verify":         func(tx bun.IDB) (any, error) { return p.Distributions.Verify(ctx, tx, s.distribution.ID) },
			"approvals":      func(tx bun.IDB) (any, error) { return p.Distributions.Approvals(ctx, tx, s.distribution.ID) },
			"recoverables":   func(tx bun.IDB) (any, error) { return p.Distributions.Recoverables(ctx, tx, s.offering.ID, first) },
			"sources":        func(tx bun.IDB) (any, error) { return p.Distributions.Sources(ctx, tx, s.distribution.ID) },
			"explanation":    func(tx bun.IDB) (any, error) { return p.Distributions.ExplainLine(ctx, tx, lines.Items[0].ID) },
			"terms":          func(tx bun.IDB) (any, error) { return p.Offerings.TermsVersions(ctx, tx, s.offering.ID) },
			"allocations":    func(tx bun.IDB) (any, error) { return p.Capital.Allocations(ctx, tx, s.offering.ID, first) },
			"ownership":      func(tx bun.IDB) (any, error) { return p.Positions.Ownership(ctx, tx, s.offering.ID) },
			"cash":           func(tx bun.IDB) (any, error) { return p.Capital.CashRecords(ctx, tx, s.offering.ID, first) },
		} {
			require.ErrorIs(t, realestate.InTx(ctx, tx, func(tx bun.IDB) error { _, err := read(tx); return err }), fault.Forbidden, name)
		}
		totals, err := p.Reports.TaxTotals(ctx, tx, investments.TaxFilter{Year: 2025}, first)
		count("tax totals", 0, len(totals.Items), err)

		for _, filter := range []documents.DocumentFilter{{AsPlatform: true}, {ViewerID: s.bob}} {
			docs, err := p.Documents.Documents(ctx, tx, filter, first)
			count("documents, with the one to sign", 2, len(docs.Items), err)
			folders, err := p.Documents.Folders(ctx, tx, filter)
			count("folders", 1, len(folders), err)
		}
		_, err = p.Documents.Document(ctx, tx, documents.DocumentParams{ID: s.documents[s.bob].ID, ViewerID: s.bob})
		one("document", err)
		_, err = p.Documents.Document(ctx, tx, documents.DocumentParams{ID: s.envelope.Envelope.DocumentID, ViewerID: s.bob})
		one("document to sign", err)
		envelope, err := p.Signatures.Envelope(ctx, tx, documents.EnvelopeParams{EnvelopeID: s.envelope.Envelope.ID, ViewerID: s.bob})
		one("envelope", err)
		require.Len(t, envelope.Invitations, 1, "their own request")
		for _, who := range []documents.DocumentParams{{ID: s.documents[s.ann].ID, AsPlatform: true}, {ID: s.documents[s.ann].ID, ViewerID: s.bob}, {ID: s.deleted, AsPlatform: true}} {
			_, err = p.Documents.Document(ctx, tx, who)
			gone(fmt.Sprintf("another's document, or a deleted one: %v", who), err)
		}
		require.Zero(t, number(t, tx, "SELECT count(*) FROM documents.documents WHERE deleted_at IS NOT NULL"))
		notes, err := p.Communications.Notifications(ctx, tx, s.bob, communications.NotificationFilter{}, first)
		count("notifications", 1, len(notes.Items), err)
		notes, err = p.Communications.Notifications(ctx, tx, s.ann, communications.NotificationFilter{}, first)
		count("her notifications", 0, len(notes.Items), err)
		_, err = p.Profiles.Profile(ctx, tx, s.bob)
		one("profile", err)
		_, err = p.Profiles.Profile(ctx, tx, s.ann)
		gone("her profile", err)
		mine, err := p.Profiles.ViewProfile(ctx, tx, users.ViewProfileParams{UserID: s.bob, ViewerID: s.bob})
		one("profile as they see it", err)
		require.Equal(t, s.bob, mine.UserID)
		_, err = p.Profiles.ViewProfile(ctx, tx, users.ViewProfileParams{UserID: s.ann, ViewerID: s.bob})
		gone("her profile as they see it", err)
		upcoming, err := p.Events.UpcomingEvents(ctx, tx, first)
		count("events", 0, len(upcoming.Items), err)
		require.ErrorIs(t, realestate.InTx(ctx, tx, func(tx bun.IDB) error {
			_, err := p.Distributions.Calculation(ctx, tx, s.distribution.ID)
			return err
		}), fault.Forbidden)
		_, err = p.Verify(ctx, tx)
		require.ErrorIs(t, err, realestate.ErrRowSecurity)
	})
}

// A transaction of the platform can be narrowed to one investor, and back; a
// login that is only an investor cannot be the platform, and neither is set on a
// pool.
func TestAsInvestor(t *testing.T) {
	t.Parallel()
	s := newSecured(t)
	ctx := t.Context()
	const held = "SELECT count(*) FROM investments.property_investments"
	for _, db := range []*bun.DB{s.db, s.platform} {
		require.NoError(t, realestate.InTx(ctx, db, func(tx bun.IDB) error {
			require.NoError(t, realestate.AsPlatform(ctx, tx))
			require.NoError(t, realestate.AsInvestor(ctx, tx, s.bob))
			require.Equal(t, 2, number(t, tx, held))
			require.ErrorIs(t, refuses(t, tx, "UPDATE investments.property_investments SET version = version"), fault.Forbidden)
			require.NoError(t, realestate.AsPlatform(ctx, tx))
			require.Equal(t, 3, number(t, tx, held))
			return nil
		}))
		require.Equal(t, 3, number(t, db, held), "it ended with its transaction")
	}
	require.NoError(t, realestate.InTx(ctx, s.investor, func(tx bun.IDB) error {
		require.ErrorIs(t, realestate.AsPlatform(ctx, tx), realestate.ErrNotPlatform)
		require.ErrorIs(t, realestate.AsInvestor(ctx, tx, s.bob), fault.Forbidden)
		return nil
	}))
	require.ErrorIs(t, realestate.AsInvestor(ctx, s.platform, s.bob), realestate.ErrNoTx)
	require.ErrorIs(t, realestate.AsPlatform(ctx, s.platform), realestate.ErrNoTx)
	require.ErrorIs(t, realestate.UseInvestorToken(ctx, s.platform, ""), realestate.ErrNoTx)
	require.NoError(t, realestate.InTx(ctx, s.platform, func(tx bun.IDB) error {
		require.ErrorIs(t, realestate.AsInvestor(ctx, tx, id.Of[auth.User]{}), fault.Invalid)
		return nil
	}))

	_, err := s.db.ExecContext(ctx, "SELECT freehold.disable_row_level_security()")
	require.NoError(t, err)
	require.NoError(t, realestate.InTx(ctx, s.platform, func(tx bun.IDB) error {
		require.ErrorIs(t, realestate.AsInvestor(ctx, tx, s.bob), realestate.ErrRowSecurityOff)
		return realestate.AsPlatform(ctx, tx)
	}))
}

// RESET ROLE takes AsInvestor back, as its comment says. It widens nothing for a login
// that is a member of freehold_investor alone, and neither does any other way to become
// somebody else.
func TestInvestorRole_becomesNobodyElse(t *testing.T) {
	t.Parallel()
	s := newSecured(t)
	const held = "SELECT count(*) FROM investments.property_investments"
	require.NoError(t, realestate.InTx(t.Context(), s.platform, func(tx bun.IDB) error {
		require.NoError(t, realestate.AsInvestor(t.Context(), tx, s.ann))
		require.Equal(t, 2, number(t, tx, held))
		_, err := tx.ExecContext(t.Context(), "RESET ROLE")
		require.NoError(t, err)
		require.Equal(t, 3, number(t, tx, held), "the session is the platform's")
		return nil
	}))
	s.as(t, s.ann, func(ctx context.Context, tx bun.IDB) {
		require.Equal(t, 2, number(t, tx, held))
		for _, back := range []string{"RESET ROLE", "SET ROLE NONE", "SET LOCAL ROLE freehold_investor", "SET SESSION AUTHORIZATION DEFAULT", "RESET SESSION AUTHORIZATION"} {
			_, err := tx.ExecContext(ctx, back)
			require.NoError(t, err, back)
			require.Equal(t, 2, number(t, tx, held), back)
		}
		for _, other := range []string{"SET ROLE freehold_platform", "SET ROLE postgres", "SET SESSION AUTHORIZATION freehold_platform"} {
			require.Error(t, refuses(t, tx, other), other)
		}
		require.Equal(t, 2, number(t, tx, held))
	})
}
