package realestate_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/events"
	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/market"
	"github.com/freehold-go/freehold/properties/media"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate/analytics"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/communications"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/users"
)

// The verbs of every domain but investments, whose own test walks its verbs: each
// tells once of what it changed, and nothing when it changed nothing.
func TestVerbs_tellOnce(t *testing.T) {
	t.Parallel()
	ctx, tx, p := t.Context(), pgtest.Tx(t), platform()
	day, amount := date.MustParse, money.MustParse
	var before int
	require.NoError(t, tx.NewRaw("SELECT count(*) FROM freehold.outbox").Scan(ctx, &before))
	require.Zero(t, before)
	seen := map[string]bool{}
	news := func() []string {
		var rows []struct{ ID, Type string }
		require.NoError(t, tx.NewRaw("SELECT id, type FROM freehold.outbox ORDER BY type, id").Scan(ctx, &rows))
		var out []string
		for _, r := range rows {
			if !seen[r.ID] {
				seen[r.ID] = true
				out = append(out, r.Type)
			}
		}
		return out
	}
	tells := func(err error, types ...string) {
		t.Helper()
		require.NoError(t, err)
		require.Equal(t, types, news())
	}

	// auth, users
	who, err := p.Users.Register(ctx, tx, auth.RegisterParams{Email: "secret@example.com"})
	tells(err, "auth.user_registered")
	clerk, err := p.Users.Register(ctx, tx, auth.RegisterParams{Email: "clerk@example.com"})
	tells(err, "auth.user_registered")
	name := "Secret"
	profile, err := p.Profiles.SaveProfile(ctx, tx, users.SaveProfileParams{UserID: who.ID, FirstName: &name})
	tells(err, "users.profile_saved")
	_, err = p.Profiles.SaveProfile(ctx, tx, users.SaveProfileParams{UserID: who.ID, FirstName: &name, Version: profile.Version})
	tells(err)
	name = "Other Secret"
	_, err = p.Profiles.SaveProfile(ctx, tx, users.SaveProfileParams{UserID: who.ID, FirstName: &name, Version: profile.Version})
	tells(err, "users.profile_saved")
	v, err := p.Profiles.SubmitVerification(ctx, tx, users.SubmitVerificationParams{UserID: who.ID, Type: users.VerificationAccredited})
	tells(err, "users.verification_submitted")
	_, err = p.Profiles.RejectVerification(ctx, tx, users.RejectVerificationParams{ID: v.ID, ReviewerID: clerk.ID, Reason: "a secret reason"})
	tells(err, "users.verification_rejected")
	v, err = p.Profiles.SubmitVerification(ctx, tx, users.SubmitVerificationParams{UserID: who.ID, Type: users.VerificationAccredited})
	tells(err, "users.verification_submitted")
	soon := time.Date(2026, 2, 1, 9, 0, 1, 0, time.UTC) // in the past, for the database's clock
	_, err = p.Profiles.ApproveVerification(ctx, tx, users.ApproveVerificationParams{ID: v.ID, ReviewerID: clerk.ID, ExpiresAt: &soon})
	tells(err, "users.verification_approved")
	_, err = p.Profiles.ExpireVerifications(ctx, tx)
	tells(err, "users.verifications_expired")
	_, err = p.Profiles.ExpireVerifications(ctx, tx)
	tells(err)

	// properties
	prop, err := p.Properties.RegisterProperty(ctx, tx, properties.RegisterPropertyParams{Name: "Elm Court", AddressLine1: "1 Secret St", City: "Columbus", State: "OH", ZipCode: "43004"})
	tells(err, "properties.property_registered")
	units, err := p.Properties.AddUnits(ctx, tx, properties.AddUnitsParams{PropertyID: prop.ID, Units: []properties.UnitParams{{Number: "1"}, {Number: "2"}}})
	tells(err, "properties.units_added")
	_, err = p.Properties.AddUnits(ctx, tx, properties.AddUnitsParams{PropertyID: prop.ID})
	tells(err)
	city := "Dublin"
	update := properties.UpdatePropertyParams{ID: prop.ID, Version: prop.Version, City: &city}
	prop, err = p.Properties.UpdateProperty(ctx, tx, update)
	tells(err, "properties.property_updated")
	prop, err = p.Properties.UpdateProperty(ctx, tx, properties.UpdatePropertyParams{ID: prop.ID, Version: prop.Version})
	tells(err)
	number := "1a"
	unit, err := p.Properties.UpdateUnit(ctx, tx, properties.UpdateUnitParams{ID: units[0].ID, Version: units[0].Version, Number: &number})
	tells(err, "properties.unit_updated")
	_, err = p.Properties.UpdateUnit(ctx, tx, properties.UpdateUnitParams{ID: unit.ID, Version: unit.Version})
	tells(err)
	_, err = p.Properties.StartRenovation(ctx, tx, properties.StartRenovationParams{UnitID: unit.ID, Date: day("2026-02-01")})
	tells(err, "properties.unit_occupancy_changed")
	_, err = p.Properties.FinishRenovation(ctx, tx, properties.FinishRenovationParams{UnitID: unit.ID, Date: day("2026-02-01")})
	tells(err, "properties.unit_occupancy_changed")
	_, err = p.Properties.AddFloorPlan(ctx, tx, properties.AddFloorPlanParams{PropertyID: prop.ID, Name: "A1"})
	tells(err, "properties.floor_plan_added")
	_, err = p.Properties.AddComparable(ctx, tx, properties.AddComparableParams{PropertyID: prop.ID})
	tells(err, "properties.comparable_added")
	revalue := properties.RevalueParams{PropertyID: prop.ID, Amount: amount("1000000"), Date: day("2026-01-01")}
	_, err = p.Properties.Revalue(ctx, tx, revalue)
	tells(err, "properties.property_revalued")
	_, err = p.Properties.Revalue(ctx, tx, revalue)
	tells(err)

	// market, media, renovations
	value, err := p.Market.RecordValuation(ctx, tx, market.RecordValuationParams{PropertyID: prop.ID, Date: day("2026-02-01"), Amount: amount("1100000")})
	tells(err, "market.valuation_recorded", "properties.property_revalued")
	_, err = p.Market.RecordValuation(ctx, tx, market.RecordValuationParams{PropertyID: prop.ID, Date: day("2025-02-01"), Amount: amount("900000")})
	tells(err, "market.valuation_recorded")
	_, err = p.Market.CorrectValuation(ctx, tx, market.CorrectValuationParams{ValuationID: value.ID, Version: value.Version, Amount: amount("1200000")})
	tells(err, "market.valuation_corrected", "properties.property_revalued")
	_, err = p.Market.AddArea(ctx, tx, market.AddAreaParams{Name: "Columbus"})
	tells(err, "market.area_added")
	url := "https://example.com/1"
	photo, err := p.Media.AddPhoto(ctx, tx, media.AddPhotoParams{PropertyID: prop.ID, FileURL: &url})
	tells(err, "media.photo_added")
	for _, want := range [][]string{{"media.primary_photo_chosen"}, nil} {
		_, err = p.Media.MakePrimary(ctx, tx, photo.ID)
		tells(err, want...)
	}
	for _, want := range [][]string{{"media.photo_archived"}, nil} {
		_, err = p.Media.ArchivePhoto(ctx, tx, photo.ID)
		tells(err, want...)
	}
	caption := "The roof"
	_, err = p.Media.UpdatePhoto(ctx, tx, media.UpdatePhotoParams{PhotoID: photo.ID, Caption: &caption})
	tells(err, "media.photo_updated")
	for _, want := range [][]string{{"media.photos_ordered"}, nil} {
		tells(p.Media.OrderPhotos(ctx, tx, media.OrderPhotosParams{PropertyID: prop.ID, PhotoIDs: []id.Of[media.Photo]{photo.ID}}), want...)
	}
	tells(p.Media.DeletePhoto(ctx, tx, photo.ID), "media.photo_deleted")
	video, err := p.Media.AddVideo(ctx, tx, media.AddVideoParams{PropertyID: prop.ID})
	tells(err, "media.video_added")
	for _, want := range [][]string{{"media.video_published"}, nil} {
		_, err = p.Media.PublishVideo(ctx, tx, media.PublishVideoParams{VideoID: video.ID, StreamingURL: &url})
		tells(err, want...)
	}
	for _, want := range [][]string{{"media.video_archived"}, nil} {
		_, err = p.Media.ArchiveVideo(ctx, tx, video.ID)
		tells(err, want...)
	}
	tells(p.Media.DeleteVideo(ctx, tx, video.ID), "media.video_deleted")
	tour, err := p.Media.AddTour(ctx, tx, media.AddTourParams{PropertyID: prop.ID})
	tells(err, "media.tour_added")
	tells(p.Media.CountTourView(ctx, tx, media.CountTourViewParams{TourID: tour.ID, Seconds: 10}))
	_, err = p.Media.FoldTourViews(ctx, tx, 0)
	tells(err)
	tells(p.Media.DeleteTour(ctx, tx, tour.ID), "media.tour_deleted")
	project, err := p.Renovations.PlanProject(ctx, tx, renovations.PlanProjectParams{PropertyID: prop.ID, Name: "Roof"})
	tells(err, "renovations.project_planned")
	_, err = p.Renovations.ApproveProject(ctx, tx, renovations.ApproveProjectParams{ProjectID: project.ID, Budget: amount("1000"), ActorID: who.ID})
	tells(err, "renovations.project_approved")
	_, err = p.Renovations.StartProject(ctx, tx, renovations.StartProjectParams{ProjectID: project.ID, Date: day("2026-01-01")})
	tells(err, "renovations.project_started")
	_, err = p.Renovations.ReportProgress(ctx, tx, renovations.ReportProgressParams{ProjectID: project.ID, Date: day("2026-01-10")})
	tells(err, "renovations.progress_reported")
	_, err = p.Renovations.CompleteProject(ctx, tx, renovations.CompleteProjectParams{ProjectID: project.ID, Date: day("2026-02-01"), Cost: amount("900")})
	tells(err, "renovations.project_completed")
	_, err = p.Renovations.MeasureProject(ctx, tx, renovations.MeasureProjectParams{ProjectID: project.ID, NOIIncrease: amount("70")})
	tells(err, "renovations.project_measured")
	_, err = p.Renovations.MeasureProject(ctx, tx, renovations.MeasureProjectParams{ProjectID: project.ID, NOIIncrease: amount("70")})
	tells(err)
	baths, err := p.Renovations.PlanProject(ctx, tx, renovations.PlanProjectParams{PropertyID: prop.ID, Name: "Baths", Units: []renovations.PlanUnit{{UnitID: unit.ID}, {UnitID: units[1].ID}}})
	tells(err, "renovations.project_planned")
	_, err = p.Renovations.ApproveProject(ctx, tx, renovations.ApproveProjectParams{ProjectID: baths.ID, Budget: amount("1000"), ActorID: who.ID})
	tells(err, "renovations.project_approved")
	_, err = p.Renovations.StartProject(ctx, tx, renovations.StartProjectParams{ProjectID: baths.ID, Date: day("2026-01-01")})
	tells(err, "renovations.project_started")
	_, err = p.Renovations.HoldProject(ctx, tx, renovations.HoldProjectParams{ProjectID: baths.ID, Reason: "permits"})
	tells(err, "renovations.project_held")
	_, err = p.Renovations.ResumeProject(ctx, tx, baths.ID)
	tells(err, "renovations.project_resumed")
	_, err = p.Renovations.ResumeProject(ctx, tx, baths.ID)
	tells(err)
	baths2, err := p.Renovations.UnitRenovations(ctx, tx, baths.ID, page.Request{})
	require.NoError(t, err)
	work, other := baths2.Items[0].ID, baths2.Items[1].ID
	_, err = p.Renovations.StartUnitRenovation(ctx, tx, renovations.StartUnitRenovationParams{UnitRenovationID: work, Date: day("2026-01-02")})
	tells(err, "properties.unit_occupancy_changed", "renovations.unit_renovation_started")
	_, err = p.Renovations.CompleteUnitRenovation(ctx, tx, renovations.CompleteUnitRenovationParams{UnitRenovationID: work, Date: day("2026-01-09"), Cost: amount("5")})
	tells(err, "properties.renovations_ended", "renovations.unit_renovation_completed")
	rent := amount("900")
	_, err = p.Renovations.UpdateUnitRenovation(ctx, tx, renovations.UpdateUnitRenovationParams{UnitRenovationID: work, PostRenovationRent: &rent})
	tells(err, "renovations.unit_renovation_updated")
	_, err = p.Renovations.UpdateUnitRenovation(ctx, tx, renovations.UpdateUnitRenovationParams{UnitRenovationID: work, PostRenovationRent: &rent})
	tells(err)
	_, err = p.Renovations.CancelUnitRenovation(ctx, tx, renovations.CancelUnitRenovationParams{UnitRenovationID: other, Date: day("2026-01-09")})
	tells(err, "renovations.unit_renovation_cancelled")
	order, err := p.Renovations.RequestChangeOrder(ctx, tx, renovations.RequestChangeOrderParams{ProjectID: baths.ID, Description: "tiles", Amount: amount("9"), ActorID: who.ID})
	tells(err, "renovations.change_order_requested")
	_, err = p.Renovations.ApproveChangeOrder(ctx, tx, renovations.ApproveChangeOrderParams{OrderID: order.ID, ActorID: clerk.ID})
	tells(err, "renovations.change_order_decided")
	order, err = p.Renovations.RequestChangeOrder(ctx, tx, renovations.RequestChangeOrderParams{ProjectID: baths.ID, Description: "taps", Amount: amount("9"), ActorID: who.ID})
	tells(err, "renovations.change_order_requested")
	_, err = p.Renovations.RejectChangeOrder(ctx, tx, renovations.RejectChangeOrderParams{OrderID: order.ID, ActorID: clerk.ID, Reason: "no"})
	tells(err, "renovations.change_order_decided")
	_, err = p.Renovations.CancelProject(ctx, tx, renovations.CancelProjectParams{ProjectID: baths.ID, Date: day("2026-02-01"), Reason: "sold"})
	tells(err, "renovations.project_cancelled")

	// payables, at a property of their own: a property has one book
	house, err := p.Properties.RegisterProperty(ctx, tx, properties.RegisterPropertyParams{Name: "Elm", AddressLine1: "2 Elm", City: "Akron", State: "OH", ZipCode: "44301"})
	tells(err, "properties.property_registered")
	vendor, err := p.Payables.AddVendor(ctx, tx, payables.AddVendorParams{Name: "Secret", ActorID: who.ID})
	tells(err, "payables.vendor_added")
	vendor, err = p.Payables.UpdateVendor(ctx, tx, payables.UpdateVendorParams{ID: vendor.ID, Version: vendor.Version, Phone: &city, ActorID: who.ID})
	tells(err, "payables.vendor_updated")
	report, err := p.Payables.ReportMaintenance(ctx, tx, payables.ReportMaintenanceParams{PropertyID: house.ID, Summary: "leak", Date: day("2026-01-02"), ActorID: who.ID})
	tells(err, "payables.maintenance_reported")
	_, err = p.Payables.AssignMaintenance(ctx, tx, payables.AssignMaintenanceParams{RequestID: report.ID, VendorID: vendor.ID, ActorID: who.ID})
	tells(err, "payables.maintenance_changed")
	_, err = p.Payables.StartMaintenance(ctx, tx, payables.StartMaintenanceParams{RequestID: report.ID, Date: day("2026-01-02"), ActorID: who.ID})
	tells(err, "payables.maintenance_changed")
	_, err = p.Payables.CompleteMaintenance(ctx, tx, payables.CompleteMaintenanceParams{RequestID: report.ID, Date: day("2026-01-02"), Cost: amount("9"), ActorID: who.ID})
	tells(err, "payables.maintenance_changed")
	report, err = p.Payables.ReportMaintenance(ctx, tx, payables.ReportMaintenanceParams{PropertyID: house.ID, Summary: "leak", Date: day("2026-01-02"), ActorID: who.ID})
	tells(err, "payables.maintenance_reported")
	_, err = p.Payables.CancelMaintenance(ctx, tx, payables.CancelMaintenanceParams{RequestID: report.ID, Date: day("2026-01-02"), Reason: "twice", ActorID: who.ID})
	tells(err, "payables.maintenance_changed")
	entered := func() *payables.Bill {
		b, err := p.Payables.EnterBill(ctx, tx, payables.EnterBillParams{PropertyID: house.ID, VendorID: vendor.ID, Line: payables.LineUtilities, Amount: amount("9"),
			BilledOn: day("2026-01-02"), DueOn: day("2026-02-01"), ActorID: who.ID})
		tells(err, "payables.bill_entered")
		return b
	}
	bill, rejected, voided := entered(), entered(), entered()
	_, err = p.Payables.RejectBill(ctx, tx, payables.RejectBillParams{BillID: rejected.ID, ActorID: clerk.ID, Reason: "no"})
	tells(err, "payables.bill_decided")
	for _, b := range []*payables.Bill{bill, voided} {
		_, err = p.Payables.ApproveBill(ctx, tx, payables.ApproveBillParams{BillID: b.ID, ActorID: clerk.ID})
		tells(err, "payables.bill_decided")
	}
	_, err = p.Payables.VoidBill(ctx, tx, payables.VoidBillParams{BillID: voided.ID, Date: day("2026-01-03"), ActorID: clerk.ID})
	tells(err, "payables.bill_decided")
	pay := payables.PayBillParams{IdempotencyKey: "bill", BillID: bill.ID, Amount: amount("9"), Date: day("2026-01-02"), ActorID: who.ID}
	paid, err := p.Payables.PayBill(ctx, tx, pay)
	tells(err, "ledger.book_opened", "payables.bill_paid")
	_, err = p.Payables.PayBill(ctx, tx, pay)
	tells(err)
	_, err = p.Payables.ReturnBillPayment(ctx, tx, payables.ReturnBillPaymentParams{IdempotencyKey: "bill back", PaymentID: paid.ID, Date: day("2026-01-05"), ActorID: who.ID})
	tells(err, "payables.bill_paid")

	// financials, ledger
	statement := financials.PostStatementParams{PropertyID: prop.ID, PeriodStart: day("2026-01-01"), PeriodEnd: day("2026-01-31")}
	_, err = p.Financials.PostStatement(ctx, tx, statement)
	tells(err, "financials.statement_posted")
	_, err = p.Financials.PostStatement(ctx, tx, statement)
	tells(err)
	statement.Income.GrossRentalIncome = amount("10000")
	_, err = p.Financials.CorrectStatement(ctx, tx, financials.CorrectStatementParams(statement))
	tells(err, "financials.statement_corrected")
	_, err = p.Financials.CloseRentRoll(ctx, tx, financials.CloseRentRollParams{PropertyID: prop.ID, AsOf: day("2026-01-31")})
	tells(err, "financials.rent_roll_closed")
	_, err = p.Financials.MeasurePerformance(ctx, tx, financials.MeasurePerformanceParams{PropertyID: prop.ID, PeriodType: financials.PeriodMonthly, PeriodStart: day("2026-01-01"), PeriodEnd: day("2026-01-31")})
	tells(err)
	plan := []financials.BudgetMonth{{Month: day("2026-01-01")}, {Month: day("2026-02-01"), Income: financials.IncomeLines{GrossRentalIncome: amount("9000")}}}
	budget, err := p.Financials.AdoptBudget(ctx, tx, financials.AdoptBudgetParams{PropertyID: prop.ID, Months: plan, ActorID: who.ID})
	tells(err, "financials.budget_adopted")
	_, err = p.Financials.AdoptBudget(ctx, tx, financials.AdoptBudgetParams{PropertyID: prop.ID, Months: plan, ActorID: who.ID})
	tells(err)
	_, err = p.Financials.ReviseBudget(ctx, tx, financials.ReviseBudgetParams{BudgetID: budget.Budget.ID, Months: plan, ActorID: who.ID})
	tells(err)
	budget, err = p.Financials.ReforecastBudget(ctx, tx, financials.ReforecastBudgetParams{BudgetID: budget.Budget.ID, Months: plan[1:], ActorID: who.ID})
	tells(err, "financials.budget_adopted")
	_, err = p.Financials.ReviseBudget(ctx, tx, financials.ReviseBudgetParams{BudgetID: budget.Budget.ID, Months: plan, ActorID: who.ID})
	tells(err, "financials.budget_adopted")
	_, err = p.Financials.AddLoan(ctx, tx, financials.AddLoanParams{PropertyID: prop.ID, Lender: "Secret Bank", Principal: amount("100000"), TermMonths: 360, AmortizationMonths: 360, StartDate: day("2026-01-01")})
	tells(err, "financials.loan_added")
	loanVerbs(t, ctx, tx, p, clerk.ID, tells)
	book, err := p.Ledger.OpenBook(ctx, tx, ledger.OpenBookParams{Code: "elm", Name: "Elm", PropertyID: &prop.ID, Accounts: []ledger.AccountParams{{Code: "1", Name: "Cash", Type: ledger.Asset}}})
	tells(err, "ledger.book_opened")
	accounts, err := p.Ledger.AddAccounts(ctx, tx, ledger.AddAccountsParams{BookID: book.ID, Accounts: []ledger.AccountParams{{Code: "2", Name: "Capital", Type: ledger.Equity}, {Code: "3", Name: "Other", Type: ledger.Equity}}})
	tells(err, "ledger.accounts_added")
	_, err = p.Ledger.AddAccounts(ctx, tx, ledger.AddAccountsParams{BookID: book.ID})
	tells(err)
	for _, want := range [][]string{{"ledger.account_closed"}, nil} {
		_, err = p.Ledger.CloseAccount(ctx, tx, accounts[1].ID)
		tells(err, want...)
	}
	for _, want := range [][]string{{"ledger.account_reopened"}, nil} {
		_, err = p.Ledger.ReopenAccount(ctx, tx, accounts[1].ID)
		tells(err, want...)
	}
	_, err = p.Ledger.Post(ctx, tx, ledger.PostParams{Actor: "clerk", BookID: book.ID, IdempotencyKey: "told", EffectiveDate: day("2026-01-05"), Description: "x",
		Entries: []ledger.Entry{{Debit: accounts[0].ID, Credit: accounts[1].ID, Amount: amount("1")}}})
	tells(err) // the journal is the record
	var period *ledger.Period
	for _, want := range [][]string{{"ledger.period_closed"}, nil} {
		period, err = p.Ledger.ClosePeriod(ctx, tx, ledger.ClosePeriodParams{BookID: book.ID, Through: day("2026-01-31")})
		tells(err, want...)
	}
	for _, want := range [][]string{{"financials.statement_corrected"}, nil} {
		_, err = p.Financials.DeriveStatement(ctx, tx, financials.DeriveStatementParams{PropertyID: prop.ID, Month: day("2026-01-31")})
		tells(err, want...)
	}
	for _, want := range [][]string{{"ledger.period_reopened"}, nil} {
		_, err = p.Ledger.ReopenPeriod(ctx, tx, ledger.ReopenPeriodParams{PeriodID: period.ID})
		tells(err, want...)
	}

	_, err = p.Ledger.Seal(ctx, tx, ledger.SealParams{BookID: book.ID})
	tells(err, "ledger.book_sealed")
	proved, err := p.Ledger.Verify(ctx, tx, book.ID)
	require.NoError(t, err)
	for _, want := range [][]string{{"ledger.book_verified"}, nil} {
		_, err = p.Proofs.KeepMark(ctx, tx, ledger.KeepMarkParams{Mark: *proved.Mark})
		tells(err, want...)
	}

	// documents, events, communications, analytics
	file := documents.File{Name: "secret.pdf", Type: "pdf", Size: 1, StorageURL: "s3://x", SHA256: [32]byte{1}}
	doc, err := p.Documents.AddDocument(ctx, tx, documents.AddDocumentParams{OwnerID: who.ID, Name: "Secret", File: file})
	tells(err, "documents.document_added")
	_, err = p.Documents.AddVersion(ctx, tx, documents.AddVersionParams{DocumentID: doc.ID, ActorID: who.ID, File: file})
	tells(err, "documents.document_version_added")
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	event, err := p.Events.CreateEvent(ctx, tx, events.CreateEventParams{Title: "Tour", Slug: "tour", StartsAt: start, EndsAt: start.Add(time.Hour)})
	tells(err, "events.event_created")
	_, err = p.Events.PublishEvent(ctx, tx, event.ID)
	tells(err, "events.event_published")
	note, err := p.Communications.Notify(ctx, tx, communications.NotifyParams{UserID: who.ID, Type: "x", Title: "x", Message: "secret"})
	tells(err)
	_, err = p.Communications.MarkRead(ctx, tx, communications.MarkReadParams{UserID: who.ID, NotificationID: note.ID})
	tells(err)
	offering, err := p.Offerings.Create(ctx, tx, investments.CreateOfferingParams{PropertyID: prop.ID, Name: "Elm", Slug: "elm", ActorID: clerk.ID})
	tells(err, "investments.offering_created", "ledger.book_opened")
	_, err = p.Analytics.AdvanceFunnel(ctx, tx, analytics.AdvanceFunnelParams{UserID: who.ID, OfferingID: offering.ID, Stage: analytics.StageViewed})
	tells(err)

	_, err = p.Users.Delete(ctx, tx, auth.DeleteUserParams{UserID: who.ID, ActorID: who.ID})
	tells(err, "auth.user_deleted")
	gone, err := p.Properties.RegisterProperty(ctx, tx, properties.RegisterPropertyParams{Name: "Oak", AddressLine1: "1", City: "C", State: "OH", ZipCode: "43004"})
	tells(err, "properties.property_registered")
	tells(p.Properties.DeleteProperty(ctx, tx, gone.ID), "properties.property_deleted")

	var leaks int
	require.NoError(t, tx.NewRaw("SELECT count(*) FROM freehold.outbox WHERE payload::text ~* 'secret'").Scan(ctx, &leaks))
	require.Zero(t, leaks)
}
