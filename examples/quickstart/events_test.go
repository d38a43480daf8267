package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/outbox"
)

// An event that comes again is no disorder, an earlier one is.
func TestCounter(t *testing.T) {
	t.Parallel()

	c := &counter{last: map[id.Of[outbox.Aggregate]]int64{}}
	a, b := id.New[outbox.Aggregate](), id.New[outbox.Aggregate]()
	for _, e := range []outbox.Message{{AggregateID: a, Position: 1}, {AggregateID: a, Position: 2}, {AggregateID: b, Position: 1}, {AggregateID: a, Position: 2}} {
		require.NoError(t, c.take(t.Context(), e))
	}
	require.Equal(t, 4, c.taken)
	require.Zero(t, c.late)
	require.NoError(t, c.take(t.Context(), outbox.Message{AggregateID: a, Position: 1}))
	require.Equal(t, 1, c.late)
}
