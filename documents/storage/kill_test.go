package storage_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/documents/storage"
)

// The variables by which a test is the process that is killed.
const (
	killDir = "FREEHOLD_KILL_DIR"
	killAt  = "FREEHOLD_KILL_AT"
)

// deadly is a body whose reader dies with its process when so many bytes are read.
type deadly struct{ left int }

func (d *deadly) Read(p []byte) (int, error) {
	if d.left <= 0 {
		self, _ := os.FindProcess(os.Getpid())
		_ = self.Kill()
		time.Sleep(time.Minute)
	}
	n := min(d.left, len(p), 1000)
	clear(p[:n])
	d.left -= n
	return n, nil
}

// TestLocal_victim is the process that is killed; by itself it is nothing.
func TestLocal_victim(t *testing.T) {
	dir := os.Getenv(killDir)
	if dir == "" {
		return
	}
	at, err := strconv.Atoi(os.Getenv(killAt))
	require.NoError(t, err)
	s := local(t, dir, nil)
	o := storage.Describe("papers/a", "text/plain", make([]byte, 100_000))
	if at >= 0 {
		_ = s.Put(t.Context(), o, &deadly{at})
	}
	upload, err := s.StartParts(t.Context(), o)
	require.NoError(t, err)
	_, _ = s.PutPart(t.Context(), o, upload, 1, o.Size, &deadly{-at})
}

// A process that is killed while it writes leaves no object, and takes none away; what it
// has left of its file goes when it is old, and before that it is there.
func TestLocal_killed(t *testing.T) {
	t.Parallel()
	ctx, dir := t.Context(), t.TempDir()
	s := local(t, dir, nil)
	kept := []byte("the bytes of a paper")
	o := storage.Describe("papers/kept", "text/plain", kept)
	require.NoError(t, s.Put(ctx, o, bytes.NewReader(kept)))
	left := func() (n int) {
		for _, folder := range []string{"new", "parts"} {
			entries, err := os.ReadDir(filepath.Join(dir, folder))
			require.NoError(t, err)
			n += len(entries)
		}
		return n
	}
	kills := 0
	for _, at := range []int{0, 500, 50_000, 99_000, 100_000, -1, -50_000, -100_000} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestLocal_victim$")
		cmd.Env = append(os.Environ(), killDir+"="+dir, killAt+"="+strconv.Itoa(at))
		var ended *exec.ExitError
		require.ErrorAs(t, cmd.Run(), &ended)
		require.Equal(t, -1, ended.ExitCode(), "killed, and not failed")
		kills++
		_, err := s.Stat(ctx, "papers/a")
		require.ErrorIs(t, err, storage.ErrNotFound)
	}
	before := left()
	require.GreaterOrEqual(t, before, kills, "who does not tidy up keeps it for good")
	n, err := s.Tidy(ctx, time.Now().Add(-time.Hour))
	require.NoError(t, err)
	require.Zero(t, n)
	require.Equal(t, before, left())
	n, err = s.Tidy(ctx, time.Now().Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, before, n)
	require.Zero(t, left())
	r, _, err := s.Get(ctx, o.Key)
	require.NoError(t, err)
	b, err := io.ReadAll(r)
	require.NoError(t, errors.Join(err, r.Close()))
	require.Equal(t, kept, b)
	t.Logf("%d kills left %d files and folders, and none after", kills, before)
}
