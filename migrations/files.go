package migrations

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

//go:embed sql/*.sql
var embedded embed.FS

// Migration is one step of the schema, with its way back.
type Migration struct {
	Version  int    // counts from 1
	Name     string // what the file is called, as "properties"
	Up       string // the statements that apply it
	Down     string // the statements that take it back
	Checksum string // hex SHA-256 of Up
}

// String returns the migration's number and name, as "0004_properties".
func (m Migration) String() string { return fmt.Sprintf("%04d_%s", m.Version, m.Name) }

var fileName = regexp.MustCompile(`^(\d{4})_([a-z0-9_]+)\.(up|down)\.sql$`)

// load reads the migrations in files and checks that each has both directions
// and that no number is used twice.
func load(files fs.FS) ([]Migration, error) {
	names, err := fs.Glob(files, "*")
	if err != nil {
		return nil, err
	}
	byVersion := map[int]*Migration{}
	for _, name := range names {
		part := fileName.FindStringSubmatch(name)
		if part == nil {
			return nil, fmt.Errorf("migrations: %s is not named NNNN_name.up.sql or NNNN_name.down.sql", name)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		version, _ := strconv.Atoi(part[1]) // four digits
		m := byVersion[version]
		if m == nil {
			m = &Migration{Version: version, Name: part[2]}
			byVersion[version] = m
		}
		if m.Name != part[2] {
			return nil, fmt.Errorf("migrations: %s has the number of %s", name, m)
		}
		// A checkout with other line ends is still the same migration.
		if s := strings.ReplaceAll(string(text), "\r\n", "\n"); part[3] == "up" {
			m.Up = s
			sum := sha256.Sum256([]byte(s))
			m.Checksum = hex.EncodeToString(sum[:])
		} else {
			m.Down = s
		}
	}
	all := make([]Migration, 0, len(byVersion))
	for _, m := range byVersion {
		if m.Up == "" || m.Down == "" {
			return nil, fmt.Errorf("migrations: %s lacks its up or down file", m)
		}
		all = append(all, *m)
	}
	slices.SortFunc(all, func(a, b Migration) int { return a.Version - b.Version })
	return all, nil
}

var createSchema = regexp.MustCompile(`(?i)^CREATE SCHEMA (?:IF NOT EXISTS )?"?(\w+)"?`)

// schemas returns the names of the schemas that the migrations create.
func schemas(all []Migration) []string {
	const begins = "CREATE SCHEMA"
	var names []string
	for _, m := range all {
		for line := range strings.Lines(m.Up) {
			line = strings.TrimSpace(line)
			if len(line) < len(begins) || !strings.EqualFold(line[:len(begins)], begins) {
				continue // the expression takes a thousand times as long
			}
			if found := createSchema.FindStringSubmatch(line); found != nil {
				names = append(names, found[1])
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
