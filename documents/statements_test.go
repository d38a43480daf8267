package documents

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// counted is how many of the statements read or wrote something.
func counted(all []pgtest.Statement, what string) (n int) {
	for _, s := range all {
		if strings.Contains(s.SQL, what) {
			n++
		}
	}
	return n
}

const lastLink = "ORDER BY se.position DESC LIMIT 1"

// A verb reads the end of a chain once, however many links it adds, a request twice (before
// its locks and under them), and a certificate two tables, however many have signed.
func TestSignatures_statements(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, trace := pgtest.Traced(t, pgtest.Clone(t))
	svc := stored(t, served(t, nil))
	sponsor := person(t, db)
	d := paper(t, db, svc, sponsor, pdf)
	var signers []Signer
	for range 6 {
		signers = append(signers, user(person(t, db)))
	}
	trace.Take()
	v := asked(t, db, svc, d, false, signers...)
	all := trace.Take()
	require.Equal(t, 1, counted(all, lastLink))
	require.Equal(t, 1, counted(all, `INSERT INTO "documents"."signature_events"`))
	for n := range signers {
		p := signing(v, n)
		_, err := svc.sig().ViewRequest(ctx, db, ViewRequestParams{RequestID: p.RequestID, SignerID: p.SignerID})
		require.NoError(t, err)
		all = trace.Take()
		require.Equal(t, 1, counted(all, lastLink))
		require.Equal(t, 2, counted(all, `FROM "documents"."signature_requests"`))
		_, err = svc.sig().Sign(ctx, db, p)
		require.NoError(t, err)
		require.Equal(t, 1, counted(trace.Take(), lastLink))
	}
	_, err := svc.sig().Certificate(ctx, db, CertificateParams{EnvelopeID: v.Envelope.ID, ViewerID: sponsor})
	require.NoError(t, err)
	all = trace.Take()
	require.Equal(t, 1, counted(all, `FROM "documents"."signature_evidence"`))
	require.Equal(t, 1, counted(all, `FROM "documents"."signature_events"`))
	require.Zero(t, counted(all, `FROM "documents"."signatures"`))

	// Envelopes of several documents, two of one, end by one lock of each table.
	for range 3 {
		d := paper(t, db, svc, sponsor, pdf)
		asked(t, db, svc, d, false, signers[0])
		asked(t, db, svc, d, false, signers[1])
	}
	_, err = db.NewRaw("UPDATE documents.envelopes SET expires_at = now() - interval '1 minute' WHERE status = 'open'").Exec(ctx)
	require.NoError(t, err)
	trace.Take()
	n, err := svc.sig().ExpireEnvelopes(ctx, db, 0)
	require.NoError(t, err)
	require.Equal(t, 6, n)
	all = trace.Take()
	require.Equal(t, 2, counted(all, "FOR NO KEY UPDATE"))
	require.Equal(t, 3, counted(all, lastLink))
	holds(t, db)
}

var parameter = regexp.MustCompile(`\$\d+(::timestamptz)?`)

// What a verb does with the versions of one document goes by an index, and so does the
// sweep's question who names an object: nothing reads all documents there are.
func TestDocuments_plans(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, trace := pgtest.Traced(t, pgtest.Clone(t))
	mem := storage.NewMemory(storage.MemoryConfig{})
	svc := NewService(Config{Storage: mem, Can: auth.New(auth.Config{}).Access.Can})
	owner, approver := person(t, db), person(t, db)
	role(t, db, approver, auth.RoleApprover)
	d := paper(t, db, svc, owner, pdf)
	trace.Take()
	at := DeleteDocumentParams{d.ID, owner}
	for _, do := range []func() error{
		func() error {
			_, err := svc.HoldDocument(ctx, db, HoldDocumentParams{DocumentID: d.ID, ActorID: owner, Reason: "the suit"})
			return err
		},
		func() error {
			_, err := svc.ReleaseDocument(ctx, db, ReleaseDocumentParams{d.ID, approver})
			return err
		},
		func() error {
			_, err := svc.UpdateDocument(ctx, db, UpdateDocumentParams{DocumentID: d.ID, ActorID: owner, Visibility: ptr(VisibilityShared)})
			return err
		},
		func() error {
			_, err := svc.AddVersion(ctx, db, AddVersionParams{DocumentID: d.ID, ActorID: owner, File: file("two")})
			return err
		},
		func() error { _, err := svc.DeleteDocument(ctx, db, at); return err },
		func() error { _, err := svc.RestoreDocument(ctx, db, RestoreDocumentParams(at)); return err },
		func() error {
			_, err := NewService(Config{Storage: mem, Now: func() time.Time { return time.Now().Add(1000 * time.Hour) }}).SweepUploads(ctx, db, SweepUploadsParams{})
			return err
		},
	} {
		require.NoError(t, do())
	}
	explained := 0
	for _, s := range trace.Take() {
		if !strings.Contains(s.SQL, "documents.documents") && !strings.Contains(s.SQL, `"documents"."documents"`) || strings.HasPrefix(s.SQL, "INSERT") || strings.HasPrefix(s.SQL, "COPY") {
			continue
		}
		set, where, _ := strings.Cut(s.SQL, "WHERE")
		plan := explain(t, db, parameter.ReplaceAllString(set, "NULL")+"WHERE"+parameter.ReplaceAllStringFunc(where, func(p string) string {
			if strings.Contains(p, "timestamptz") {
				return "'2026-01-01'"
			}
			return "'" + d.ID.String() + "'"
		}))
		require.NotContains(t, plan, "Seq Scan on documents", "%s\n%s", s.SQL, plan)
		explained++
	}
	require.Greater(t, explained, 10)
}

// explain is the plan of a statement that must not read a whole table.
func explain(t *testing.T, db *bun.DB, query string) string {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()
	_, err = tx.ExecContext(t.Context(), "SET LOCAL enable_seqscan = off")
	require.NoError(t, err)
	var plan []string
	require.NoError(t, tx.NewRaw("EXPLAIN (COSTS OFF) "+strings.ReplaceAll(query, "?", "\\?")).Scan(t.Context(), &plan), query)
	return strings.Join(plan, "\n")
}

// The bad fields of a document come in one order.
func TestAddDocument_orderOfFields(t *testing.T) {
	t.Parallel()
	none := func() []string {
		_, err := service().AddDocument(t.Context(), pgtest.Tx(t), AddDocumentParams{OwnerID: id.New[auth.User](), Name: "x", File: file("x"),
			OfferingID: zero(AddDocumentParams{}.OfferingID), PropertyID: zero(AddDocumentParams{}.PropertyID), AccountID: zero(AddDocumentParams{}.AccountID),
			PositionID: zero(AddDocumentParams{}.PositionID), StatementID: zero(AddDocumentParams{}.StatementID)})
		return fieldsOf(err)
	}
	for i := range 20 {
		require.Equal(t, []string{"offering_id", "property_id", "account_id", "position_id", "statement_id"}, none(), strconv.Itoa(i))
	}
}

func zero[T any](*T) *T { return new(T) }
