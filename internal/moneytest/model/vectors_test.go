package model

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"
)

type vectorCase struct {
	ID     string          `json:"id"`
	Inputs json.RawMessage `json:"inputs"`
	Want   struct {
		Distributions []struct {
			Tiers []struct {
				Tier    string            `json:"tier"`
				Amounts map[string]string `json:"amounts"`
			} `json:"tiers"`
			Undistributed string `json:"undistributed"`
		} `json:"distributions"`
		Final map[string]struct {
			Contributed string `json:"contributed"`
			Unreturned  string `json:"unreturned_capital"`
			Unpaid      string `json:"unpaid_pref"`
			Distributed string `json:"distributed"`
		} `json:"final"`
		Promote string `json:"promote_total"`
	} `json:"expected"`
}

type vectorEvent struct {
	Date, Type, Partner, Amount, Kind, From, To, Fraction string
}

// The model by itself follows the vectors of the conventions to the cent.
func TestVectors(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join("..", "..", "conformance", "testdata", "waterfall.json"))
	require.NoError(t, err)
	var cases []vectorCase
	require.NoError(t, json.Unmarshal(b, &cases))
	require.NotEmpty(t, cases)
	for _, c := range cases {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			runVector(t, &c)
		})
	}
}

func runVector(t *testing.T, c *vectorCase) {
	terms := ParseTerms(c.Inputs)
	var in struct{ Events []vectorEvent }
	require.NoError(t, json.Unmarshal(c.Inputs, &in))
	class := map[string]string{}
	for _, p := range terms.Partners {
		class[p["id"]] = p["class"]
		if terms.Promote == "" && p["class"] == "promote" {
			terms.Promote = p["id"]
		}
	}
	rank := map[string]int{"transfer": 0, "contribution": 1, "distribution": 2}
	sort.SliceStable(in.Events, func(i, j int) bool {
		a, b := in.Events[i], in.Events[j]
		if a.Date != b.Date {
			return a.Date < b.Date
		}
		return rank[a.Type] < rank[b.Type]
	})
	s := newState("", func(Day) *Terms { return terms }, nil)
	n, promoted := 0, map[string]Cents{}
	for _, e := range in.Events {
		s.advance(D(e.Date))
		switch e.Type {
		case "contribution":
			s.contribute(e.Partner, class[e.Partner], C(e.Amount), s.day)
		case "transfer":
			s.transfer(e.From, e.To, class[e.From], R(e.Fraction))
		case "distribution":
			got, err := s.run(terms, terms.list(e.Kind), C(e.Amount))
			require.NoError(t, err)
			want := c.Want.Distributions[n]
			for i, tier := range want.Tiers {
				amounts := map[string]Cents{}
				for id, a := range tier.Amounts {
					amounts[id] = C(a)
				}
				require.Equal(t, amounts, got.tiers[i], "distribution %d, tier %s", n, tier.Tier)
				promoted[terms.Promote] += got.tiers[i][terms.Promote]
			}
			require.Equal(t, want.Undistributed, Money(got.left))
			n++
		}
	}
	require.Len(t, c.Want.Distributions, n)
	for id, want := range c.Want.Final {
		a := s.account(id, class[id])
		require.Equal(t, want.Contributed, Money(a.contributed), id)
		require.Equal(t, want.Unreturned, Money(a.unreturned), id)
		require.Equal(t, want.Unpaid, Money(max(0, round(a.due()))), id)
		require.Equal(t, want.Distributed, Money(a.received+promoted[id]), id)
	}
	require.Equal(t, c.Want.Promote, Money(s.promote))
}
