package investments

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

func upTo(s string, people int) ApprovalRule {
	a := money.MustParse(s)
	return ApprovalRule{UpTo: &a, Approvers: people}
}

func TestApprovalPolicy(t *testing.T) {
	t.Parallel()
	small, middle, any3 := upTo("1000", 0), upTo("50000", 1), ApprovalRule{Approvers: 3}
	for _, c := range []struct {
		name   string
		policy ApprovalPolicy
		amount string
		people int
		self   bool
	}{
		{"none asks for one other", nil, "0.01", 1, false},
		{"alone up to the limit", ApprovalPolicy{small, middle, any3}, "1000.00", 1, true},
		{"not a cent above", ApprovalPolicy{small, middle, any3}, "1000.01", 1, false},
		{"the order does not matter", ApprovalPolicy{any3, middle, small}, "50000.00", 1, false},
		{"several", ApprovalPolicy{any3, middle, small}, "50000.01", 3, false},
		{"above all limits the strictest", ApprovalPolicy{small, upTo("5000", 4), middle}, "50000.01", 4, false},
		{"above all limits one other at least", ApprovalPolicy{small}, "2000", 1, false},
	} {
		people, self := c.policy.requires(money.MustParse(c.amount))
		require.Equal(t, c.people, people, c.name)
		require.Equal(t, c.self, self, c.name)
	}
	require.NoError(t, ApprovalPolicy{any3, middle, small}.Validate())
	bad := ApprovalPolicy{upTo("-1", -1), upTo("5", 101), upTo("5", 1), {Approvers: 1}, {Approvers: 1}}.Validate()
	require.ErrorIs(t, bad, fault.Invalid)
	require.Len(t, fault.FieldErrors(bad), 5)
	require.Equal(t, "approvals[0].approvers", fault.FieldErrors(bad)[0].Field)
}

// The status follows from the lines alone.
func TestProgress(t *testing.T) {
	t.Parallel()
	for want, lines := range map[DistributionStatus][]progress{
		DistributionStatusApproved:   {{Pending: 2}},
		DistributionStatusProcessing: {{Pending: 1, Sent: 1}, {Sent: 1}, {Pending: 1, Completed: 1}, {Sent: 1, Failed: 2, Completed: 3}, {Pending: 1, Failed: 1}},
		DistributionStatusCompleted:  {{Completed: 1}, {Completed: 1, Failed: 5}},
		DistributionStatusFailed:     {{Failed: 1}},
	} {
		for _, p := range lines {
			require.Equal(t, want, p.status(), "%+v", p)
		}
	}
}
