package realestate

// calculationInvariants are about what was frozen with each distribution.
func calculationInvariants() []invariant {
	return []invariant{
		{"a distribution's frozen inputs are what their hashes say", `
			SELECT distribution_id::text, CASE WHEN inputs_hash <> sha256(convert_to(inputs::text, 'UTF8')) THEN 'the inputs differ' ELSE 'the opening state differs' END
			FROM investments.distribution_calculations
			WHERE inputs_hash <> sha256(convert_to(inputs::text, 'UTF8'))
				OR inputs->>'opening_hash' IS DISTINCT FROM encode(sha256(opening_state), 'hex')`},
	}
}
