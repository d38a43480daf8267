package waterfall

import _ "embed" // for the schema

//go:embed terms.schema.json
var termsSchema string

// Schema returns the JSON schema of [Terms], for editors and for hosts that
// check before they send. [ParseTerms] checks more than a schema can say.
func Schema() string { return termsSchema }
