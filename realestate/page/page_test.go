package page_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/realestate/page"
)

func TestCursor_roundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.String(), 1, 5).Draw(t, "parts")
		c := page.Encode(parts...)
		got, err := c.Decode(len(parts))
		require.NoError(t, err)
		require.Equal(t, parts, got)
		_, err = c.Decode(len(parts) + 1)
		require.ErrorIs(t, err, page.ErrCursor, "a cursor of another list")
		_, err = c.Decode(len(parts) - 1)
		require.ErrorIs(t, err, page.ErrCursor)
	})
}

func TestRequest_size(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int]int{0: page.DefaultLimit, 1: 1, page.MaxLimit: page.MaxLimit} {
		n, err := page.Request{Limit: limit}.Size()
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	for _, limit := range []int{-1, page.MaxLimit + 1} {
		_, err := page.Request{Limit: limit}.Size()
		require.ErrorIs(t, err, page.ErrLimit)
	}
}

// numbers lists 0 to n-1 and fails at the page that would hold failAt.
func numbers(n, failAt int) func(context.Context, page.Request) (page.Page[int], error) {
	return func(_ context.Context, r page.Request) (page.Page[int], error) {
		from := 0
		if r.After != "" {
			parts, err := r.After.Decode(1)
			if err != nil {
				return page.Page[int]{}, err
			}
			from, _ = strconv.Atoi(parts[0])
		}
		var p page.Page[int]
		for i := from; i < min(from+r.Limit, n); i++ {
			if i == failAt {
				return page.Page[int]{}, errors.New("broken")
			}
			p.Items = append(p.Items, i)
		}
		if end := from + r.Limit; end < n {
			p.Next = page.Encode(strconv.Itoa(end))
		}
		return p, nil
	}
}

func TestAll(t *testing.T) {
	t.Parallel()
	var got []int
	for n, err := range page.All(t.Context(), numbers(2500, -1)) {
		require.NoError(t, err)
		got = append(got, n)
	}
	require.Len(t, got, 2500)
	require.Equal(t, 2499, got[2499])

	for n := range page.All(t.Context(), numbers(2500, -1)) {
		if n == 3 {
			break // leaving early asks for nothing more
		}
	}

	var last error
	count := 0
	for _, err := range page.All(t.Context(), numbers(2500, 1500)) {
		if last = err; err == nil {
			count++
		}
	}
	require.EqualError(t, last, "broken")
	require.Equal(t, 1000, count)
}

func FuzzDecode(f *testing.F) {
	f.Add(string(page.Encode("a", "b")), 2)
	f.Add("", 1)
	f.Add("____", 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		if n < 0 || n > 8 {
			return
		}
		if parts, err := page.Cursor(s).Decode(n); err == nil {
			require.Len(t, parts, n)
		}
	})
}
