package media

import (
	"slices"

	"github.com/freehold-go/freehold/internal/store"
)

// Invariants is what always holds in the schema media.
func Invariants() []store.Invariant { return slices.Clone(invariants) }

var invariants = []store.Invariant{
	{Name: "a file of a photo, a video or a tour is complete and taken", Query: `SELECT f.id AS row, u.status AS detail
		FROM media.files f JOIN documents.uploads u ON u.id = f.upload_id WHERE u.taken_at IS NULL`},
	{Name: "an upload that is taken is a file", Query: `SELECT u.id AS row, u.status AS detail FROM documents.uploads u
		WHERE u.taken_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM media.files f WHERE f.upload_id = u.id)`},
	{Name: "a photo in storage has its file", Query: `SELECT p.id AS row, 'its file is not in storage' AS detail FROM media.property_photos p
		WHERE p.file_url LIKE 'object:%' AND NOT EXISTS (SELECT 1 FROM media.files f WHERE f.photo_id = p.id AND f.variant = 'full')`},
	{Name: "a video in storage has its file", Query: `SELECT v.id AS row, 'its file is not in storage' AS detail FROM media.property_videos v
		WHERE v.file_url LIKE 'object:%' AND NOT EXISTS (SELECT 1 FROM media.files f WHERE f.video_id = v.id AND f.variant = 'original')`},
	{Name: "a tour's average is that of its views", Query: `SELECT t.id AS row, format('%s, not %s', t.avg_view_duration, t.view_seconds / t.view_count) AS detail
		FROM media.virtual_tours t WHERE t.view_count > 0 AND t.view_count < 2147483647
			AND t.avg_view_duration IS DISTINCT FROM round(t.view_seconds::numeric / t.view_count)::int`},
}
