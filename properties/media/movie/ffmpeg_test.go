package movie_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What somebody else's program makes plays as it did, frame by frame, and tells its place no
// more: whole and in fragments, with the description first or last, with sound of all kinds,
// captions and time codes.
func TestRead_ffmpeg(t *testing.T) {
	t.Parallel()
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("ffmpeg is not installed; the other tests make their videos themselves")
	}
	dir := t.TempDir()
	run := func(args ...string) string {
		t.Helper()
		out, err := exec.Command(ffmpeg, append([]string{"-v", "error", "-y"}, args...)...).Output()
		require.NoError(t, err, strings.Join(args, " "))
		return string(out)
	}
	captions := filepath.Join(dir, "s.srt")
	require.NoError(t, os.WriteFile(captions, []byte("1\n00:00:00,000 --> 00:00:01,000\nGPS("+secret+")\n\n"), 0o600))
	source := []string{"-f", "lavfi", "-i", "testsrc=d=1:s=160x120:r=10", "-f", "lavfi", "-i", "sine=d=1", "-i", captions, "-map", "0", "-map", "1", "-metadata", "location=" + secret,
		"-c:v", "mpeg4"}
	for name, with := range map[string][]string{
		"last.mp4":      {"-c:a", "aac"},
		"first.mov":     {"-c:a", "aac", "-movflags", "+faststart+use_metadata_tags", "-metadata", "com.apple.quicktime.location.ISO6709=" + secret},
		"captions.mp4":  {"-c:a", "aac", "-map", "2", "-c:s", "mov_text"},
		"raw.mov":       {"-c:a", "pcm_s16le", "-map", "2", "-c:s", "mov_text"},
		"time.mov":      {"-c:a", "alac", "-timecode", "01:02:03:04"},
		"fragments.mp4": {"-c:a", "aac", "-movflags", "+frag_keyframe+empty_moov+default_base_moof"},
		"older.mp4":     {"-c:a", "aac", "-movflags", "+frag_keyframe+empty_moov"},
	} {
		from, to := filepath.Join(dir, name), filepath.Join(dir, "clean-"+name)
		run(append(append(append([]string{}, source...), with...), from)...)
		file, err := os.ReadFile(from)
		require.NoError(t, err)
		m, out := clean(t, file)
		require.False(t, m.Clean(), name)
		require.NotContains(t, string(out), secret[:8], name)
		require.NoError(t, os.WriteFile(to, out, 0o600))
		frames := func(file string) string {
			return run("-i", file, "-map", "0:v", "-map", "0:a", "-f", "framemd5", "-")
		}
		require.Equal(t, frames(from), frames(to), name)
		tags, err := exec.Command(ffmpeg, "-hide_banner", "-i", to).CombinedOutput()
		require.Error(t, err, "it wants to write something")
		require.NotContains(t, strings.ToLower(string(tags)), "location", name)
	}
}
