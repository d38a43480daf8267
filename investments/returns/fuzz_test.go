package returns_test

import (
	"encoding/binary"
	"math"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/returns"
	"github.com/freehold-go/freehold/realestate/fault"
)

// Whatever the flows, XIRR ends soon, with a typed error or with roots at which
// the present value is zero.
func FuzzXIRR(f *testing.F) {
	f.Add([]byte{0, 0xff, 0x9c, 0, 255, 0, 110, 0})                                    // -100, 110
	f.Add([]byte{0, 0xff, 0x9c, 0, 255, 0, 230, 0, 255, 0xff, 0x7c, 0})                // two changes
	f.Add([]byte{0, 0xff, 0xff, 90, 1, 0, 1, 200, 1, 0, 1, 7, 0, 0x80, 0, 3, 9, 9, 9}) // wide exponents
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 400 {
			return
		}
		var flows []returns.Flow
		for day := day0; len(data) >= 4; data = data[4:] {
			day = day.AddDays(int(data[0]))
			exponent := int32(int8(data[3]) / 4)
			if data[3] == 0x7f {
				exponent = 2_000_000_000
			}
			flows = append(flows, returns.Flow{Date: day, Amount: decimal.New(int64(int16(binary.BigEndian.Uint16(data[1:]))), exponent)})
		}
		start := time.Now()
		res, err := returns.XIRR(flows)
		require.Less(t, time.Since(start), 20*time.Second)
		if err != nil {
			require.ErrorIs(t, err, fault.Invalid)
			return
		}
		require.NotEmpty(t, res.Roots)
		for i, root := range res.Roots {
			require.False(t, math.IsNaN(root.Rate) || math.IsInf(root.Rate, 0))
			require.True(t, i == 0 || root.Log >= res.Roots[i-1].Log)
			if math.Abs(root.Log) > 2 {
				continue
			}
			pv, err := returns.XNPV(root.Decimal(), flows)
			require.NoError(t, err)
			sensitivity := 0.0
			for _, p := range res.Vector() {
				sensitivity += math.Abs(p.Amount.InexactFloat64()) * (1 + p.Years) * math.Exp(-root.Log*p.Years)
			}
			require.LessOrEqual(t, math.Abs(pv.InexactFloat64()), 1e-12*sensitivity)
		}
	})
}
