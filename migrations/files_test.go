package migrations_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/migrations"
)

// The embedded migrations count from 1 without a gap.
func TestNew_embedded(t *testing.T) {
	t.Parallel()

	m, err := migrations.New(migrations.Config{})
	require.NoError(t, err)
	require.NotEmpty(t, m.Migrations())
	for i, step := range m.Migrations() {
		require.Equal(t, i+1, step.Version, "%s", step)
		require.Len(t, step.Checksum, 64)
	}
}

func TestNew_badFiles(t *testing.T) {
	t.Parallel()

	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"name":        {fstest.MapFS{"1_a.up.sql": file("x")}, "is not named NNNN_name.up.sql"},
		"stray":       {fstest.MapFS{"0001_a.up.sql.orig": file("x")}, "is not named"},
		"no down":     {fstest.MapFS{"0001_a.up.sql": file("x")}, "0001_a lacks its up or down file"},
		"empty up":    {fstest.MapFS{"0001_a.up.sql": file(""), "0001_a.down.sql": file("x")}, "lacks its up or down"},
		"same number": {fstest.MapFS{"0001_a.up.sql": file("x"), "0001_b.down.sql": file("x")}, "0001_b.down.sql has the number of 0001_a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := migrations.New(migrations.WithFiles(c.files))
			require.ErrorContains(t, err, c.want)
		})
	}
}

// A checkout with Windows line ends has the same checksums.
func TestNew_lineEnds(t *testing.T) {
	t.Parallel()

	sum := func(end string) string {
		m, err := migrations.New(migrations.WithFiles(fstest.MapFS{
			"0001_a.up.sql":   {Data: []byte("SELECT 1;" + end + "SELECT 2;" + end)},
			"0001_a.down.sql": {Data: []byte("SELECT 3;" + end)},
		}))
		require.NoError(t, err)
		return m.Migrations()[0].Checksum
	}
	require.Equal(t, sum("\n"), sum("\r\n"))
}

func TestSQL_unknownVersion(t *testing.T) {
	t.Parallel()

	m, err := migrations.New(migrations.Config{})
	require.NoError(t, err)
	_, err = m.SQL(0, m.Latest()+1)
	require.ErrorIs(t, err, migrations.ErrUnknownVersion)
	_, err = m.SQL(-1, 0)
	require.ErrorIs(t, err, migrations.ErrUnknownVersion)
}
