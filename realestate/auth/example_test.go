package auth_test

import (
	"encoding/json"
	"fmt"

	"github.com/freehold-go/freehold/realestate/auth"
)

// A secret goes into a log line or an answer only as a placeholder.
func ExampleSecret() {
	user := auth.User{Email: "ada@example.com", PasswordHash: auth.NewSecret("$argon2id$v=19$...")}
	fmt.Println(user.PasswordHash)
	b, _ := json.Marshal(user.PasswordHash)
	fmt.Println(string(b))
	fmt.Println(user.HasPassword(), len(user.PasswordHash.Reveal()))
	// Output:
	// [redacted]
	// "[redacted]"
	// true 18
}
