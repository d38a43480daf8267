// Package modeltest lists the model of every table and view, for the tests that
// hold them against the live catalog. Its own tests write each model to its table
// on every road the store has, and read it back.
package modeltest

import (
	"context"
	"reflect"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/events"
	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/market"
	"github.com/freehold-go/freehold/properties/media"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate/analytics"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/communications"
	"github.com/freehold-go/freehold/realestate/users"
)

// Model is the row type of one table, with the roads on which rows are written.
// A row is a pointer to a struct of Type.
type Model struct {
	Type   reflect.Type
	Insert func(ctx context.Context, db bun.IDB, row any) error // [store.Repo.Insert]
	Bulk   func(ctx context.Context, db bun.IDB, row any) error // [store.Bulk] of one row
}

func model[T any]() Model {
	return Model{
		Type:   reflect.TypeFor[T](),
		Insert: func(ctx context.Context, db bun.IDB, row any) error { return store.Repo[T]{}.Insert(ctx, db, row.(*T)) },
		Bulk:   func(ctx context.Context, db bun.IDB, row any) error { return store.Bulk(ctx, db, []T{*row.(*T)}) },
	}
}

// Tables lists the models of tables.
func Tables() []Model {
	return []Model{
		model[auth.User](), model[auth.Session](), model[auth.PasswordReset](), model[auth.LoginAttempt](), model[auth.RecoveryCode](),
		model[auth.AttemptCounter](), model[auth.OneTimeCode](), model[auth.Challenge](), model[auth.TrustedDevice](), model[auth.Passkey](),
		model[auth.APIKey](), model[auth.Identity](), model[auth.RoleGrant](), model[auth.AuditEntry](),
		model[users.Profile](), model[users.Verification](), model[users.Connection](), model[users.Conversation](), model[users.Message](),
		model[properties.Property](), model[properties.Unit](), model[properties.FloorPlan](), model[properties.Comparable](),
		model[renovations.Project](), model[renovations.UnitRenovation](), model[renovations.ProgressUpdate](), model[renovations.BudgetChange](),
		model[media.Photo](), model[media.Video](), model[media.VirtualTour](), model[media.TourView](), model[media.File](),
		model[market.Area](), model[market.Valuation](),
		model[financials.IncomeStatement](), model[financials.ExpenseStatement](), model[financials.Performance](),
		model[financials.RentRollEntry](), model[financials.Loan](), model[financials.Budget](), model[financials.BudgetLine](),
		model[ledger.Book](), model[ledger.Account](), model[ledger.Period](), model[ledger.Journal](), model[ledger.Posting](),
		model[ledger.PendingJournal](), model[ledger.PendingPosting](), model[ledger.AccountBalance](), model[ledger.SubledgerBalance](),
		model[leases.Tenant](), model[leases.Lease](), model[leases.Term](), model[leases.Party](), model[leases.ScheduledCharge](),
		model[leases.Entry](), model[leases.Application](), model[leases.WriteOff](),
		model[payables.Vendor](), model[payables.MaintenanceRequest](), model[payables.Bill](), model[payables.BillPayment](),
		model[investments.Offering](), model[investments.ShareClass](), model[investments.TermsVersion](), model[investments.Account](),
		model[investments.PaymentInstruction](), model[investments.Position](), model[investments.Portfolio](), model[investments.Subscription](),
		model[investments.CapitalCall](), model[investments.CapitalCallLine](), model[investments.Transfer](),
		model[investments.Distribution](), model[investments.Calculation](), model[investments.DistributionLine](),
		model[investments.LineTier](), model[investments.WriteOff](), model[investments.PartnerEvent](), model[investments.LoanPayment](), model[investments.ReserveMovement](),
		model[investments.Movement](), model[investments.Transaction](), model[investments.Statement](),
		model[events.Event](), model[events.Registration](), model[events.Interaction](),
		model[documents.Document](), model[documents.Share](), model[documents.Signature](), model[documents.SignatureEvent](),
		model[documents.SignatureEvidence](), model[documents.SignatureRequest](), model[documents.Envelope](), model[documents.Link](), model[documents.Upload](), model[documents.AccessEntry](),
		model[communications.Campaign](), model[communications.Send](), model[communications.Notification](), model[communications.Template](),
		model[analytics.Event](), model[analytics.ArchivedEvent](), model[analytics.PageView](), model[analytics.Funnel](),
	}
}

// Views lists the models of views and materialized views. Nothing is written to
// them.
func Views() []reflect.Type {
	return []reflect.Type{
		reflect.TypeFor[analytics.PortfolioPerformance](), reflect.TypeFor[analytics.InvestorSummary](), reflect.TypeFor[analytics.ActiveOffering](),
	}
}
