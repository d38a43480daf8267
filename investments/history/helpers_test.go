package history_test

import (
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

var (
	a, b, c = who(1), who(2), who(3)
	dollars = money.MustParse
	day     = date.MustParse
)

func who(n byte) id.Of[history.Position]          { return id.Of[history.Position]{15: n} }
func commitment(n byte) id.Of[history.Commitment] { return id.Of[history.Commitment]{15: n} }
func transfer(n byte) id.Of[history.Transfer]     { return id.Of[history.Transfer]{15: n} }

func units(s string) *decimal.Decimal { d := decimal.RequireFromString(s); return &d }

// received is money of the commitment of a position's number.
func received(p id.Of[history.Position], on, amount string) history.Movement {
	return history.Movement{ID: id.New[history.Movement](), Position: p, Kind: history.Contribution, Date: day(on), Amount: dollars(amount), Commitment: commitment(p[15])}
}

func refunded(p id.Of[history.Position], on, amount string) history.Movement {
	m := received(p, on, amount)
	m.Kind = history.Refund
	return m
}

// declared is a line of a distribution, of which so much is capital.
func declared(p id.Of[history.Position], on, gross, capital string) history.Movement {
	return history.Movement{ID: id.New[history.Movement](), Position: p, Kind: history.Distribution, Date: day(on), Amount: dollars(gross), Capital: dollars(capital)}
}

func paid(p id.Of[history.Position], on, gross, capital string) history.Movement {
	m := declared(p, on, gross, capital)
	m.Kind = history.Payment
	return m
}

func allocated(p id.Of[history.Position], kind history.Kind, on, amount string) history.Movement {
	return history.Movement{ID: id.New[history.Movement](), Position: p, Kind: kind, Date: day(on), Amount: dollars(amount)}
}

func move(n byte, from, to id.Of[history.Position], on, fraction string) history.Move {
	return history.Move{ID: transfer(n), From: from, To: to, Day: day(on), Fraction: decimal.RequireFromString(fraction)}
}

// moved carries a transfer out: both ends, with what it takes along and the
// unreturned capital as its consideration.
func moved(t require.TestingT, ms []history.Movement, mv history.Move) []history.Movement {
	k, err := mv.Carry(ms, nil)
	require.NoError(t, err)
	out := history.Movement{ID: id.New[history.Movement](), Position: mv.From, Counterpart: mv.To, Kind: history.TransferOut, Date: mv.Day, Transfer: mv.ID,
		Amount: k.Contributed, Capital: k.Unreturned, Carrying: k.Account, Unrealized: k.Unrealized, Consideration: k.Unreturned}
	in := out
	in.ID, in.Position, in.Counterpart, in.Kind = id.New[history.Movement](), mv.To, mv.From, history.TransferIn
	return append(ms, out, in)
}

func of(ms []history.Movement, p id.Of[history.Position]) (out []history.Movement) {
	for i := range ms {
		if ms[i].Position == p {
			out = append(out, ms[i])
		}
	}
	return out
}
