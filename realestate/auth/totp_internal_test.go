package auth

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The vectors of RFC 6238, appendix B (SHA-1, eight digits), and of RFC 4226,
// appendix D.
func TestTOTP_vectors(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130"} {
		require.Equal(t, want, totpCode(secret, at/30, 8), "%d", at)
	}
	for step, want := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"} {
		require.Equal(t, want, totpCode(secret, int64(step), 6))
	}
}

// CodeAt is the code of an authenticator, for the tests outside of the package.
func CodeAt(secret string, step int64) string {
	raw, err := base32NoPad.DecodeString(secret)
	if err != nil {
		panic(err)
	}
	return totpCode(raw, step, totpDigits)
}
