// Package vault encrypts single fields for storage: tax ids, bank details, dates
// of birth, the secrets of second factors.
//
// # Verbs by task
//
//	make a vault          New                     ExampleVault
//	seal and open         Vault.Seal, Vault.Open  ExampleVault
//	find without opening  Vault.Indexes           ExampleVault
//	rotate keys           Vault.Stale
//
// # The domain
//
// A [Vault] holds one or more keys. The first one seals; all of them open, so a
// key is rotated by putting a new one first and keeping the old one until
// [Vault.Stale] no longer finds its values. Each value names its key, and is
// bound to its place and owner: a ciphertext that was copied to another row,
// column or table, or whose row was given to somebody else, does not open. The cipher
// is AES-256-GCM with a random nonce.
//
// A blind index finds a value without decrypting: a keyed hash (HMAC-SHA256)
// of it, equal for equal values of one column. Each key gives another index, so
// a lookup asks for all of them ([Vault.Indexes]).
//
// The keys come from the host, out of its secret store. The package keeps no
// global state, logs nothing, and its errors never quote a value.
package vault
