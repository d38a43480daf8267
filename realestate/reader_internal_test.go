package realestate

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Behind the end of a page a token is the page's beginning, which a standby reports
// before there is anything on it.
func TestToken_reached(t *testing.T) {
	t.Parallel()
	for token, want := range map[Token]Token{
		"0/2000028": "0/2000000", "0/2000000": "0/2000000", "0/2000029": "0/2000029", "0/2001FFF": "0/2001FFF",
		"a/0": "A/0", "16/b374d848": "16/B374D848", "FFFFFFFF/FFFFE010": "FFFFFFFF/FFFFE000",
	} {
		got, err := token.reached()
		require.NoError(t, err)
		require.Equal(t, want, got, token)
	}
}
