package leases_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// fees are the fees of terminations that a lease schedules.
func (h *house) fees(l *leases.Lease) (out []string) {
	h.t.Helper()
	a, err := h.Leases.Agreement(h.t.Context(), h.db, l.ID, nil)
	require.NoError(h.t, err)
	for _, c := range a.Charges {
		if c.Kind == leases.ChargeTermination {
			out = append(out, fmt.Sprint(c.StartsOn, " ", c.Amount))
		}
	}
	return out
}

// The fee of a termination lives as long as the termination.
func TestTerminateLease_fee(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	fee := func(s string) *money.Amount { return ptr(usd(s)) }
	for name, undo := range map[string]func(h *house, l *leases.Lease) error{
		"withdrawn": func(h *house, l *leases.Lease) error {
			_, err := h.Leases.WithdrawNotice(ctx, h.db, leases.WithdrawNoticeParams{LeaseID: l.ID, ActorID: h.staff})
			return err
		},
		"renewed": func(h *house, l *leases.Lease) error {
			_, err := h.Leases.RenewLease(ctx, h.db, leases.RenewLeaseParams{LeaseID: l.ID, StartsOn: day("2027-01-01"), EndsOn: day("2027-12-31").Ptr(),
				Rent: []leases.RentStep{{From: day("2027-01-01"), Amount: usd("1100")}}, ActorID: h.staff})
			return err
		},
		"corrected": func(h *house, l *leases.Lease) error {
			_, err := h.Leases.CorrectTerm(ctx, h.db, leases.CorrectTermParams{LeaseID: l.ID, Number: 1, Clear: []string{"leaves_on", "notice_on"}, ActorID: h.staff})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, pgtest.Tx(t), "2026-01-20", 1)
			l := h.sign(0, "2026-01-01", "2026-12-31", "1000", func(p *leases.SignLeaseParams) {
				p.Charges = []leases.ChargeParams{{Kind: leases.ChargeTermination, Amount: usd("5"), Once: true, From: day("2026-01-02")}} // the host's own
			})
			end := leases.TerminateLeaseParams{LeaseID: l.ID, Date: day("2026-01-15"), LastDay: day("2026-01-31"), Fee: fee("250"), ActorID: h.staff}
			a, err := h.Leases.TerminateLease(ctx, h.db, end)
			require.NoError(t, err)
			again, err := h.Leases.TerminateLease(ctx, h.db, end)
			require.NoError(t, err)
			require.Equal(t, a.Lease.Version, again.Lease.Version, "the same again changes nothing")
			require.Equal(t, []string{"2026-01-02 5.00", "2026-01-31 250.00"}, h.fees(l))
			require.Equal(t, "1255.00", h.post("2026-01-01").Charged.String())
			end.LastDay, end.Fee = day("2026-01-25"), fee("200")
			_, err = h.Leases.TerminateLease(ctx, h.db, end)
			require.NoError(t, err)
			require.Equal(t, []string{"2026-01-02 5.00", "2026-01-25 200.00"}, h.fees(l), "another termination has its own")
			_, err = h.Leases.CorrectTerm(ctx, h.db, leases.CorrectTermParams{LeaseID: l.ID, Number: 1, LeavesOn: day("2026-01-26").Ptr(), ActorID: h.staff})
			require.NoError(t, err)
			require.Equal(t, []string{"2026-01-02 5.00", "2026-01-26 200.00"}, h.fees(l))
			require.NoError(t, undo(h, l))
			require.Equal(t, []string{"2026-01-02 5.00"}, h.fees(l))
			h.post("2026-01-01")
			require.Equal(t, "1005.00", h.balance(l, "2026-01-31").Balance.String())
			h.holds()
		})
	}
}

