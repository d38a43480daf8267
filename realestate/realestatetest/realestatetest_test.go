package realestatetest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/events"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/migrations"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/realestatetest"
	"github.com/freehold-go/freehold/realestate/users"
)

// The databases are migrated and each other's strangers.
func TestDatabases(t *testing.T) {
	t.Parallel()

	ctx := t.Context()
	m, err := migrations.New(migrations.Config{})
	require.NoError(t, err)
	db, empty := realestatetest.DB(t), realestatetest.EmptyDB(t)
	require.NoError(t, m.Validate(ctx, db))
	require.NoError(t, m.Validate(ctx, realestatetest.Tx(t)))
	require.ErrorIs(t, m.Validate(ctx, empty), migrations.ErrPending)
	require.NotEqual(t, realestatetest.DSN(t, db), realestatetest.DSN(t, empty))

	u := realestatetest.User(t, db)
	_, err = auth.New(auth.Config{}).Users.User(ctx, realestatetest.DB(t), u.ID)
	require.ErrorIs(t, err, auth.ErrUserNotFound)
}

// A whole deal out of builders, each called twice: nothing collides.
func TestBuilders_deal(t *testing.T) {
	t.Parallel()

	ctx, tx := t.Context(), realestatetest.Tx(t)
	for range 2 {
		o := realestatetest.Offering(t, tx)
		require.Equal(t, investments.OfferingStatusOpen, o.Status)
		ada, ben := realestatetest.Investor(t, tx), realestatetest.Investor(t, tx)
		_, err := users.NewService(users.Config{}).CurrentVerification(ctx, tx, ada.ID, users.VerificationAccredited)
		require.NoError(t, err)

		one := realestatetest.Position(t, tx, o.ID, ada.ID, money.MustParse("75000"))
		require.Equal(t, investments.PositionStatusFunded, one.Status)
		llc := realestatetest.Account(t, tx, ben.ID)
		two := realestatetest.Position(t, tx, o.ID, ben.ID, money.MustParse("25000"),
			func(p *investments.CommitParams) { p.AccountID = &llc.ID })
		require.Equal(t, llc.ID, *two.AccountID)

		d := realestatetest.Distribution(t, tx, o.ID, money.MustParse("1000.01"))
		require.Equal(t, investments.DistributionStatusPending, d.Status)
		o, err = investments.New(investments.Config{}).Offerings.Offering(ctx, tx, o.ID)
		require.NoError(t, err)
		require.Equal(t, "100000.00", o.AmountRaised.String())
	}
}

// What the test says wins over the ordinary value.
func TestBuilders_changed(t *testing.T) {
	t.Parallel()

	tx := realestatetest.Tx(t)
	p := realestatetest.Property(t, tx, func(p *properties.RegisterPropertyParams) {
		p.City, p.Units = "Tulsa", realestatetest.Units(7)
	})
	require.Equal(t, "Tulsa", p.City)
	require.Equal(t, 7, p.TotalUnits)
	o := realestatetest.Offering(t, tx, func(c *investments.CreateOfferingParams) { c.PropertyID = p.ID })
	require.Equal(t, p.ID, o.PropertyID)

	u := realestatetest.User(t, tx, func(r *auth.RegisterParams) { r.Email = "ada@example.test" })
	require.Equal(t, "ada@example.test", u.Email)
	s := realestatetest.Subscription(t, tx, o.ID, u.ID, money.MustParse("30000"))
	require.Equal(t, investments.SubscriptionStatusOpen, s.Status)

	doc := realestatetest.Document(t, tx, u.ID, func(p *documents.AddDocumentParams) { p.RequiresSignature = true })
	require.True(t, doc.RequiresSignature)
	e := realestatetest.Event(t, tx, func(p *events.CreateEventParams) { p.Title = "Tour" })
	require.Equal(t, "Tour", e.Title)
	require.Equal(t, events.StatusPublished, e.Status)
}
