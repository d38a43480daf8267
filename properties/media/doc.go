// Package media is the schema of the same name: photos, videos and virtual
// tours of properties, their units and floor plans.
//
// # Verbs by task
//
//	photos  AddPhoto, MakePrimary, ArchivePhoto, Photos  ExampleService_AddPhoto
//	videos  AddVideo, PublishVideo, Videos
//	tours   AddTour, CountTourView, Tours
//
// # The domain
//
// The files live in the host's storage; the rows of media.property_photos,
// media.property_videos and media.virtual_tours say where they are and what
// they show. A photo of a unit belongs to that unit's property, and a property
// has at most one primary photo; the database enforces both.
package media
