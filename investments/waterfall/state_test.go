package waterfall_test

import (
	"encoding/json"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
)

// Partners who come later change nothing: the state is the one of a deal that
// had them from the start.
func TestState_withMorePartners(t *testing.T) {
	t.Parallel()
	terms, ps, _ := everything(t)
	early := []waterfall.Event{contribution("2020-01-15", "x", "500000"), distribution("2020-09-30", waterfall.Operating, "40000")}
	late := []waterfall.Event{contribution("2021-01-01", "new", "1000"), contribution("2021-01-01", "a-new", "2000"),
		distribution("2023-06-30", waterfall.Sale, "2600000")}
	more := []waterfall.Partner{{ID: "new", Class: "a"}, {ID: "a-new", Class: "0-class"}}

	all, err := waterfall.Replay(terms, append(ps, more...), append(early, late...))
	require.NoError(t, err)
	some, err := waterfall.Replay(terms, ps, early)
	require.NoError(t, err)
	s, err := some.Final.With(more...)
	require.NoError(t, err)
	s, _, err = waterfall.Apply(terms, s, late)
	require.NoError(t, err)
	want, _ := json.Marshal(all.Final)
	got, _ := json.Marshal(s)
	require.Equal(t, string(want), string(got))

	i, ok := s.Index("a-new")
	require.True(t, ok)
	require.Equal(t, "a-new", s.ID(i))
	_, err = s.With(more...)
	require.ErrorIs(t, err, fault.Invalid)
	same, err := s.With()
	require.NoError(t, err)
	require.Equal(t, s, same)
}

func TestState_zeroAndNil(t *testing.T) {
	t.Parallel()
	terms := parse(t, classicJSON)
	d := waterfall.Distribution{Date: on("2024-01-01"), Kind: waterfall.Sale}
	for _, s := range []*waterfall.State{nil, {}} {
		_, err := waterfall.Compute(terms, s, d)
		require.ErrorIs(t, err, waterfall.ErrStateMalformed)
		_, _, err = waterfall.Apply(terms, s, nil)
		require.ErrorIs(t, err, waterfall.ErrStateMalformed)
		_, err = waterfall.Accrue(terms, s, d.Date)
		require.ErrorIs(t, err, waterfall.ErrStateMalformed)
	}
	var zero waterfall.State
	require.Zero(t, zero.Len())
	_, err := zero.Find("x")
	require.ErrorIs(t, err, waterfall.ErrUnknownPartner)
	_, err = waterfall.Open(nil, classicPartners())
	require.ErrorIs(t, err, waterfall.ErrTermsMalformed)
	_, err = waterfall.Open(&waterfall.Terms{}, classicPartners())
	require.ErrorIs(t, err, fault.Invalid)
}

// Compute is pure: the opening state stays as it was.
func TestCompute_leavesTheStateAlone(t *testing.T) {
	t.Parallel()
	terms, _, h := everything(t)
	before, _ := json.Marshal(h.Final)
	r := compute(t, terms, h.Final, waterfall.Distribution{Date: on("2026-01-01"), Kind: waterfall.Sale, Cash: usd("987654.32")})
	after, _ := json.Marshal(h.Final)
	require.Equal(t, string(before), string(after))
	closing, _ := json.Marshal(r.Closing)
	require.NotEqual(t, string(before), string(closing))
}

// Where a catch-up looks at who bore promote, an account that bears it cannot
// pass to one that does not.
func TestTransfer_betweenTreatments(t *testing.T) {
	t.Parallel()
	move := waterfall.Event{Date: on("2021-06-01"), Type: waterfall.EventTransfer, From: "sponsor", To: "ann", Fraction: decimal.NewFromInt(1)}
	evs := append(classicEvents()[:3:3], move)
	_, err := waterfall.Replay(parse(t, classicJSON), classicPartners(), evs)
	require.ErrorIs(t, err, waterfall.ErrTransfer)

	h := replay(t, `{"prefs":{"LP":{"rate":"0.08"}},"promote_base":"outside","tiers":{"capital":[{"name":"p","type":"pref"},{"name":"s","type":"split","promote":"0.2"}]}}`,
		classicPartners(), append(evs, distribution("2022-01-01", waterfall.Sale, "180000"))...)
	require.Equal(t, "0.00", paid(t, h.Results[0], "sponsor"))
	require.Equal(t, "20000.00", paid(t, h.Results[0], "gp")) // all capital bears promote now
	_, err = waterfall.Replay(parse(t, classicJSON), append(classicPartners(), waterfall.Partner{ID: "other", Class: "B"}),
		append(classicEvents()[:3:3], waterfall.Event{Date: on("2021-06-01"), Type: waterfall.EventTransfer, From: "ann", To: "other", Fraction: decimal.NewFromInt(1)}))
	require.ErrorIs(t, err, waterfall.ErrTransfer)
}

// Three thirds of a cent move as they are: what is moved and what stays add up
// to what was there, exactly.
func TestTransfer_movesFractionsExactly(t *testing.T) {
	t.Parallel()
	terms := parse(t, `{"prefs":{"LP":{"rate":"0.0777"}},"tiers":{"capital":[{"name":"p","type":"pref"}]}}`)
	s, err := waterfall.Open(terms, classicPartners())
	require.NoError(t, err)
	s, _, err = waterfall.Apply(terms, s, []waterfall.Event{contribution("2021-01-01", "ann", "100.01")})
	require.NoError(t, err)
	s, err = waterfall.Accrue(terms, s, on("2021-02-17"))
	require.NoError(t, err)
	before, _ := s.Find("ann")
	s, _, err = waterfall.Apply(terms, s, []waterfall.Event{{Date: on("2021-02-17"), Type: waterfall.EventTransfer, From: "ann", To: "bob",
		Fraction: decimal.RequireFromString("0.3333333333")}})
	require.NoError(t, err)
	ann, _ := s.Find("ann")
	bob, _ := s.Find("bob")
	require.Equal(t, "33.34", bob.Contributed.String())
	require.Equal(t, "66.67", ann.Contributed.String())
	require.Zero(t, before.Accrued.Rat().Cmp(add(ann.Accrued.Rat(), bob.Accrued.Rat())))
	require.Zero(t, bob.Accrued.Rat().Cmp(mul(before.Accrued.Rat(), decimal.RequireFromString("0.3333333333").Rat())))
	require.Equal(t, "365.226519/365", before.Accrued.String()) // 100.01 * 0.0777 * 47 days
}

