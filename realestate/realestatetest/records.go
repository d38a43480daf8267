package realestatetest

import (
	"crypto/sha256"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/events"
	"github.com/freehold-go/freehold/internal/builders"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// Document adds a document of the owner's. It names a file that is nowhere.
func Document(t testing.TB, db bun.IDB, owner id.Of[auth.User], with ...func(*documents.AddDocumentParams)) *documents.Document {
	t.Helper()
	p := documents.AddDocumentParams{
		OwnerID: owner, Name: "Operating agreement",
		File: documents.File{Name: "operating-agreement.pdf", Type: "application/pdf", Size: 48_213,
			SHA256: sha256.Sum256([]byte("Operating agreement")), StorageURL: "https://files.example.test/" + builders.Unique()},
	}
	d, err := documents.NewService(documents.Config{}).AddDocument(t.Context(), db, builders.Change(&p, with))
	require.NoError(t, err)
	return d
}

// Event publishes a public event of two hours, a month from now.
func Event(t testing.TB, db bun.IDB, with ...func(*events.CreateEventParams)) *events.Event {
	t.Helper()
	ctx, svc := t.Context(), events.NewService(events.Config{})
	starts := time.Now().AddDate(0, 1, 0).Truncate(time.Hour)
	p := events.CreateEventParams{
		Title: "Open house", Slug: "open-house-" + builders.Unique(), StartsAt: starts, EndsAt: starts.Add(2 * time.Hour),
	}
	e, err := svc.CreateEvent(ctx, db, builders.Change(&p, with))
	require.NoError(t, err)
	e, err = svc.PublishEvent(ctx, db, e.ID)
	require.NoError(t, err)
	return e
}
