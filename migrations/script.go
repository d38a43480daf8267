package migrations

import (
	"fmt"
	"strings"
)

// SQL returns the statements that take a database from one version to another,
// for hosts with a migration tool of their own: up when to is the higher one,
// else down. Version 0 is a database without us. The statements keep
// freehold.migrations, so that [Migrator.Validate] agrees afterwards; they hold
// no BEGIN and no COMMIT and belong in one transaction (psql -1). The extensions
// are the first statements of a script from 0; the search path must lead to
// their schema. It returns [ErrUnknownVersion].
func (m *Migrator) SQL(from, to int) (string, error) {
	for _, v := range []int{from, to} {
		if err := m.known(v); err != nil {
			return "", err
		}
	}
	var b strings.Builder
	if from == 0 && to > 0 {
		for _, name := range m.extensions {
			fmt.Fprintf(&b, "CREATE EXTENSION IF NOT EXISTS %s;\n", name)
		}
		b.WriteString(bootstrap)
	}
	for _, step := range m.all {
		if step.Version > from && step.Version <= to {
			fmt.Fprintf(&b, "\n-- %s\n%s\nINSERT INTO freehold.migrations (version, name, checksum) VALUES (%d, '%s', '%s');\n",
				step, step.Up, step.Version, step.Name, step.Checksum)
		}
	}
	for i := len(m.all) - 1; i >= 0; i-- {
		if step := m.all[i]; step.Version <= from && step.Version > to {
			fmt.Fprintf(&b, "\n-- %s, back\n%s\nDELETE FROM freehold.migrations WHERE version = %d;\n",
				step, step.Down, step.Version)
		}
	}
	if to == 0 && from > 0 {
		b.WriteString("DROP TABLE freehold.migrations;\nDROP SCHEMA freehold;\n")
	}
	return b.String(), nil
}
