package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
)

// small is below how many seconds with the race detector packages share one line.
const small = 5

// times reads how long each package of a recorded run took.
func times(file string) (map[string]float64, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	r := newReport(io.Discard)
	if err := r.read(f); err != nil {
		return nil, err
	}
	if err := r.summary(0); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return r.packages, nil
}

// printTable prints the seconds of each package of two runs, without the race detector
// and with it, the slowest first.
func printTable(out io.Writer, files []string) error {
	if len(files) != 2 {
		return fmt.Errorf("a table needs two files, not %d", len(files))
	}
	plain, err := times(files[0])
	if err != nil {
		return err
	}
	race, err := times(files[1])
	if err != nil {
		return err
	}
	var lines []string
	var rest, all [2]float64
	others := 0
	for _, pkg := range slices.SortedFunc(maps.Keys(race), func(a, b string) int { return cmp.Compare(race[b], race[a]) }) {
		all[0], all[1] = all[0]+plain[pkg], all[1]+race[pkg]
		if race[pkg] < small {
			rest[0], rest[1], others = rest[0]+plain[pkg], rest[1]+race[pkg], others+1
			continue
		}
		lines = append(lines, row(short(pkg), plain[pkg], race[pkg]))
	}
	lines = append(lines, row(fmt.Sprintf("%d more", others), rest[0], rest[1]), row("all", all[0], all[1]))
	_, err = fmt.Fprint(out, "| Package | s | s with -race |\n|---|---:|---:|\n")
	for _, line := range lines {
		if err == nil {
			_, err = io.WriteString(out, line)
		}
	}
	return err
}

func row(name string, plain, race float64) string {
	return fmt.Sprintf("| %s | %.0f | %.0f |\n", name, plain, race)
}
