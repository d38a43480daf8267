package arch

import (
	"go/ast"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// again says, for the verbs that take Params and neither an idempotency key nor the
// id of the row that they make, why a second run after a lost COMMIT does no harm. A
// row that says "gap" is none.
var again = map[string][]string{
	"reads": {"Analytics.EventCounts", "Capital.CapitalAccount", "Capital.CapitalAccounts", "Distributions.Preview", "Market.ValuationOn", "Financials.BudgetVariance", "Financials.PerformanceOf", "Payables.Aging", "Payables.VendorTotals", "Financials.SameStore", "Financials.Statements", "Financials.TrailingStatements", "Loans.CompareSchedule", "Loans.ForecastCovenants", "Loans.LoanBalance", "Cash.ReserveBalances",
		"Ledger.AccountStatement", "Ledger.BalanceAsOf", "Ledger.TrialBalance", "Proofs.VerifyNew", "Offerings.PreviewTerms", "Profiles.ViewProfile", "Properties.Within", "RentRolls.Collections", "RentRolls.Expirations", "RentRolls.RentRoll",
		"Reports.Clawback", "Reports.PreviewStatement", "TenantAccounts.Balances", "TenantAccounts.MoveOutStatement",
		"Documents.AccessLog", "Signatures.Certificate", "Documents.Document", "Signatures.Envelope", "Documents.Links", "Signatures.RenderCertificate", "Documents.Shares",
		"Documents.SignUpload", "Signatures.VerifySignatures"},
	"it is gone, and a second run says so": {"Access.UnlinkIdentity", "Documents.DeleteDocument", "Factors.RemoveAuthenticator", "Factors.RemovePasskey", "Factors.RevokeDevice",
		"Users.Delete"},
	"a step of the platform's Erase, in its transaction":     {"Users.RecordErasure"},
	"a log of what was opened, in which each opening stands": {"Documents.OpenDocument", "Documents.OpenLink", "Signatures.OpenRequest", "Documents.SignDownload"},
	"a state that is there already": {"Documents.CompleteUpload", "Signatures.DeclineSignature", "Signatures.EraseSigner", "Documents.HoldDocument", "Documents.PutUpload",
		"Documents.ReleaseDocument", "Documents.RestoreDocument", "Documents.RetainDocument", "Documents.RevokeLink", "Documents.RevokeShare",
		"Signatures.Sign", "Documents.UpdateDocument", "Documents.UploadFile", "Signatures.ViewRequest", "Signatures.VoidEnvelope",
		"Accounts.ApproveInstruction", "Accounts.RejectInstruction", "Accounts.SetTaxID", "Access.RevokeAPIKey", "Access.RevokeRole",
		"Analytics.AdvanceFunnel", "Analytics.DropOff", "Analytics.SyncFunnel", "Commitments.CancelCall", "Commitments.IssueCall",
		"Communications.MarkRead", "Capital.ApproveWriteOff", "Capital.RejectWriteOff", "Capital.RequestExitReversal",
		"Distributions.Approve", "Distributions.RequestReversal", "Offerings.MarkCashComplete", "Distributions.Cancel", "Distributions.Reject", "Ledger.ClosePeriod", "Proofs.KeepMark", "Ledger.ReopenPeriod",
		"Ledger.PostPending", "Ledger.VoidPending", "Ledger.VoidExpired", "Media.OrderPhotos", "Media.PublishVideo", "Media.UpdatePhoto", "Offerings.Cancel", "Offerings.Close", "Offerings.CompleteRaise", "Offerings.Open",
		"Positions.ApproveTransfer", "Positions.CancelTransfer", "Profiles.ApproveVerification", "Profiles.RejectVerification", "Profiles.SaveProfile",
		"Renovations.ApproveChangeOrder", "Renovations.ApproveProject", "Renovations.CancelProject", "Renovations.CancelUnitRenovation", "Renovations.CompleteProject",
		"Renovations.CompleteUnitRenovation", "Renovations.HoldProject", "Renovations.MeasureProject", "Renovations.RejectChangeOrder", "Renovations.StartProject", "Renovations.StartUnitRenovation", "Renovations.UpdateUnitRenovation",
		"Payables.ApproveBill", "Payables.AssignMaintenance", "Payables.CancelMaintenance", "Payables.CompleteMaintenance", "Payables.EraseVendor", "Payables.RejectBill", "Payables.SetVendorTaxID", "Payables.StartMaintenance", "Payables.VoidBill", "Sessions.Revoke",
		"Sessions.RevokeAll", "Users.Reinstate", "Users.Suspend", "Users.RemoveFactors", "Users.SetErasureHold", "Factors.SetEmailFactor", "Factors.SetSMSFactor", "Users.CancelEmailChange"},
	"a list of what was tried, in which each try stands": {"Sessions.RefusedPasskey"},
	"the state of a unit or a property decides":          {"Properties.EndRenovations", "Properties.FinishRenovation", "Properties.ProjectOccupancy", "Properties.Revalue", "Properties.StartRenovation"},
	"the state of a lease decides": {"Leases.CancelLease", "Leases.ChangeParties", "Leases.CorrectTerm", "Leases.EraseTenant", "Leases.GiveNotice", "Leases.MoveIn", "Leases.MoveOut",
		"Leases.RefreshUnits", "Leases.RenewLease", "Leases.ScheduleCharge", "Leases.StepByIndex", "Leases.TerminateLease", "Leases.WithdrawNotice",
		"TenantAccounts.ApproveWriteOff", "TenantAccounts.RejectWriteOff"},
	"the state of a loan or a breach decides": {"Loans.CureBreach", "Loans.RecordIndexValues", "Loans.ResetRate", "Loans.TestCovenants", "Loans.WaiveBreach"},
	"what was posted is taken into account":   {"TenantAccounts.AssessLateFees", "TenantAccounts.PostCharges"},
	"the version that was read":               {"Financials.ReforecastBudget", "Financials.RestateRentRoll", "Financials.ReviseBudget", "Financials.StoreRentRoll", "Leases.UpdateTenant", "Payables.UpdateVendor", "RentRolls.RestateMonth", "Market.CorrectValuation", "Offerings.Update", "Properties.UpdateProperty", "Properties.UpdateUnit"},
	"a key of what it is about": {"Access.GrantRole", "Access.LinkIdentity", "Financials.AdoptBudget", "Financials.CloseRentRoll", "RentRolls.CloseMonth", "Financials.CorrectStatement", "Financials.DeriveStatement", "Financials.MeasurePerformance",
		"Financials.PostStatement", "Ledger.AddAccounts", "Ledger.EnsureAccounts", "Ledger.PostBatch", "Offerings.SetTerms", "Reports.PrepareStatement", "Reports.RefreshPortfolios",
		"Factors.AddPasskey", "Users.Register"},
	"goes on where it was":          {"Analytics.ArchiveUserEvents", "Analytics.EnsurePartitions", "Analytics.Purge", "Audit.EnsurePartitions", "Audit.Purge", "Communications.Purge", "Documents.SweepUploads", "Ledger.Seal"},
	"a count that nothing rests on": {"Media.CountTourView"},
	"a proof that is used once, or a new one": {"Factors.ConfirmAuthenticator", "Factors.RenewRecoveryCodes", "Users.ConfirmEmailChange", "Users.VerifyEmail", "Sessions.CompleteSignIn", "Sessions.Refresh", "Sessions.SendFactorCode", "Sessions.SignIn",
		"Sessions.SignInWithIdentity", "Sessions.SignInWithPasskey", "Signatures.RemindSigner", "Sessions.StepUp", "Sessions.StepUpWithIdentity", "Sessions.StepUpWithPasskey", "Users.ChangePassword", "Users.RequestReset", "Users.ResetPassword", "Users.SetPassword",
		"Users.StartEmailChange", "Users.StartPhoneVerification", "Users.VerifyPhone", "Factors.StartCeremony"},
	"gap: the secret of a lost key is shown to nobody; it is revoked": {"Access.CreateAPIKey", "Access.RotateAPIKey", "Documents.CreateLink"},
}

// changes are the first words of verbs whose ID is that of a row that is there.
var changes = []string{"Update", "Approve", "Reject", "Revoke", "Rotate"}

// Every verb is safe to run again: by a key, by the id that its caller chose for the
// row that it makes, or for a reason that is listed.
func TestVerbs_runAgain(t *testing.T) {
	t.Parallel()
	listed := map[string]string{}
	for why, verbs := range again {
		for _, v := range verbs {
			require.Empty(t, listed[v], v)
			listed[v] = why
		}
	}
	creates := map[string]bool{} // by package and type of the params
	sources(t, func(_ string, file *ast.File) {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && called(call) == "store.CreateOnce" {
					creates[file.Name.Name+"."+paramsName(f)] = true
				}
				return true
			})
		}
	})
	var bad []string
	byKey, byID := 0, 0
	for name, service := range services(t) {
		for i := range service.NumMethod() {
			m := service.Method(i)
			p, verb := paramsOf(m.Type), name+"."+m.Name
			if p == nil {
				continue
			}
			key, keyed := p.FieldByName("IdempotencyKey")
			_, named := p.FieldByName("ID")
			change := false
			for _, word := range changes {
				change = change || strings.HasPrefix(m.Name, word)
			}
			switch {
			case listed[verb] != "":
				delete(listed, verb)
			case keyed && key.Type.Kind() == reflect.String:
				byKey++
			case named && !change:
				byID++
				if !creates[p.String()] {
					bad = append(bad, verb+" has an ID and no store.CreateOnce")
				}
			default:
				bad = append(bad, verb+" may double")
			}
		}
	}
	require.Empty(t, bad)
	for verb, why := range listed {
		bad = append(bad, verb+" ("+why+")")
	}
	require.Empty(t, bad, "no service has these verbs")
	require.Greater(t, byKey, 25)
	require.Greater(t, byID, 17)
}
