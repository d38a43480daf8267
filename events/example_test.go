package events_test

import (
	"fmt"

	"github.com/freehold-go/freehold/events"
)

// Places are written as PostgreSQL writes them, the longitude first.
func ExampleParseLonLat() {
	place, err := events.ParseLonLat("(-73.985428,40.748817)")
	fmt.Println(place.Lon, place.Lat, err)
	_, err = events.ParseLonLat("40.748817 N")
	fmt.Println(err)
	// Output:
	// -73.985428 40.748817 <nil>
	// a place is a longitude of -180 to 180 and a latitude of -90 to 90 degrees (lonlat_malformed)
}
