package media_test

import (
	"fmt"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/media"
	"github.com/freehold-go/freehold/realestate/page"
)

// A property has one primary photo: the next one takes its place.
func ExampleService_AddPhoto() {
	ctx, tx, end := pgtest.ExampleTx()
	defer end()
	p, err := properties.NewService(properties.Config{}).RegisterProperty(ctx, tx, properties.RegisterPropertyParams{
		Name: "Maple Court", AddressLine1: "410 Maple Ave", City: "Columbus", State: "OH", ZipCode: "43215"})
	if err != nil {
		panic(err)
	}
	svc := media.NewService(media.Config{})
	for _, name := range []string{"front.jpg", "aerial.jpg"} {
		if _, err := svc.AddPhoto(ctx, tx, media.AddPhotoParams{PropertyID: p.ID, FileName: &name, IsPrimary: true}); err != nil {
			panic(err)
		}
	}
	photos, err := svc.Photos(ctx, tx, p.ID, media.PhotoFilter{}, page.Request{})
	if err != nil {
		panic(err)
	}
	for _, ph := range photos.Items {
		if ph.IsPrimary {
			fmt.Println(*ph.FileName, "of", len(photos.Items))
		}
	}
	// Output: aerial.jpg of 2
}
