package modeltest

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/events"
	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/media"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/communications"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/users"
)

// adjust makes a row keep the rules that span its columns.
func adjust(t *testing.T, row any, full bool) {
	t.Helper()
	switch r := row.(type) {
	case *auth.User:
		r.Status = pick(full, auth.StatusDeleted, auth.StatusActive)
	case *users.Verification:
		r.Status = pick(full, users.VerificationApproved, users.VerificationPending)
	case *communications.Campaign:
		r.Status = pick(full, communications.CampaignScheduled, communications.CampaignDraft)
	case *documents.Signature:
		// Nobody both signs and declines.
		r.Status, r.DeclinedAt = pick(full, documents.SignatureSigned, documents.SignaturePending), nil
	case *documents.SignatureEvent:
		r.Type, r.Position = pick(full, documents.SignatureEventSigned, documents.SignatureEventRequested), pick(full, 2, 1)
	case *documents.SignatureRequest:
		// A user or somebody without an account.
		if r.Status, r.SignerName, r.SignerEmail, r.TokenHash = pick(full, documents.RequestSigned, documents.RequestPending), nil, nil, nil; !full {
			name, email, hash := "Ada", "ada@example.com", auth.NewSecret(strings.Repeat("a", 64))
			r.SignerName, r.SignerEmail, r.TokenHash = &name, &email, &hash
		}
	case *documents.Envelope:
		r.Status = pick(full, documents.EnvelopeCompleted, documents.EnvelopeOpen)
	case *documents.Upload:
		if r.Status, r.RemovedAt, r.TakenAt = pick(full, documents.UploadComplete, documents.UploadPending), nil, nil; full {
			r.FileSize = 7
		}
	case *documents.Document:
		if r.Version = pick(full, 2, 1); full {
			r.Folder = "Closing/Title"
		}
	case *media.File:
		if r.VideoID, r.TourID = nil, nil; r.PhotoID == nil {
			r.PhotoID = id.New[media.Photo]().Ptr()
		}
	case *events.Event:
		r.CurrentAttendees = 1
	case *properties.FloorPlan:
		r.AvailableUnits = 1
	case *properties.Unit:
		if full {
			*r.ConditionRating = 5
		}
	case *financials.Loan:
		r.AmortizationMonths, r.TermMonths, r.InterestOnlyMonths = 360, 120, 24
	case *financials.IncomeStatement:
		r.EffectiveRentalIncome = sum(t, r.GrossRentalIncome, neg(r.LossToLease), neg(r.VacancyLoss), neg(r.Concessions), neg(r.BadDebt))
		r.TotalIncome = sum(t, r.EffectiveRentalIncome, r.ParkingIncome, r.LaundryIncome, r.PetIncome, r.ApplicationFees, r.LateFees, r.OtherIncome)
	case *financials.ExpenseStatement:
		r.TotalOperatingExpenses = sum(t, r.PropertyManagement, r.MaintenanceRepairs, r.Utilities, r.Insurance, r.PropertyTaxes, r.Payroll,
			r.Advertising, r.LegalProfessional, r.Landscaping, r.OfficeAdministrative, r.OtherOperating)
		r.TotalExpenses = sum(t, r.TotalOperatingExpenses, r.CapitalImprovements, r.MortgagePrincipal, r.MortgageInterest)
	case *financials.LoanEntry:
		if !full {
			r.Principal = money.MustParse("0.01") // an entry of nothing is refused
		}
		r.Amount = *sum(t, &r.Principal, &r.Interest, &r.Escrow, &r.Fees)
		r.Kind, r.Purpose = pick(full, financials.LoanReversal, financials.LoanDraw), nil
	case *financials.Worksheet:
		r.Trapped, r.Distributable = true, money.Zero
	case *financials.Budget:
		r.FirstMonth, r.LastMonth, r.Kind = r.FirstMonth.StartOfMonth(), r.FirstMonth.StartOfMonth().AddMonths(11), financials.BudgetOriginal
		if full {
			r.Kind, r.ActualThrough = financials.BudgetReforecast, r.FirstMonth.Ptr()
		}
	default:
		adjustBooks(t, row, full)
	}
}

