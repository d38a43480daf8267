package history_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/money"
)

// Convention 14: a loss takes no account below zero while others are above it.
func TestShareLoss(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		loss     string
		accounts []string // of equal weight, but for the last, which has twice as much
		parts    []string
		beyond   string
	}{
		"all can bear it":        {"400", []string{"1000", "1000", "1000"}, []string{"-100.00", "-100.00", "-200.00"}, "0.00"},
		"one is exhausted":       {"400", []string{"40", "1000", "1000"}, []string{"-40.00", "-120.00", "-240.00"}, "0.00"},
		"one after the other":    {"400", []string{"10", "100", "1000"}, []string{"-10.00", "-100.00", "-290.00"}, "0.00"},
		"one is below already":   {"300", []string{"-50", "1000", "1000"}, []string{"0.00", "-100.00", "-200.00"}, "0.00"},
		"beyond everybody":       {"400", []string{"40", "0", "100"}, []string{"-40.00", "0.00", "-100.00"}, "260.00"},
		"the cent that is left":  {"0.02", []string{"1", "1", "0"}, []string{"-0.01", "-0.01", "0.00"}, "0.00"},
		"exactly what they have": {"140", []string{"40", "0", "100"}, []string{"-40.00", "0.00", "-100.00"}, "0.00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var list []history.Bearer
			for i, a := range c.accounts {
				weight := decimal.NewFromInt(1)
				if i == len(c.accounts)-1 {
					weight = decimal.NewFromInt(2)
				}
				list = append(list, history.Bearer{ID: string(rune('a' + i)), Weight: weight, Account: money.MustParse(a)})
			}
			parts, beyond, err := history.ShareLoss(money.MustParse(c.loss), list)
			require.NoError(t, err)
			var got []string
			for _, p := range parts {
				got = append(got, p.String())
			}
			require.Equal(t, c.parts, got)
			require.Equal(t, c.beyond, beyond.String())
		})
	}
}
