// Package movie takes out of a video what its file tells of where, when and with what it was
// taken. It reads files of the ISO base media format (MP4, M4V, 3GP) and QuickTime's MOV, which
// cameras, phones and drones write, whole or in fragments.
//
// What stays is what is played: the tracks of pictures and of sound, with their samples. All
// else is overwritten with zeros where it stands, so that no byte moves and every player finds
// what it found before: user data and metadata (udta with its place, meta with its keys, XMP,
// boxes that nobody knows), the times of creation, the names that cameras give their tracks,
// the tracks that carry places along with the pictures (metadata of phones and action cameras,
// the subtitles that drones write their position into, time codes; chapters and captions go
// with them), free space, and whatever no sample of a track that stays refers to.
//
// What somebody sees or hears in the video stays, and so does what an encoder has written into
// the samples themselves. What is encrypted, refers to other files, or is damaged is
// [ErrUnreadable]: of that it cannot be said what would stay.
//
//	m, err := movie.Read(file, size) // once, to its end
//	clean := m.Without(again)        // a second time, as it is written
package movie
