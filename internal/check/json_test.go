package check_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/fault"
)

func TestFields_json(t *testing.T) {
	t.Parallel()
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for raw, code := range map[string]string{
		`{}`: "", `null`: "", ` {"a": [1, 2.5e-3, "ü"]} `: "", nested(check.MaxDepth): "", `1e999`: "",
		``: check.BadJSON, `{`: check.BadJSON, `{} {}`: check.BadJSON, `{"a":}`: check.BadJSON, "\"\xff\"": check.BadJSON, `"\u0000"`: check.BadJSON,
		`{"\u0000": 1}`: check.BadJSON, nested(check.MaxDepth + 1): check.BadJSON, `1e1000`: check.BadJSON, `1E-99999999999`: check.BadJSON,
		strings.Repeat("9", 1001): check.BadJSON, `"` + strings.Repeat("x", check.MaxJSON) + `"`: check.TooLong,
	} {
		var f check.Fields
		f.JSON("metadata", []byte(raw))
		require.Equal(t, code, fault.CodeOf(f.Err()), "%.40s", raw)
	}
	var f check.Fields
	f.JSON("metadata", nil)
	f.Object("metadata", nil)
	f.Object("metadata", map[string]any{"a": []int{1}})
	require.NoError(t, f.Err())
	for _, v := range []any{math.NaN(), make(chan int), "\x00"} {
		var f check.Fields
		f.Object("metadata", map[string]any{"a": v})
		require.Equal(t, check.BadJSON, fault.CodeOf(f.Err()))
	}
}