// adjustBooks is adjust for the ledger and for investments.
func adjustBooks(t *testing.T, row any, full bool) {
	t.Helper()
	switch r := row.(type) {
	case *ledger.Book:
		r.Kind = pick(full, ledger.BookProperty, ledger.BookEntity)
	case *ledger.Period:
		r.Status = pick(full, ledger.PeriodStatusClosed, ledger.PeriodStatusOpen)
	case *ledger.PendingJournal:
		r.Status = pick(full, ledger.PendingStatusPosted, ledger.PendingStatusPending)
		if full {
			r.JournalID = id.Cast[ledger.Journal](r.ID).Ptr()
		}
	case *investments.Offering:
		r.CommittedAmount = money.MustParse("0.01")
	case *investments.Account:
		r.Type = pick(full, investments.AccountJoint, investments.AccountIRA)
	case *investments.PaymentInstruction:
		r.Status = pick(full, investments.InstructionStatusActive, investments.InstructionStatusPending)
	case *investments.Subscription:
		r.RequestedAmount, r.Amount, r.Called = money.MustParse("500.05"), money.MustParse("400.04"), money.MustParse("300.03")
		r.Received, r.Refunded = money.MustParse("200.02"), money.MustParse("100.01")
		r.Status = pick(full, investments.SubscriptionStatusCancelled, investments.SubscriptionStatusOpen)
	case *investments.CapitalCallLine:
		r.Received, r.Status = money.MustParse("0.01"), investments.CallLineStatusOpen
	case *investments.Transfer:
		r.Status = pick(full, investments.TransferStatusCompleted, investments.TransferStatusPending)
	case *investments.Distribution:
		r.Status = pick(full, investments.DistributionStatusReversed, investments.DistributionStatusPending)
		r.PaymentDate, r.PerShareAmount, r.ProcessedAt = r.DistributionDate.Ptr(), r.PerUnitAmount, r.ProcessedDate
		if !full {
			character := investments.CharacterDividend
			r.Character = &character
		}
	case *investments.DistributionLine:
		r.TaxWithholding, r.SetOff = pick(full, money.MustParse("0.01"), money.Amount{}), pick(full, money.MustParse("0.02"), money.Amount{})
		r.Redirected, r.InKind = r.TaxWithholding, r.TaxWithholding
		net, err := money.Sum(r.DistributionAmount, r.TaxWithholding.Neg(), r.SetOff.Neg(), r.Redirected)
		require.NoError(t, err)
		r.NetDistribution, r.PaymentStatus = net, pick(full, investments.PaymentStatusCompleted, investments.PaymentStatusPending)
	case *leases.ScheduledCharge:
		if full {
			r.Kind, r.Once = leases.ChargeTermination, true
		}
	case *leases.Entry:
		if r.Kind = leases.EntryCharge; !full {
			r.Kind, r.ChargeKind = leases.EntryPayment, nil
		}
	case *leases.WriteOff:
		r.Status = pick(full, leases.WriteOffApproved, leases.WriteOffPending)
	case *renovations.Project:
		r.Status = pick(full, renovations.ProjectStatusOnHold, renovations.ProjectStatusPlanning)
	case *renovations.BudgetChange:
		r.Status = pick(full, renovations.OrderApproved, renovations.OrderPending)
	case *payables.Bill:
		if r.Status = payables.BillPending; full {
			r.Status, r.VoidedOn = payables.BillVoided, &r.BilledOn
		}
	case *payables.BillPayment:
		r.Kind = pick(full, payables.Returned, payables.Paid)
	case *payables.MaintenanceRequest:
		r.Status = pick(full, payables.MaintenanceCancelled, payables.MaintenanceOpen)
	case *investments.WriteOff:
		r.Status = pick(full, investments.WriteOffApproved, investments.WriteOffPending)
	case *investments.PartnerEvent:
		if r.Kind, r.Ends = investments.PartnerEventRate, false; full {
			r.Kind, r.Name, r.Factor, r.PromoteAccountID, r.LoanID, r.InterestPaid = investments.PartnerEventLoan, nil, nil, nil, nil, nil
		} else {
			name, rate := "SOFR", decimal.New(5, -2)
			r.Name, r.Rate = &name, &rate
		}
	case *investments.ReserveMovement:
		if r.Kind, r.JournalID, r.BookID = investments.ReserveHeld, nil, nil; !full {
			of := id.New[investments.Distribution]()
			r.Kind, r.Amount, r.DistributionID = investments.ReserveReleased, money.MustParse("-0.01"), &of
		}
	case *investments.Movement:
		r.Sale, r.SaleCapital = money.Zero, money.Zero
		if r.Kind, r.SubscriptionID, r.LineID, r.PartnerEventID = history.TransferIn, nil, nil, nil; !full {
			r.Kind, r.Amount, r.Capital, r.Carrying, r.Unrealized, r.Consideration = history.Income, money.MustParse("0.01"), money.Zero, money.Zero, money.Zero, money.Zero
		}
	case *investments.Transaction:
		r.Status = pick(full, investments.TransactionStatusCompleted, investments.TransactionStatusPending)
	}
}

func pick[T any](full bool, a, b T) T {
	if full {
		return a
	}
	return b
}

func neg(a *money.Amount) *money.Amount {
	if a == nil {
		return nil
	}
	n := a.Neg()
	return &n
}

// sum adds up the amounts that are there; the sum of none is absent.
func sum(t *testing.T, amounts ...*money.Amount) *money.Amount {
	t.Helper()
	var total money.Amount
	some := false
	for _, a := range amounts {
		if a != nil {
			var err error
			total, err = total.Add(*a)
			require.NoError(t, err)
			some = true
		}
	}
	if !some {
		return nil
	}
	return &total
}