// Neither a tenant nor anybody else takes a termination and its fee back by a notice, be it
// for a fee or only before the agreed end, whatever was corrected since.
func TestGiveNotice_terminated(t *testing.T) {
	t.Parallel()
	ctx, h := t.Context(), newHouse(t, pgtest.Tx(t), "2026-01-20", 3)
	notice := func(l *leases.Lease, leaves string) error {
		_, err := h.Leases.GiveNotice(ctx, h.db, leases.GiveNoticeParams{LeaseID: l.ID, Date: day("2026-01-20"), LeavesOn: day(leaves), ActorID: h.staff})
		return err
	}
	for unit, c := range []struct {
		end, last string
		fee       *money.Amount
	}{{"2026-12-31", "2026-03-31", nil}, {"2026-12-31", "2026-03-31", ptr(usd("250"))}, {"", "2026-03-31", ptr(usd("250"))}} {
		l := h.sign(unit, "2026-01-01", c.end, "1000")
		_, err := h.Leases.TerminateLease(ctx, h.db, leases.TerminateLeaseParams{LeaseID: l.ID, Date: day("2026-01-15"), LastDay: day(c.last), Fee: c.fee, ActorID: h.staff})
		require.NoError(t, err)
		require.ErrorIs(t, notice(l, "2026-12-31"), leases.ErrTerminated)
		_, err = h.Leases.CorrectTerm(ctx, h.db, leases.CorrectTermParams{LeaseID: l.ID, Number: 1, MovedInOn: day("2026-01-02").Ptr(), ActorID: h.staff})
		require.NoError(t, err)
		require.ErrorIs(t, notice(l, "2026-12-31"), leases.ErrTerminated, "a correction of another day")
		fees := len(h.fees(l))
		_, err = h.Leases.WithdrawNotice(ctx, h.db, leases.WithdrawNoticeParams{LeaseID: l.ID, ActorID: h.staff})
		require.NoError(t, err)
		require.Equal(t, 0, len(h.fees(l)), fees)
		require.NoError(t, notice(l, "2026-12-31"))
		require.NoError(t, notice(l, "2027-01-31"), "another notice")
	}
	h.holds()
}

// The fee of a termination is its own, also where the host charges the same on that day.
func TestTerminateLease_feeBesideAnother(t *testing.T) {
	t.Parallel()
	ctx, h := t.Context(), newHouse(t, pgtest.Tx(t), "2026-01-20", 1)
	l := h.sign(0, "2026-01-01", "2026-12-31", "1000", func(p *leases.SignLeaseParams) {
		p.Charges = []leases.ChargeParams{{Kind: leases.ChargeTermination, Amount: usd("250"), Once: true, From: day("2026-01-31")}} // the host's own
	})
	_, err := h.Leases.TerminateLease(ctx, h.db, leases.TerminateLeaseParams{LeaseID: l.ID, Date: day("2026-01-15"), LastDay: day("2026-01-31"), Fee: ptr(usd("250")), ActorID: h.staff})
	require.NoError(t, err)
	require.Equal(t, []string{"2026-01-31 250.00", "2026-01-31 250.00"}, h.fees(l))
	require.Equal(t, "1500.00", h.post("2026-01-01").Charged.String())
	_, err = h.Leases.WithdrawNotice(ctx, h.db, leases.WithdrawNoticeParams{LeaseID: l.ID, ActorID: h.staff})
	require.NoError(t, err)
	require.Equal(t, []string{"2026-01-31 250.00"}, h.fees(l), "that of the host stays")
	h.post("2026-01-01")
	require.Equal(t, "1250.00", h.balance(l, "2026-01-31").Balance.String())
	h.holds()
}

// Charges of one kind on one day would silently replace each other.
func TestSignLease_twice(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-01-20", 1)
	charges := func(list ...leases.ChargeParams) error {
		_, err := h.Leases.SignLease(t.Context(), h.db, h.params(0, "2026-01-01", "2026-12-31", "1000", func(p *leases.SignLeaseParams) { p.Charges = list }))
		return err
	}
	pet := func(from, to string) leases.ChargeParams {
		c := leases.ChargeParams{Kind: leases.ChargePet, Amount: usd("25"), From: day(from)}
		if to != "" {
			c.To = day(to).Ptr()
		}
		return c
	}
	once := leases.ChargeParams{Kind: leases.ChargeApplication, Amount: usd("50"), Once: true, From: day("2026-01-01")}
	for _, list := range [][]leases.ChargeParams{{pet("2026-01-01", ""), pet("2026-03-01", "")}, {pet("2026-01-01", "2026-02-28"), pet("2026-02-28", "")}, {once, once}} {
		err := charges(list...)
		require.Equal(t, fault.CodeDuplicate, fault.FieldErrors(err)[0].Code)
		require.Equal(t, "charges[1].from", fault.FieldErrors(err)[0].Field)
	}
	other := once
	other.Amount = usd("75")
	require.NoError(t, charges(pet("2026-01-01", "2026-02-28"), pet("2026-03-01", ""), once, other))
	require.Equal(t, "1150.00", h.post("2026-01-01").Charged.String())
	h.holds()
}
