package fault_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate/fault"
)

var errClosed = fault.New(fault.Illegal, "offering_closed", "the offering takes no commitments")

func TestError_is(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("commit: %w", errClosed.With("since %s", "2026-01-01").On("offering_id").Because(io.EOF))
	require.ErrorIs(t, err, errClosed)
	require.ErrorIs(t, err, fault.Illegal)
	require.ErrorIs(t, err, io.EOF, "the cause is reachable")
	require.NotErrorIs(t, err, fault.Invalid)
	require.NotErrorIs(t, err, fault.New(fault.Illegal, "other", ""))
	require.Equal(t, fault.Illegal, fault.KindOf(err))
	require.Equal(t, "offering_closed", fault.CodeOf(err))
	require.Equal(t, "commit: offering_id: the offering takes no commitments: since 2026-01-01 (offering_closed)", err.Error())
	require.Equal(t, "the offering takes no commitments (offering_closed)", errClosed.Error(), "variables are not changed by copies")
	require.Equal(t, fault.Kind(""), fault.KindOf(io.EOF))
	require.Empty(t, fault.CodeOf(nil))
}

// A driver's error may quote a row; its text must not travel with ours.
func TestBecause_isNotPrinted(t *testing.T) {
	t.Parallel()
	err := errClosed.Because(errors.New("Key (email)=(jane@example.com) already exists"))
	require.NotContains(t, err.Error(), "jane")
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Error("failed", "err", err)
	require.Contains(t, out.String(), "offering_closed")
	require.NotContains(t, out.String(), "jane")
}

func TestFields(t *testing.T) {
	t.Parallel()
	var f fault.Fields
	require.NoError(t, f.Err())
	f.Check(true, "fine", "x", "x")
	f.Check(false, "name", "required", "a name is needed")
	f.AddErr("amount", fault.New(fault.Invalid, "amount_malformed", "bad"))
	f.AddErr("other", errors.New("quotes 123-45-6789"))
	f.AddErr("nothing", nil)

	var outer fault.Fields
	outer.AddErr("units[3]", f.Err())
	err := outer.Err()
	require.ErrorIs(t, err, fault.Invalid)
	got := map[string]string{}
	for _, e := range fault.FieldErrors(err) {
		got[e.Field] = e.Code
	}
	require.Equal(t, map[string]string{"units[3].name": "required", "units[3].amount": "amount_malformed", "units[3].other": "invalid"}, got)
	require.NotContains(t, err.Error(), "6789")
	require.Contains(t, err.Error(), "; ")
	require.Len(t, fault.FieldErrors(errClosed.On("a")), 1)
	require.Empty(t, fault.FieldErrors(errClosed))
}