func TestCompute_adjustmentsRefused(t *testing.T) {
	t.Parallel()
	terms, _, h := everything(t)
	adj := func(who, delta, reason string, against waterfall.Against) waterfall.Adjustment {
		return waterfall.Adjustment{Account: who, Delta: usd(delta), Reason: reason, Against: against}
	}
	for name, c := range map[string]struct {
		want error
		adjs []waterfall.Adjustment
	}{
		"not zero":         {waterfall.ErrAdjustment, []waterfall.Adjustment{adj("x", "1", "why", "")}},
		"no reason":        {waterfall.ErrAdjustment, []waterfall.Adjustment{adj("x", "1", "", ""), adj("y", "-1", "why", "")}},
		"unknown":          {waterfall.ErrUnknownPartner, []waterfall.Adjustment{adj("x", "1", "why", ""), adj("nobody", "-1", "why", "")}},
		"below zero":       {waterfall.ErrAdjustment, []waterfall.Adjustment{adj("x", "5000000", "why", ""), adj("y", "-5000000", "why", "")}},
		"unknown balance":  {waterfall.ErrAdjustment, []waterfall.Adjustment{adj("x", "1", "why", "units"), adj("y", "-1", "why", "")}},
		"capital returned": {waterfall.ErrAdjustment, []waterfall.Adjustment{adj("x", "1", "why", waterfall.AgainstCapital), adj("y", "-1", "why", waterfall.AgainstCapital)}},
		"no capital":       {waterfall.ErrNoCapitalAccount, []waterfall.Adjustment{adj("x", "1", "why", ""), adj("gp", "-1", "why", waterfall.AgainstPref)}},
	} {
		_, err := waterfall.Compute(terms, h.Final, waterfall.Distribution{Date: on("2024-01-01"), Kind: waterfall.Sale, Cash: usd("100000"), Adjustments: c.adjs})
		require.ErrorIs(t, err, c.want, name)
	}
	r := compute(t, terms, h.Final, waterfall.Distribution{Date: on("2024-01-01"), Kind: waterfall.Sale, Cash: usd("100000"),
		Adjustments: []waterfall.Adjustment{adj("x", "5", "promote overpaid", ""), adj("gp", "-5", "promote overpaid", "")}})
	require.Equal(t, r.Trace.Steps[len(r.Trace.Steps)-1].Promote.Cents(), r.Closing.PromotePaid().Cents()-h.Final.PromotePaid().Cents()+500)
}

// A receiver of promote or fees cannot have capital, whatever its class.
func TestOpen_receiversHaveNoCapital(t *testing.T) {
	t.Parallel()
	terms := parse(t, `{"promote_recipient":"ann","tiers":{"capital":[{"name":"f","type":"fee","payee":"bob","rate":"0.1"},{"name":"s","type":"split","promote":"0.2"}]}}`)
	for _, who := range []string{"ann", "bob"} {
		_, err := waterfall.Replay(terms, classicPartners(), []waterfall.Event{contribution("2021-01-01", who, "1")})
		require.ErrorIs(t, err, waterfall.ErrNoCapitalAccount)
	}
	s := replay(t, `{"tiers":{"capital":[{"name":"s","type":"split"}]}}`, classicPartners(), contribution("2021-01-01", "ann", "1")).Final
	_, err := waterfall.Accrue(terms, s, on("2022-01-01"))
	require.ErrorIs(t, err, waterfall.ErrNoCapitalAccount)
	require.Equal(t, "promote_recipient", fault.FieldErrors(err)[0].Field)
	_, err = waterfall.Open(parse(t, `{"promote_recipient":"eve","tiers":{"capital":[{"name":"s","type":"split","promote":"0.2"}]}}`), classicPartners())
	require.ErrorIs(t, err, waterfall.ErrUnknownPartner)
}

// The schedule of a transferee starts with the transfer.
func TestPrefSchedule_transfer(t *testing.T) {
	t.Parallel()
	terms := parse(t, `{"prefs":{"LP":{"rate":"0.08","compounding":"monthly"}},"tiers":{"capital":[{"name":"p","type":"pref"}]}}`)
	evs := []waterfall.Event{contribution("2021-01-01", "ann", "1000"),
		{Date: on("2021-03-15"), Type: waterfall.EventTransfer, From: "ann", To: "bob", Fraction: decimal.NewFromInt(1)}}
	s, err := waterfall.PrefSchedule(terms, classicPartners(), evs, "bob", on("2021-04-01"))
	require.NoError(t, err)
	require.Len(t, s.Rows, 2)
	require.True(t, s.Rows[0].Transferred)
	require.Equal(t, "1000.00", s.Rows[0].Capital.String())
	require.Equal(t, 17, s.Rows[1].Days)
	_, err = waterfall.PrefSchedule(terms, classicPartners(), evs, "eve", date.Date{})
	require.ErrorIs(t, err, waterfall.ErrUnknownPartner)
}
