package renovations

import "github.com/freehold-go/freehold/internal/store"

// Invariants lists what always holds in this package's tables, for
// realestate.Platform.Verify.
func Invariants() []store.Invariant {
	return []store.Invariant{
		{Name: "a project that has ended leaves no unit's renovation open", Query: `
			SELECT p.id::text, format('%s open', count(*))
			FROM renovations.projects p JOIN renovations.unit_renovations u ON u.project_id = p.id
			WHERE p.status IN ('completed', 'cancelled') AND u.status IN ('pending', 'in_progress') GROUP BY p.id`},
		{Name: "a project's increase of rent is that of its completed units", Query: `
			SELECT p.id::text, format('%s, units %s', p.actual_rent_increase, w.amount) FROM renovations.projects p
			CROSS JOIN LATERAL (SELECT sum(u.post_renovation_rent - u.pre_renovation_rent) AS amount FROM renovations.unit_renovations u
				WHERE u.project_id = p.id AND u.status = 'completed') w
			WHERE p.actual_rent_increase IS DISTINCT FROM w.amount`},
		{Name: "work that began in a unit has a first day, and that which ended a last one", Query: `
			SELECT u.id::text, u.status FROM renovations.unit_renovations u
			WHERE u.status = 'in_progress' AND u.start_date IS NULL OR u.status = 'completed' AND u.end_date IS NULL
				OR u.status IN ('pending', 'in_progress') AND u.end_date IS NOT NULL`},
	}
}
