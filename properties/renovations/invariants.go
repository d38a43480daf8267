package renovations

import "github.com/freehold-go/freehold/internal/store"

// Invariants lists what always holds in this package's tables, for
// realestate.Platform.Verify.
func Invariants() []store.Invariant {
	return []store.Invariant{
		{Name: "a completed project leaves no unit's renovation open", Query: `
			SELECT p.id::text, format('%s open', count(*))
			FROM renovations.projects p JOIN renovations.unit_renovations u ON u.project_id = p.id
			WHERE p.status = 'completed' AND u.status <> 'completed' GROUP BY p.id`},
	}
}
