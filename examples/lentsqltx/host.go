package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// host is the program that was there before: a pool and tables of its own.
type host struct {
	platform *realestate.Platform
	db       *sql.DB
	offering id.Of[investments.Offering]
	out      io.Writer
}

// lead is a row of the host's own table.
type lead struct {
	id     string
	email  string
	amount money.Amount
}

// createTables makes the host's schema. Its foreign key to a table of the
// library's shows that both live in one database.
func (h *host) createTables(ctx context.Context) error {
	_, err := h.db.ExecContext(ctx, `
		CREATE SCHEMA IF NOT EXISTS host;
		CREATE TABLE IF NOT EXISTS host.leads (
			id              UUID PRIMARY KEY DEFAULT gen_random_uuid(),
			email           TEXT NOT NULL UNIQUE,
			amount          NUMERIC(15,2) NOT NULL,
			status          TEXT NOT NULL DEFAULT 'new',
			reason          TEXT,
			subscription_id UUID REFERENCES investments.subscriptions (id)
		);
		CREATE TABLE IF NOT EXISTS host.audits (
			lead_id UUID PRIMARY KEY REFERENCES host.leads (id),
			auditor TEXT NOT NULL CHECK (auditor <> '')
		)`)
	return err
}

func (h *host) addLead(ctx context.Context, amount string) (l lead, err error) {
	if l.amount, err = money.Parse(amount); err != nil {
		return l, err
	}
	err = h.db.QueryRowContext(ctx, `INSERT INTO host.leads (email, amount)
		VALUES (gen_random_uuid()::text || '@example.com', $1) RETURNING id, email`, l.amount).Scan(&l.id, &l.email)
	return l, err
}

// openOffering puts a property and an offering on record, in one transaction.
func (h *host) openOffering(ctx context.Context, o id.Of[investments.Offering]) (id.Of[investments.Offering], error) {
	hardCap, err := money.FromCents(100_000_00)
	if err != nil {
		return o, err
	}
	return o, h.inTx(ctx, func(tx *sql.Tx) error {
		lent := realestate.LendTx(tx)
		p, err := h.platform.Properties.RegisterProperty(ctx, lent, properties.RegisterPropertyParams{
			Name: "Elm Court", Slug: "elm-court-" + o.String(),
			AddressLine1: "1 Elm St", City: "Columbus", State: "OH", ZipCode: "43215",
		})
		if err != nil {
			return err
		}
		officer, err := h.officer(ctx, lent)
		if err != nil {
			return err
		}
		_, err = h.platform.Offerings.Create(ctx, lent, investments.CreateOfferingParams{
			ID: o, PropertyID: p.ID, Name: "Elm Court", Slug: p.Slug, HardCap: &hardCap, ActorID: officer.ID,
		})
		if err != nil {
			return err
		}
		_, err = h.platform.Offerings.Open(ctx, lent, investments.OpenOfferingParams{OfferingID: o, ActorID: officer.ID})
		return err
	})
}

// inTx is how this host has always done transactions.
func (h *host) inTx(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := h.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// show prints what is in the database of a lead, on both sides.
func (h *host) show(ctx context.Context, l lead) error {
	var status string
	var reason sql.NullString
	var investors, commitments int
	err := h.db.QueryRowContext(ctx, `SELECT l.status, l.reason,
			(SELECT count(*) FROM auth.users u WHERE u.email = l.email),
			(SELECT count(*) FROM investments.subscriptions s JOIN auth.users u ON u.id = s.investor_id WHERE u.email = l.email)
		FROM host.leads l WHERE l.id = $1`, l.id).Scan(&status, &reason, &investors, &commitments)
	if err != nil {
		return err
	}
	if reason.Valid {
		status += ", " + reason.String
	}
	fmt.Fprintf(h.out, "  host.leads: %s; users: %d; commitments: %d\n", status, investors, commitments)
	return nil
}
