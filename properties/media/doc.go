// Package media is the schema of the same name: photos, videos and virtual
// tours of properties, their units and floor plans.
//
// # Verbs by task
//
//	photos  AddPhoto, UpdatePhoto, OrderPhotos, MakePrimary, ArchivePhoto, DeletePhoto, Photos, Gallery  ExampleService_AddPhoto
//	videos  AddVideo, PublishVideo, ArchiveVideo, DeleteVideo, Videos
//	tours   AddTour, DeleteTour, Tours; RevealTourKey, Reseal
//	views   CountTourView, FoldTourViews
//	files   Files, SignFile
//
// # The domain
//
// The rows of media.property_photos, media.property_videos and media.virtual_tours say
// what is shown and where its files are: where the host keeps them, or in the storage of
// documents. There a file comes as an upload of package documents, in the same two phases,
// and becomes a photo, a video or a tour by the verb that adds it. What media.files names is
// never swept away, and what nothing names is.
//
// A picture is judged by its head before it is read, turned the right way up, and written
// anew in several sizes, without what its file tells of where and with what it was taken
// (package picture); those files have keys that begin with "media/", which a CDN may serve.
// What was sent is private, and goes with the next sweep. HEIC and AVIF, as phones may send
// them, are refused: the host's client sends JPEGs. A video loses its place, too (package movie), and stays private unless it is
// said that everybody may see it; [AddVideoParams] says how to keep a file as it was sent.
//
// A photo of a unit or of a building work belongs to the same property, and a property has
// at most one primary photo; the database enforces both. Views of tours are counted in rows
// of their own and added up now and then.
package media
